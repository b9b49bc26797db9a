//! What keys mean.

use super::composer::Composer;
use super::key::Key;
use super::view::{Moment, Overlay, Page, View, Whom, Words};
use crate::approver::card::Detail;
use crate::approver::{INERT, Item, Reach, Readiness, reasons};
use crate::protocol::{ArtifactHash, RequestId};
use std::time::Duration;

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Nothing but drawing.
    None,
    /// Approve this.
    Approve(Chosen),
    /// Reject these, with those words.
    Reject(Vec<Chosen>, Option<String>),
    /// Reject these, and let who asks for the first ask no more for a while.
    Stop(Vec<Chosen>, Reach),
    /// Have a command end that was approved and runs.
    End(RequestId),
    /// Draw everything anew.
    Repaint,
    /// Take the mouse, or give it back.
    Mouse,
    /// Stop this process until it is continued.
    Suspend,
    /// End.
    Quit,
}

/// A request and the hash that was shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// The request.
    pub request_id: RequestId,
    /// The hash.
    pub artifact_hash: ArtifactHash,
}

impl From<&Item> for Chosen {
    fn from(item: &Item) -> Self {
        Self { request_id: item.request_id.clone(), artifact_hash: item.artifact_hash }
    }
}

impl View {
    /// Takes a key and says what is to be done.
    pub fn press(&mut self, key: &Key, now: Moment) -> Effect {
        let now = now.steady;
        match key {
            Key::Control('c') => return Effect::Quit,
            Key::Control('z') => return Effect::Suspend,
            Key::Control('l') => return Effect::Repaint,
            Key::Focus => {
                self.arming.disturb(now);
                return Effect::None;
            }
            _ if now < self.deaf_until => {
                self.deaf_until = now + INERT;
                return Effect::None;
            }
            _ => {}
        }
        match std::mem::replace(&mut self.overlay, Overlay::None) {
            Overlay::None => self.press_on_page(key, now),
            Overlay::Help { .. } => {
                let at = self.seen.help_last;
                match key {
                    Key::Down | Key::Char('j' | ' ') | Key::PageDown | Key::WheelDown => {
                        self.overlay = Overlay::Help { from: at + 3 };
                    }
                    Key::Up | Key::Char('k' | 'b') | Key::PageUp | Key::WheelUp => {
                        self.overlay = Overlay::Help { from: at.saturating_sub(3) };
                    }
                    _ => self.close(now),
                }
                Effect::None
            }
            Overlay::Confirm { wanted, typed, why } => {
                self.overlay = Overlay::Confirm { wanted, typed, why };
                self.press_at_confirmation(key, now)
            }
            Overlay::Reasons(whom) => self.press_at_reasons(key, whom, now),
            Overlay::Writing { whom, kind, composer } => {
                self.press_at_words(key, whom, kind, composer, now)
            }
            Overlay::Stop { narrowest } => self.press_at_stop(key, narrowest, now),
            Overlay::End => self.press_at_end(key, now),
        }
    }

    fn press_on_page(&mut self, key: &Key, now: Duration) -> Effect {
        match key {
            Key::Char('q') => return Effect::Quit,
            Key::Char('?') => self.open(Overlay::Help { from: 0 }, now),
            Key::Char('m') => return Effect::Mouse,
            Key::Char('h') | Key::Tab => {
                self.page = match self.page {
                    Page::Waiting => Page::Decided,
                    Page::Decided | Page::Course => Page::Waiting,
                };
                self.decided_at = 0;
                self.arming.disturb(now);
            }
            _ if self.page == Page::Decided => self.press_at_decided(key, now),
            _ if self.page == Page::Course => self.press_at_course(key, now),
            Key::Char('o') => self.look_at_newest(now),
            _ => return self.press_at_card(key, now),
        }
        Effect::None
    }

    fn press_at_card(&mut self, key: &Key, now: Duration) -> Effect {
        let page = self.seen.card_rows.saturating_sub(1).max(1);
        let last = self.seen.card_lines.saturating_sub(self.seen.card_rows);
        match key {
            Key::Up | Key::Char('k') => self.look_at(|queue| queue.step(-1), now),
            Key::Down | Key::Char('j') => self.look_at(|queue| queue.step(1), now),
            Key::Click(column, row) => self.click(*column, *row, now),
            Key::PageDown | Key::Char(' ') => self.scroll = (self.scroll + page).min(last),
            Key::PageUp | Key::Char('b') => self.scroll = self.scroll.saturating_sub(page),
            Key::Right | Key::WheelDown => self.scroll = (self.scroll + 3).min(last),
            Key::Left | Key::WheelUp => self.scroll = self.scroll.saturating_sub(3),
            Key::Home | Key::Char('g') => self.scroll = 0,
            Key::End | Key::Char('G') => self.scroll = last,
            Key::Char('f') => {
                self.detail = match self.detail {
                    Detail::Summary => Detail::Full,
                    Detail::Full => Detail::Summary,
                };
                self.scroll = 0;
                self.arming.disturb(now);
            }
            Key::Char('a') => return self.press_approve(now),
            Key::Char('r') => self.ask_reason(Overlay::Reasons(Whom::This), now),
            Key::Char('R') => self.ask_reason(Overlay::Reasons(Whom::Alike), now),
            Key::Char('c') => self.ask_reason(writing(Whom::This, Words::Change), now),
            Key::Char('S') => self.ask_stop(now),
            _ => {}
        }
        Effect::None
    }

    fn look_at(&mut self, choose: impl FnOnce(&mut crate::approver::Queue), now: Duration) {
        let before = self.queue.position();
        choose(&mut self.queue);
        if self.queue.position() != before {
            self.turn(now);
        }
    }

    fn click(&mut self, column: u16, row: u16, now: Duration) {
        if self.seen.list.contains((column, row).into()) {
            let line = usize::from(row - self.seen.list.y);
            let at = self.seen.list_first + line / self.seen.list_lines.max(1);
            self.look_at(|queue| queue.select(at), now);
        }
    }

    fn press_approve(&mut self, now: Duration) -> Effect {
        let Some(item) = self.queue.selected() else { return Effect::None };
        if item.opened().is_none() {
            self.said = Some("it cannot be read, so it can only be rejected".to_owned());
            return Effect::None;
        }
        match self.arming.readiness() {
            Readiness::Nothing => {}
            Readiness::Unread => {
                self.said = Some("not approved: its end was not shown yet (Space)".to_owned());
            }
            Readiness::Inert => {
                self.said = Some("not approved: typed too soon after a change".to_owned());
                // A key that is held down must not outlast the pause.
                self.arming.disturb(now);
            }
            Readiness::Armed => match self.second_step() {
                None => return self.approval().map_or(Effect::None, Effect::Approve),
                Some(why) => {
                    let wanted = self.drawn_number();
                    self.open(Overlay::Confirm { wanted, typed: String::new(), why }, now);
                }
            },
        }
        Effect::None
    }

    /// Returns what was shown to its end, if it is still what waits.
    fn approval(&self) -> Option<Chosen> {
        let shown = self.arming.approvable()?;
        let item = self.item(&shown.request_id, &shown.artifact_hash)?;
        let is_looked_at = self.queue.selected()?.request_id == item.request_id;
        is_looked_at.then(|| Chosen::from(item))
    }

    fn press_at_confirmation(&mut self, key: &Key, now: Duration) -> Effect {
        let armed = self.arming.readiness() == Readiness::Armed;
        let Overlay::Confirm { wanted, typed, .. } = &mut self.overlay else {
            return Effect::None;
        };
        match key {
            Key::Char(digit @ '0'..='9') if armed => {
                typed.push(*digit);
                if typed.len() < 2 {
                    return Effect::None;
                }
                let is_right = *typed == wanted.to_string();
                let approval = self.approval().filter(|_| is_right);
                self.close(now);
                if !is_right {
                    self.said = Some("not approved: that was another number".to_owned());
                }
                return approval.map_or(Effect::None, Effect::Approve);
            }
            Key::Char('0'..='9') => {
                self.said = Some("typed too soon: read it, then type the number".to_owned());
                typed.clear();
                self.arming.disturb(now);
            }
            // The card can be read again behind the question.
            Key::PageDown | Key::PageUp | Key::WheelDown | Key::WheelUp => {
                return self.press_at_card(key, now);
            }
            _ => {
                self.close(now);
                self.said = Some("not approved; it still waits".to_owned());
            }
        }
        Effect::None
    }

    /// Opens what asks for words, when there is something to reject.
    fn ask_reason(&mut self, overlay: Overlay, now: Duration) {
        if self.queue.selected().is_some() {
            self.open(overlay, now);
        }
    }

    fn press_at_reasons(&mut self, key: &Key, whom: Whom, now: Duration) -> Effect {
        let number = match key {
            Key::Char(digit) => digit.to_digit(10).and_then(|digit| usize::try_from(digit).ok()),
            _ => None,
        };
        let ready = number.and_then(|number| reasons::READY.get(number.checked_sub(1)?));
        match (ready, key) {
            (Some(words), _) => return self.rejection(whom, Some((*words).to_owned()), now),
            (None, Key::Char('n')) => return self.rejection(whom, None, now),
            (None, Key::Char('w')) => self.open(writing(whom, Words::Reason), now),
            (None, Key::Char('c')) => self.open(writing(whom, Words::Change), now),
            (None, Key::Escape | Key::Char('q')) => self.close(now),
            (None, _) => self.overlay = Overlay::Reasons(whom),
        }
        Effect::None
    }

    fn press_at_words(
        &mut self,
        key: &Key,
        whom: Whom,
        kind: Words,
        mut composer: Composer,
        now: Duration,
    ) -> Effect {
        match key {
            Key::Escape => self.close(now),
            Key::Enter if !composer.text().trim().is_empty() => {
                let words = match kind {
                    Words::Reason => composer.text().trim().to_owned(),
                    Words::Change => reasons::change(composer.text()),
                };
                return self.rejection(whom, Some(words), now);
            }
            _ => {
                composer.press(key);
                self.overlay = Overlay::Writing { whom, kind, composer };
            }
        }
        Effect::None
    }

    fn ask_stop(&mut self, now: Duration) {
        let Some(item) = self.queue.selected() else { return };
        match Reach::narrowest(item) {
            Some(narrowest) => self.open(Overlay::Stop { narrowest }, now),
            None => self.said = Some("nobody knows whom to deny; r rejects it".to_owned()),
        }
    }

    fn press_at_stop(&mut self, key: &Key, narrowest: Reach, now: Duration) -> Effect {
        let reach = match key {
            Key::Char('S') => Some(narrowest),
            Key::Char('W') => Some(Reach::Workspace),
            _ => None,
        };
        let chosen = reach.map(|reach| (self.within(reach).map(Chosen::from).collect(), reach));
        self.close(now);
        chosen.map_or(Effect::None, |(chosen, reach)| Effect::Stop(chosen, reach))
    }

    /// Goes through what waits and would be denied because of what is looked at, which is
    /// the first.
    pub(super) fn within(&self, reach: Reach) -> impl Iterator<Item = &Item> {
        let first = self.queue.selected();
        let is_other =
            move |item: &&Item| first.is_none_or(|first| first.request_id != item.request_id);
        let others = self.queue.items().filter(is_other);
        first
            .into_iter()
            .chain(others)
            .filter(move |item| first.is_some_and(|first| reach.covers(first, item)))
    }

    fn rejection(&mut self, whom: Whom, words: Option<String>, now: Duration) -> Effect {
        let chosen = match whom {
            Whom::This => self.queue.selected().into_iter().map(Chosen::from).collect(),
            Whom::Alike => self.queue.alike().map(Chosen::from).collect(),
        };
        self.close(now);
        Effect::Reject(chosen, words)
    }
}

fn writing(whom: Whom, kind: Words) -> Overlay {
    Overlay::Writing { whom, kind, composer: Composer::default() }
}
