//! What is told while a pairing comes about: in words, or as events for programs.

use super::kept::Replaced;
use crate::approver::time;
use crate::cli::link::GatewayLink;
use crate::cli::output::{say, say_json};
use crate::cli::paragraph::paragraph;
use crate::cli::qr;
use crate::client::Pairing;
use crate::process::{self, Environment};
use crate::protocol::PairingCode;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::io;

/// Who reads what is told.
#[derive(Debug, Clone, Copy)]
pub(super) enum Reader<'e> {
    /// A person, on a terminal of this environment.
    Person(&'e Environment),
    /// A program: one JSON object in each line.
    Program,
}

impl Reader<'_> {
    /// Shows the code that the approver is to be given.
    pub(super) fn code(
        self,
        code: &PairingCode,
        link: Option<&GatewayLink>,
        until: Option<Timestamp>,
    ) -> io::Result<()> {
        let link = link.cloned().map(|link| GatewayLink { code: Some(code.clone()), ..link });
        let link = link.map(|link| link.to_string());
        let Self::Person(environment) = self else {
            let told = json!({"event": "code", "code": code, "link": link, "expiresAt": until});
            return event(&told);
        };
        say(&format!("code: {code}"))?;
        if let Some(link) = &link {
            say(&format!("link: {link}"))?;
        }
        if let Some(drawn) = qr::for_terminal(link.as_deref().unwrap_or(code.as_str()), environment)
        {
            say(&drawn)?;
        }
        let how = "type it into the approver: the app, or airlock-exec approver pair CODE";
        say(&paragraph(how, 2))?;
        if let Some(at) = until {
            let until = time::until(at, process::now());
            say(&paragraph(&format!("good until {until}; waiting for the approver"), 2))?;
        }
        Ok(())
    }

    /// Says that the approver's code was taken.
    pub(super) fn claimed(self) -> io::Result<()> {
        match self {
            Self::Person(_) => say("the code is good; waiting for the approver to answer"),
            Self::Program => event(&json!({"event": "claimed"})),
        }
    }

    /// Says who is paired now, and whether the pairing before that is over.
    pub(super) fn paired(self, pairing: &Pairing, replaced: &Replaced) -> io::Result<()> {
        let (name, fingerprint) = (&pairing.agreed.name, pairing.fingerprint());
        let cipher = pairing.agreed.cipher.name();
        match self {
            Self::Person(_) => {
                let passkey = match &pairing.agreed.passkey {
                    Some(passkey) => format!(", with the passkey of {}", passkey.origin()),
                    None => String::new(),
                };
                say(&format!("paired with {name} ({fingerprint}, {cipher}){passkey}"))?;
                match replaced {
                    Replaced::Untold(error) => say(&format!(
                        "the gateway was not told that the pairing before is over ({error}): it \
                         ends with the next command, or end it in the approver"
                    )),
                    Replaced::Nothing | Replaced::Ended => Ok(()),
                }
            }
            Self::Program => event(&json!({
                "event": "paired", "name": name, "fingerprint": fingerprint.to_string(),
                "cipher": cipher, "gatewayId": pairing.agreed.gateway_id,
                "passkey": pairing.agreed.passkey, "replaced": word(replaced),
            })),
        }
    }
}

fn word(replaced: &Replaced) -> Option<&'static str> {
    match replaced {
        Replaced::Nothing => None,
        Replaced::Ended => Some("ended"),
        Replaced::Untold(_) => Some("untold"),
    }
}

fn event(event: &Value) -> io::Result<()> {
    say_json(event)
}
