//! `airlock-exec approver dnd`: standing answers, so that nobody is disturbed.

use super::arguments::{DndAction, DndArguments};
use super::connection::Connection;
use super::error::ApproverCommandError;
use crate::approver::{Approver, StandingAnswer, time};
use crate::cli::output::say;
use crate::cli::output::say_json;
use crate::display::Displayable;
use crate::process;
use crate::protocol::SessionId;
use crate::protocol::dnd::{DndPolicy, PolicyMode};
use serde_json::{Value, json};

/// Sets, lists or ends standing answers.
pub(super) async fn act(
    connection: &Connection,
    action: DndAction,
) -> Result<(), ApproverCommandError> {
    let approver = Approver::open(&connection.paths().approver())?;
    let transport = connection.transport()?;
    match action {
        DndAction::Deny { which, session } => {
            set(connection, &approver, PolicyMode::DenyAll, which, session).await
        }
        // For one session would count nowhere: whoever asks can name any.
        DndAction::Approve(which) => {
            set(connection, &approver, PolicyMode::ApproveAll, which, None).await
        }
        DndAction::List { json: true } => {
            let policies = approver.dnd(&transport).await?;
            let rows: Vec<Value> = policies.iter().map(as_json).collect();
            Ok(say_json(&rows)?)
        }
        DndAction::List { json: false } => {
            let policies = approver.dnd(&transport).await?;
            if policies.is_empty() {
                say("no standing answers: every request waits for a person")?;
            }
            policies.iter().try_for_each(|policy| Ok(say(&described(policy))?))
        }
        DndAction::End { id } => {
            approver.end_dnd(&transport, &id).await?;
            Ok(say(&format!("ended {id}"))?)
        }
    }
}

async fn set(
    connection: &Connection,
    approver: &Approver,
    mode: PolicyMode,
    arguments: DndArguments,
    session: Option<SessionId>,
) -> Result<(), ApproverCommandError> {
    let pairing = approver.enforcer(arguments.enforcer.as_deref())?;
    let answer = StandingAnswer {
        mode,
        workspace: arguments.workspace,
        session,
        words: arguments.words,
        lasts: arguments.lasts,
    };
    let policy = approver.set_dnd(&connection.transport()?, &pairing, answer).await?;
    Ok(say(&described(&policy))?)
}

fn as_json(policy: &DndPolicy) -> Value {
    let words = policy.action_selector.as_ref().and_then(|selector| selector.argv_prefix.as_ref());
    json!({
        "id": policy.request_id,
        "answer": verb(policy),
        "words": words,
        "workspace": policy.workspace_id,
        "sessionId": policy.session_id,
        "enforcerId": policy.enforcer_id,
        "expiresAt": policy.expires_at,
    })
}

fn verb(policy: &DndPolicy) -> &'static str {
    match policy.policy_mode {
        PolicyMode::DenyAll => "deny",
        PolicyMode::ApproveAll => "approve",
    }
}

fn described(policy: &DndPolicy) -> String {
    let verb = verb(policy);
    let words = policy.action_selector.as_ref().and_then(|selector| selector.argv_prefix.as_ref());
    let what = words.map_or_else(|| "every command".to_owned(), shell_words::join);
    let session = policy.session_id.as_ref();
    let session = session.map(|session| format!("session {session} of ")).unwrap_or_default();
    format!(
        "{}  {verb} {} in {session}{} of {} until {}",
        policy.request_id,
        Displayable::from(what.as_str()),
        Displayable::from(policy.workspace_id.as_str()),
        policy.enforcer_id,
        time::until(policy.expires_at, process::now()),
    )
}
