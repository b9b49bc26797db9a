//! What is typed, on its way to the command, and what a key of it means to others.
//!
//! The terminal of a command that runs bare sends the signal of ^C to the whole group in
//! front: to the script, the build or the program, too, that waits for the command. The
//! command's own terminal knows the command's group only. So ours is sent that signal
//! when the command has ended of it: not before, because whoever ends at once would leave
//! the terminal to a shell while we still hold it.

use super::{Relay, Source, Transfer, typed};
use crate::run::Exit;
use crate::sys;
use nix::libc;
use nix::sys::termios::{LocalFlags, SpecialCharacterIndices, Termios};
use nix::unistd::Pid;

/// The last key that was typed, if it is one that sends a signal.
#[derive(Debug, Default)]
pub(super) struct Pressed {
    /// The group that the command started in, once it has.
    group: Option<Pid>,
    signal: Option<i32>,
    /// What it sent if it was a key at a terminal further in.
    maybe: Option<i32>,
}

impl Pressed {
    /// Another key may have been typed since.
    pub(super) fn forget(&mut self) {
        (self.signal, self.maybe) = (None, None);
    }
}

impl Relay<'_> {
    /// The command started, in this group.
    pub(in crate::run::terminal) fn started(&mut self, group: Pid) {
        self.pressed.group = Some(group);
    }

    /// Returns the signal of the key that was typed last, if the command got it, which ended
    /// like this.
    pub(in crate::run::terminal) fn pressed(&self, exit: Exit) -> Option<i32> {
        let ended_of_it = |signal: &i32| exit == Exit::Signal(*signal);
        self.pressed.signal.or(self.pressed.maybe.filter(ended_of_it))
    }

    /// Presses the key of that signal at the command's terminal, because the caller's sent it
    /// to everybody; tells whether that was done.
    pub(in crate::run::terminal) fn press(&mut self, signal: i32) -> bool {
        let meaning = match signal {
            libc::SIGINT => SpecialCharacterIndices::VINTR,
            _ => SpecialCharacterIndices::VQUIT,
        };
        let Some(inner) = self.inner.as_ref().filter(|_| self.outer.is_held_beside_others()) else {
            return false;
        };
        let key = inner.settings().ok().and_then(|settings| typed::key(&settings, meaning));
        let Some(key) = key.filter(|key| *key != 0 && self.input.has_room_for(1)) else {
            return false;
        };
        self.input.push(key);
        self.carry_input(false);
        true
    }

    pub(super) fn carry_input(&mut self, has_come: bool) {
        let Some(inner) = &self.inner else { return };
        let reads = has_come && self.is_held() && self.source == Source::Open;
        if reads && self.input.fill(self.outer.input()) == Transfer::Gone {
            if !self.outer.is_terminal() {
                // As at a terminal: the end of input is a key.
                self.source = Source::Ended;
                self.input.push(typed::end_of_input(&self.initial));
            } else if !self.outer.is_ours() {
                // Another group took the terminal; its settings are not ours either.
                self.outer.release();
                self.shared.store(0);
            }
        }
        if self.input.is_empty() {
            return;
        }
        // Asked before it is handed over, for the command may change that at once.
        // Beside others the caller's terminal has sent the signal of a key itself.
        let tells = self.outer.is_terminal() && !self.outer.has_other_writers();
        let settings = inner.settings().ok().filter(|_| tells);
        // It is raw where another one of us holds it, whatever that one's command made it.
        let is_held_anew = tells && sys::one_of_us_is_at(inner.side());
        let given = is_held_anew.then(|| self.initial.clone());
        let group = self.pressed.group;
        let is_in_front = group.is_some_and(|group| self.is_foreground(group));
        let (typed, shown, pressed) = (&mut self.typed, self.shown, &mut self.pressed);
        let is_kept = shown.keeps_what_is_typed(inner);
        self.input.drain_with(inner.master(), |bytes| {
            let signal_at = |settings: Option<Termios>| {
                let settings = settings.filter(|_| is_in_front);
                settings.and_then(|now| signal_of(&now, typed.last_byte(), bytes))
            };
            pressed.signal = signal_at(settings);
            pressed.maybe = signal_at(given);
            typed.note(bytes);
            if is_kept {
                shown.typed(bytes);
            }
        });
    }
}

/// Returns the signal that a terminal with these settings sends for the last of these
/// bytes, typed after that one.
fn signal_of(settings: &Termios, before: Option<u8>, bytes: &[u8]) -> Option<i32> {
    use libc::{SIGINT, SIGQUIT};
    let (last, rest) = bytes.split_last()?;
    let is = |key: u8, index| key != 0 && typed::key(settings, index) == Some(key);
    let quotes = settings.local_flags.contains(LocalFlags::IEXTEN | LocalFlags::ICANON);
    let before = rest.last().copied().or(before).unwrap_or_default();
    let is_quoted = quotes && is(before, SpecialCharacterIndices::VLNEXT);
    if is_quoted || !settings.local_flags.contains(LocalFlags::ISIG) {
        return None;
    }
    let keys =
        [(SpecialCharacterIndices::VINTR, SIGINT), (SpecialCharacterIndices::VQUIT, SIGQUIT)];
    keys.into_iter().find(|(index, _)| is(*last, *index)).map(|(_, signal)| signal)
}
