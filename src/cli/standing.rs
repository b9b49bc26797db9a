//! How this machine stands with its gateway, and how much that protects.

use super::LocalError;
use super::upstream::UpstreamError;
use crate::approver::Approver;
use crate::client::{Enrolment, Pairing, PairingStore};
use crate::config::{Destination, Paths, Places, Settings};
use crate::process::{Environment, PrivateDir, WorkingDirectory};

/// What an agent that runs as this user could do about approvals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    /// The keys that approve lie where the agent's own user can read them.
    Cooperative,
    /// They lie somewhere else.
    Separate,
    /// They lie somewhere else, and only the administrator changes the settings.
    Managed,
}

impl Level {
    /// Returns its word.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Cooperative => "cooperative",
            Self::Separate => "separate",
            Self::Managed => "managed",
        }
    }

    /// Returns what it means for who is paired.
    pub(super) fn meaning_for(self, standing: &Standing) -> &'static str {
        let nobody = standing.pairings().next().is_none();
        if nobody && standing.settings.destination() != Destination::Local {
            return "nobody is paired, so every command that a person must decide is refused";
        }
        self.meaning()
    }

    fn meaning(self) -> &'static str {
        match self {
            Self::Cooperative => {
                "an agent that sets out to could approve for itself: the approver's keys are in \
                 this user's files"
            }
            Self::Separate => {
                "the keys that approve are out of this user's reach. An agent that sets out to \
                 can still pair an approver of its own or change the policy in this user's files, \
                 or run programs without asking"
            }
            Self::Managed => {
                "the keys that approve are out of this user's reach, and only the administrator \
                 loosens settings and policy. An agent that sets out to can still pair an approver \
                 of its own in this user's files; only a sandbox keeps it from that, and from \
                 running programs without asking"
            }
        }
    }
}

/// Settings and pairings of this machine, read without asking anybody.
#[derive(Debug)]
pub(super) struct Standing {
    pub(super) settings: Settings,
    pub(super) enrolment: Option<Enrolment>,
    pub(super) level: Level,
}

impl Standing {
    /// Reads them.
    pub(super) fn here(paths: &Paths, environment: &Environment) -> Result<Self, UpstreamError> {
        let directory = WorkingDirectory::capture().map_err(UpstreamError::Directory)?;
        let settings = Settings::load(&Places::of(paths, directory.path()), environment)?;
        let enrolment = enrolment(paths)?;
        let approver = Approver::open_existing(&paths.approver()).map_err(LocalError::from)?;
        let ours = approver.map(|approver| approver.keys().verifying_key());
        let mut standing = Self { settings, enrolment, level: Level::Cooperative };
        let somewhere_else = standing.pairings().next().is_some()
            && standing.pairings().all(|pairing| Some(pairing.agreed.signing_key) != ours);
        standing.level = match (somewhere_else, standing.settings.locked_by()) {
            (false, _) => Level::Cooperative,
            (true, None) => Level::Separate,
            (true, Some(_)) => Level::Managed,
        };
        Ok(standing)
    }

    /// Goes through the approvers whose decisions count at the gateway of the settings.
    pub(super) fn pairings(&self) -> impl Iterator<Item = &Pairing> {
        let destination = self.settings.destination();
        let all = self.enrolment.iter().flat_map(|enrolment| &enrolment.pairings);
        all.filter(move |pairing| {
            let id = &pairing.agreed.gateway_id;
            pairing.is_live()
                && match &destination {
                    // A gateway of our own is known by an id, another by its address.
                    Destination::Local => !id.contains("://"),
                    Destination::Gateway(gateway) => id == gateway.as_str(),
                }
        })
    }
}

/// Reads who this machine is and whom it is paired with, when it has ever asked anybody.
pub(super) fn enrolment(paths: &Paths) -> Result<Option<Enrolment>, UpstreamError> {
    if !paths.enforcer().exists() {
        return Ok(None);
    }
    Ok(PairingStore::new(PrivateDir::open(&paths.enforcer())?).load()?)
}
