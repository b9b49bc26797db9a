//! The one certificate that a gateway may show.

use std::fmt;
use std::str::FromStr;

/// The SHA-256 of a certificate: 64 hexadecimal digits, colons between bytes allowed.
///
/// Where it is set no authority counts: the certificate is that one, and in its time.
#[derive(Clone, PartialEq, Eq)]
pub struct CertificatePin(String);

impl CertificatePin {
    /// Returns it as 64 hexadecimal digits, in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for CertificatePin {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        let bare = match text.len() {
            95 if text.bytes().skip(2).step_by(3).all(|byte| byte == b':') => text.replace(':', ""),
            _ => text.to_owned(),
        };
        if bare.len() == 64 && bare.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Ok(Self(bare.to_ascii_lowercase()));
        }
        Err("write the SHA-256 of the certificate: 64 hexadecimal digits, as the gateway prints it")
    }
}

impl fmt::Display for CertificatePin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for CertificatePin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "CertificatePin({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_read_with_and_without_colons_in_any_letter_case() {
        let bare = "ab".repeat(32);
        let colons = vec!["AB"; 32].join(":");
        for text in [bare.clone(), colons.clone(), bare.to_uppercase()] {
            assert_eq!(text.parse::<CertificatePin>().expect("a pin").as_str(), bare);
        }
        for bad in ["", "ab", &bare[1..], &colons.replacen(':', "-", 1), &"zz".repeat(32)] {
            assert!(bad.parse::<CertificatePin>().is_err(), "{bad}");
        }
    }
}
