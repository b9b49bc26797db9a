//! Tells somebody who looks elsewhere that a command waits.
//!
//! On the desktop, by a program of the user's, and by signed webhooks. Each request is
//! told once, by whichever of the processes that could comes first. Nothing here
//! decides: a way that fails is reported, and the request waits as before. A desktop and
//! a webhook are told that something waits, and not what, unless somebody asked for
//! more: both leave this machine or this screen's privacy.

mod announced;
mod desktop;
mod facts;
mod hook;
mod webhook;

pub use facts::{Content as TellContent, Facts};
pub use webhook::Webhook;

use super::item::Item;
use super::store::StoreError;
use crate::process::PrivateDir;
use std::path::Path;
use thiserror::Error;

/// How somebody is told.
#[derive(Debug, Default)]
pub struct Notices {
    /// Whether on the desktop.
    pub desktop: bool,
    /// The program that is run, and its arguments.
    pub program: Option<Vec<String>>,
    /// The addresses that are called.
    pub webhooks: Vec<Webhook>,
}

/// Why somebody was not told in one way.
#[derive(Debug, Error)]
pub enum NoticeError {
    /// There is no desktop, or it does not take notices.
    #[error("tell the desktop: {0}")]
    Desktop(String),
    /// The program does not start, does not end, or ends badly.
    #[error("run {program}: {what}")]
    Program {
        /// Its name.
        program: String,
        /// What happened.
        what: String,
    },
    /// The address does not answer as it should.
    #[error("call webhook {name}: {what}")]
    Webhook {
        /// Its name in the settings.
        name: String,
        /// What happened.
        what: String,
    },
}

impl NoticeError {
    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Desktop(_) => {
                "start it in the session of a desktop, or: airlock-exec config set notifications off"
            }
            Self::Program { .. } => "see `on_request` in config.toml, and try the program by hand",
            Self::Webhook { .. } => "try it with: airlock-exec approver webhook test",
        }
    }
}

impl Notices {
    /// Tells whether nobody is told anything.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        !self.desktop && self.program.is_none() && self.webhooks.is_empty()
    }

    /// Returns those of the items that nobody was told of yet, and notes that somebody
    /// is told of them now.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the approver's files cannot be used.
    pub fn untold<'a>(directory: &Path, items: &'a [Item]) -> Result<Vec<&'a Item>, StoreError> {
        let directory = PrivateDir::open(directory)?;
        announced::untold(&directory, items)
    }

    /// Tells of one request in every way, all at once; returns what did not work.
    pub async fn tell(&self, facts: &Facts) -> Vec<NoticeError> {
        let desktop = async { if self.desktop { desktop::tell(facts).await } else { Ok(()) } };
        let program = async {
            match &self.program {
                Some(program) => hook::run(program, facts).await,
                None => Ok(()),
            }
        };
        let webhooks =
            futures_util::future::join_all(self.webhooks.iter().map(|each| each.call(facts)));
        let (desktop, program, webhooks) = tokio::join!(desktop, program, webhooks);
        let all = [desktop, program].into_iter().chain(webhooks);
        all.filter_map(Result::err).collect()
    }
}
