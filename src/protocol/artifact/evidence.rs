//! The parts of a review: arguments, files, environment, standard input.

use crate::crypto::encoding::{self, EncodingError};
use crate::crypto::{Sha256Digest, encoding::from_hex};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::collections::BTreeMap;
use thiserror::Error;

/// Bytes written as lower-case hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HexBytes(pub Vec<u8>);

impl Serialize for HexBytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&encoding::to_hex(&self.0))
    }
}

impl<'de> Deserialize<'de> for HexBytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        from_hex(&text).map(Self).map_err(|error: EncodingError| de::Error::custom(error))
    }
}

/// A text that stands for bytes: where they are not UTF-8, they come along.
///
/// Two different byte strings never have the same `BoundText`, so the hash of an
/// artifact binds the bytes and not their rendering.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoundText {
    /// The text, U+FFFD where bytes are not UTF-8.
    pub text: String,
    /// The bytes, when the text does not say them.
    pub bytes: Option<HexBytes>,
}

impl From<&[u8]> for BoundText {
    fn from(bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self { text: text.to_owned(), bytes: None },
            Err(_) => Self {
                text: String::from_utf8_lossy(bytes).into_owned(),
                bytes: Some(HexBytes(bytes.to_owned())),
            },
        }
    }
}

/// The arguments as text, and the bytes of those that are not UTF-8.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Arguments {
    /// Each argument, `argv[0]` first; U+FFFD where bytes are not UTF-8.
    pub texts: Vec<String>,
    /// The exact bytes of the arguments that are not UTF-8, by their index.
    pub bytes: BTreeMap<usize, HexBytes>,
}

/// `argvBytes` speaks of an argument that `argv` does not have.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("read the arguments: argvBytes names argument {index}, argv has {count}")]
pub struct StrayBytes {
    /// The index it names.
    pub index: usize,
    /// How many arguments there are.
    pub count: usize,
}

impl Arguments {
    /// Writes arguments as text.
    pub fn from_bytes<'a>(arguments: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut written = Self::default();
        for (index, argument) in arguments.into_iter().enumerate() {
            let bound = BoundText::from(argument);
            written.texts.push(bound.text);
            written.bytes.extend(bound.bytes.map(|bytes| (index, bytes)));
        }
        written
    }

    /// Returns the exact bytes of each argument.
    ///
    /// # Errors
    ///
    /// [`StrayBytes`] when there are bytes for an argument that does not exist.
    pub fn to_bytes(&self) -> Result<Vec<Vec<u8>>, StrayBytes> {
        let mut exact: Vec<Vec<u8>> =
            self.texts.iter().map(|text| text.clone().into_bytes()).collect();
        let count = exact.len();
        for (&index, bytes) in &self.bytes {
            exact.get_mut(index).ok_or(StrayBytes { index, count })?.clone_from(&bytes.0);
        }
        Ok(exact)
    }
}

/// A file that will be executed: a script, a makefile, a configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FileEvidence {
    /// Its absolute path, U+FFFD where bytes are not UTF-8.
    pub path: String,
    /// The exact bytes of the path when it is not UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path_bytes: Option<HexBytes>,
    /// The digest of its content.
    pub sha256: Sha256Digest,
    /// Its size in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// Its start, when it is text: all of it when that is as long as its size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preview: Option<String>,
}

impl FileEvidence {
    /// Names a file and its content.
    #[must_use]
    pub fn new(path: &[u8], sha256: Sha256Digest) -> Self {
        let path = BoundText::from(path);
        Self { path: path.text, path_bytes: path.bytes, sha256, size: None, preview: None }
    }

    /// Adds its size, and its start when it is text.
    #[must_use]
    pub fn with_text(self, size: u64, preview: Option<&str>) -> Self {
        Self { size: Some(size), preview: preview.map(str::to_owned), ..self }
    }
}

/// A variable that changes what runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EnvironmentEntry {
    /// Its name.
    pub name: String,
    /// Its value, or a few words in its place when it is secret.
    pub value: String,
    /// The exact bytes of the value when it is shown and not UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value_bytes: Option<HexBytes>,
    /// Set when the value, or a part of it, is not shown.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub redacted: bool,
}

impl EnvironmentEntry {
    /// Shows the value.
    #[must_use]
    pub fn shown(name: &str, value: &[u8]) -> Self {
        let value = BoundText::from(value);
        Self { name: name.to_owned(), value: value.text, value_bytes: value.bytes, redacted: false }
    }

    /// Shows a value with marks in the place of what is secret in it.
    #[must_use]
    pub fn masked(name: &str, value: String) -> Self {
        Self { name: name.to_owned(), value, value_bytes: None, redacted: true }
    }
}

/// What standard input is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InputKind {
    /// A terminal.
    Terminal,
    /// A pipe: what comes through it is not reviewed.
    Pipe,
    /// A regular file.
    File,
    /// The null device.
    Null,
    /// A socket.
    Socket,
    /// Not open.
    Closed,
    /// Anything else, for example another device.
    Other,
}

/// How the command came to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InterceptionKind {
    /// `airlock-exec -- COMMAND`.
    Prefix,
    /// A link to us that stands before the program on `PATH`.
    Shim,
    /// We were called as a shell, `airlock-sh -c TEXT`.
    Shell,
    /// A git hook.
    GitHook,
    /// A hook of the agent itself.
    AgentHook,
    /// `airlock-exec approve`: whoever asked runs it.
    Approve,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn arguments_come_back_as_the_bytes_they_were(
            arguments: Vec<Vec<u8>>,
        ) {
            let written = Arguments::from_bytes(arguments.iter().map(Vec::as_slice));
            prop_assert_eq!(written.to_bytes(), Ok(arguments));
        }
    }

    #[test]
    fn different_bytes_never_read_the_same() {
        let valid = Arguments::from_bytes([&b"\xef\xbf\xbd"[..]]);
        let invalid = Arguments::from_bytes([&b"\xff"[..]]);
        assert_eq!(valid.texts, invalid.texts);
        assert_ne!(valid, invalid);
    }

    #[test]
    fn refuses_bytes_for_no_argument() {
        let mut arguments = Arguments::from_bytes([&b"a"[..]]);
        arguments.bytes.insert(1, HexBytes(vec![0xff]));
        assert_eq!(arguments.to_bytes(), Err(StrayBytes { index: 1, count: 1 }));
    }
}
