//! Whose the input is where others are at the same terminal.
//!
//! In a pipeline, and beside others of us, the caller's terminal stays as it is: whoever
//! reads it gets what is typed, and its keys send their signals to everybody. The command
//! starts in the background of its own terminal, and the caller's is held for it once it
//! *asks*: when it is stopped because it would read, or when lines lie unread while it
//! waits for input without reading. One of us holds the terminal at a time; the others that
//! ask wait until it ends.

use super::{Order, Ready, Standing, Supervisor};
use crate::run::terminal::outer::Unread;
use crate::run::terminal::relay::Input;
use crate::sys::Neighbours;
use nix::libc;
use nix::poll::PollTimeout;
use std::time::{Duration, Instant};

/// How long lines may lie unread before it is looked who might want them: whoever else
/// reads the terminal takes them sooner. At first, and in the end.
const PATIENCE: Duration = Duration::from_millis(50);
const LONGEST_PATIENCE: Duration = Duration::from_secs(1);

/// How long a command may take to notice that what it waits for was stopped.
const NOTICE: Duration = Duration::from_secs(1);

/// How often whoever waits for another one tries again.
const RETRY: Duration = Duration::from_millis(100);

/// Whether what is typed is the command's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::run::terminal) enum InputIsWanted {
    /// Whenever we are in the foreground.
    Always,
    /// Once the command has asked, because somebody else may read as well.
    WhenAsked,
    /// It has asked.
    Asked,
}

/// What is known of input that others might read.
#[derive(Debug)]
pub(in crate::run::terminal) struct Sharing {
    pub(super) input_is_wanted: InputIsWanted,
    /// What it is when nobody else of us is there.
    alone: InputIsWanted,
    /// When to look at lines that lie unread.
    look: Option<Instant>,
    patience: Duration,
    /// The command asked, and another one of us has the terminal.
    waits: bool,
    /// The command was brought forward, and was not stopped since.
    pub(super) comes_forward: bool,
    /// When what it waits for was sent on, which it may not have noticed to be stopped yet.
    roused: Option<Instant>,
}

impl Sharing {
    /// Begins with that, and with the other when nobody else of us is there.
    pub(in crate::run::terminal) fn new(
        input_is_wanted: InputIsWanted,
        alone: InputIsWanted,
    ) -> Self {
        let (look, waits, comes_forward, roused) = (None, false, false, None);
        Self { input_is_wanted, alone, look, patience: PATIENCE, waits, comes_forward, roused }
    }

    /// Tells whether the command is stopped until another one of us ends.
    pub(super) fn is_kept_waiting(&self) -> bool {
        self.waits
    }

    /// Returns how long to wait, at most so long.
    pub(super) fn sooner(&self, patience: PollTimeout) -> PollTimeout {
        let look = self.look.map(|look| look.saturating_duration_since(Instant::now()));
        let ours = look.into_iter().chain(self.waits.then_some(RETRY)).min();
        // Rounded up, so that what is waited for is there.
        let ours = ours.map(|ours| ours.as_millis().saturating_add(1));
        match ours.and_then(|ours| u16::try_from(ours).ok()).map(PollTimeout::from) {
            Some(ours) if patience.is_none() || ours < patience => ours,
            _ => patience,
        }
    }
}

impl Supervisor<'_> {
    /// Tells which input to wait for: also of a terminal that is not held, if the command may
    /// want it.
    pub(super) fn input_waited_for(&self) -> Input {
        let is_free = self.sharing.input_is_wanted == InputIsWanted::WhenAsked
            && self.sharing.look.is_none()
            && self.relay.may_hold();
        if is_free { Input::Unread } else { Input::Held }
    }

    /// Does what others at the terminal, or what lies unread there, make necessary.
    pub(super) fn share_terminal(&mut self, ready: &Ready) {
        if !ready.news.is_empty() {
            self.relay.neighbours().inspect(|others| others.take_news());
            self.look_around();
        }
        if self.sharing.waits && self.relay.may_hold() {
            self.resume();
        }
        if self.sharing.input_is_wanted != InputIsWanted::WhenAsked || self.relay.is_held() {
            self.sharing.look = None;
            return;
        }
        match self.sharing.look {
            None if !ready.input.is_empty() => {
                self.sharing.look = Some(Instant::now() + self.sharing.patience);
            }
            Some(look) if look <= Instant::now() => self.look_at_unread(),
            _ => {}
        }
    }

    /// Somebody else of us came to the terminal, or left it.
    fn look_around(&mut self) {
        let (wanted, alone) = (self.sharing.input_is_wanted, self.sharing.alone);
        if !self.relay.has_neighbours() {
            if wanted == InputIsWanted::WhenAsked && alone == InputIsWanted::Always {
                self.sharing.input_is_wanted = alone;
                self.come_forward();
            }
        } else if wanted == InputIsWanted::Always && self.relay.is_as_given() {
            self.sharing.input_is_wanted = InputIsWanted::WhenAsked;
            self.relay.give_way();
            self.order(Order::Stand(Standing::Background));
        } else if self.relay.is_held() {
            self.relay.neighbours().inspect(|others| others.keep());
        }
    }

    /// Takes lines that nobody reads, if the command waits for some.
    fn look_at_unread(&mut self) {
        let unread = self.relay.unread();
        if unread == Unread::Nothing {
            (self.sharing.look, self.sharing.patience) = (None, PATIENCE);
            return;
        }
        if unread == Unread::Lines && self.relay.may_hold() && self.relay.is_waited_for() {
            self.sharing.input_is_wanted = InputIsWanted::Asked;
            self.come_forward();
            if self.relay.is_held() {
                return;
            }
            // Another one of us was faster.
            self.sharing.input_is_wanted = InputIsWanted::WhenAsked;
        }
        self.sharing.patience = (self.sharing.patience * 2).min(LONGEST_PATIENCE);
        self.sharing.look = Some(Instant::now() + self.sharing.patience);
    }

    /// Holds the terminal for the command, which goes on as it does.
    ///
    /// It may read what was typed before it has come forward, and be stopped for that.
    fn come_forward(&mut self) {
        self.hold();
        if self.relay.is_held() {
            self.sharing.comes_forward = true;
            if self.relay.is_read_in_vain() {
                self.sharing.roused = Some(Instant::now());
                self.order(Order::Resume(Standing::Foreground));
            } else {
                self.order(Order::Stand(Standing::Foreground));
            }
        }
    }

    /// Tells whether the command was stopped for want of the terminal: because it would have
    /// used it, or because what it waits for was stopped for that, as `su` does.
    pub(super) fn is_about_the_terminal(&mut self, signal: i32) -> bool {
        let roused = self.sharing.roused.take();
        match signal {
            libc::SIGTTIN | libc::SIGTTOU => true,
            // It may notice only now what we were faster to see.
            libc::SIGSTOP if roused.is_some_and(|roused| roused.elapsed() < NOTICE) => true,
            libc::SIGSTOP => {
                self.sharing.input_is_wanted == InputIsWanted::WhenAsked
                    && !self.relay.is_held()
                    && self.relay.is_read_in_vain()
            }
            _ => false,
        }
    }

    /// Holds the terminal if the command is to have it.
    pub(super) fn hold(&mut self) {
        if self.sharing.input_is_wanted != InputIsWanted::WhenAsked && self.relay.may_hold() {
            self.relay.hold();
        }
        if self.sharing.input_is_wanted == InputIsWanted::Asked && self.relay.is_held() {
            self.relay.neighbours().inspect(|others| others.keep());
        }
    }

    /// Tells whether the command asked for what another one of us has.
    pub(super) fn must_wait_for_another(&mut self) -> bool {
        self.sharing.waits = self.sharing.input_is_wanted == InputIsWanted::Asked
            && self.relay.may_hold()
            && !self.relay.is_held()
            && self.relay.neighbours().is_some_and(Neighbours::read_it);
        self.sharing.waits
    }
}
