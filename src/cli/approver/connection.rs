//! Which gateway a person decides at, and how we get in there.

use super::arguments::ConnectionArguments;
use super::error::ApproverCommandError;
use crate::approver::{certificate_of, remember_certificate};
use crate::cli::link::GatewayLink;
use crate::cli::local;
use crate::client::Transport;
use crate::config::{CertificatePin, GatewayUrl, Paths};
use crate::credential::Token;
use crate::crypto::Sha256Digest;
use crate::process::{read_private_file, read_secret_input};
use zeroize::Zeroizing;

/// The most bytes that are read of a token's file.
const LONGEST_TOKEN: u64 = 16 << 10;

/// A way to a gateway that can be gone again and again.
#[derive(Debug)]
pub(super) struct Connection {
    paths: Paths,
    place: Place,
    /// The gateway and its certificate, where a link named both.
    told: Option<GatewayLink>,
}

#[derive(Debug, Clone)]
enum Place {
    /// The gateway of this user on this machine; started when none answers.
    Local,
    /// A gateway somebody named.
    Named(Transport),
}

impl Connection {
    /// Reads the token of a named gateway; the local one is found when asked for.
    pub(super) fn open(
        arguments: &ConnectionArguments,
        paths: Paths,
    ) -> Result<Self, ApproverCommandError> {
        let Some(gateway) = &arguments.gateway else {
            if arguments.token_file.is_some() || arguments.token_stdin {
                return Err(ApproverCommandError::NoGateway);
            }
            return Ok(Self { paths, place: Place::Local, told: None });
        };
        let token = token(arguments)?;
        let mut told = None;
        let transport = if gateway.contains('#') {
            let link: GatewayLink = gateway.parse().map_err(ApproverCommandError::Link)?;
            let pin = link.certificate.clone();
            let pin = pin.map_or_else(|| remembered(&paths, &link.gateway), |pin| Ok(Some(pin)));
            let transport = Transport::pinned(link.gateway.as_str(), Some(&token), pin?.as_ref())?;
            told = Some(link);
            transport
        } else {
            let address: Option<GatewayUrl> = gateway.parse().ok();
            let pin = address.map(|address| remembered(&paths, &address)).transpose()?.flatten();
            Transport::pinned(gateway, Some(&token), pin.as_ref())?
        };
        Ok(Self { paths, place: Place::Named(transport), told })
    }

    /// Remembers the certificate that the link named, since something was done with it:
    /// from now on the address is enough.
    pub(super) fn keep_certificate(&self) -> Result<(), ApproverCommandError> {
        let Some(GatewayLink { gateway, certificate: Some(pin), .. }) = &self.told else {
            return Ok(());
        };
        let digest = pin.as_str().parse().expect("a pin is a SHA-256 in hexadecimal digits");
        Ok(remember_certificate(&self.paths.approver(), gateway.as_str(), digest)?)
    }

    /// Connects; a local gateway may have another address every time.
    pub(super) fn transport(&self) -> Result<Transport, ApproverCommandError> {
        self.search()()
    }

    /// Returns what connects, for a thread of its own: a local gateway takes a while to
    /// start.
    pub(super) fn search(
        &self,
    ) -> impl FnOnce() -> Result<Transport, ApproverCommandError> + Send + use<> {
        let (paths, place) = (self.paths.clone(), self.place.clone());
        move || match place {
            Place::Named(transport) => Ok(transport),
            Place::Local => Ok(local::connect(&paths, local::Role::Approver)?.1),
        }
    }

    /// Tells whether this is the gateway of this user on this machine.
    pub(super) fn is_local(&self) -> bool {
        matches!(self.place, Place::Local)
    }

    pub(super) fn paths(&self) -> &Paths {
        &self.paths
    }
}

/// Returns the certificate that a link named before.
fn remembered(
    paths: &Paths,
    gateway: &GatewayUrl,
) -> Result<Option<CertificatePin>, ApproverCommandError> {
    let found = certificate_of(&paths.approver(), gateway.as_str())?;
    let pin = |digest: Sha256Digest| digest.to_string().parse();
    Ok(found.map(|digest| pin(digest).expect("64 hexadecimal digits are a pin")))
}

fn token(arguments: &ConnectionArguments) -> Result<Token, ApproverCommandError> {
    let bytes = match &arguments.token_file {
        Some(path) => Zeroizing::new(read_private_file(path, LONGEST_TOKEN)?),
        None if arguments.token_stdin => read_secret_input()?,
        None => return Err(ApproverCommandError::NoToken),
    };
    let text = std::str::from_utf8(&bytes).map_err(|_| ApproverCommandError::BadToken)?;
    Token::parse(text).map_err(|_| ApproverCommandError::BadToken)
}
