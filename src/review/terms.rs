//! On which terms a decision is asked for.

use super::{ConsentRule, StandingRule};
use std::time::Duration;

/// On which terms a decision is asked for.
#[derive(Debug, Clone)]
pub struct Terms {
    /// How long a decision may take.
    pub limit: Duration,
    /// How long the gateway may be out of reach before anything was accepted.
    pub connect_budget: Duration,
    /// The time between two signs of life.
    pub heartbeat: Duration,
    /// What to do when the user has not consented to this app yet.
    pub consent: ConsentRule,
    /// What a do-not-disturb policy may do.
    pub standing: StandingRule,
    /// The workspace, where somebody named it.
    pub workspace: Option<String>,
    /// What an approver reads for this machine.
    pub label: String,
}
