//! One-way calls to an address of the user's that is no gateway.

use super::http::{http, innermost};
use super::tls;
use crate::config::{GatewayUrl, TlsRoots};
use reqwest::Client;
use std::time::Duration;

/// How long one call may take.
const LONGEST: Duration = Duration::from_secs(5);

/// An address that can be posted to: `https`, or loopback.
#[derive(Debug, Clone)]
pub struct Delivery {
    http: Client,
    url: GatewayUrl,
}

/// What became of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivered {
    /// A status from 200 to 299.
    Taken,
    /// It is there and does not want it.
    Refused(String),
    /// It may take it later.
    Away(String),
}

impl Delivery {
    /// Takes the address; it connects when first used. No redirects, no proxies.
    ///
    /// # Errors
    ///
    /// [`TransportError::Setup`](super::TransportError::Setup).
    pub fn new(url: GatewayUrl, roots: &TlsRoots) -> Result<Self, super::TransportError> {
        Ok(Self { http: http(roots, None)?, url })
    }

    /// Posts JSON with these headers; the answer is not read.
    pub async fn post(&self, headers: &[(&str, String)], body: String) -> Delivered {
        let request = self.http.post(self.url.url().clone()).timeout(LONGEST);
        let request = request.header("content-type", "application/json").body(body);
        let request = headers
            .iter()
            .fold(request, |request, (name, value)| request.header(*name, value.as_str()));
        match request.send().await {
            Ok(answer) => {
                let status = answer.status();
                let words = format!("it answers {}", status.as_u16());
                match status.as_u16() {
                    200..=299 => Delivered::Taken,
                    408 | 425 | 429 | 500..=599 => Delivered::Away(words),
                    _ => Delivered::Refused(words),
                }
            }
            Err(error) => match tls::Disbelieved::among(&error) {
                Some(disbelieved) => Delivered::Refused(disbelieved.why),
                None => Delivered::Away(innermost(&error)),
            },
        }
    }
}
