//! What every way in has in common: from a captured command to the permission to run it.

use super::call::Call;
use super::means::Means;
use super::telling::Subject;
use super::upstream::Upstream;
use super::waiting::WaitingLine;
use super::{herald, local, report, terms};
use crate::config::{Destination, Nesting, Paths, Places, Settings};
use crate::display::Displayable;
use crate::error::Error;
use crate::intercept::{CANARY, Interception};
use crate::policy::{self, Allowed, Asked, LogAllowed, Verdict};
use crate::process::{Caller, Deadline, Environment};
use crate::record::{self, AuditError, InVain, Length, Limits, Listener, Log, Trail};
use crate::request::Request;
use crate::request::git::Kept;
use crate::review::grant::{Granting, Grants};
use crate::review::{
    Acknowledgement, Authority, Clearance, ConsentRule, Cover, HookCall, Permit, Refusal, Reviewer,
    Terms, Watcher,
};
use crate::sys;
use jiff::SignedDuration;
use std::path::Path;
use std::pin::pin;
use std::time::Duration;
use tokio::runtime::Builder;
use tokio::time::timeout;

/// How long whoever asks is willing to wait, and for what.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Patience {
    /// For a decision; otherwise as `timeouts.wait` says.
    pub(super) wait: Option<Duration>,
    /// For a person's consent to this app.
    pub(super) consent: ConsentRule,
    /// Who must still be there when the command starts, if anybody must.
    pub(super) caller: Option<Caller>,
    /// When the gateway is told that an approval arrived, where it is told the outcome.
    pub(super) acknowledgement: Acknowledgement,
}

impl Patience {
    /// Makes sure that whoever must be there is.
    fn check_caller(self) -> Result<(), Refusal> {
        match self.caller {
            Some(caller) if !caller.is_there() => Err(Refusal::CallerGone),
            _ => Ok(()),
        }
    }
}

/// A wait whose caller must be answered before the decision may be there.
pub(super) struct Stay<'a> {
    /// After this the request is left open for whoever asks the same again.
    pub(super) span: Duration,
    /// Who is told how it goes; called when a person is about to be asked.
    pub(super) watcher: &'a dyn Fn() -> Box<dyn Watcher>,
    /// The call that is answered.
    pub(super) call: &'a HookCall,
}

/// A command that may run.
pub(super) struct Cleared {
    /// What lets it run.
    pub(super) permit: Clearance,
    /// What was opened to ask about it, where somebody was asked.
    pub(super) means: Option<Means>,
    /// What it was asked with.
    pub(super) call: Call,
}

impl From<Permit> for Cleared {
    fn from(permit: Permit) -> Self {
        Self { permit: permit.into(), means: None, call: Call::default() }
    }
}

/// Returns the permit of a command that a rule, the approval of the command around it,
/// a grant or a person allows.
///
/// # Errors
///
/// Why it must not run.
pub(super) fn permit(
    request: Request,
    paths: &Paths,
    patience: Patience,
) -> Result<Cleared, Error> {
    let cleared = decide(request, paths, patience, None)?;
    if cleared.means.is_none() {
        // Where somebody was asked, that was looked at behind the answer.
        patience.check_caller()?;
    }
    Ok(cleared)
}

/// Does the same for a caller that cannot wait to the end.
///
/// # Errors
///
/// As [`permit`], and [`Refusal::StillOpen`].
pub(super) fn permit_within(
    request: Request,
    paths: &Paths,
    patience: Patience,
    stay: &Stay<'_>,
) -> Result<Clearance, Error> {
    Ok(decide(request, paths, patience, Some(stay))?.permit)
}

fn decide(
    request: Request,
    paths: &Paths,
    patience: Patience,
    stay: Option<&Stay<'_>>,
) -> Result<Cleared, Error> {
    let asked = match policy::judge(request, paths)? {
        Verdict::Allow(allowed) => {
            note_allowed(&allowed, paths)?;
            return Ok(Permit::from_rule(allowed).into());
        }
        Verdict::Deny(denial, request) => {
            match trail(paths) {
                Ok(trail) => trail.forbidden(&request, &denial),
                Err(error) => tracing::warn!(%error, "a refusal was not recorded"),
            }
            return Err(Error::Forbidden(denial));
        }
        Verdict::Ask(asked) => asked,
    };
    let stay = stay.map(|stay| (stay, Deadline::after(stay.span), (stay.watcher)()));
    let covered = match &stay {
        None => cover(&asked, paths)?,
        // A hook of an agent speaks of what the agent decided, not of what a command does.
        Some((stay, until, _)) => {
            refuse_canary(asked.request())?;
            let place = asked.request().directory().path();
            let twin = Cover::of_a_twin(stay.call, place, until.remaining());
            twin.filter(|cover| cover.approvals() >= asked.approvals())
        }
    };
    if let Some(cover) = covered {
        return Ok(Permit::from_cover(asked, cover).into());
    }
    match Grants::new(paths.grants(), paths.enforcer()).permit(asked) {
        Granting::Granted(permit) => Ok(permit.into()),
        Granting::Ask(asked, remarks) => {
            // A hook's standard error is the answer itself.
            if stay.is_none() {
                report::remarks(&remarks);
            }
            let (until, watcher) = stay.map(|(_, until, watcher)| (until, watcher)).unzip();
            ask(asked, paths, patience, until, watcher)
        }
    }
}

/// Writes down what a rule allows, at once and without waiting for the disk.
///
/// Unless the policy says that it must be written down, it runs also when it cannot be:
/// whoever fills the disk must not be able to stop every `ls`.
fn note_allowed(allowed: &Allowed, paths: &Paths) -> Result<(), AuditError> {
    if allowed.log() == LogAllowed::No {
        return Ok(());
    }
    match record::allowed(&paths.audit(), &paths.enforcer(), allowed.request()) {
        Ok(Length::Short) => {}
        // Seldom enough that this one may take a moment longer.
        Ok(Length::Large) => {
            let log = Log::open(&paths.audit(), &paths.enforcer());
            if let Err(error) = log.and_then(|log| log.fold()) {
                tracing::warn!(%error, "what was allowed stays beside the log");
            }
        }
        Err(error) if allowed.log() == LogAllowed::Must => return Err(error.into()),
        Err(error) => tracing::warn!(%error, "an allowed command was not recorded"),
    }
    Ok(())
}

/// Brings the log in order, and has it say which keys and policies hold now.
///
/// # Errors
///
/// [`AuditError`]: then nobody must be asked.
pub(super) fn prepare(
    trail: &Trail,
    reviewer: &Reviewer,
    request: &Request,
    paths: &Paths,
    settings: &Settings,
) -> Result<(), AuditError> {
    let log = trail.log();
    log.upkeep(limits(settings))?;
    let home = request.environment().value("HOME").map(Path::new);
    let directory = request.directory().path();
    let places = policy::places_of(paths, directory);
    let all = || policy::files(paths, directory, home);
    log.keys_and_policies_are(&reviewer.pairings, places, all)
}

/// Returns how long the log may get, and how long it is kept.
pub(super) fn limits(settings: &Settings) -> Limits {
    Limits {
        largest: u64::from(settings.log_file_mib()) << 20,
        keep: SignedDuration::from_hours(24 * i64::from(settings.log_keep_days())),
    }
}

/// Returns the approval of the command around this one, when it covers it.
fn cover(asked: &Asked, paths: &Paths) -> Result<Option<Cover>, Error> {
    let request = asked.request();
    let around = Cover::of_this_process(&paths.running());
    let of_an_agent = || Cover::of_an_agents_command(request, &paths.handed(), &paths.enforcer());
    let around = around.or_else(of_an_agent);
    // Fewer people than this needs may have seen the command around it.
    let Some(cover) = around.filter(|cover| cover.approvals() >= asked.approvals()) else {
        return Ok(None);
    };
    let places = Places::of(paths, request.directory().path());
    Ok(match Settings::load(&places, request.environment())?.nesting() {
        Nesting::Covered => Some(cover),
        Nesting::Review => None,
    })
}

/// Lets whoever asked run the command: the way in of hooks, where we start nothing.
///
/// What a rule allows leaves no record here either.
///
/// # Errors
///
/// It cannot be recorded, so it must not run.
pub(super) fn release(permit: Clearance, paths: &Paths) -> Result<(), Error> {
    if let Authority::Rule = permit.authority() {
        return Ok(());
    }
    let trail = trail(paths)?;
    let kept = keep(&permit, paths, &trail)?;
    trail.release(&permit, kept)?;
    permit.settle().map_err(Refusal::from)?;
    Ok(())
}

/// Keeps what the command takes away, where its approver was promised that.
///
/// # Errors
///
/// It cannot be kept, so it must not run, which is written down.
pub(super) fn keep(permit: &Permit, paths: &Paths, trail: &Trail) -> Result<Vec<Kept>, Error> {
    let Some(id) = permit.authority().request_id() else { return Ok(Vec::new()) };
    let kept = permit.request().keep_what_it_takes_away(&paths.undo(), id.short());
    Ok(kept.inspect_err(|error| trail.in_vain(permit, "not-kept", error))?)
}

fn ask(
    asked: Asked,
    paths: &Paths,
    patience: Patience,
    until: Option<Deadline>,
    watcher: Option<Box<dyn Watcher>>,
) -> Result<Cleared, Error> {
    refuse_canary(asked.request())?;
    // Only now is a secret read: a command that a rule allows does not come here.
    sys::shield_memory();
    let watcher = watcher.unwrap_or_else(|| Box::new(WaitingLine::new()));
    let request = asked.request();
    let means = Means::of(request, paths)?;
    let Means { settings, trail } = &means;
    let mut watcher = herald::wrap(watcher, settings, request.environment());
    let subject = trail.subject(request);
    let runtime = Builder::new_current_thread().enable_all().build().map_err(Refusal::Runtime)?;
    let permit = runtime.block_on(async {
        let terms = terms::of(settings, patience);
        let reviewer = match reviewer(paths, settings, terms).await {
            Ok(reviewer) => reviewer,
            Err(error) => {
                trail.unreachable(subject, &error);
                return Err(error);
            }
        };
        let inquiry = match reviewer.inquire(asked, trail.marker()).await {
            Ok(inquiry) => inquiry,
            Err(refusal) => {
                trail.unasked(subject, &refusal);
                return Err(refusal.into());
            }
        };
        report::remarks(inquiry.remarks());
        prepare(trail, &reviewer, inquiry.request(), paths, settings)?;
        trail.requested(&inquiry)?;
        let directory = inquiry.request().directory().path().to_owned();
        let mut listener = Listener::beside(&mut *watcher, trail, inquiry.request_id());
        let outcome = {
            // Where it is, and not moved about: it is long.
            let review = pin!(reviewer.review(inquiry, &mut listener));
            match until {
                None => Ok(review.await),
                Some(until) => timeout(until.remaining(), review).await,
            }
        };
        // Left as if we were killed: the same command asked again joins it.
        let still_open = |_| Err(Refusal::StillOpen { request_id: listener.request_id().clone() });
        let outcome = outcome.unwrap_or_else(still_open);
        let outcome = match (outcome, patience.check_caller()) {
            (Ok(permit), Err(gone)) => {
                let decisions: Vec<_> =
                    permit.decisions().map(|(decision, _)| decision.clone()).collect();
                listener.approved_in_vain(&decisions, &gone);
                reviewer.acknowledge_unused(&permit).await;
                Err(gone)
            }
            (outcome, _) => outcome,
        };
        if let Some(InVain { decisions, why }) = listener.take_in_vain() {
            // That they arrived is acknowledged by whoever asked.
            let decisions = decisions.iter().map(|decision| (decision, None));
            Subject::of_decisions(decisions, &directory, settings)
                .inspect(|subject| subject.not_started(&why));
        }
        outcome
            .inspect_err(|refusal| trail.refused(listener.request_id(), refusal))
            .map_err(Error::from)
    })?;
    Ok(Cleared { permit, means: Some(means), call: Call::over(runtime) })
}

/// Opens where it is written down what becomes of commands.
///
/// # Errors
///
/// Nothing can be written down there.
pub(super) fn trail(paths: &Paths) -> Result<Trail, AuditError> {
    Trail::open(&paths.audit(), &paths.enforcer())
}

fn refuse_canary(request: &Request) -> Result<(), Error> {
    let way = request.invocation().interception();
    canary(request.environment(), way).map_or(Ok(()), Err)
}

/// Says that the canary of `airlock-exec doctor` arrived; a person is not asked about it.
pub(super) fn canary(environment: &Environment, way: Interception) -> Option<Error> {
    let nonce = environment.value(CANARY)?;
    let nonce = Displayable::from(nonce.to_string_lossy().as_ref()).to_string();
    Some(Error::Canary { nonce, way })
}

/// Makes the reviewer that asks where the settings say.
pub(super) async fn reviewer(
    paths: &Paths,
    settings: &Settings,
    terms: Terms,
) -> Result<Reviewer, Error> {
    match settings.destination() {
        Destination::Local => Ok(local::reviewer(paths, terms).await?),
        Destination::Gateway(_) => Ok(Upstream::of(settings, paths)?.reviewer(terms)?),
    }
}
