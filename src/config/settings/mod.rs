//! What the user and the administrator set, in layers.
//!
//! Flag over environment over project over user over system over built in. What an
//! agent can write (its environment, a project's file, a command line) never decides
//! which gateway is asked, by whom we sign in, whom we trust: it may name the
//! workspace and make a wait shorter. Where the administrator's file says
//! `locked = true` the user's may only do the same, and fill in what was left open of
//! an account. Nothing here holds a secret.
//!
//! A command that policy allows reads none of this, but for one through `airlock-sh`,
//! which reads what the real shell is, and where a file speaks of recordings: whether what
//! policy allows is recorded.

mod address;
mod count;
mod described;
mod edit;
mod error;
mod evidence;
mod file;
mod notice;
mod pin;
mod reach;
mod schema;
mod source;
mod value;

pub use address::{AddressError, GatewayUrl};
pub use edit::{Change, check, set};
pub use error::ConfigError;
pub use evidence::{Recording, RecordingTerms, Telling};
pub use file::Places;
pub use notice::{DesktopNotices, ProgramLine, WebhookEntries, WebhookEntry};
pub use pin::CertificatePin;
pub use schema::{Description, Entry, NAMES, Settings};
pub use source::{Source, Sourced};
pub use value::{
    CipherChoice, HeaderText, Mode, Name, Nesting, SecretPlace, TlsRoots, TouchedFor,
    WithoutPasskeyChoice, parse_span,
};

use crate::process::Environment;
use schema::{Reach, Said, lay};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where requests go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// To a gateway of our own on this machine.
    Local,
    /// To the gateway at this address.
    Gateway(GatewayUrl),
}

impl Settings {
    /// Reads every layer there is.
    ///
    /// # Errors
    ///
    /// [`ConfigError`]: settings that cannot be used whole are not used in part.
    pub fn load(places: &Places, environment: &Environment) -> Result<Self, ConfigError> {
        let mut layers = Vec::new();
        let mut lock = None;
        for place in places.weakest_first() {
            let Some(said) = file::read(&place)? else { continue };
            if said.locked {
                lock = Some(place.path.clone());
            }
            layers.push(said);
        }
        layers.push(Said::of_variables(|name| environment.value(name))?);
        let settings = Self::settle(layers, lock)?;
        settings.check()?;
        Ok(settings)
    }

    /// Returns where requests go.
    #[must_use]
    pub fn destination(&self) -> Destination {
        match (self.mode(), &self.gateway_url) {
            (Mode::Local, _) => Destination::Local,
            (Mode::Own, Some(url)) => Destination::Gateway(url.value.clone()),
            (Mode::Hosted | Mode::Own, _) => Destination::Gateway(GatewayUrl::hosted()),
        }
    }

    /// Returns which gateway is asked.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.mode.as_ref().map_or(Mode::Local, |mode| mode.value)
    }

    /// Returns the app that we are at the gateway.
    #[must_use]
    pub fn client_id(&self) -> Option<&HeaderText> {
        self.client_id.as_ref().map(|sourced| &sourced.value)
    }

    /// Returns the origin of an app that is registered as public.
    #[must_use]
    pub fn origin(&self) -> Option<&HeaderText> {
        self.origin.as_ref().map(|sourced| &sourced.value)
    }

    /// Returns which certificate authorities count.
    #[must_use]
    pub fn tls_roots(&self) -> TlsRoots {
        self.tls_roots.as_ref().map_or(TlsRoots::BuiltIn, |roots| roots.value.clone())
    }

    /// Returns the one certificate that the gateway may show, where one is pinned.
    #[must_use]
    pub fn certificate(&self) -> Option<&CertificatePin> {
        self.certificate.as_ref().map(|sourced| &sourced.value)
    }

    /// Returns how many calls a minute the gateway allows, when it counts: the hosted
    /// one does. Protocol section 2.
    #[must_use]
    pub fn calls_per_minute(&self) -> Option<u32> {
        let hosted = self.destination() == Destination::Gateway(GatewayUrl::hosted());
        let said = self.calls.as_ref().map(|calls| calls.value.0);
        said.or(hosted.then_some(60))
    }

    /// Returns where new credentials are kept.
    #[must_use]
    pub fn credentials(&self) -> SecretPlace {
        self.credentials.as_ref().map_or(SecretPlace::Automatic, |place| place.value)
    }

    /// Tells whether an unsigned do-not-disturb policy may approve.
    #[must_use]
    pub fn trusts_gateway_dnd(&self) -> bool {
        self.trust_gateway_dnd.as_ref().is_some_and(|trust| trust.value)
    }

    /// Returns which approvals take the touch of a passkey.
    #[must_use]
    pub fn touched_for(&self) -> TouchedFor {
        self.presence.as_ref().map_or(TouchedFor::Everything, |presence| presence.value)
    }

    /// Returns what such an approval is worth by an approver who has none.
    #[must_use]
    pub fn without_passkey(&self) -> WithoutPasskeyChoice {
        self.without_passkey.as_ref().map_or(WithoutPasskeyChoice::Refused, |choice| choice.value)
    }

    /// Returns what becomes of the commands that an approved command starts.
    #[must_use]
    pub fn nesting(&self) -> Nesting {
        self.nested.as_ref().map_or(Nesting::Review, |nested| nested.value)
    }

    /// Returns which cipher seals requests.
    #[must_use]
    pub fn cipher(&self) -> CipherChoice {
        self.cipher.as_ref().map_or(CipherChoice::Automatic, |cipher| cipher.value)
    }

    /// Returns how many questions of one session may wait at once.
    #[must_use]
    pub fn pending(&self) -> u32 {
        self.pending.as_ref().map_or(5, |count| count.value.0)
    }

    /// Returns how many questions of one session may be put within a minute.
    #[must_use]
    pub fn per_minute(&self) -> u32 {
        self.per_minute.as_ref().map_or(60, |count| count.value.0)
    }

    /// Returns how many days full files of the audit log are kept.
    #[must_use]
    pub fn log_keep_days(&self) -> u32 {
        self.log_keep_days.as_ref().map_or(365, |count| count.value.0)
    }

    /// Returns how long a file of the audit log gets, in MiB.
    #[must_use]
    pub fn log_file_mib(&self) -> u32 {
        self.log_file_mib.as_ref().map_or(16, |count| count.value.0)
    }

    /// Returns what an approver reads for this machine, when somebody chose it.
    #[must_use]
    pub fn label(&self) -> Option<&Name> {
        self.label.as_ref().map(|sourced| &sourced.value)
    }

    /// Returns what an approver reads for the place that requests come from.
    #[must_use]
    pub fn workspace(&self) -> Option<&Name> {
        self.workspace.as_ref().map(|sourced| &sourced.value)
    }

    /// Returns whether the desktop is told that something waits.
    #[must_use]
    pub fn notifications(&self) -> DesktopNotices {
        self.notifications.as_ref().map_or(DesktopNotices::Automatic, |notices| notices.value)
    }

    /// Returns the program that is told of each request.
    #[must_use]
    pub fn on_request(&self) -> Option<&ProgramLine> {
        self.on_request.as_ref().map(|program| &program.value)
    }

    /// Returns the addresses that are told of each request.
    #[must_use]
    pub fn webhooks(&self) -> &[WebhookEntry] {
        self.webhook.as_ref().map_or(&[], |webhooks| webhooks.value.entries())
    }

    /// Returns the real shell behind `airlock-sh`.
    #[must_use]
    pub fn shell(&self) -> PathBuf {
        self.shell.as_ref().map_or_else(|| "/bin/sh".into(), |shell| shell.value.clone())
    }

    /// Returns how long a decision may take; a command line may ask for another time.
    #[must_use]
    pub fn wait(&self, asked: Option<Duration>) -> Duration {
        let above = asked.map(|value| Sourced { value, source: Source::Flag("--wait") });
        let lock = self.locked_by();
        let laid = lay("timeouts.wait", Reach::Shorter, self.wait.clone(), above, lock);
        laid.ok().flatten().map_or(Duration::from_mins(10), |wait| wait.value)
    }

    /// Returns how long the gateway may be out of reach before a command is refused.
    #[must_use]
    pub fn connect_budget(&self) -> Duration {
        self.connect.as_ref().map_or(Duration::from_secs(20), |connect| connect.value)
    }

    /// Returns the time between two heartbeats.
    #[must_use]
    pub fn heartbeat(&self) -> Duration {
        self.heartbeat.as_ref().map_or(Duration::from_secs(30), |heartbeat| heartbeat.value)
    }

    /// Tells whether the administrator locked the settings, and in which file.
    #[must_use]
    pub fn locked_by(&self) -> Option<&Path> {
        self.lock.as_deref()
    }

    /// Refuses settings that cannot hold together.
    fn check(&self) -> Result<(), ConfigError> {
        let said = |name: &str, source: &Source| format!("`{name}` ({source})");
        if let (Mode::Hosted, Some(mode), Some(url)) = (self.mode(), &self.mode, &self.gateway_url)
            && url.value != GatewayUrl::hosted()
        {
            return Err(ConfigError::Contradiction {
                first: said("mode = \"hosted\"", &mode.source),
                second: said("gateway.url", &url.source),
                why: "hosted is https://igw.airlocks.io; for another gateway write mode = \"own\"",
            });
        }
        if self.mode() == Mode::Own && self.gateway_url.is_none() {
            let why = "mode = \"own\" needs the address of that gateway";
            return Err(ConfigError::Missing { name: "gateway.url", why });
        }
        if self.origin.is_some() && self.client_id.is_none() {
            let why = "`gateway.origin` says how the app with that id is registered";
            return Err(ConfigError::Missing { name: "gateway.client_id", why });
        }
        if let (true, Some(trust), Some(workspace)) =
            (self.trusts_gateway_dnd(), &self.trust_gateway_dnd, &self.workspace)
            && workspace.source.is_within_reach_of_the_agent()
        {
            return Err(ConfigError::Contradiction {
                first: said("trust_gateway_dnd", &trust.source),
                second: said("workspace", &workspace.source),
                why: "an agent that names the workspace would choose which of the gateway's \
                      do-not-disturb policies approves",
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
