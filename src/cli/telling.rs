//! Starts what tells those who approved a command what becomes of it, and is that.
//!
//! It is a process of its own, started once the command runs: see `onlooker` and
//! `follow`.

use super::gate::Patience;
use super::{gate, terms};
use crate::config::{Paths, Places, Settings};
use crate::error::Error;
use crate::follow::{self, Approval, Brief, Teller, Terms, Way};
use crate::onlooker::{Ended, Line, Onlooker, Sight};
use crate::process::{self, Environment, own_binary};
use crate::protocol::decision::SettledDecision;
use crate::protocol::{MessageId, SignerKeyId};
use crate::review::{Permit, Refusal};
use futures_util::future::join_all;
use std::fmt::Display;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use tokio::runtime::Builder;

/// The hidden subcommand that tells.
pub(super) const SUBCOMMAND: &str = "tell-approver";

/// The most approvers that are told of one command.
const MOST: usize = 16;

/// Whom it is about, before it runs.
#[derive(Debug)]
pub(super) struct Subject {
    brief: Brief,
    binary: PathBuf,
}

impl Subject {
    /// Tells what is needed to tell the approvers of that command; `None` where no approver
    /// decided about it, or none is to be told.
    pub(super) fn of(permit: &Permit, settings: &Settings) -> Option<Self> {
        let directory = permit.request().directory().path();
        Self::of_decisions(permit.decisions(), directory, settings)
    }

    /// Tells the same of decisions for a command that would have started in that directory.
    pub(super) fn of_decisions<'a>(
        decisions: impl Iterator<Item = (&'a SettledDecision, Option<&'a MessageId>)>,
        directory: &Path,
        settings: &Settings,
    ) -> Option<Self> {
        let approval = |(decision, message): (&SettledDecision, Option<&MessageId>)| Approval {
            request_id: decision.request_id.clone(),
            artifact_hash: decision.artifact_hash,
            signer_key_id: decision.signer_key_id.clone(),
            message_id: message.cloned(),
        };
        let approvals: Vec<_> = decisions.take(MOST).map(approval).collect();
        if approvals.is_empty() || !settings.tells_outcome() {
            return None;
        }
        let brief = Brief { approvals, directory: directory.to_owned(), terminal: None };
        Some(Self { brief, binary: own_binary().ok()? })
    }

    /// Tells that the command did not start, and why.
    pub(super) fn not_started(&self, why: &dyn Display) {
        let start = |its, ours: &Line, sight| self.begin(its, ours, sight);
        Onlooker::new(&start, &|_| ()).ended(Ended::NotStarted(why.to_string()));
    }

    /// Returns the key of one of those who approved it: they alone may order something.
    pub(super) fn signer(&self, number: u8) -> Option<&SignerKeyId> {
        let approval = self.brief.approvals.get(usize::from(number));
        approval.map(|approval| &approval.signer_key_id)
    }

    /// Starts the process that tells; it has its end of the line as standard input.
    #[expect(clippy::disallowed_methods, reason = "starts our own binary, not a user's command")]
    pub(super) fn begin(&self, its: OwnedFd, ours: &Line, sight: Sight) -> bool {
        let mut brief = self.brief.clone();
        if let Sight::Terminal { columns, rows } = sight {
            brief.terminal = Some((columns, rows));
        }
        let Ok(brief) = serde_json::to_vec(&brief) else { return false };
        // It waits there for whoever reads it.
        if ours.hand_over(&brief).is_err() {
            return false;
        }
        let started = Command::new(&self.binary)
            .arg(SUBCOMMAND)
            .current_dir("/")
            .stdin(Stdio::from(its))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        match started {
            Ok(_) => true,
            Err(error) => {
                tracing::warn!(%error, "nobody tells who approved it how the command goes on");
                false
            }
        }
    }
}

/// Tells the gateway that the approvals arrived: the command did not wait for that.
async fn acknowledge(way: &Way, approvals: &[Approval]) {
    let each = approvals.iter().map(async |approval| {
        let Approval { request_id: id, message_id: Some(message), .. } = approval else { return };
        way.enforcer.acknowledge(message.clone(), id, &way.enforcer_id).await;
    });
    join_all(each).await;
}

/// Is the process that tells.
///
/// # Errors
///
/// What is in the way; nobody reads it, and the command goes on.
pub(super) fn run(environment: &Environment) -> Result<(), Error> {
    process::leave_caller();
    let input = std::io::stdin().as_fd().try_clone_to_owned().map_err(Refusal::Runtime)?;
    let line = Line::from(input);
    let Some(brief) = line.take_over().and_then(|brief| serde_json::from_slice(&brief).ok()) else {
        return Ok(());
    };
    let brief: Brief = brief;
    let paths = Paths::from_environment(environment)?;
    let settings = Settings::load(&Places::of(&paths, &brief.directory), environment)?;
    let runtime = Builder::new_current_thread().enable_all().build().map_err(Refusal::Runtime)?;
    let told = runtime.block_on(async {
        let terms = terms::of(&settings, Patience::default());
        let reviewer = gate::reviewer(&paths, &settings, terms).await?;
        let way = Way {
            enforcer: reviewer.enforcer.clone(),
            reconnect: Arc::clone(&reviewer.reconnect),
            enforcer_id: reviewer.identity.enforcer_id.clone(),
        };
        let mut tellers = Vec::new();
        for (number, approval) in (0..).zip(&brief.approvals) {
            let named = reviewer.pairings.iter().find(|pairing| {
                let agreed = &pairing.agreed.signer_key_id;
                agreed.names_same_key(&approval.signer_key_id) && pairing.is_live()
            });
            let Some(pairing) = named else { continue };
            let key = pairing.seal_key().map_err(Refusal::from)?;
            let verifying = pairing.agreed.signing_key;
            tellers.push(Teller::of(way.clone(), approval.clone(), number, key, verifying));
        }
        let terms = Terms { terminal: brief.terminal, last_lines: settings.last_lines() };
        tokio::join!(acknowledge(&way, &brief.approvals), follow::follow(&tellers, terms, line));
        Ok::<(), Error>(())
    });
    // A look for the way that is still going on is not waited for.
    runtime.shutdown_background();
    told
}
