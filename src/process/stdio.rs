//! The three standard streams.

use std::io::IsTerminal;

/// One of the standard streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Descriptor 0.
    Input,
    /// Descriptor 1.
    Output,
    /// Descriptor 2.
    Error,
}

/// Which of the standard streams are terminals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stdio {
    input: bool,
    output: bool,
    error: bool,
}

impl Stdio {
    /// Asks the system about each stream.
    #[must_use]
    pub fn capture() -> Self {
        Self {
            input: std::io::stdin().is_terminal(),
            output: std::io::stdout().is_terminal(),
            error: std::io::stderr().is_terminal(),
        }
    }

    /// Tells whether that stream is a terminal.
    #[must_use]
    pub fn is_terminal(self, stream: Stream) -> bool {
        match stream {
            Stream::Input => self.input,
            Stream::Output => self.output,
            Stream::Error => self.error,
        }
    }

    /// Tells whether a person can read what we say and answer it.
    #[must_use]
    pub fn has_a_person(self) -> bool {
        self.input && self.output
    }

    /// Tells whether any stream is a terminal.
    #[must_use]
    pub fn has_terminal(self) -> bool {
        self.input || self.output || self.error
    }
}
