//! The fixed frame: gutter, label, mark, text; wrapping that shows.
//!
//! ```text
//! │ label       mark text of the payload
//! │                ↪ and where it was wrapped
//! ```
//!
//! Payload text only ever stands in the text column, which has no line breaks
//! and is wrapped before the terminal would do it. Frame, labels and marks are
//! ours. So nothing a payload says can look like a line of ours.

use super::text::{Line, Span, Tone};
use anstyle::{AnsiColor, Style};
use std::fmt::Write as _;

/// Narrower terminals get lines of this many columns.
pub const NARROWEST: usize = 40;
/// The widest label, in columns.
const LABEL_COLUMNS: usize = 10;
/// The widest mark, in columns: `12.3456`.
const WIDEST_MARK: usize = 7;

/// Whether styles are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// To a terminal, and `NO_COLOR` is not set.
    Styled,
    /// To a file, a pipe, or where `NO_COLOR` is set.
    Plain,
}

/// What a card is drawn on.
#[derive(Debug, Clone, Copy)]
pub struct Canvas {
    columns: usize,
    colour: Colour,
}

impl Canvas {
    /// Takes the width in columns; fewer than 40 count as 40.
    #[must_use]
    pub fn new(columns: usize, colour: Colour) -> Self {
        Self { columns: columns.max(NARROWEST), colour }
    }

    pub(super) fn columns(self) -> usize {
        self.columns
    }

    /// Writes a line as text, with styles where the canvas has them.
    pub(super) fn write(self, line: &CardLine) -> String {
        let mut written = String::new();
        for Span { text, tone } in &line.0 {
            if self.colour == Colour::Plain {
                written.push_str(text);
            } else {
                let style = style_of(*tone);
                // Writing to a `String` cannot fail.
                let _ = write!(written, "{style}{text}{style:#}");
            }
        }
        written
    }
}

/// A line of a card: it fits the width it was made for, and holds nothing but text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CardLine(Vec<Span>);

impl CardLine {
    /// Returns the pieces of the line, none of them empty.
    #[must_use]
    pub fn spans(&self) -> &[Span] {
        &self.0
    }

    fn add(&mut self, text: &str, tone: Tone) {
        if !text.is_empty() {
            self.0.push(Span { text: text.to_owned(), tone });
        }
    }
}

/// A row: our label and the lines of its text.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) label: &'static str,
    pub(super) lines: Vec<Line>,
}

/// Draws lines one after the other.
#[derive(Debug)]
pub(super) struct Frame {
    columns: usize,
    /// As wide as the widest mark, so that a digest fits on a line of most cards.
    mark_columns: usize,
    drawn: Vec<CardLine>,
}

impl Frame {
    /// Begins a card that will have these rows.
    pub(super) fn new(columns: usize, rows: &[Row]) -> Self {
        let marks = rows.iter().flat_map(|row| &row.lines).map(|line| columns_of(&line.mark));
        let mark_columns = marks.max().unwrap_or(0).clamp(1, WIDEST_MARK);
        Self { columns: columns.max(NARROWEST), mark_columns, drawn: Vec::new() }
    }

    fn text_columns(&self) -> usize {
        // `│ `, label, a blank, mark, a blank.
        self.columns - (2 + LABEL_COLUMNS + 1 + self.mark_columns + 1)
    }

    /// Returns the lines.
    pub(super) fn into_lines(self) -> Vec<CardLine> {
        self.drawn
    }

    /// Draws a horizontal rule with a title of ours.
    pub(super) fn rule(&mut self, corner: char, title: &str) {
        let mut text = format!("{corner}─ {title} ");
        let used = columns_of(&text);
        text.extend(std::iter::repeat_n('─', self.columns.saturating_sub(used)));
        let mut line = CardLine::default();
        line.add(&text, Tone::Frame);
        self.drawn.push(line);
    }

    /// Draws a row, wrapped.
    pub(super) fn row(&mut self, row: &Row) {
        let mut label = row.label;
        for line in &row.lines {
            let mut mark = line.mark.as_str();
            for piece in wrap(&line.spans, self.text_columns()) {
                self.line(label, mark, piece);
                (label, mark) = ("", "↪");
            }
        }
    }

    fn line(&mut self, label: &str, mark: &str, spans: Vec<Span>) {
        let mut line = CardLine::default();
        line.add("│ ", Tone::Frame);
        line.add(label, Tone::Label);
        let mark = shortened(mark);
        let padding = LABEL_COLUMNS.saturating_sub(columns_of(label));
        let blanks = padding + 1 + self.mark_columns.saturating_sub(columns_of(mark));
        line.add(&" ".repeat(blanks), Tone::Space);
        line.add(mark, Tone::Frame);
        line.add(" ", Tone::Space);
        line.0.extend(spans);
        self.drawn.push(line);
    }
}

/// Keeps the end of a mark that is wider than any should be.
fn shortened(mark: &str) -> &str {
    let start = mark.len().saturating_sub(WIDEST_MARK);
    // A long mark is digits and dots, so that any index is a boundary.
    mark.get(start..).unwrap_or(mark)
}

fn style_of(tone: Tone) -> Style {
    match tone {
        Tone::Payload | Tone::Space => Style::new(),
        Tone::Escape => Style::new().invert(),
        Tone::Frame | Tone::Remark => Style::new().dimmed(),
        Tone::Label => Style::new().bold(),
        Tone::Warning => AnsiColor::Yellow.on_default().bold(),
    }
}

/// Returns an upper limit of the columns a text takes.
///
/// Everything but ASCII and our own frame counts as two, which no terminal
/// exceeds, so a line never reaches the edge and wraps by itself.
#[must_use]
pub fn columns_of(text: &str) -> usize {
    text.chars().map(column_count).sum()
}

fn column_count(character: char) -> usize {
    match character {
        ' '..='~' | '─' | '│' | '┌' | '├' | '└' | '↪' | '·' => 1,
        _ => 2,
    }
}

/// Cuts spans into lines of at most that many columns; there is always one line.
fn wrap(spans: &[Span], columns: usize) -> Vec<Vec<Span>> {
    let mut lines = vec![Vec::new()];
    let mut used = 0;
    for span in spans {
        // A short escape is not cut in two.
        let whole = columns_of(&span.text);
        if span.tone == Tone::Escape && whole <= columns && used + whole > columns {
            lines.push(Vec::new());
            used = 0;
        }
        let mut piece = String::new();
        for character in span.text.chars() {
            let width = column_count(character);
            if used + width > columns {
                push(&mut lines, &mut piece, span.tone);
                lines.push(Vec::new());
                used = 0;
            }
            piece.push(character);
            used += width;
        }
        push(&mut lines, &mut piece, span.tone);
    }
    lines
}

fn push(lines: &mut [Vec<Span>], piece: &mut String, tone: Tone) {
    if let (Some(line), false) = (lines.last_mut(), piece.is_empty()) {
        line.push(Span { text: std::mem::take(piece), tone });
    }
}
