//! Which gateway a person decides at, and how we get in there.

use super::arguments::ConnectionArguments;
use super::error::ApproverCommandError;
use crate::cli::link::GatewayLink;
use crate::cli::local;
use crate::client::Transport;
use crate::config::Paths;
use crate::credential::Token;
use crate::process::read_private_file;
use std::io::Read;
use zeroize::Zeroizing;

/// The most bytes that are read for a token.
const LONGEST_TOKEN: u64 = 16 << 10;

/// A way to a gateway that can be gone again and again.
#[derive(Debug)]
pub(super) struct Connection {
    paths: Paths,
    place: Place,
}

#[derive(Debug)]
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
            return Ok(Self { paths, place: Place::Local });
        };
        let token = token(arguments)?;
        let transport = if gateway.contains('#') {
            let link: GatewayLink = gateway.parse().map_err(ApproverCommandError::Link)?;
            Transport::pinned(link.gateway.as_str(), Some(&token), link.certificate.as_ref())?
        } else {
            Transport::new(gateway, Some(&token))?
        };
        Ok(Self { paths, place: Place::Named(transport) })
    }

    /// Connects; a local gateway may have another address every time.
    pub(super) fn transport(&self) -> Result<Transport, ApproverCommandError> {
        match &self.place {
            Place::Named(transport) => Ok(transport.clone()),
            Place::Local => Ok(local::connect(&self.paths, local::Role::Approver)?.1),
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

fn token(arguments: &ConnectionArguments) -> Result<Token, ApproverCommandError> {
    let bytes = match &arguments.token_file {
        Some(path) => Zeroizing::new(read_private_file(path, LONGEST_TOKEN)?),
        None if arguments.token_stdin => {
            let mut bytes = Zeroizing::new(Vec::new());
            std::io::stdin().take(LONGEST_TOKEN).read_to_end(&mut bytes)?;
            bytes
        }
        None => return Err(ApproverCommandError::NoToken),
    };
    let text = std::str::from_utf8(&bytes).map_err(|_| ApproverCommandError::BadToken)?;
    Token::parse(text).map_err(|_| ApproverCommandError::BadToken)
}
