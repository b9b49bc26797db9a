//! The list of what waits, and that of what was decided.

use super::style;
use super::view::{Moment, View};
use crate::approver::card::{self, cut};
use crate::approver::{Group, Item, Weight, time};
use crate::display::Displayable;
use crate::protocol::Decision;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Color;
use ratatui::text::{Line, Span, Text};
use std::fmt::Write as _;

/// A screen of fewer rows gets one line for each group.
const TWO_LINES_FROM: u16 = 24;

/// Returns how many lines a group has on a screen of that size.
pub(super) fn lines_each(screen: Rect) -> u16 {
    if screen.height >= TWO_LINES_FROM { 2 } else { 1 }
}

/// Returns how many lines the whole list would have.
pub(super) fn rows_wanted(view: &View, lines_each: u16) -> u16 {
    u16::try_from(view.queue.groups().len()).unwrap_or(u16::MAX).saturating_mul(lines_each)
}

/// Draws what waits, as much of it as there is room for around what is looked at.
pub(super) fn draw(view: &mut View, frame: &mut Frame<'_>, area: Rect, now: Moment) {
    let lines_each = usize::from(lines_each(frame.area()));
    let columns = usize::from(area.width);
    let room = (usize::from(area.height) / lines_each).max(1);
    let at = view.queue.position().unwrap_or(0);
    let groups = view.queue.groups();
    let first = at.saturating_sub(room / 2).min(groups.len().saturating_sub(room));
    let mut text = Text::default();
    for (position, group) in groups.iter().enumerate().skip(first).take(room) {
        let Some(item) = view.queue.first_of(group) else { continue };
        text.extend(entry(view, group, item, position == at, columns, lines_each, now));
    }
    let hidden = groups.len().saturating_sub(first + room);
    if hidden > 0 && text.lines.len() < usize::from(area.height) {
        text.push_line(Line::styled(format!("  and {hidden} more below"), style::dim()));
    }
    frame.render_widget(text, area);
    view.seen.list = area;
    view.seen.list_first = first;
    view.seen.list_lines = lines_each;
}

fn entry<'a>(
    view: &View,
    group: &Group,
    item: &Item,
    is_looked_at: bool,
    columns: usize,
    lines: usize,
    now: Moment,
) -> Vec<Line<'a>> {
    let mark = if is_looked_at { "▸ " } else { "  " };
    let age = time::span(now.wall.duration_since(item.created_at).as_secs());
    let alike = match group.members.len() {
        1 => String::new(),
        count => format!(" ×{count}"),
    };
    let care = if view.queue.weight(item) == Weight::Usual { "" } else { "! " };
    let before = format!("{mark}{} ", item.short_id());
    let told = if lines == 1 { format!("{age} ") } else { String::new() };
    let used = card::columns_of(&before) + 1 + told.len() + care.len() + alike.len() + 1;
    let command = card::command_within(item, columns.saturating_sub(used).max(8));
    let strong = if is_looked_at { style::strong() } else { ratatui::style::Style::new() };
    let first = Line::from(vec![
        Span::styled(before, strong),
        Span::styled(told, style::dim()),
        Span::styled(care, style::coloured(style::strong(), Color::Yellow, view.colour)),
        Span::styled(command, strong),
        Span::styled(alike, style::strong()),
    ]);
    if lines == 1 {
        return vec![first];
    }
    let who = item.sender.as_ref().map_or("?", |sender| sender.label.as_str());
    let place = item.opened().and_then(|opened| opened.text("cwd")).unwrap_or("?");
    let facts = format!("  {age} ago  {}  {}", Displayable::from(who), Displayable::from(place));
    vec![first, Line::styled(cut(&facts, columns), style::dim())]
}

/// Draws what this approver decided, the newest first.
pub(super) fn draw_decided(view: &View, frame: &mut Frame<'_>, area: Rect, now: Moment) {
    let columns = usize::from(area.width);
    let mut text = Text::default();
    if view.decided.is_empty() {
        text.push_line(Line::styled("nothing was decided here yet", style::dim()));
    }
    let room = (usize::from(area.height) / 2).max(1);
    let first = view.decided_at.saturating_sub(room - 1);
    for (position, decided) in view.decided.iter().enumerate().skip(first).take(room) {
        let (word, tone) = match decided.decision {
            Decision::Approve => ("approved", Color::Green),
            Decision::Reject => ("rejected", Color::Red),
        };
        let age = time::span(now.wall.duration_since(decided.decided_at).as_secs());
        let command = decided.command.as_deref().unwrap_or("(could not be read)");
        let mark = if position == view.decided_at { "▸ " } else { "  " };
        let head = format!("{mark}{}  ", card::short(decided.request_id.as_str()));
        let used = card::columns_of(&head) + word.len() + 3;
        let command = Displayable::from(command).to_string();
        text.push_line(Line::from(vec![
            Span::raw(head),
            Span::styled(word, style::coloured(style::strong(), tone, view.colour)),
            Span::raw("  "),
            Span::raw(cut(&command, columns.saturating_sub(used).max(8))),
        ]));
        let mut facts = format!("          {age} ago");
        let course = view.courses.get(&decided.request_id);
        if let Some(course) = course.filter(|course| course.is_known()) {
            // Writing to a `String` cannot fail.
            let _ = write!(facts, "; {}", course.words(now.wall));
        }
        if let Some(directory) = &decided.directory {
            let _ = write!(facts, "; in {}", Displayable::from(directory.as_str()));
        }
        if let Some(reason) = &decided.reason {
            let _ = write!(facts, "; said: {}", Displayable::from(reason.as_str()));
        }
        text.push_line(Line::styled(cut(&facts, columns), style::dim()));
    }
    frame.render_widget(text, area);
}
