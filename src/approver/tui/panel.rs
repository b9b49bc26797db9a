//! The card of what is looked at, and the lines below it.

use super::style;
use super::view::{LaidOut, Moment, Overlay, Page, View};
use crate::approver::card::{self, Detail, cut};
use crate::approver::{Readiness, Shown, time};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Color;
use ratatui::text::{Line, Span, Text};
use ratatui::widgets::{Paragraph, Wrap};

/// Keys and what they do, in the order of use.
const KEYS: &[(&str, &str)] = &[
    ("a", "approve"),
    ("r", "reject"),
    ("c", "change it"),
    ("Space", "read on"),
    ("f", "all of it"),
    ("↑↓", "others"),
    ("h", "decided"),
    ("o", "output"),
    ("?", "help"),
    ("q", "quit"),
];
const KEYS_OF_NOTHING: &[(&str, &str)] =
    &[("h", "decided"), ("o", "output"), ("?", "help"), ("q", "quit")];
const KEYS_OF_DECIDED: &[(&str, &str)] = &[
    ("h", "what waits"),
    ("↑↓", "others"),
    ("o", "what came of it"),
    ("?", "help"),
    ("q", "quit"),
];
const KEYS_OF_COURSE: &[(&str, &str)] =
    &[("x", "end it"), ("↑↓", "scroll"), ("o", "back"), ("h", "what waits"), ("q", "quit")];

/// Draws the card, and notes whether its end is on the screen.
pub(super) fn draw_card(view: &mut View, frame: &mut Frame<'_>, area: Rect, now: Moment) {
    let columns = usize::from(area.width);
    let rows = usize::from(area.height);
    let Some(item) = view.queue.selected() else {
        view.card = None;
        view.arming.drawn(None, false, now.steady);
        draw_nothing(view.trouble.as_deref(), frame, area);
        return;
    };
    let is_current = view.card.as_ref().is_some_and(|card| {
        card.request_id == item.request_id
            && card.artifact_hash == item.artifact_hash
            && card.detail == view.detail
            && card.columns == columns
    });
    if !is_current {
        view.card = Some(LaidOut {
            request_id: item.request_id.clone(),
            artifact_hash: item.artifact_hash,
            detail: view.detail,
            columns,
            lines: card::lay_out(item, None, view.detail, columns),
        });
    }
    let Some(card) = &view.card else { return };
    view.scroll = view.scroll.min(card.lines.len().saturating_sub(rows));
    let visible = card.lines.iter().skip(view.scroll).take(rows);
    let text: Text<'_> = visible.map(|line| style::line(line, view.colour)).collect();
    frame.render_widget(text, area);
    view.seen.card_rows = rows;
    view.seen.card_lines = card.lines.len();
    let shown = Shown {
        request_id: card.request_id.clone(),
        artifact_hash: card.artifact_hash,
        detail: card.detail,
        size: (columns, rows),
    };
    // What lies over the card hides its end.
    let end = view.scroll + rows >= card.lines.len() && view.overlay == Overlay::None;
    view.arming.drawn(Some(shown), end, now.steady);
}

/// Says that nothing waits, or why nobody knows.
fn draw_nothing(trouble: Option<&str>, frame: &mut Frame<'_>, area: Rect) {
    let lines = match trouble {
        None => vec![
            "",
            "Nothing waits for a decision.",
            "",
            "A command waits here when it is started so:",
            "    airlock-exec -- COMMAND",
        ],
        Some(trouble) => {
            vec!["", "Nobody knows what waits.", "", trouble, "", "It is tried again; q ends this."]
        }
    };
    let text = Paragraph::new(Text::from_iter(lines)).wrap(Wrap { trim: false });
    frame.render_widget(text, area);
}

/// Returns how many rows the lines below the card take.
pub(super) fn foot_rows(view: &View, columns: u16) -> u16 {
    let keys = u16::try_from(keys(view, usize::from(columns)).len()).unwrap_or(2);
    2 + keys
}

/// Draws what may be done now, what was said last, and the keys.
pub(super) fn draw_foot(view: &View, frame: &mut Frame<'_>, area: Rect, now: Moment) {
    let columns = usize::from(area.width);
    let mut text = Text::default();
    let state = match view.page {
        Page::Waiting => state(view, columns, now),
        Page::Decided | Page::Course => String::new(),
    };
    text.push_line(Line::styled(cut(&state, columns), style::strong()));
    let warned = style::coloured(style::strong(), Color::Yellow, view.colour);
    let said = match (&view.trouble, &view.said) {
        (Some(trouble), _) => Line::styled(cut(trouble, columns), warned),
        (None, _) if view.is_burst() => {
            let words = format!(
                "a burst: {} came within a minute. Take your time; S stops the session",
                view.rate
            );
            Line::styled(cut(&words, columns), warned)
        }
        (None, Some(said)) => Line::raw(cut(said, columns)),
        (None, None) => Line::default(),
    };
    text.push_line(said);
    for line in keys(view, columns) {
        text.push_line(Line::from(line));
    }
    frame.render_widget(text, area);
}

/// Says what an approval would do now, how much was read, and how long is left.
fn state(view: &View, columns: usize, now: Moment) -> String {
    let Some(item) = view.queue.selected() else { return String::new() };
    let left = item.expires_at.duration_since(now.wall).as_secs();
    let ready = match view.arming.readiness() {
        _ if view.trouble.is_some() => "nothing can be decided now",
        _ if item.opened().is_none() => "cannot be read: it can only be rejected",
        _ if item.overdue(now.wall).is_some() => {
            "over by this machine's clock, not by the gateway's: it can only be rejected"
        }
        Readiness::Nothing => "",
        Readiness::Unread => "read on first: Space",
        Readiness::Inert => "a moment",
        Readiness::Armed if view.second_step().is_some() => "a asks once more",
        Readiness::Armed => "a approves",
    };
    let lines = view.seen.card_lines;
    let to = (view.scroll + view.seen.card_rows).min(lines);
    let part = if view.detail == Detail::Full { ", nothing left out" } else { "" };
    let whole = format!("{ready} · line {to} of {lines}{part} · {} left", time::span(left));
    if card::columns_of(&whole) <= columns {
        return whole;
    }
    // How long is left is worth more than the words around it.
    let left = if left < 120 { time::span(left) } else { format!("{} min", left / 60) };
    format!("{ready} · {to}/{lines} · {left}")
}

/// Lays the keys out in lines that are not too long.
fn keys(view: &View, columns: usize) -> Vec<Vec<Span<'static>>> {
    let all = match view.page {
        Page::Waiting if view.queue.is_empty() => KEYS_OF_NOTHING,
        Page::Waiting => KEYS,
        Page::Decided => KEYS_OF_DECIDED,
        Page::Course => KEYS_OF_COURSE,
    };
    let mut lines: Vec<Vec<Span<'static>>> = vec![Vec::new()];
    let mut used = 0;
    for (key, words) in all {
        let length = card::columns_of(key) + 1 + words.len() + 2;
        if used + length > columns && used > 0 {
            lines.push(Vec::new());
            used = 0;
        }
        used += length;
        if let Some(line) = lines.last_mut() {
            line.push(Span::styled(*key, style::strong()));
            line.push(Span::styled(format!(" {words}  "), style::dim()));
        }
    }
    lines
}
