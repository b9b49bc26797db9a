//! A notice on the desktop.
//!
//! Spec: Desktop Notifications Specification 1.2. Its server may be any program of the
//! session and may keep what it is told, so it is told that something waits and by which
//! program's name, never the command.

use super::NoticeError;
use super::facts::Facts;
use notify_rust::{Notification, Timeout, Urgency};
use std::time::Duration;

/// How long the desktop may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long the notice stays, in milliseconds.
const SHOWN_MS: u32 = 60_000;

/// Shows it.
pub(super) async fn tell(facts: &Facts) -> Result<(), NoticeError> {
    let mut notification = Notification::new();
    notification
        .appname("airlock-exec")
        .summary(&format!("A command waits: {}", facts.short_id))
        .body(&marked_up(&format!("{}; decide with: airlock-exec approver", facts.glance)))
        .icon("dialog-password")
        .urgency(if facts.is_grave { Urgency::Critical } else { Urgency::Normal })
        .timeout(Timeout::Milliseconds(SHOWN_MS));
    match tokio::time::timeout(PATIENCE, notification.show_async()).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(NoticeError::Desktop(error.to_string())),
        Err(_) => Err(NoticeError::Desktop("it does not answer".to_owned())),
    }
}

/// Writes text for a body, which servers may read as a kind of HTML.
fn marked_up(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
