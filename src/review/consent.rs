//! Waits for a person to let this app act at the gateway. Protocol section 3.

use super::{Refusal, Watcher};
use crate::client::{Enforcer, TransportError};
use crate::process::Deadline;
use crate::protocol::ErrorCode;
use std::cell::RefCell;
use std::time::Duration;

/// How soon it is looked the first time: the person may have the page open.
const FIRST: Duration = Duration::from_secs(1);
/// How often it is looked from then on.
const EVERY: Duration = Duration::from_secs(10);

/// What to do when the user has not consented yet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ConsentRule {
    /// Refuse, and say what to do.
    #[default]
    Refuse,
    /// Say what to do, and wait until it is done.
    Wait,
}

/// Tells whether a person may still consent; one who said no has decided.
pub(super) fn may_come(error: &TransportError) -> bool {
    matches!(error.code(), Some(ErrorCode::ConsentRequired | ErrorCode::ConsentPending))
}

/// Says what the person must do and waits until they did; whoever calls it keeps the
/// time.
///
/// # Errors
///
/// The gateway's refusal, when they said no.
pub(super) async fn wait(
    enforcer: &Enforcer,
    refused: &TransportError,
    deadline: Deadline,
    watcher: &RefCell<&mut dyn Watcher>,
) -> Result<(), Refusal> {
    watcher.borrow_mut().trouble(&format!("{refused}: {}", refused.hint()));
    let mut pause = FIRST;
    loop {
        tokio::time::sleep(pause).await;
        pause = EVERY;
        match enforcer.consent().await {
            Ok(status) if status.is_allowed() => return Ok(()),
            Ok(_) => {}
            Err(error) if may_come(&error) || error.is_passing() => {
                let asked = error.retry_after().unwrap_or_default();
                if asked >= deadline.remaining() {
                    return Err(error.into());
                }
                pause = EVERY.max(asked);
            }
            Err(error) => return Err(error.into()),
        }
    }
}
