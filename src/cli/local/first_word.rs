//! What the gateway of local mode says to whoever started it.

use super::LocalError;
use serde::{Deserialize, Serialize};
use std::io::{BufRead, Write};

/// The one line a gateway writes to standard output, as JSON.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum FirstWord {
    /// It serves.
    Serving {
        /// Its address.
        url: String,
    },
    /// It cannot.
    GaveUp {
        /// Why.
        what: String,
        /// What the user can do.
        next: String,
    },
}

impl FirstWord {
    /// Writes the line. That nobody listens any more is no reason to stop.
    pub(super) fn say(&self) {
        let line = serde_json::to_string(self).expect("texts always serialise");
        let _ = writeln!(std::io::stdout(), "{line}");
    }

    /// Waits for the line, or for the end of an output without one: somebody else's
    /// gateway came first, or this one died.
    pub(super) fn wait(output: impl BufRead) -> Result<(), LocalError> {
        let mut line = String::new();
        let mut limited = output.take(1 << 16);
        limited.read_line(&mut line).map_err(LocalError::Start)?;
        heard(&line)
    }
}

/// Reads the line: the error is that of a gateway that gave up.
pub(in crate::cli) fn heard(line: &str) -> Result<(), LocalError> {
    match serde_json::from_str(line) {
        Ok(FirstWord::GaveUp { what, next }) => Err(LocalError::GaveUp { what, next }),
        Ok(FirstWord::Serving { .. }) | Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gateway_that_gave_up_says_why() {
        let word = FirstWord::GaveUp { what: "no disk".to_owned(), next: "buy one".to_owned() };
        let line = serde_json::to_string(&word).expect("JSON") + "\n";
        let heard = FirstWord::wait(line.as_bytes()).expect_err("it gave up");
        assert_eq!(heard.hint(), "buy one");
        assert!(heard.to_string().contains("no disk"), "{heard}");
    }

    #[test]
    fn serving_and_silence_are_no_error() {
        let serving = FirstWord::Serving { url: "http://127.0.0.1:1".to_owned() };
        let line = serde_json::to_string(&serving).expect("JSON") + "\n";
        for output in [line.as_bytes(), b""] {
            FirstWord::wait(output).expect("look whether one runs");
        }
    }
}
