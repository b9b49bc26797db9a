//! How an approved command goes on, as a person reads it: what it wrote and how it ended.
//!
//! It holds the end of what was written, bounded, as lines that command no terminal.

use super::follow::Seen;
use super::time;
use crate::display::counted;
use crate::display::{Displayable, Plain};
use crate::protocol::follow::{End, FollowUp, View};
use jiff::{SignedDuration, Timestamp};
use std::collections::VecDeque;
use std::time::Duration;

/// How many lines are kept.
const LINES: usize = 1000;
/// A line without end is cut into lines of about so many bytes.
const LONGEST_LINE: usize = 8 << 10;

/// A line of what is told about a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// The command wrote it; escaped.
    Written(String),
    /// It is ours: something is missing here.
    Remark(String),
}

/// What was told of a command so far.
#[derive(Debug, Default)]
pub struct Course {
    started: Option<(Timestamp, View)>,
    ended: Option<Ended>,
    trouble: Option<String>,
    plain: Plain,
    open: Vec<u8>,
    lines: VecDeque<Told>,
}

#[derive(Debug)]
struct Ended {
    end: End,
    after: Duration,
    stopped: bool,
}

impl Course {
    /// Takes what came next.
    pub fn take(&mut self, seen: Seen) {
        self.trouble = None;
        if seen.missing > 0 {
            self.remark(format!("({} missing here)", counted(seen.missing, "message")));
        }
        match seen.message {
            FollowUp::Started { at, view, .. } => self.started = Some((at, view)),
            FollowUp::Output { skipped, data, .. } => {
                if skipped > 0 {
                    self.remark(format!("({} left out here)", counted(skipped, "byte")));
                }
                self.write(&data.0);
            }
            FollowUp::Ended { end, duration_ms, stopped, last_output } => {
                // What was watched holds the end of it already.
                if let Some(last) = last_output.filter(|_| self.is_silent()) {
                    self.write(&last.0);
                }
                self.end_line();
                self.ended =
                    Some(Ended { end, after: Duration::from_millis(duration_ms), stopped });
            }
            FollowUp::Unknown => {}
        }
    }

    /// Notes why nothing more is told for now.
    pub fn trouble(&mut self, words: &str) {
        self.trouble = Some(Displayable::from(words).to_string());
    }

    /// Tells whether anything was told of it.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.started.is_some() || self.ended.is_some()
    }

    /// Tells whether it has ended.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.ended.is_some()
    }

    /// Tells whether it runs, as far as is known.
    #[must_use]
    pub fn runs(&self) -> bool {
        self.started.is_some() && self.ended.is_none()
    }

    /// Tells whether what it writes can be watched.
    #[must_use]
    pub fn can_be_watched(&self) -> bool {
        self.runs() && matches!(self.started, Some((_, View::Terminal)))
    }

    /// Says in a few words how far it is.
    #[must_use]
    pub fn words(&self, now: Timestamp) -> String {
        match (&self.ended, &self.started) {
            (Some(ended), _) => ended.words(),
            (None, Some((at, _))) => {
                format!("running for {}", time::span(now.duration_since(*at).as_secs()))
            }
            (None, None) => "nothing was told of it yet".to_owned(),
        }
    }

    /// Says what a person should know beside that, if anything.
    #[must_use]
    pub fn remark_on(&self) -> Option<&str> {
        let unseen = "its streams are the caller's own: nobody sees what it writes";
        let is_unseen = self.runs() && !self.can_be_watched();
        self.trouble.as_deref().or(is_unseen.then_some(unseen))
    }

    /// Returns the lines there are, the newest last; the last may go on.
    #[must_use]
    pub fn lines(&self) -> impl DoubleEndedIterator<Item = Told> {
        let open = String::from_utf8_lossy(&self.open).into_owned() + &self.plain.unfinished();
        let open = (!open.is_empty()).then_some(Told::Written(open));
        self.lines.iter().cloned().chain(open)
    }

    fn is_silent(&self) -> bool {
        self.lines().all(|line| matches!(line, Told::Remark(_)))
    }

    fn write(&mut self, bytes: &[u8]) {
        // Memory takes everything.
        let _ = self.plain.write(bytes, &mut self.open);
        self.cut();
    }

    fn end_line(&mut self) {
        let _ = self.plain.end_line(&mut self.open);
        self.cut();
    }

    fn cut(&mut self) {
        while let Some(end) = self.open.iter().position(|byte| *byte == b'\n') {
            let rest = self.open.split_off(end + 1);
            self.open.pop();
            self.close(rest);
        }
        if self.open.len() > LONGEST_LINE {
            self.close(Vec::new());
        }
    }

    fn close(&mut self, rest: Vec<u8>) {
        let line = std::mem::replace(&mut self.open, rest);
        self.push(Told::Written(String::from_utf8_lossy(&line).into_owned()));
    }

    fn remark(&mut self, words: String) {
        self.end_line();
        self.push(Told::Remark(words));
    }

    fn push(&mut self, line: Told) {
        self.lines.push_back(line);
        if self.lines.len() > LINES {
            self.lines.pop_front();
            let cut = Told::Remark("(what was before is not kept here)".to_owned());
            if let Some(first) = self.lines.front_mut() {
                *first = cut;
            }
        }
    }
}

impl Ended {
    fn words(&self) -> String {
        let end = Displayable::from(self.end.words().as_str()).to_string();
        let seconds = self.after.as_secs();
        let after = if seconds < 60 {
            format!("{:.1} s", self.after.as_secs_f64())
        } else {
            time::span(SignedDuration::try_from(self.after).map_or(0, |span| span.as_secs()))
        };
        let stopped = if self.stopped { ", stopped from here" } else { "" };
        format!("{end} after {after}{stopped}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::ciphertext::Base64;

    fn seen(missing: u64, message: FollowUp) -> Seen {
        Seen { missing, message }
    }

    fn started(view: View) -> Seen {
        let at = Timestamp::UNIX_EPOCH;
        seen(0, FollowUp::Started { at, view, columns: None, rows: None })
    }

    fn output(skipped: u64, bytes: &[u8]) -> Seen {
        seen(0, FollowUp::Output { at_ms: 1, skipped, data: Base64(bytes.to_vec()) })
    }

    fn ended(last: Option<&[u8]>) -> Seen {
        let last_output = last.map(|bytes| Base64(bytes.to_vec()));
        let end = End::Returned { status: 3 };
        seen(0, FollowUp::Ended { end, duration_ms: 1250, stopped: true, last_output })
    }

    fn texts(course: &Course) -> Vec<String> {
        let text = |line| match line {
            Told::Written(text) => text,
            Told::Remark(text) => format!("#{text}"),
        };
        course.lines().map(text).collect()
    }

    #[test]
    fn what_is_written_is_lines_that_command_nothing() {
        let mut course = Course::default();
        course.take(started(View::Terminal));
        assert!(course.can_be_watched());
        course.take(output(0, b"one\r\n\x1b[2Jtw"));
        course.take(output(7, b"password: "));
        let lines = ["one", "\\x1b[2Jtw", "#(7 bytes left out here)", "password: "];
        assert_eq!(texts(&course), lines);
        course.take(ended(Some(b"not again\n")));
        assert_eq!(texts(&course), lines);
        let now = Timestamp::UNIX_EPOCH;
        assert_eq!(course.words(now), "ended with status 3 after 1.2 s, stopped from here");
    }

    #[test]
    fn the_last_lines_are_there_where_nobody_watched() {
        let mut course = Course::default();
        course.take(started(View::None));
        assert!(course.remark_on().expect("said").contains("nobody sees"));
        course.take(seen(2, FollowUp::Unknown));
        course.take(ended(Some(b"a\nb")));
        assert_eq!(texts(&course), ["#(2 messages missing here)", "a", "b"]);
        assert!(course.has_ended() && course.remark_on().is_none());
    }

    #[test]
    fn what_is_kept_has_a_bound_and_says_so() {
        let mut course = Course::default();
        course.take(output(0, &vec![b'x'; 1 << 20]));
        course.take(output(0, "line\n".repeat(5 * LINES).as_bytes()));
        let kept = texts(&course);
        assert_eq!(kept.len(), LINES);
        assert!(kept[0].starts_with('#'), "{}", kept[0]);
        assert!(course.open.len() <= LONGEST_LINE + 4096);
    }
}
