//! Tokens that prove who calls a gateway.

use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;

/// Why some text is not a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TokenError {
    /// There is nothing but white space.
    #[error("the token is empty")]
    Empty,
    /// It cannot be sent in a header.
    #[error("the token holds characters other than visible ASCII")]
    NotVisibleAscii,
    /// It is longer than any token we know of.
    #[error("the token is longer than 8192 characters")]
    TooLong,
}

/// A bearer token: visible ASCII, at most 8192 characters, never shown.
///
/// Its prefix is never looked at: gateways changed theirs before.
#[derive(Clone)]
pub struct Token(SecretString);

impl Token {
    /// Takes the text a person or a file gave, without the white space around it.
    ///
    /// # Errors
    ///
    /// [`TokenError`] by what is wrong with it; the text itself is never in it.
    pub fn parse(text: &str) -> Result<Self, TokenError> {
        const LONGEST: usize = 8192;
        let text = text.trim();
        if text.is_empty() {
            return Err(TokenError::Empty);
        }
        if text.len() > LONGEST {
            return Err(TokenError::TooLong);
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(TokenError::NotVisibleAscii);
        }
        Ok(Self(SecretString::from(text)))
    }

    /// Returns the text, for the header it is sent in or the file it is kept in.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Token")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_visible_ascii_and_drops_the_line_end() {
        let token = Token::parse("abc-DEF_123\n").expect("a token");
        assert_eq!(token.expose(), "abc-DEF_123");
        assert_eq!(format!("{token:?}"), "Token");
    }

    #[test]
    fn refuses_what_no_header_can_carry() {
        assert_eq!(Token::parse(" \n").expect_err("empty"), TokenError::Empty);
        assert_eq!(Token::parse("a b").expect_err("blank"), TokenError::NotVisibleAscii);
        assert_eq!(Token::parse("a\u{e9}").expect_err("é"), TokenError::NotVisibleAscii);
        assert_eq!(Token::parse(&"x".repeat(9000)).expect_err("long"), TokenError::TooLong);
    }
}
