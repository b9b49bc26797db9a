//! Reads a recording back, up to where it is whole.

use serde::Deserialize;
use serde_json::Value;
use std::io::{self, BufRead, Read as _};
use std::time::Duration;
use thiserror::Error;

/// No line of a recording is longer.
const LONGEST_LINE: u64 = 4 << 20;

/// Why a file is no recording.
#[derive(Debug, Error)]
pub enum CastError {
    /// Its first line is none of a recording.
    #[error("read the recording: its first line is not that of an asciicast file")]
    NoHeader,
    /// It is of a version we do not know.
    #[error("read the recording: version {0} of the format is not known here")]
    Version(u64),
    /// The system refuses.
    #[error("read the recording: {0}")]
    System(#[from] io::Error),
}

impl CastError {
    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoHeader => "play another one; see them with: airlock-exec replay",
            Self::Version(_) => "use the release that made it, or a later one",
            Self::System(_) => "see whether the disk is well",
        }
    }
}

/// What a recording says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Header {
    /// The width of its terminal.
    pub columns: u16,
    /// The height of its terminal.
    pub rows: u16,
    /// When it was made, in seconds since 1970.
    pub timestamp: Option<i64>,
    /// What ran.
    pub command: Option<String>,
    /// The kind of terminal.
    pub terminal: Option<String>,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// How long after the one before.
    pub after: Duration,
    /// `o` for output; also `i`, `r`, `m` and `x`.
    pub code: String,
    /// Its text.
    pub text: String,
}

/// A recording, read as it is played.
#[derive(Debug)]
pub struct Cast<R> {
    header: Header,
    lines: R,
    /// Whether times are since the one before, and else since the start.
    relative: bool,
    last: Duration,
}

#[derive(Deserialize)]
struct Written(f64, String, String);

impl<R: BufRead> Cast<R> {
    /// Reads the header.
    ///
    /// # Errors
    ///
    /// [`CastError`].
    pub fn read(mut lines: R) -> Result<Self, CastError> {
        let first = line(&mut lines)?.ok_or(CastError::NoHeader)?;
        let header: Value = serde_json::from_slice(&first).map_err(|_| CastError::NoHeader)?;
        let version = header["version"].as_u64().ok_or(CastError::NoHeader)?;
        let (columns, rows) = match version {
            2 => (&header["width"], &header["height"]),
            3 => (&header["term"]["cols"], &header["term"]["rows"]),
            other => return Err(CastError::Version(other)),
        };
        let number = |value: &Value| value.as_u64().and_then(|n| u16::try_from(n).ok());
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let terminal = match version {
            2 => text(&header["env"]["TERM"]),
            _ => text(&header["term"]["type"]),
        };
        let header = Header {
            columns: number(columns).ok_or(CastError::NoHeader)?,
            rows: number(rows).ok_or(CastError::NoHeader)?,
            timestamp: header["timestamp"].as_i64(),
            command: text(&header["command"]),
            terminal,
        };
        Ok(Self { header, lines, relative: version == 3, last: Duration::ZERO })
    }

    /// Returns what it says about itself.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Returns what comes next, `None` at the end or where the file was torn.
    ///
    /// # Errors
    ///
    /// [`CastError::System`].
    pub fn frame(&mut self) -> Result<Option<Frame>, CastError> {
        while let Some(bytes) = line(&mut self.lines)? {
            if bytes.is_empty() || bytes.starts_with(b"#") {
                continue;
            }
            let Ok(Written(time, code, text)) = serde_json::from_slice(&bytes) else {
                return Ok(None);
            };
            let Ok(time) = Duration::try_from_secs_f64(time) else { return Ok(None) };
            let after = if self.relative { time } else { time.saturating_sub(self.last) };
            self.last = time;
            return Ok(Some(Frame { after, code, text }));
        }
        Ok(None)
    }
}

/// Reads a line without its end, `None` when there is no whole one.
fn line(lines: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    lines.take(LONGEST_LINE).read_until(b'\n', &mut bytes)?;
    if bytes.pop() != Some(b'\n') {
        return Ok(None);
    }
    Ok(Some(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(text: &str) -> Vec<(u128, String, String)> {
        let mut cast = Cast::read(text.as_bytes()).expect("a header");
        let mut found = Vec::new();
        while let Some(frame) = cast.frame().expect("memory") {
            found.push((frame.after.as_millis(), frame.code, frame.text));
        }
        found
    }

    #[test]
    fn reads_both_versions_to_the_same() {
        let three = "{\"version\":3,\"term\":{\"cols\":80,\"rows\":24}}\n# a comment\n\
            [0.5, \"o\", \"a\"]\n[0.25, \"o\", \"b\"]\n";
        let two =
            "{\"version\":2,\"width\":80,\"height\":24}\n[0.5,\"o\",\"a\"]\n[0.75,\"o\",\"b\"]\n";
        assert_eq!(frames(three), frames(two));
        assert_eq!(frames(three)[1], (250, "o".to_owned(), "b".to_owned()));
    }

    #[test]
    fn a_torn_end_is_the_end() {
        let torn = "{\"version\":3,\"term\":{\"cols\":80,\"rows\":24}}\n[0.5, \"o\", \"a\"]\n[0.2, \"o\", \"b";
        assert_eq!(frames(torn).len(), 1);
        assert!(matches!(Cast::read(&b"no"[..]), Err(CastError::NoHeader)));
        let later = &b"{\"version\":9}\n"[..];
        assert!(matches!(Cast::read(later), Err(CastError::Version(9))));
    }
}
