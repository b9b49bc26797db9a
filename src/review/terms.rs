//! On which terms a decision is asked for.

use super::{ConsentRule, StandingRule};
use crate::process::Caller;
use std::time::Duration;

/// On which terms a decision is asked for.
#[derive(Debug, Clone)]
pub struct Terms {
    /// How long a decision may take.
    pub limit: Duration,
    /// How long the gateway may be out of reach before anything was accepted.
    pub connect_budget: Duration,
    /// How many questions of one session may wait at once.
    pub pending: u32,
    /// How many of them may be put within a minute.
    pub per_minute: u32,
    /// The time between two signs of life.
    pub heartbeat: Duration,
    /// What to do when the user has not consented to this app yet.
    pub consent: ConsentRule,
    /// Who must be there when the decision comes; nobody needs to otherwise.
    pub caller: Option<Caller>,
    /// What a do-not-disturb policy may do.
    pub standing: StandingRule,
    /// The workspace, where somebody named it.
    pub workspace: Option<String>,
    /// What an approver reads for this machine.
    pub label: String,
}
