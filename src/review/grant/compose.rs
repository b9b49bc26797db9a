//! Composes what an approver signs from what somebody wants to be granted.

use super::GrantError;
use crate::policy::Approvals;
use crate::policy::grant::{NamedFiles, Pattern, Script, object};
use crate::process::{self, Ancestor, Identity, Naming};
use crate::protocol::artifact::{
    ActionType, ArtifactKind, BootClock, CommandGrant, Extensions, FileEvidence, GrantPlace,
    GrantPlaceKind, GrantSession, HashAlgorithm, PatternWord,
};
use crate::protocol::{ArtifactHash, EnforcerId, Plaintext, RequestId};
use crate::request::{
    self, BindError, Bound, BoundFile, Marker, Place, Request, Shown, environment_digest,
};
use crate::review::artifact::Case;
use crate::review::evidence;
use crate::review::terms::{Gravity, Terms};
use jiff::{SignedDuration, Timestamp};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The longest a grant may last.
pub const LONGEST: Duration = Duration::from_hours(24);
/// The most runs a grant may be for.
pub const MOST_USES: u32 = 100;

/// What somebody wants to be granted.
#[derive(Debug)]
pub struct Proposal {
    /// Which commands.
    pub pattern: Pattern,
    /// How many of them.
    pub uses: u32,
    /// For how long.
    pub span: Duration,
    /// What sort of place they must start in.
    pub place_kind: GrantPlaceKind,
    /// Which place.
    pub place: Place,
    /// Files that must not change, besides those the words name.
    pub scripts: Vec<PathBuf>,
    /// The process below which they must be started.
    pub session: Option<Ancestor>,
    /// Commands of the past that it would have covered.
    pub past: Vec<String>,
}

impl Proposal {
    /// Returns the files that must stay what they are now for a command to be covered.
    ///
    /// # Errors
    ///
    /// [`GrantError`] by what cannot be granted.
    pub fn files(&self, request: &Request) -> Result<Vec<PathBuf>, GrantError> {
        check_limits(self)?;
        let bound = bind(request, self)?;
        Ok(bound.files().iter().map(|file| file.path().to_owned()).collect())
    }
}

/// A grant ready to be asked for; nobody was asked yet.
#[derive(Debug)]
pub struct GrantInquiry {
    terms: CommandGrant,
    case: Case,
}

impl GrantInquiry {
    /// Composes the artifact. The request is the words of the pattern as far as they
    /// are known: it says which program, files and variables are meant.
    ///
    /// # Errors
    ///
    /// [`GrantError`] by what cannot be granted.
    pub(in crate::review) fn open(
        request: &Request,
        proposal: &Proposal,
        marker: &Marker,
        enforcer: &EnforcerId,
        on: &Terms,
    ) -> Result<Self, GrantError> {
        let limit = on.limit;
        check_limits(proposal)?;
        let bound = bind(request, proposal)?;
        let now = process::now();
        let times = Times { now, until: after(now, proposal.span), expires_at: after(now, limit) };
        let mut terms = compose(request, &bound, proposal, marker, enforcer, times)?;
        // What runs by it later is not asked about any more.
        (terms.ask_touch, terms.needs_touch) = on.touch_for(Gravity::HardToUndo).fields();
        let plaintext = Plaintext::of(&terms).expect("a grant is text and small numbers");
        let case = Case {
            kind: ArtifactKind::CommandGrant,
            subject: terms.command_text.clone(),
            why: None,
            approvals: Approvals::ONE,
            plaintext,
            request_id: terms.request_id.clone(),
            family: terms.request_id.clone(),
            repo_ref: terms.repo_ref.clone(),
            created_at: now,
            expires_at: terms.expires_at,
            limit,
        };
        Ok(Self { terms, case })
    }

    /// Returns what would be signed.
    #[must_use]
    pub fn terms(&self) -> &CommandGrant {
        &self.terms
    }

    /// Returns the hash a decision must be about.
    #[must_use]
    pub fn artifact_hash(&self) -> ArtifactHash {
        self.case.plaintext().hash()
    }

    pub(in crate::review) fn case(&self) -> &Case {
        &self.case
    }
}

#[derive(Clone, Copy)]
struct Times {
    now: Timestamp,
    until: Timestamp,
    expires_at: Timestamp,
}

fn after(now: Timestamp, span: Duration) -> Timestamp {
    let span = SignedDuration::try_from(span).unwrap_or(SignedDuration::MAX);
    now.saturating_add(span).unwrap_or(Timestamp::MAX)
}

fn check_limits(proposal: &Proposal) -> Result<(), GrantError> {
    if proposal.span > LONGEST {
        let longest = format!("{} hours", LONGEST.as_secs() / 3600);
        return Err(GrantError::TooLong { longest });
    }
    if !(1..=MOST_USES).contains(&proposal.uses) {
        return Err(GrantError::TooManyUses { most: MOST_USES });
    }
    Ok(())
}

/// Digests the program and every file that must not change.
fn bind(request: &Request, proposal: &Proposal) -> Result<Bound, GrantError> {
    let mut bound = Bound::of(request)?;
    let script = if bound.files().is_empty() { Script::None } else { Script::Bound };
    object(&proposal.pattern, script)?;
    bind_named(&mut bound, &proposal.pattern, request)?;
    for script in &proposal.scripts {
        bound.include(script.clone(), request.directory())?;
    }
    for file in bound.files() {
        let path = file.path().to_owned();
        match file.shown() {
            Shown::Content { .. } => {}
            Shown::Absent => return Err(GrantError::UnknownFile { path, what: "not there" }),
            Shown::Opaque(what) => return Err(GrantError::UnknownFile { path, what }),
        }
    }
    Ok(bound)
}

/// Binds the files that the fixed words of a pattern name, where the program may run them:
/// only of some programs it is known that they do not.
pub(super) fn bind_named(
    bound: &mut Bound,
    pattern: &Pattern,
    request: &Request,
) -> Result<(), BindError> {
    let files = NamedFiles::of_pattern(pattern, request.executable().linked_to().as_deref());
    let NamedFiles::MayRun(whole) = files else { return Ok(()) };
    let fixed = pattern.words().iter().skip(1).filter_map(|word| match word {
        PatternWord::Exactly(word) => Some(word.as_str()),
        PatternWord::Any(_) => None,
    });
    bound.include_named(&fixed.collect::<Vec<_>>(), whole, request.directory())
}

fn compose(
    request: &Request,
    bound: &Bound,
    proposal: &Proposal,
    marker: &Marker,
    enforcer: &EnforcerId,
    times: Times,
) -> Result<CommandGrant, GrantError> {
    let request_id = RequestId::generate(times.now).map_err(crate::client::PairingError::from)?;
    let program = request.executable().path();
    let identity = Identity::capture();
    let place = place_of(proposal)?;
    let until = times.until.strftime("%Y-%m-%d %H:%M UTC");
    let runs = if proposal.uses == 1 {
        "once more".to_owned()
    } else {
        format!("up to {} times", proposal.uses)
    };
    let pattern = proposal.pattern.shown();
    Ok(CommandGrant {
        artifact_type: ArtifactKind::CommandGrant,
        artifact_hash_alg: HashAlgorithm::Sha256,
        action_type: ActionType::StandingPermission,
        created_at: times.now,
        expires_at: times.expires_at,
        repo_ref: request::repository_reference(&proposal.place.path),
        command_text: format!("GRANT {runs} until {until}: {pattern}"),
        meaning: format!(
            "these commands run WITHOUT asking you again, {runs} until {until}, when they start in {}",
            place.path
        ),
        pattern: proposal.pattern.words().to_vec(),
        uses: proposal.uses,
        until: times.until,
        place,
        user: identity.user,
        host: identity.host,
        machine: machine(),
        enforcer: enforcer.clone(),
        session: proposal.session.as_ref().map(session_of),
        executable: text_of(program)?,
        executable_sha256: bound
            .executable()
            .ok_or_else(|| GrantError::UnknownProgram(program.to_owned()))?,
        files: files(bound)?,
        environment: environment(request, marker),
        environment_sha256: environment_digest(request.environment(), &times.now.to_string()),
        boot_clock: boot_clock(),
        agent: request::agent(request.environment()).map(str::to_owned),
        examples: examples(proposal),
        notes: notes(request, bound, proposal),
        ask_touch: false,
        needs_touch: false,
        source: concat!("airlock-exec/", env!("CARGO_PKG_VERSION")).to_owned(),
        extensions: Extensions::grant_or_reject(),
        request_id,
    })
}

/// Returns what tells this machine from others, and nothing else about it.
pub(super) fn machine() -> Option<String> {
    let id = process::machine_id()?;
    let mut digest =
        crate::crypto::Sha256Digest::of(format!("airlock-exec machine\0{id}").as_bytes())
            .to_string();
    digest.truncate(32);
    Some(digest)
}

pub(super) fn boot_clock() -> Option<BootClock> {
    let since_boot_ms = u64::try_from(process::since_boot().as_millis()).ok()?;
    process::boot_id().map(|boot| BootClock { boot, since_boot_ms })
}

pub(super) fn session_of(ancestor: &Ancestor) -> GrantSession {
    GrantSession {
        process: ancestor.process,
        started: ancestor.started.to_string(),
        name: ancestor.name.clone(),
    }
}

pub(super) fn environment(
    request: &Request,
    marker: &Marker,
) -> Vec<crate::protocol::artifact::EnvironmentEntry> {
    let mut entries = evidence::environment(request.environment(), marker);
    entries.retain(|entry| !matches!(entry.name.as_str(), "PWD" | "OLDPWD"));
    entries
}

fn place_of(proposal: &Proposal) -> Result<GrantPlace, GrantError> {
    Ok(GrantPlace {
        kind: proposal.place_kind,
        path: text_of(&proposal.place.path)?,
        device: proposal.place.device.to_string(),
        inode: proposal.place.inode.to_string(),
    })
}

fn text_of(path: &Path) -> Result<String, GrantError> {
    path.to_str().map(str::to_owned).ok_or_else(|| GrantError::NotText(path.to_owned()))
}

fn files(bound: &Bound) -> Result<Vec<FileEvidence>, GrantError> {
    let not_text = |file: &&BoundFile| file.path().to_str().is_none();
    if let Some(odd) = bound.files().iter().find(not_text) {
        return Err(GrantError::NotText(odd.path().to_owned()));
    }
    Ok(evidence::files(bound))
}

fn examples(proposal: &Proposal) -> Vec<String> {
    let past = proposal.past.iter().map(|line| format!("covers, as it ran before: {line}"));
    let made_up = proposal.pattern.samples().into_iter().map(|line| format!("covers: {line}"));
    let not = proposal.pattern.is_open().then(|| {
        "does not cover: words that begin with - + or :, assignments (NAME=), and odd characters".to_owned()
    });
    past.chain(made_up).chain(not).collect()
}

fn notes(request: &Request, bound: &Bound, proposal: &Proposal) -> Vec<String> {
    let mut notes = Vec::new();
    let mut note = |condition: bool, text: &str| {
        if condition {
            notes.push(text.to_owned());
        }
    };
    let name = request.executable().path().file_name().unwrap_or_default();
    note(
        proposal.pattern.is_open(),
        "words that nobody knows yet stand in the place of {} and ...",
    );
    note(
        name == "git",
        "git runs the hooks and programs this repository configures, which may change meanwhile",
    );
    note(
        !bound.files().is_empty(),
        "the files named here are bound; what they run or read in turn is not",
    );
    note(
        request.executable().is_writable_by_us(),
        "the program's file can be changed by the user who runs it; then this asks again",
    );
    note(
        proposal.session.is_none(),
        "any process of this user in that place may use it, not only the one that asks",
    );
    note(request.directory().naming() == Naming::Nameless, "the working directory was deleted");
    notes.extend_from_slice(bound.notes());
    notes
}
