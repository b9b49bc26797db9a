//! How this process speaks while a command waits: in words, in JSON lines, or not at all.
//!
//! Chosen once, before anything is said. `docs/json.md` describes the lines; a field or
//! an event is only ever added within a version.

use super::UsageError;
use crate::display::json::write_line;
use crate::review::Authority;
use crate::sys;
use clap::Args;
use serde::Serialize;
use std::fs::File;
use std::io;
use std::sync::OnceLock;

/// The version of the lines.
const VERSION: u32 = 1;

/// Standard error, which the command keeps.
const STDERR: i32 = 2;

static VOICE: OnceLock<Voice> = OnceLock::new();

#[derive(Debug)]
struct Voice {
    progress: Progress,
    events: Events,
}

/// Whether it is said how a wait goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    /// It is.
    Told,
    /// Only why something did not run.
    Silent,
}

/// How a command line wants it said.
#[derive(Debug, Default, PartialEq, Eq, Args)]
pub(super) struct VoiceArguments {
    /// Say only why it did not run
    ///
    /// Nothing while it waits, but on a terminal the number of what is hard to undo.
    #[arg(long, short)]
    quiet: bool,
    /// Write JSON lines to stderr in place of words
    ///
    /// How the wait goes and why it did not run, as docs/json.md says.
    #[arg(long, conflicts_with = "status_fd")]
    json: bool,
    /// Write these lines to this descriptor instead
    ///
    /// It is closed for the command; words go where they went. Open it with
    /// `--status-fd 3 -- COMMAND 3> FILE`.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i32).range(2..))]
    status_fd: Option<i32>,
}

impl VoiceArguments {
    /// Has everything said so from now on.
    ///
    /// # Errors
    ///
    /// [`UsageError::NotOpen`].
    pub(super) fn set(&self) -> Result<(), UsageError> {
        let progress = if self.quiet { Progress::Silent } else { Progress::Told };
        let events = match self.status_fd {
            Some(number) => {
                Events::To(descriptor(number).map_err(|_| UsageError::NotOpen { number })?)
            }
            None if self.json => Events::InPlaceOfWords,
            None => Events::None,
        };
        // Only a test that reads two command lines comes here twice.
        let _ = VOICE.set(Voice { progress, events });
        Ok(())
    }
}

/// Where the lines go.
#[derive(Debug)]
enum Events {
    /// Nobody reads them.
    None,
    /// To standard error, and no words.
    InPlaceOfWords,
    /// To whoever holds the other end; words go where they went.
    To(File),
}

/// Whether there is still something to say in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heard {
    /// The line stands for it.
    InPlaceOfWords,
    /// There is.
    Beside,
}

/// What is told.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub(super) enum Event<'a> {
    /// What a person should know before being asked.
    Remark { message: &'a str },
    /// A person is asked.
    Waiting {
        command: &'a str,
        short_id: &'a str,
        why: Option<&'a str>,
        limit_secs: u64,
        /// What an approver elsewhere may ask for.
        #[serde(skip_serializing_if = "Option::is_none")]
        number: Option<String>,
    },
    /// Nobody has decided yet; about every half minute.
    StillWaiting { waited_secs: u64, left_secs: u64 },
    /// What an approver did with the request, as the gateway says.
    Noticed { approver: &'a str, stage: &'static str, ago_secs: u64 },
    /// Something went wrong that does not end the wait.
    Trouble { message: &'a str },
    /// It may run; what follows is the command's.
    Permitted { by: &'static str },
    /// Nothing was executed.
    Refused { status: i32, outcome: &'static str, what: String, why: Option<String>, next: String },
}

impl Event<'_> {
    /// Returns what tells that a command may run, and by what.
    pub(super) fn permitted(authority: &Authority) -> Self {
        let by = match authority {
            Authority::Rule => "rule",
            Authority::Approval { .. } => "approval",
            Authority::Standing(_) => "standing",
            Authority::Grant(_) => "grant",
            Authority::Nested(_) => "nested",
        };
        Self::Permitted { by }
    }
}

#[derive(Serialize)]
struct Line<'a> {
    version: u32,
    #[serde(flatten)]
    event: &'a Event<'a>,
}

/// Takes the descriptor to write the lines to.
fn descriptor(number: i32) -> io::Result<File> {
    let taken = if number == STDERR { sys::duplicate(number) } else { sys::take(number) };
    Ok(File::from(taken?))
}

/// Tells whether it is said in words how a wait goes.
pub(super) fn says_progress() -> bool {
    VOICE.get().is_none_or(|voice| {
        voice.progress == Progress::Told && !matches!(voice.events, Events::InPlaceOfWords)
    })
}

/// Tells whether words are left out because somebody wants it quiet.
pub(super) fn is_quiet() -> bool {
    VOICE.get().is_some_and(|voice| {
        voice.progress == Progress::Silent && !matches!(voice.events, Events::InPlaceOfWords)
    })
}

/// Writes the line of an event, where somebody reads them.
pub(super) fn tell(event: &Event<'_>) -> Heard {
    let Some(voice) = VOICE.get() else { return Heard::Beside };
    let line = Line { version: VERSION, event };
    // A reader that went away takes the line with it; the status still tells.
    match &voice.events {
        Events::None => Heard::Beside,
        Events::To(file) => {
            let _ = written(file, &line);
            Heard::Beside
        }
        Events::InPlaceOfWords => {
            let is_end = matches!(event, Event::Refused { .. });
            if is_end || voice.progress == Progress::Told {
                let _ = written(io::stderr().lock(), &line);
            }
            Heard::InPlaceOfWords
        }
    }
}

/// Writes a line at once: half a line helps nobody.
fn written(mut writer: impl io::Write, line: &Line<'_>) -> io::Result<()> {
    let mut text = Vec::new();
    write_line(&mut text, line)?;
    writer.write_all(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_line_with_its_version() {
        let waiting = |number| Event::Waiting {
            command: "a\u{1b}b",
            short_id: "7Q2K",
            why: None,
            limit_secs: 9,
            number,
        };
        let line_of = |event| {
            let mut text = Vec::new();
            written(&mut text, &Line { version: VERSION, event: &event }).expect("memory");
            String::from_utf8(text).expect("ASCII")
        };
        let usual = "{\"version\":1,\"event\":\"waiting\",\"command\":\"a\\u001bb\",\
                     \"shortId\":\"7Q2K\",\"why\":null,\"limitSecs\":9";
        assert_eq!(line_of(waiting(None)), format!("{usual}}}\n"));
        let numbered = line_of(waiting(Some("07".to_owned())));
        assert_eq!(numbered, format!("{usual},\"number\":\"07\"}}\n"));
    }
}
