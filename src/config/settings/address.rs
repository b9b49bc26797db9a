//! The address of a gateway.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use thiserror::Error;
use url::Url;

/// What is wrong with an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct AddressError(pub &'static str);

/// The base address of a gateway: `https`, or `http` to this machine.
///
/// It holds no user, password, query or fragment. Two that mean the same place are
/// equal: `https://example.org` and `https://example.org/`.
#[derive(Clone, PartialEq, Eq)]
pub struct GatewayUrl(Url);

impl GatewayUrl {
    /// Returns the hosted gateway's.
    #[must_use]
    pub fn hosted() -> Self {
        Self(Url::parse("https://igw.airlocks.io").expect("a constant address"))
    }

    /// Returns the address as text, with the slash at its end when it has no path.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Returns the address as a URL.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.0
    }
}

impl FromStr for GatewayUrl {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let url = Url::parse(text).map_err(|_| AddressError("it is not a URL"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(AddressError("it holds a user name or password"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(AddressError("it holds a query or a fragment"));
        }
        match url.scheme() {
            "https" => Ok(Self(url)),
            "http" if is_loopback(&url) => Ok(Self(url)),
            "http" => Err(AddressError("plain http is for loopback only; use https")),
            _ => Err(AddressError("it must start with https")),
        }
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

impl fmt::Display for GatewayUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

impl fmt::Debug for GatewayUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "GatewayUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_https_anywhere_and_http_on_loopback_only() {
        for good in [
            "https://igw.airlocks.io",
            "http://127.0.0.1:8080",
            "http://[::1]:1",
            "http://localhost",
        ] {
            assert!(good.parse::<GatewayUrl>().is_ok(), "{good}");
        }
        for bad in [
            "http://igw.airlocks.io",
            "http://127.0.0.1.example.org",
            "ftp://127.0.0.1",
            "https://user:secret@example.org",
            "https://example.org/?x=1",
            "nonsense",
        ] {
            assert!(bad.parse::<GatewayUrl>().is_err(), "{bad}");
        }
    }
}
