//! Composes what the approver sees from what was captured.

use super::Refusal;
use crate::crypto::Sha256Digest;
use crate::intercept::Interception;
use crate::process::{Identity, InputKind};
use crate::protocol::artifact::{
    self, ActionType, Arguments, ArtifactKind, BoundText, CommandReview, EnvironmentEntry,
    Extensions, HashAlgorithm, InterceptionKind,
};
use crate::protocol::{Plaintext, RequestId};
use crate::request::{self, Repository, Request, ShownValue, ShownVariable, text};
use jiff::{SignedDuration, Timestamp};
use std::os::unix::ffi::OsStrExt;
use std::time::Duration;

/// One request under review: what will run, and the artifact that says so.
///
/// Both are made together and never come apart, so a decision about the artifact
/// is a decision about this request.
#[derive(Debug)]
pub(super) struct Case {
    request: Request,
    plaintext: Plaintext,
    request_id: RequestId,
    repo_ref: String,
    executable: Option<Sha256Digest>,
    created_at: Timestamp,
    expires_at: Timestamp,
    limit: Duration,
}

impl Case {
    /// Composes the artifact of a request.
    pub(super) fn open(request: Request, now: Timestamp, limit: Duration) -> Result<Self, Refusal> {
        let span = SignedDuration::try_from(limit).unwrap_or(SignedDuration::MAX);
        let expires_at = now.saturating_add(span).unwrap_or(Timestamp::MAX);
        let seal = |error: &dyn std::fmt::Display| Refusal::Seal(error.to_string());
        let request_id = RequestId::generate(now).map_err(|error| seal(&error))?;
        let executable = request.executable().digest()?;
        let repository = Repository::around(request.directory().path(), request.environment());
        let workspace = workspace(&request, repository.as_ref());
        let arguments =
            Arguments::from_bytes(request.arguments().iter().map(|word| word.as_bytes()));
        let directory = BoundText::from(request.directory().path().as_os_str().as_bytes());
        let program = BoundText::from(request.executable().path().as_os_str().as_bytes());
        let identity = Identity::capture();
        let repo_ref = repository.as_ref().map_or_else(|| "none".to_owned(), Repository::reference);
        let review = CommandReview {
            request_id: request_id.clone(),
            artifact_type: ArtifactKind::CommandReview,
            artifact_hash_alg: HashAlgorithm::Sha256,
            action_type: ActionType::TerminalCommand,
            created_at: now,
            expires_at,
            repo_ref: repo_ref.clone(),
            session_id: None,
            command_text: text::command(request.arguments()),
            argv: arguments.texts,
            argv_bytes: arguments.bytes,
            cwd: directory.text,
            cwd_bytes: directory.bytes,
            executable: program.text,
            executable_bytes: program.bytes,
            executable_sha256: executable,
            files: Vec::new(),
            environment: environment(&request),
            stdin: input(request.input()),
            user: identity.user,
            host: identity.host,
            shell: None,
            agent: request::agent(request.environment()).map(str::to_owned),
            interception: interception(request.invocation().interception()),
            workspace,
            repo_name: repository.as_ref().map(Repository::name),
            branch: repository.as_ref().and_then(|found| found.branch.clone()),
            base_revision: repository.as_ref().and_then(|found| found.head.clone()),
            notes: notes(&request, executable.as_ref()),
            source: concat!("airlock-exec/", env!("CARGO_PKG_VERSION")).to_owned(),
            extensions: Extensions::approve_or_reject(),
        };
        let plaintext = Plaintext::of(&review).map_err(|error| seal(&error))?;
        let created_at = now;
        Ok(Self {
            request,
            plaintext,
            request_id,
            repo_ref,
            executable,
            created_at,
            expires_at,
            limit,
        })
    }

    pub(super) fn request(&self) -> &Request {
        &self.request
    }

    pub(super) fn plaintext(&self) -> &Plaintext {
        &self.plaintext
    }

    pub(super) fn request_id(&self) -> &RequestId {
        &self.request_id
    }

    pub(super) fn repo_ref(&self) -> &str {
        &self.repo_ref
    }

    pub(super) fn created_at(&self) -> Timestamp {
        self.created_at
    }

    pub(super) fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    pub(super) fn limit(&self) -> Duration {
        self.limit
    }

    pub(super) fn into_request(self) -> Request {
        self.request
    }

    /// Digests the executable again through the descriptor held since capture.
    ///
    /// A rename does not reach the descriptor; new content in the same file does.
    pub(super) fn check_unchanged(&self) -> Result<(), Refusal> {
        if self.request.executable().digest()? == self.executable {
            return Ok(());
        }
        let path = text::word(self.request.executable().path().as_os_str());
        Err(Refusal::Changed { path })
    }
}

fn workspace(request: &Request, repository: Option<&Repository>) -> String {
    let directory = repository.map_or(request.directory().path(), |found| &found.root);
    directory.file_name().unwrap_or(directory.as_os_str()).to_string_lossy().into_owned()
}

fn environment(request: &Request) -> Vec<EnvironmentEntry> {
    let entry = |shown: ShownVariable| match shown.value {
        ShownValue::Clear(value) => EnvironmentEntry::shown(&shown.name, value.as_bytes()),
        ShownValue::Masked { length } => EnvironmentEntry::redacted(&shown.name, length),
    };
    request::changing_variables(request.environment()).into_iter().map(entry).collect()
}

fn input(kind: InputKind) -> artifact::InputKind {
    match kind {
        InputKind::Terminal => artifact::InputKind::Terminal,
        InputKind::Pipe => artifact::InputKind::Pipe,
        InputKind::Socket => artifact::InputKind::Socket,
        InputKind::File => artifact::InputKind::File,
        InputKind::Null => artifact::InputKind::Null,
        InputKind::Other => artifact::InputKind::Other,
    }
}

fn interception(kind: Interception) -> InterceptionKind {
    match kind {
        Interception::Prefix => InterceptionKind::Prefix,
    }
}

fn notes(request: &Request, digest: Option<&Sha256Digest>) -> Vec<String> {
    let mut notes = Vec::new();
    if digest.is_none() {
        notes.push("the program's file may not be read: its content is unknown".to_owned());
    }
    if request.executable().is_writable_by_us() {
        notes.push("the program's file can be changed by the user who runs it".to_owned());
    }
    if request.input() == InputKind::Pipe {
        notes
            .push("standard input is a pipe: what comes through it is not part of this".to_owned());
    }
    notes
}
