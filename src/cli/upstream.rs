//! The gateway this machine's commands are asked at.

use super::account::Site;
use super::link::GatewayLink;
use super::local::{self, LocalError, Role};
use crate::client::{
    AccountError, CallBudget, Enforcer, Enrolment, Introducer, PairingError, PairingStore,
};
use crate::config::{
    CipherChoice, ConfigError, Destination, GatewayUrl, Mode, Name, Paths, Places, Settings,
};
use crate::crypto::Cipher;
use crate::exit::Outcome;
use crate::process::{self, Environment, PrivateDir, PrivateError, WorkingDirectory};
use crate::review::{Journal, Reviewer, Terms};
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;

/// On loopback nobody counts.
const LOCAL_POLL: Duration = Duration::from_millis(250);
/// A gateway may allow 60 requests a minute. Protocol section 2.
const REMOTE_POLL: Duration = Duration::from_secs(2);

/// A gateway we can talk to as the enforcer, and the files that go with it.
#[derive(Debug)]
pub(super) struct Upstream {
    /// What pairings with it are known by: see [`crate::client::Agreed::gateway_id`].
    pub(super) id: String,
    /// Where it is.
    pub(super) url: String,
    /// The way there.
    pub(super) enforcer: Enforcer,
    /// Where the enforcer keeps its files.
    pub(super) directory: PrivateDir,
    /// The pairings, those with other gateways too.
    pub(super) pairings: PairingStore,
    /// How often it may be asked how far a pairing is.
    pub(super) pairing_poll: Duration,
    /// The cipher that the settings ask for.
    pub(super) cipher: Option<Cipher>,
    /// Where the approver finds the gateway, when it is one of the user's own.
    pub(super) link: Option<GatewayLink>,
    /// What an approver reads for this machine, when somebody chose it.
    label: Option<Name>,
    /// What an approver reads for the place that requests come from.
    workspace: Option<Name>,
}

/// Why there is no way to the gateway.
#[derive(Debug, Error)]
pub enum UpstreamError {
    /// Local mode does not work.
    #[error(transparent)]
    Local(#[from] LocalError),
    /// The settings cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// We cannot say who we are.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// Our files are not private.
    #[error(transparent)]
    Private(#[from] PrivateError),
    /// The stored pairings cannot be used.
    #[error(transparent)]
    Pairing(#[from] PairingError),
    /// The working directory cannot be found out.
    #[error("cannot tell the working directory: {0}")]
    Directory(std::io::Error),
}

impl UpstreamError {
    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Local(error) => error.hint(),
            Self::Config(error) => error.hint(),
            Self::Account(error) => error.hint(),
            Self::Private(error) => error.hint(),
            Self::Pairing(error) => error.hint(),
            Self::Directory(_) => "change into a directory that is there".to_owned(),
        }
    }

    /// Returns what becomes of a command.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::Local(error) if error.is_gateway_trouble() => Outcome::Gateway,
            Self::Account(error) if error.is_gateway_trouble() => Outcome::Gateway,
            Self::Pairing(PairingError::NotPaired) => Outcome::Gateway,
            _ => Outcome::Failed,
        }
    }
}

impl Upstream {
    /// Connects to the gateway that the settings name.
    pub(super) fn of(settings: &Settings, paths: &Paths) -> Result<Self, UpstreamError> {
        let mut upstream = match settings.destination() {
            Destination::Local => Self::local(paths)?,
            Destination::Gateway(gateway) => Self::remote(settings, paths, gateway)?,
        };
        upstream.cipher = match settings.cipher() {
            CipherChoice::Automatic => None,
            CipherChoice::XChaCha20Poly1305 => Some(Cipher::XChaCha20Poly1305),
            CipherChoice::Aes256Gcm => Some(Cipher::Aes256Gcm),
        };
        upstream.enforcer = upstream.enforcer.within(settings.connect_budget());
        upstream.label = settings.label().cloned();
        upstream.workspace = settings.workspace().cloned();
        Ok(upstream)
    }

    /// Connects to the gateway of the settings that hold where we are.
    pub(super) fn here(paths: &Paths, environment: &Environment) -> Result<Self, UpstreamError> {
        let directory = WorkingDirectory::capture().map_err(UpstreamError::Directory)?;
        let settings = Settings::load(&Places::of(paths, directory.path()), environment)?;
        Self::of(&settings, paths)
    }

    fn remote(
        settings: &Settings,
        paths: &Paths,
        gateway: GatewayUrl,
    ) -> Result<Self, UpstreamError> {
        let site = Site::at(settings, paths, gateway)?;
        let enforcer = Enforcer::new(site.transport()?);
        let url = site.gateway.as_str().to_owned();
        let link = GatewayLink {
            gateway: site.gateway.clone(),
            certificate: settings.certificate().cloned(),
            code: None,
        };
        let mut upstream = Self::with(url.clone(), url, enforcer, paths, REMOTE_POLL)?;
        upstream.link = Some(link).filter(|_| settings.mode() == Mode::Own);
        if let Some(calls) = settings.calls_per_minute() {
            let budget = CallBudget::new(upstream.directory.clone(), &upstream.url, calls);
            upstream.enforcer = upstream.enforcer.counted(budget);
        }
        Ok(upstream)
    }

    fn with(
        id: String,
        url: String,
        enforcer: Enforcer,
        paths: &Paths,
        pairing_poll: Duration,
    ) -> Result<Self, PrivateError> {
        let directory = PrivateDir::open(&paths.enforcer())?;
        let pairings = PairingStore::new(directory.clone());
        let (cipher, link, label, workspace) = (None, None, None, None);
        Ok(Self {
            id,
            url,
            enforcer,
            directory,
            pairings,
            pairing_poll,
            cipher,
            link,
            label,
            workspace,
        })
    }

    /// Makes a reviewer that asks the approvers who are paired there.
    ///
    /// # Errors
    ///
    /// [`PairingError::NotPaired`] when there has never been any.
    pub(super) fn reviewer(self, terms: Terms) -> Result<Reviewer, UpstreamError> {
        let enrolment = self.pairings.load()?.ok_or(PairingError::NotPaired)?;
        // It does not move.
        Ok(self.reviewer_of(enrolment, Arc::new(|| None), terms))
    }

    /// Makes a reviewer that asks those of an enrolment who are paired there.
    pub(super) fn reviewer_of(
        self,
        enrolment: Enrolment,
        reconnect: Arc<dyn Fn() -> Option<Enforcer> + Send + Sync>,
        terms: Terms,
    ) -> Reviewer {
        Reviewer {
            enforcer: self.enforcer,
            reconnect,
            pairings: enrolment.at(&self.id).cloned().collect(),
            identity: enrolment.identity,
            store: self.pairings,
            journal: Journal::new(self.directory),
            terms,
        }
    }

    /// Connects to the local gateway, starting it when none runs.
    pub(super) fn local(paths: &Paths) -> Result<Self, LocalError> {
        let (endpoint, transport) = local::connect(paths, Role::Enforcer)?;
        let enforcer = Enforcer::new(transport);
        Ok(Self::with(endpoint.gateway_id, endpoint.url, enforcer, paths, LOCAL_POLL)?)
    }

    /// Returns what the enforcer says of itself when it pairs there.
    pub(super) fn introducer(&self) -> Result<Introducer, LocalError> {
        Ok(Introducer {
            identity: self.pairings.load_or_create(process::now())?.identity,
            label: match &self.label {
                Some(label) => label.as_str().to_owned(),
                None => process::Identity::capture().host,
            },
            workspace: self.workspace.as_ref().map(|name| name.as_str().to_owned()),
            gateway_url: self.url.clone(),
            gateway_id: self.id.clone(),
        })
    }
}
