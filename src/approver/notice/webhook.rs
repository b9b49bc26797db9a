//! Calls to addresses of the user's, signed so that the receiver knows who calls.
//!
//! ```text
//! POST url
//! Content-Type: application/json
//! Airlock-Request: req-...
//! Airlock-Signature: t=UNIX_SECONDS,v1=HEX
//! HEX = HMAC-SHA256(secret, UNIX_SECONDS "." body)      RFC 2104
//! ```
//!
//! A receiver computes the same over the bytes it got, compares in constant time, and
//! refuses a time that is more than some minutes old. What it answers is not read: only
//! a status from 200 to 299 says that it arrived.

use super::NoticeError;
use super::facts::{Content, Facts};
use crate::client::{Backoff, Delivered, Delivery};
use crate::credential::Token;
use crate::crypto::{MacKey, encoding};
use crate::process;
use std::time::Duration;

/// How often it is tried.
const ATTEMPTS: usize = 4;
/// Between two attempts at most.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// An address that is called, and what proves that we call.
#[derive(Debug)]
pub struct Webhook {
    name: String,
    secret: Token,
    content: Content,
    delivery: Delivery,
}

impl Webhook {
    /// Takes an address, which is `https` or loopback.
    #[must_use]
    pub fn new(name: &str, delivery: Delivery, secret: Token, content: Content) -> Self {
        Self { name: name.to_owned(), secret, content, delivery }
    }

    /// Returns its name in the settings.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Calls it until it takes the facts, a few times at most.
    ///
    /// # Errors
    ///
    /// [`NoticeError::Webhook`].
    pub async fn call(&self, facts: &Facts) -> Result<(), NoticeError> {
        let body = facts.json(self.content);
        let mut backoff = Backoff::new();
        let mut attempt = 1;
        loop {
            let signature = signature(&self.secret, process::now().as_second(), &body);
            let headers =
                [("airlock-signature", signature), ("airlock-request", facts.request_id.clone())];
            let what = match self.delivery.post(&headers, body.clone()).await {
                Delivered::Taken => return Ok(()),
                // Another attempt would be refused as well.
                Delivered::Refused(what) => return Err(self.failed(what)),
                Delivered::Away(what) => what,
            };
            if attempt == ATTEMPTS {
                return Err(self.failed(format!("{what}; tried {ATTEMPTS} times")));
            }
            attempt += 1;
            tokio::time::sleep(backoff.next_wait(LONGEST_PAUSE)).await;
        }
    }

    fn failed(&self, what: String) -> NoticeError {
        NoticeError::Webhook { name: self.name.clone(), what }
    }
}

/// Signs a body and the time it is sent at, so that nobody sends it again later.
fn signature(secret: &Token, at: i64, body: &str) -> String {
    let key = MacKey::from_secret(secret.expose().as_bytes());
    let mac = key.authenticate(format!("{at}.{body}").as_bytes());
    format!("t={at},v1={}", encoding::to_hex(&mac))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_hmac_over_time_and_body() {
        let secret = Token::parse("whsec_test").expect("a secret");
        // printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac whsec_test
        let expected = EXPECTED;
        assert_eq!(signature(&secret, 1_700_000_000, "{\"a\":1}"), expected);
    }

    const EXPECTED: &str =
        "t=1700000000,v1=38877139021993b830af32feea6e18a8da83eb2f6e49ee50bd9e4cf4ca4d3789";
}
