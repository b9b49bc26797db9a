//! What time it is at a gateway, and when it wants to be asked again.

use crate::process;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::header::{DATE, RETRY_AFTER};
use reqwest::{Response, StatusCode};
use std::time::Duration;

/// Reads what time it is there. RFC 9110 6.6.1.
pub(super) fn date(response: &Response) -> Option<Timestamp> {
    http_date(response.headers().get(DATE)?.to_str().ok()?)
}

/// Reads a date as HTTP writes it: `Sun, 06 Nov 1994 08:49:37 GMT`. RFC 9110 5.6.7.
fn http_date(text: &str) -> Option<Timestamp> {
    DateTimeParser::new().parse_timestamp(text.trim()).ok()
}

/// Reads `Retry-After`: seconds, or a date, which is one of the gateway's clock when it
/// says what time it is there. RFC 9110 10.2.3.
pub(super) fn retry_after(response: &Response, date: Option<Timestamp>) -> Option<Duration> {
    if !matches!(response.status(), StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE)
    {
        return None;
    }
    let text = response.headers().get(RETRY_AFTER)?.to_str().ok()?;
    if let Ok(seconds) = text.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let left = http_date(text)?.duration_since(date.unwrap_or_else(process::now));
    Some(left.try_into().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_dates_as_http_writes_them() {
        let read = http_date("Sun, 06 Nov 1994 08:49:37 GMT").expect("a date");
        assert_eq!(read.as_second(), 784_111_777);
        assert_eq!(http_date("tomorrow"), None);
    }
}
