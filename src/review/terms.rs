//! On which terms a decision is asked for.

use super::touch::Touch;
use super::{ConsentRule, StandingRule};
use crate::process::Caller;
use std::time::Duration;

/// Which approvals take the touch of a passkey, of approvers that have one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TouchRule {
    /// None.
    Never,
    /// Those of what is hard to undo, and of what lasts longer than once.
    HardToUndo,
    /// All.
    Always,
}

/// How much hangs on an approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gravity {
    /// One command that can be undone.
    Usual,
    /// One that is hard to undo, or many.
    HardToUndo,
}

/// What an approval that takes a touch is worth by an approver who has no passkey.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WithoutPasskey {
    /// As much as before.
    Counts,
    /// Nothing.
    Refused,
}

impl Terms {
    /// Returns whose approval takes a touch.
    pub(super) fn touch_for(&self, gravity: Gravity) -> Touch {
        let asks = match self.touch {
            TouchRule::Never => false,
            TouchRule::HardToUndo => gravity == Gravity::HardToUndo,
            TouchRule::Always => true,
        };
        match self.without_passkey {
            _ if !asks => Touch::NotAsked,
            WithoutPasskey::Counts => Touch::OfPasskeys,
            WithoutPasskey::Refused => Touch::OfEverybody,
        }
    }
}

/// When the gateway is told that an approval arrived; of a rejection it is told at once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Acknowledgement {
    /// When it has arrived.
    #[default]
    AtOnce,
    /// By whoever tells what becomes of the command: it does not wait for that.
    WithOutcome,
}

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
    /// When the gateway is told that an approval arrived.
    pub acknowledgement: Acknowledgement,
    /// Who must be there when the decision comes; nobody needs to otherwise.
    pub caller: Option<Caller>,
    /// What a do-not-disturb policy may do.
    pub standing: StandingRule,
    /// Which approvals take the touch of a passkey.
    pub touch: TouchRule,
    /// What such an approval is worth by who has none.
    pub without_passkey: WithoutPasskey,
    /// The workspace, where somebody named it.
    pub workspace: Option<String>,
    /// What an approver reads for this machine.
    pub label: String,
}

#[cfg(test)]
impl Terms {
    /// Returns the usual terms.
    pub(super) fn usual(touch: TouchRule) -> Self {
        Self {
            limit: Duration::from_mins(10),
            connect_budget: Duration::from_secs(20),
            pending: 5,
            per_minute: 60,
            heartbeat: Duration::from_secs(30),
            consent: ConsentRule::default(),
            acknowledgement: Acknowledgement::default(),
            caller: None,
            standing: StandingRule::DenyOnly,
            touch,
            without_passkey: WithoutPasskey::Counts,
            workspace: None,
            label: "host".to_owned(),
        }
    }
}
