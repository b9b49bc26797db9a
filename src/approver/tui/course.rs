//! The page about one approved command: what it writes, how it ended, and an end to it.

use super::key::Key;
use super::press::Effect;
use super::style;
use super::view::{Moment, Overlay, Page, View};
use crate::approver::card::{self, cut};
use crate::approver::{Course, Decided, Seen, Told};
use crate::display::Displayable;
use crate::protocol::{Decision, RequestId};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Text};
use std::time::Duration;

/// So many decided commands are asked about when the list of them is opened.
const ASKED_ABOUT: usize = 20;

impl View {
    /// Returns the command whose course is on the screen: what it writes is asked for.
    #[must_use]
    pub fn watches(&self) -> Option<&RequestId> {
        let decided = (self.page == Page::Course).then(|| self.decided.get(self.decided_at))?;
        decided.map(|decided| &decided.request_id)
    }

    /// Returns the approved commands of which the list on the screen should say what came.
    #[must_use]
    pub fn wonders_about(&self) -> Vec<RequestId> {
        if self.page != Page::Decided {
            return Vec::new();
        }
        let approved = self.decided.iter().take(ASKED_ABOUT).filter(|decided| is_approved(decided));
        let id = |decided: &Decided| decided.request_id.clone();
        approved.map(id).filter(|id| !self.courses.contains_key(id)).collect()
    }

    /// Takes what was told of a command that was approved.
    pub fn told(&mut self, request: &RequestId, seen: Seen, now: Moment) {
        let course = self.courses.entry(request.clone()).or_default();
        let had_ended = course.has_ended();
        course.take(seen);
        let words = (!had_ended && course.has_ended()).then(|| course.words(now.wall));
        let is_shown = self.watches() == Some(request) || self.page == Page::Decided;
        if let Some(words) = words.filter(|_| !is_shown) {
            self.said = Some(format!("{} {words}", card::short(request.as_str())));
        }
    }

    /// Says why nothing is told of a command for now.
    pub fn not_told(&mut self, request: &RequestId, why: &str) {
        self.courses.entry(request.clone()).or_default().trouble(why);
    }

    pub(super) fn look_at_newest(&mut self, now: Duration) {
        match self.decided.iter().position(is_approved) {
            Some(newest) => self.look_at_course(newest, now),
            None => self.said = Some("nothing was approved here yet".to_owned()),
        }
    }

    fn look_at_course(&mut self, at: usize, now: Duration) {
        self.said = None;
        self.decided_at = at;
        self.course_back = 0;
        self.page = Page::Course;
        self.arming.disturb(now);
    }

    pub(super) fn press_at_decided(&mut self, key: &Key, now: Duration) {
        let last = self.decided.len().saturating_sub(1);
        let page = 10;
        let at = self.decided_at;
        self.decided_at = match key {
            Key::Char('o') | Key::Enter => match self.decided.get(at) {
                Some(decided) if is_approved(decided) => return self.look_at_course(at, now),
                _ => {
                    self.said = Some("nothing came of it: it was not approved".to_owned());
                    at
                }
            },
            Key::Up | Key::Char('k') | Key::WheelUp => at.saturating_sub(1),
            Key::Down | Key::Char('j') | Key::WheelDown => at + 1,
            Key::PageUp | Key::Char('b') => at.saturating_sub(page),
            Key::PageDown | Key::Char(' ') => at + page,
            Key::Home | Key::Char('g') => 0,
            Key::End | Key::Char('G') => last,
            _ => at,
        }
        .min(last);
    }

    pub(super) fn press_at_course(&mut self, key: &Key, now: Duration) {
        let lines = self.course().map_or(0, |course| course.lines().count());
        let page = self.seen.card_rows.saturating_sub(1).max(1);
        let back = self.course_back;
        self.course_back = match key {
            Key::Char('x') => return self.ask_end(now),
            Key::Char('o') | Key::Escape | Key::Enter => {
                self.page = Page::Decided;
                return self.arming.disturb(now);
            }
            Key::Up | Key::Char('k') | Key::WheelUp => back + 1,
            Key::Down | Key::Char('j') | Key::WheelDown => back.saturating_sub(1),
            Key::PageUp | Key::Char('b') => back + page,
            Key::PageDown | Key::Char(' ') => back.saturating_sub(page),
            Key::Home | Key::Char('g') => lines,
            Key::End | Key::Char('G') => 0,
            _ => back,
        }
        .min(lines.saturating_sub(1));
    }

    fn ask_end(&mut self, now: Duration) {
        if self.course().is_some_and(Course::has_ended) {
            self.said = Some("it has ended already".to_owned());
        } else {
            self.open(Overlay::End, now);
        }
    }

    pub(super) fn press_at_end(&mut self, key: &Key, now: Duration) -> Effect {
        self.close(now);
        match (key, self.watches()) {
            (Key::Char('x'), Some(request)) => Effect::End(request.clone()),
            _ => Effect::None,
        }
    }

    fn course(&self) -> Option<&Course> {
        self.courses.get(self.watches()?)
    }
}

fn is_approved(decided: &Decided) -> bool {
    decided.decision == Decision::Approve
}

/// Draws how far the command is, and the end of what it wrote.
pub(super) fn draw(view: &mut View, frame: &mut Frame<'_>, area: Rect, now: Moment) {
    let Some(decided) = view.decided.get(view.decided_at) else { return };
    let columns = usize::from(area.width);
    let command = decided.command.as_deref().unwrap_or("(could not be read)");
    let id = card::short(decided.request_id.as_str());
    let head = format!("{id}  {}", Displayable::from(command));
    let course = view.courses.get(&decided.request_id);
    let words = course.map_or_else(|| "…".to_owned(), |course| course.words(now.wall));
    let mut text = Text::default();
    text.push_line(Line::styled(cut(&head, columns), style::strong()));
    text.push_line(Line::raw(cut(&words, columns)));
    let remark = course.and_then(Course::remark_on).unwrap_or_default();
    text.push_line(Line::styled(cut(remark, columns), style::dim()));
    let rows = usize::from(area.height).saturating_sub(text.lines.len());
    let lines = course.into_iter().flat_map(Course::lines).rev().skip(view.course_back);
    let mut shown: Vec<Line<'_>> = lines.take(rows).map(|told| line(told, columns)).collect();
    shown.reverse();
    text.extend(shown);
    frame.render_widget(text, area);
    view.seen.card_rows = rows;
}

fn line(told: Told, columns: usize) -> Line<'static> {
    match told {
        // What it wrote stands behind a bar, so that it cannot pass for words of ours.
        Told::Written(text) => {
            let text = text.replace('\t', "    ");
            Line::raw(format!("│ {}", cut(&text, columns.saturating_sub(2))))
        }
        Told::Remark(text) => Line::styled(cut(&text, columns), style::dim()),
    }
}

/// What is asked before a command is ended.
pub(super) fn end_box<'a>(view: &View) -> (String, Vec<Line<'a>>) {
    let id = view.watches().map_or("", |request| card::short(request.as_str()));
    let lines = vec![
        Line::raw("it is told to end (SIGTERM), and killed after 5 s or"),
        Line::raw("when it is told so once more"),
        Line::styled("x once more does so; any other key does not", style::strong()),
    ];
    (format!("end {id}?"), lines)
}
