//! The page as it is handed to us, and what a browser signs to be let in.

use std::fmt;

/// A file of the page.
#[derive(Debug, Clone, Copy)]
pub struct PageAsset {
    /// Its name in the address, below `/page/`; `index.html` is the page itself.
    pub name: &'static str,
    /// Its media type.
    pub media_type: &'static str,
    /// What it holds.
    pub bytes: &'static [u8],
}

/// A page to serve, and how to tell that a browser holds its key.
#[derive(Clone, Copy)]
pub struct Page {
    /// Its files.
    pub assets: &'static [PageAsset],
    /// Tells whether the signature (base64url) over the message is by that Ed25519 key
    /// (base64url). The gateway has no cryptography of its own.
    pub proves: fn(key: &str, message: &[u8], signature: &str) -> bool,
}

impl fmt::Debug for Page {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Page({} files)", self.assets.len())
    }
}

/// What a browser signs with the key it comes by: where it is and what it was given.
///
/// It begins as nothing else does that an approver signs, and the key is another than
/// the one that decides: no answer of ours can turn into a decision.
///
/// `"airlock-exec page 1" LF origin LF given`
pub(super) fn message(origin: &str, given: &str) -> Vec<u8> {
    format!("airlock-exec page 1\n{origin}\n{given}").into_bytes()
}

/// Tells whether a text is 32 bytes in base64url, in the one way of writing them.
pub(super) fn is_key(text: &str) -> bool {
    // 43 digits hold 258 bits: the last two are zero.
    let last_is_whole = text.bytes().last().is_some_and(|last| b"AEIMQUYcgkosw048".contains(&last));
    text.len() == 43 && last_is_whole && text.bytes().all(is_digit)
}

fn is_digit(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_written_in_one_way_only() {
        assert!(is_key(&"A".repeat(43)));
        assert!(is_key(&format!("{}8", "_".repeat(42))));
        for other in ["", "AAAA", &"A".repeat(44), &format!("{}B", "A".repeat(42))] {
            assert!(!is_key(other), "{other}");
        }
        assert!(!is_key(&format!("{}/A", "A".repeat(41))));
    }

    #[test]
    fn what_is_signed_names_the_place() {
        assert_eq!(
            message("http://127.0.0.1:1", "x"),
            b"airlock-exec page 1\nhttp://127.0.0.1:1\nx"
        );
    }
}
