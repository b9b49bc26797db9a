//! What is shown, and what it changes by.

use super::composer::Composer;
use crate::approver::card::{self, CardLine, Colour, Detail};
use crate::approver::{
    Arming, BURST, Course, Decided, Difference, Fate, INERT, INERT_IN_A_BURST, Item, Queue, Reach,
    Readiness,
};
use crate::protocol::{ArtifactHash, RequestId};
use jiff::Timestamp;
use std::collections::HashMap;
use std::time::Duration;

/// A moment by both clocks.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// By the clock that nobody can turn back.
    pub steady: Duration,
    /// By the clock on the wall.
    pub wall: Timestamp,
}

/// What a person sees and where in it they are.
#[derive(Debug)]
pub struct View {
    pub(super) queue: Queue,
    pub(super) arming: Arming,
    pub(super) page: Page,
    pub(super) overlay: Overlay,
    pub(super) detail: Detail,
    pub(super) scroll: usize,
    /// Where everything was at the last drawing.
    pub(super) seen: Seen,
    pub(super) card: Option<LaidOut>,
    pub(super) decided: Vec<Decided>,
    /// Which of them is looked at.
    pub(super) decided_at: usize,
    /// How the approved ones go on, as far as it was told.
    pub(super) courses: HashMap<RequestId, Course>,
    /// How many lines of what a command wrote lie below the screen.
    pub(super) course_back: usize,
    /// What was said last, escaped.
    pub(super) said: Option<String>,
    /// Why nothing new can come, escaped.
    pub(super) trouble: Option<String>,
    pub(super) rate: usize,
    /// Until when keys mean nothing: what they were typed for went away.
    pub(super) deaf_until: Duration,
    pub(super) colour: Colour,
    number: fn() -> u8,
}

/// What the last drawing found out about the screen.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Seen {
    pub(super) card_rows: usize,
    pub(super) card_lines: usize,
    pub(super) list: ratatui::layout::Rect,
    /// The first group in the list, and the lines each has.
    pub(super) list_first: usize,
    pub(super) list_lines: usize,
    /// The line that the help really began with.
    pub(super) help_last: usize,
}

/// Which page is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Page {
    /// What waits.
    Waiting,
    /// What was decided.
    Decided,
    /// How the one that is looked at among them goes on.
    Course,
}

/// What lies over the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Overlay {
    None,
    /// The keys and what they do, from that line on.
    Help {
        from: usize,
    },
    /// The second step of an approval: this number is to be typed.
    Confirm {
        wanted: u8,
        typed: String,
        why: &'static str,
    },
    /// Which words go with a rejection.
    Reasons(Whom),
    /// Words of one's own.
    Writing {
        whom: Whom,
        kind: Words,
        composer: Composer,
    },
    /// Whether to ask nothing for a while, and how much of it.
    Stop {
        narrowest: Reach,
    },
    /// Whether to have the command end whose course is shown.
    End,
}

/// Who is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whom {
    /// The request that is looked at.
    This,
    /// All that ask for the same.
    Alike,
}

/// What the words are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Words {
    /// Why not.
    Reason,
    /// What to do in its place.
    Change,
}

/// A card as it was laid out for a width.
#[derive(Debug)]
pub(super) struct LaidOut {
    pub(super) request_id: RequestId,
    pub(super) artifact_hash: ArtifactHash,
    pub(super) detail: Detail,
    pub(super) columns: usize,
    pub(super) lines: Vec<CardLine>,
}

impl View {
    /// Makes an empty view; `number` draws numbers from 0 to 89 that nobody can foresee.
    #[must_use]
    pub fn new(colour: Colour, number: fn() -> u8) -> Self {
        let mut arming = Arming::default();
        arming.pause_for(INERT);
        Self {
            queue: Queue::default(),
            arming,
            page: Page::Waiting,
            overlay: Overlay::None,
            detail: Detail::Summary,
            scroll: 0,
            seen: Seen::default(),
            card: None,
            decided: Vec::new(),
            decided_at: 0,
            courses: HashMap::new(),
            course_back: 0,
            said: None,
            trouble: None,
            rate: 0,
            deaf_until: Duration::ZERO,
            colour,
            number,
        }
    }

    /// Takes what waits now.
    pub fn waits(&mut self, items: Vec<Item>, now: Moment) -> Difference {
        let age = |item: &Item| {
            let age = now.wall.duration_since(item.created_at);
            Duration::try_from(age).unwrap_or(Duration::ZERO)
        };
        let before = self.selected_id();
        let changed = self.queue.replace(items, now.steady, age);
        self.trouble = None;
        if !changed.is_none() {
            self.arming.disturb(now.steady);
        }
        if self.selected_id() != before {
            if self.overlay != Overlay::None {
                // Words for one request must not be keys for another.
                self.deaf_until = now.steady + INERT;
                self.said = Some("what you answered waits no more".to_owned());
            }
            self.turn(now.steady);
        }
        self.look_at_rate(now.steady);
        changed
    }

    /// Says what became of a request that somebody else ended.
    pub fn gone(&mut self, request: &RequestId, fate: Fate) {
        let id = card::short(request.as_str());
        let words = match fate {
            Fate::Waits => return,
            Fate::Approved | Fate::Rejected => format!("{id} was {} elsewhere", fate.word()),
            Fate::Expired => format!("{id} expired: nobody decided in time"),
            Fate::Withdrawn => format!("{id} was taken back by whoever asked"),
            Fate::Unknown => format!("{id} waits no more"),
        };
        self.said = Some(words);
    }

    /// Takes what this approver decided, the newest first.
    pub fn remembers(&mut self, decided: Vec<Decided>) {
        let at = self.decided.get(self.decided_at).map(|each| each.request_id.clone());
        self.decided = decided;
        let found = at.and_then(|id| self.decided.iter().position(|each| each.request_id == id));
        // Whoever looks at the newest looks at the newest.
        if self.page == Page::Course || self.decided_at > 0 {
            self.decided_at = found.unwrap_or(0);
        }
    }

    /// Says something that is escaped already.
    pub fn tell(&mut self, words: String) {
        self.said = Some(words);
    }

    /// Says that the gateway is away; nothing counts until it is back.
    pub fn trouble(&mut self, words: String, now: Moment) {
        self.trouble = Some(words);
        self.arming.disturb(now.steady);
    }

    /// Notes that the screen was taken away and is back: whatever was typed meanwhile
    /// was for somebody else.
    pub fn disturb(&mut self, now: Moment) {
        self.forget_typed();
        self.arming.disturb(now.steady);
    }

    /// Returns how long it takes until what was typed is to be dropped and
    /// [`View::arm`] to be called.
    #[must_use]
    pub fn due_in(&self, now: Moment) -> Option<Duration> {
        self.arming.due_in(now.steady)
    }

    /// Lets an approval count if it is time: what was typed before was dropped.
    pub fn arm(&mut self, now: Moment) {
        self.arming.arm(now.steady);
    }

    /// Returns a request that waits, if it is still the one with that hash.
    #[must_use]
    pub fn item(&self, request: &RequestId, hash: &ArtifactHash) -> Option<&Item> {
        let is_it = |item: &&Item| item.request_id == *request && item.artifact_hash == *hash;
        self.queue.items().find(is_it)
    }

    /// Returns the request whose card a person was shown to its end, if it is looked at.
    #[must_use]
    pub fn read(&self) -> Option<&Item> {
        let is_read = matches!(self.arming.readiness(), Readiness::Inert | Readiness::Armed);
        self.queue.selected().filter(|_| is_read)
    }

    /// Tells whether nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// Tells whether more came within a minute than a person can read.
    pub(super) fn is_burst(&self) -> bool {
        self.rate > BURST
    }

    pub(super) fn look_at_rate(&mut self, now: Duration) {
        self.rate = self.queue.rate(now);
        self.arming.pause_for(if self.is_burst() { INERT_IN_A_BURST } else { INERT });
    }

    /// Returns why an approval of what is looked at takes a second step, if it does.
    pub(super) fn second_step(&self) -> Option<&'static str> {
        let weight = self.queue.selected().map(|item| self.queue.weight(item))?;
        let burst = "so many requests came within a minute that none can have been read well";
        weight.reason().or(self.is_burst().then_some(burst))
    }

    /// Begins with another card, from its top and without anything over it.
    pub(super) fn turn(&mut self, now: Duration) {
        self.scroll = 0;
        self.detail = Detail::Summary;
        self.close(now);
    }

    /// Takes away what lies over the page.
    pub(super) fn close(&mut self, now: Duration) {
        self.overlay = Overlay::None;
        self.arming.disturb(now);
    }

    pub(super) fn open(&mut self, overlay: Overlay, now: Duration) {
        self.said = None;
        self.overlay = overlay;
        self.arming.disturb(now);
    }

    pub(super) fn drawn_number(&self) -> u8 {
        10 + (self.number)() % 90
    }

    fn forget_typed(&mut self) {
        if let Overlay::Confirm { typed, .. } = &mut self.overlay {
            typed.clear();
        }
    }

    fn selected_id(&self) -> Option<(RequestId, ArtifactHash)> {
        self.queue.selected().map(|item| (item.request_id.clone(), item.artifact_hash))
    }
}
