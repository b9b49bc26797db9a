//! The line a person sees while a decision is awaited.
//!
//! On a terminal it is redrawn every second and erased when the wait ends. Where
//! there is none it is a whole line at the start and every half minute: some
//! agents end a command that stays silent.

mod around;
mod place;

use super::noticed::Noticed;
use super::voice::{self, Event};
use crate::display::Displayable;
use crate::protocol::Stage;
use crate::review::{Inquiry, Notice, Pending, Watcher};
use crate::sys::{forget_code, let_signals_come, put_signals_off};
use around::{Parts, minutes};
use place::Place;
use std::time::Duration;

/// Between two lines where nothing can be redrawn.
const SILENCE: Duration = Duration::from_secs(30);
/// Who has not decided by then takes longer than mapping our code again; and by then
/// all connections are made.
const SETTLED: Duration = Duration::from_secs(3);
const ERASE: &str = "\r\x1b[2K";

/// Writes the waiting line to standard error, or to the terminal when standard
/// error is none.
#[derive(Debug)]
pub(super) struct WaitingLine {
    place: Place,
    /// Where the number is said when nothing else is.
    aside: Place,
    pending: Option<Words>,
    noticed: Noticed,
    last_told: Duration,
    memory: Memory,
    /// Whether it was said once where nothing may be redrawn.
    is_told: bool,
}

/// What a process that waits still holds of what brought it here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Memory {
    /// All its code.
    Whole,
    /// What it goes on with.
    Settled,
}

#[derive(Debug)]
struct Words {
    command: String,
    /// Why a person is asked, in a few words.
    why: Option<String>,
    how: String,
    /// What whoever approves elsewhere may be asked for.
    number: Option<String>,
}

impl WaitingLine {
    /// Looks for the place to write to.
    pub(super) fn new() -> Self {
        // Who wants it quiet must still be able to approve on a page that asks for the
        // number. Without a terminal a program reads all there is: docs/json.md.
        let (place, aside) = if voice::says_progress() {
            (Place::terminal().unwrap_or(Place::Lines), Place::Nowhere)
        } else if voice::is_quiet() {
            (Place::Nowhere, Place::terminal().unwrap_or(Place::Nowhere))
        } else {
            (Place::Nowhere, Place::Nowhere)
        };
        let (pending, noticed, last_told) = (None, Noticed::default(), Duration::ZERO);
        let (memory, is_told) = (Memory::Whole, false);
        Self { place, aside, pending, noticed, last_told, memory, is_told }
    }
}

impl Watcher for WaitingLine {
    fn submitted(&mut self, pending: &Pending) {
        // Of several approvers that are asked, the first stands for all.
        if self.pending.is_some() {
            return;
        }
        voice::tell(&Event::Waiting {
            command: &pending.command,
            short_id: &pending.short_id,
            why: pending.why.as_ref().map(|why| &*why.whole),
            limit_secs: pending.limit.as_secs(),
            number: pending.number.map(|number| number.to_string()),
        });
        let words = Words {
            command: Displayable::from(pending.command.as_str()).to_string(),
            why: pending.why.as_ref().map(|why| format!(" ({})", Displayable::from(&*why.brief))),
            how: format!("airlock-exec approver approve {}", pending.short_id),
            number: pending.number.map(|number| format!("number {number}")),
        };
        let number = words.number.as_ref().map_or_else(String::new, |number| {
            format!("airlock-exec: {number}; a page that asks for one means this\n")
        });
        self.aside.write(&number);
        if matches!(self.place, Place::Lines) {
            let until = minutes(pending.limit);
            let why = pending.why.as_ref().map_or_else(String::new, |why| {
                format!("airlock-exec: asked because {}\n", Displayable::from(&*why.whole))
            });
            self.place.write(&format!(
                "airlock-exec: waiting up to {until} for approval of: {}\n\
                 {why}{number}airlock-exec: to decide, in another terminal: {} (or: reject {})\n",
                words.command, words.how, pending.short_id
            ));
        }
        self.pending = Some(words);
    }

    fn waiting(&mut self, waited: Duration, left: Duration) {
        let Some(words) = &self.pending else { return };
        if waited >= SETTLED && self.memory == Memory::Whole {
            self.memory = Memory::Settled;
            forget_code();
        }
        if waited.saturating_sub(self.last_told) >= SILENCE {
            self.last_told = waited;
            let (waited_secs, left_secs) = (waited.as_secs(), left.as_secs());
            voice::tell(&Event::StillWaiting { waited_secs, left_secs });
            if matches!(self.place, Place::Lines) {
                let look = self.noticed.farthest().map(|look| format!("; {}", look.whole()));
                let number = words.number.as_ref().map(|number| format!("; {number}"));
                let line = format!(
                    "airlock-exec: still waiting ({}, {} left{}{}); {}\n",
                    minutes(waited),
                    minutes(left),
                    look.unwrap_or_default(),
                    number.unwrap_or_default(),
                    words.how
                );
                self.place.write(&line);
            }
        }
        if matches!(self.place, Place::Lines | Place::Nowhere) {
            return;
        }
        if self.place.is_behind() {
            if !std::mem::replace(&mut self.is_told, true) {
                let Words { command, how, .. } = words;
                self.place
                    .write(&format!("airlock-exec: waiting for approval of {command} | {how}\n"));
            }
            return;
        }
        let look = self.noticed.farthest();
        let (how, number) = (&*words.how, words.number.as_deref());
        let parts = Parts { waited, left, look: look.as_ref(), how, number };
        let columns = self.place.columns().saturating_sub(1);
        let line = around::line(parts, &words.command, words.why.as_deref(), columns);
        self.place.write(&format!("{ERASE}{line}"));
    }

    fn noticed(&mut self, notice: &Notice) {
        voice::tell(&Event::Noticed {
            approver: &notice.approver,
            stage: notice.stage.name(),
            ago_secs: notice.ago.as_secs(),
        });
        self.noticed.hear(notice);
        // Where nothing is redrawn one line is enough: somebody is reading it.
        if matches!(self.place, Place::Lines) && notice.stage == Stage::Seen {
            self.place.write(&format!("airlock-exec: {} has seen it\n", notice.approver));
        }
    }

    fn trouble(&mut self, what: &str) {
        voice::tell(&Event::Trouble { message: what });
        let text = format!("airlock-exec: {}\n", Displayable::from(what));
        let is_line = matches!(self.place, Place::Lines) || self.place.is_behind();
        let erase = if is_line { "" } else { ERASE };
        self.place.write(&format!("{erase}{text}"));
    }

    fn asked_anew(&mut self, _: &Inquiry) {
        let_signals_come();
    }

    /// What is sent to us from now on is sent to the command.
    fn approved(&mut self) {
        put_signals_off();
    }

    fn ended(&mut self) {
        self.pending = None;
        if !matches!(self.place, Place::Lines) && !self.place.is_behind() {
            self.place.write(ERASE);
        }
    }
}
