//! Writes a recording while a command runs.

use super::handed::Streams;
use super::text::Text;
use crate::crypto::{RunningDigest, Sha256Digest};
use crate::display::counted;
use crate::onlooker::Tap;
use crate::process;
use crate::run::{Exit, RunError};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Write};
use std::time::Duration;

/// Bytes that are kept for what ends a recording.
const RESERVE: u64 = 1024;
/// What is written at once where much comes.
const MUCH: usize = 32 << 10;
/// What is written at once where little comes, as a key's echo.
const LITTLE: usize = 2 << 10;

/// The size in the header where there is no terminal: the format wants one.
const UNUSED_SIZE: (u16, u16) = (80, 24);

/// Whether what is typed is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// No.
    Left,
    /// While the terminal echoes it.
    Kept,
}

/// What became of a recording, as the audit log has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Recorded {
    /// The file, in the directory of recordings.
    pub file: String,
    /// The digest of all that was written to it.
    pub sha256: Sha256Digest,
    /// How long it is.
    pub bytes: u64,
    /// How many bytes of output are not in it: it had its largest size, or the disk did.
    #[serde(default)]
    pub left_out: u64,
}

/// A recording that is being made.
#[derive(Debug)]
pub struct Recorder {
    file: String,
    input: Input,
    state: RefCell<State>,
}

#[derive(Debug)]
struct State {
    out: File,
    /// Whole lines that are not written yet.
    lines: Vec<u8>,
    hasher: RunningDigest,
    bytes: u64,
    largest: u64,
    /// When the last event was.
    last: Duration,
    text: Text,
    typed: Text,
    left_out: u64,
    begun: Begun,
}

/// Whether the header is written, which has the terminal's size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Begun {
    No,
    Yes,
    /// There is no room for more, or it cannot be written.
    Full,
}

/// Who is recorded, for the header.
#[derive(Debug, Clone)]
pub(super) struct Title {
    pub(super) command: String,
    pub(super) terminal: Option<String>,
}

impl Recorder {
    pub(super) fn new(file: String, out: File, largest: u64, input: Input, title: &Title) -> Self {
        let state = State {
            out,
            lines: title.header(),
            hasher: RunningDigest::default(),
            bytes: 0,
            largest,
            last: process::since_boot(),
            text: Text::default(),
            typed: Text::default(),
            left_out: 0,
            begun: Begun::No,
        };
        Self { file, input, state: RefCell::new(state) }
    }

    /// Ends the recording with what is known of the streams that the command was handed,
    /// and tells what became of it; `None` when it did not start.
    #[must_use]
    pub fn finish(self, ran: &Result<Exit, RunError>, streams: Streams) -> Option<Recorded> {
        let mut state = self.state.into_inner();
        let has_terminal = state.begun != Begun::No;
        if !has_terminal {
            if ran.is_err() {
                return None;
            }
            let (columns, rows) = UNUSED_SIZE;
            state.begin(columns, rows);
        }
        // A terminal of ours in the place of streams that are none takes all of them.
        if !has_terminal || streams.has_terminal() {
            for words in streams.words(has_terminal) {
                state.event("m", &words);
            }
        }
        if state.left_out > 0 {
            let what =
                format!("not in this recording: {} of output", counted(state.left_out, "byte"));
            state.event("m", &what);
        }
        let status = match ran {
            Ok(Exit::Code(status)) => status.to_string(),
            Ok(Exit::Signal(signal)) => (128 + signal).to_string(),
            Err(_) => "127".to_owned(),
        };
        state.event("x", &status);
        state.write_out();
        Some(Recorded {
            file: self.file,
            sha256: state.hasher.finish(),
            bytes: state.bytes,
            left_out: state.left_out,
        })
    }

    /// Returns the name of its file.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }
}

impl Title {
    /// Returns the header up to the size, which is added when it is known.
    fn header(&self) -> Vec<u8> {
        let header = json!({
            "timestamp": process::now().as_second(),
            "command": self.command,
            "title": self.command,
            "term": {"type": self.terminal},
        });
        header.to_string().into_bytes()
    }
}

impl Tap for Recorder {
    fn sized(&self, columns: u16, rows: u16) {
        let mut state = self.state.borrow_mut();
        match state.begun {
            Begun::No => state.begin(columns, rows),
            Begun::Yes => {
                state.event("r", &format!("{columns}x{rows}"));
                state.write_out();
            }
            Begun::Full => {}
        }
    }

    fn wrote(&self, bytes: &[u8]) {
        let mut state = self.state.borrow_mut();
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if state.begun != Begun::Yes {
            state.left_out = state.left_out.saturating_add(length);
            return;
        }
        let text = state.text.take(bytes);
        if !state.fits(&text) {
            state.left_out = state.left_out.saturating_add(length);
            state.begun = Begun::Full;
            state.write_out();
            return;
        }
        state.event("o", &text);
        if bytes.len() < LITTLE || state.lines.len() >= MUCH {
            state.write_out();
        }
    }

    fn typed(&self, bytes: &[u8]) {
        let mut state = self.state.borrow_mut();
        if self.input == Input::Left || state.begun != Begun::Yes {
            return;
        }
        let text = state.typed.take(bytes);
        if state.fits(&text) {
            state.event("i", &text);
            state.write_out();
        }
    }
}

impl State {
    /// Completes the header with the size.
    fn begin(&mut self, columns: u16, rows: u16) {
        let title = serde_json::from_slice(&std::mem::take(&mut self.lines));
        let mut header: serde_json::Value = title.unwrap_or_default();
        header["version"] = 3.into();
        header["term"]["cols"] = columns.into();
        header["term"]["rows"] = rows.into();
        if header["term"]["type"].is_null()
            && let Some(term) = header["term"].as_object_mut()
        {
            term.remove("type");
        }
        self.lines.extend_from_slice(header.to_string().as_bytes());
        self.lines.push(b'\n');
        self.last = process::since_boot();
        self.begun = Begun::Yes;
        self.write_out();
    }

    /// Tells whether so much text has room, at its longest.
    fn fits(&self, text: &str) -> bool {
        let escapes = text.bytes().filter(|byte| *byte < b' ' || *byte == b'"' || *byte == b'\\');
        let longest = text.len() + 5 * escapes.count() + 64;
        let waiting = u64::try_from(self.lines.len() + longest).unwrap_or(u64::MAX);
        self.bytes.saturating_add(waiting) <= self.largest.saturating_sub(RESERVE)
    }

    /// Adds a line: seconds since the last event, what it is, its text.
    fn event(&mut self, code: &str, text: &str) {
        if text.is_empty() {
            return;
        }
        let now = process::since_boot();
        let since = now.saturating_sub(self.last).as_millis();
        // What is cut off here is not lost: it belongs to the next.
        self.last += Duration::from_millis(u64::try_from(since).unwrap_or(u64::MAX));
        let (seconds, millis) = (since / 1000, since % 1000);
        let written = write!(self.lines, "[{seconds}.{millis:03}, \"{code}\", ")
            .and_then(|()| Ok(serde_json::to_writer(&mut self.lines, text)?))
            .and_then(|()| self.lines.write_all(b"]\n"));
        debug_assert!(written.is_ok(), "memory takes everything");
    }

    /// Writes what waits; whole lines, so that a crash leaves a file that can be read.
    fn write_out(&mut self) {
        let lines = std::mem::take(&mut self.lines);
        if lines.is_empty() {
            return;
        }
        if let Err(error) = self.append(&lines) {
            tracing::warn!(%error, "the recording ends here");
            self.begun = Begun::Full;
        }
        // Its room is used again.
        self.lines = lines;
        self.lines.clear();
    }

    fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        let written = self.out.write_all(lines);
        if written.is_err() {
            // Half a line would make the rest unreadable.
            self.out.set_len(self.bytes)?;
            return written;
        }
        self.hasher.add(lines);
        self.bytes += u64::try_from(lines.len()).unwrap_or(0);
        Ok(())
    }
}
