//! What a QR code says about a gateway of one's own: where it is, which certificate it
//! shows, and the code to pair with. `https://HOST:PORT/#pair=CODE&certificate=SHA256`
//!
//! All but the address stands behind the `#`, so that a browser sends it nowhere.

use crate::config::{CertificatePin, GatewayUrl};
use crate::protocol::PairingCode;
use std::fmt;
use std::str::FromStr;

/// A gateway, and what is needed to pair there.
#[derive(Debug, Clone)]
pub(super) struct GatewayLink {
    pub(super) gateway: GatewayUrl,
    pub(super) certificate: Option<CertificatePin>,
    pub(super) code: Option<PairingCode>,
}

impl FromStr for GatewayLink {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (address, fragment) = text.split_once('#').unwrap_or((text, ""));
        let gateway = address.parse().map_err(|error: crate::config::AddressError| {
            format!("{address:?} is not a gateway address: {error}")
        })?;
        let mut link = Self { gateway, certificate: None, code: None };
        for part in fragment.split('&').filter(|part| !part.is_empty()) {
            match part.split_once('=') {
                Some(("certificate", pin)) if link.certificate.is_none() => {
                    link.certificate = Some(pin.parse().map_err(str::to_owned)?);
                }
                Some(("pair", code)) if link.code.is_none() => {
                    let code = code.parse().map_err(|_| "the code in it is none".to_owned())?;
                    link.code = Some(code);
                }
                _ => return Err("it holds something else than a code and a certificate".to_owned()),
            }
        }
        Ok(link)
    }
}

impl fmt::Display for GatewayLink {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = self.code.as_ref().map(|code| format!("pair={code}"));
        let pin = self.certificate.as_ref().map(|pin| format!("certificate={pin}"));
        let parts: Vec<String> = code.into_iter().chain(pin).collect();
        write!(formatter, "{}", self.gateway)?;
        if parts.is_empty() { Ok(()) } else { write!(formatter, "/#{}", parts.join("&")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_as_it_was_written() {
        let pin = "ab".repeat(32);
        for text in [
            "https://192.0.2.1:8750".to_owned(),
            format!("https://gateway.lan:8750/#certificate={pin}"),
            format!("https://gateway.lan:8750/#pair=AB3D-7K9Q&certificate={pin}"),
        ] {
            let link: GatewayLink = text.parse().expect("a link");
            assert_eq!(link.to_string(), text);
        }
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        for bad in [
            "http://192.0.2.1:8750",
            "https://a/#certificate=ab",
            "https://a/#token=x",
            "https://a/#pair=AB3D-7K9Q&pair=AB3D-7K9Q",
            "AB3D-7K9Q",
        ] {
            assert!(bad.parse::<GatewayLink>().is_err(), "{bad}");
        }
    }
}
