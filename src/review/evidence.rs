//! What the approver sees of a captured command.

use super::notes::notes;
use crate::intercept::Interception;
use crate::policy::{self, Asked};
use crate::process::{Environment, Identity, InputKind};
use crate::protocol::artifact::{
    self, ActionType, Arguments, ArtifactKind, BoundText, CommandReview, EnvironmentEntry,
    Extensions, FileEvidence, HashAlgorithm, InterceptionKind,
};
use crate::protocol::{RequestId, SessionId};
use crate::request::git::GitEvidence;
use crate::request::{
    self, Bound, BoundFile, BoundInput, Marker, Repository, Request, Shown, ShownValue,
    ShownVariable, text,
};
use jiff::Timestamp;
use std::os::unix::ffi::OsStrExt;

/// When it was asked, and until when an approval counts.
#[derive(Clone, Copy)]
pub(super) struct Times {
    pub(super) created_at: Timestamp,
    pub(super) expires_at: Timestamp,
}

/// Says it all in the form of HARP.
pub(super) fn review(
    asked: &Asked,
    marker: &Marker,
    bound: &Bound,
    repository: Option<&Repository>,
    request_id: RequestId,
    times: Times,
) -> CommandReview {
    let request = asked.request();
    let arguments = Arguments::from_bytes(request.arguments().iter().map(|word| word.as_bytes()));
    let directory = BoundText::from(request.directory().path().as_os_str().as_bytes());
    let program = BoundText::from(request.executable().path().as_os_str().as_bytes());
    let identity = Identity::capture();
    CommandReview {
        request_id,
        artifact_type: ArtifactKind::CommandReview,
        artifact_hash_alg: HashAlgorithm::Sha256,
        action_type: ActionType::TerminalCommand,
        created_at: times.created_at,
        expires_at: times.expires_at,
        repo_ref: repository.map_or_else(|| "none".to_owned(), Repository::reference),
        session_id: session(request),
        command_text: text::command(&request.words()),
        approvals_needed: Some(asked.approvals().number()).filter(|needed| *needed > 1),
        git: request.git().map(in_json),
        argv: arguments.texts,
        argv_bytes: arguments.bytes,
        cwd: directory.text,
        cwd_bytes: directory.bytes,
        executable: program.text,
        executable_bytes: program.bytes,
        executable_sha256: bound.executable(),
        files: files(bound),
        environment: environment(request.environment(), marker),
        stdin: input(request.input()),
        stdin_sha256: bound.input().map(BoundInput::sha256),
        stdin_size: bound.input().map(BoundInput::size),
        stdin_preview: bound.input().and_then(BoundInput::preview).map(str::to_owned),
        user: identity.user,
        host: identity.host,
        shell: None,
        agent: request::agent(request.environment()).map(str::to_owned),
        interception: interception(request.invocation().interception()),
        workspace: workspace(request, repository),
        repo_name: repository.map(Repository::name),
        branch: repository.and_then(|found| found.branch.clone()),
        base_revision: repository.and_then(|found| found.head.clone()),
        why_asked: Some(asked.why().whole),
        notes: notes(request, bound),
        ask_twice: is_hard_to_undo(request),
        // On whose terms it is asked is not known here.
        ask_touch: false,
        needs_touch: false,
        source: concat!("airlock-exec/", env!("CARGO_PKG_VERSION")).to_owned(),
        extensions: Extensions::approve_or_reject(),
    }
}

/// Tells whether what we know of the command, or git of the push, is hard to undo.
fn is_hard_to_undo(request: &Request) -> bool {
    let loses_commits = request.git().is_some_and(|git| !git.lost.is_empty());
    loses_commits || !policy::dangers(request).is_empty()
}

fn in_json(git: &GitEvidence) -> serde_json::Value {
    serde_json::to_value(git).expect("texts and numbers are always JSON")
}

/// Returns the files that will be executed.
pub(super) fn files(bound: &Bound) -> Vec<FileEvidence> {
    let evidence = |file: &BoundFile| match file.shown() {
        Shown::Content { sha256, size, preview } => {
            let path = file.path().as_os_str().as_bytes();
            Some(FileEvidence::new(path, sha256).with_text(size, preview))
        }
        // Those have no digest: the notes speak of them.
        Shown::Absent | Shown::Opaque(_) => None,
    };
    bound.files().iter().filter_map(evidence).collect()
}

/// Returns the name of the place that a request comes from.
pub(super) fn workspace(request: &Request, repository: Option<&Repository>) -> String {
    let directory = repository.map_or(request.directory().path(), |found| &found.root);
    directory.file_name().unwrap_or(directory.as_os_str()).to_string_lossy().into_owned()
}

/// Returns the session that a request comes from, as its environment has it.
pub(super) fn session(request: &Request) -> Option<SessionId> {
    request::session(request.environment()).and_then(|id| id.parse().ok())
}

/// Returns the variables that change what runs.
pub(super) fn environment(environment: &Environment, marker: &Marker) -> Vec<EnvironmentEntry> {
    let entry = |shown: ShownVariable| match shown.value {
        ShownValue::Clear(value) => EnvironmentEntry::shown(&shown.name, value.as_bytes()),
        ShownValue::Masked(text) => EnvironmentEntry::masked(&shown.name, text),
    };
    request::changing_variables(environment, marker).into_iter().map(entry).collect()
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
        Interception::Shim => InterceptionKind::Shim,
        Interception::Shell => InterceptionKind::Shell,
        Interception::GitHook => InterceptionKind::GitHook,
        Interception::AgentHook => InterceptionKind::AgentHook,
        Interception::Approve => InterceptionKind::Approve,
    }
}
