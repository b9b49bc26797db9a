//! What lies over the card: help, the second step, and words for the agent.

use super::style;
use super::view::{Overlay, View, Whom, Words};
use crate::approver::card::{self, cut};
use crate::approver::{QUIET, Reach, Readiness, reasons};
use crate::display::Displayable;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Color;
use ratatui::text::{Line, Span, Text};
use ratatui::widgets::{Block, Clear, Widget as _};

const HELP: &[(&str, &str)] = &[
    ("↑ ↓, j k", "another request"),
    ("Space, b", "read on, back     → ← three lines"),
    ("g, G", "beginning, end"),
    ("f", "all of it, or both ends of what is long"),
    ("a", "approve what is shown, once its end was on the screen; Enter never approves"),
    ("r", "reject: ready words, your own, or none"),
    ("R", "reject all that ask for the same"),
    ("c", "change it: reject, and say what to do"),
    ("S", "ask nothing for 15 minutes: reject, and deny, all of a session or workspace"),
    ("h, Tab", "what was decided, and what came of it"),
    ("o", "how the last approved command goes on; x there ends it"),
    ("m", "take the mouse, or give it back"),
    ("^L ^Z ^C, q", "draw anew, stop, end"),
    ("", ""),
    (
        "",
        "After every change an approval is inert for 0.8 s, and what was typed before is dropped.",
    ),
];

/// In so many columns the words of the help stand beside their keys.
const BESIDE: usize = 50;
/// Where they stand then.
const WORDS_AT: usize = 14;

/// Draws what lies over the card: at its lower end, and over what is around it where it
/// needs the room.
pub(super) fn draw(view: &mut View, frame: &mut Frame<'_>, card: Rect, screen: Rect) {
    let room = usize::from(card.width).saturating_sub(2);
    let (title, lines) = match &view.overlay {
        Overlay::None => return,
        Overlay::Help { .. } => ("keys".to_owned(), help(room)),
        Overlay::Confirm { wanted, typed, why } => confirm(view, *wanted, typed, why, card.width),
        Overlay::Reasons(whom) => choose(view, *whom),
        Overlay::Writing { whom, kind, composer } => {
            write(view, *whom, *kind, composer.text(), card.width)
        }
        Overlay::Stop { narrowest } => stop(view, *narrowest),
        Overlay::End => super::course::end_box(view),
    };
    // The line at the top says what waits.
    let most = screen.height.saturating_sub(1);
    let rows = usize::from(most).saturating_sub(2);
    let whole: Vec<Line<'_>> = lines.iter().flat_map(|line| wrapped(line, room)).collect();
    let mut lines = if whole.len() <= rows || lines.len() > rows { whole } else { lines };
    let (mut title, mut begins) = (title, 0);
    if let Overlay::Help { from } = &view.overlay {
        let from = (*from).min(lines.len().saturating_sub(rows));
        if lines.len() > rows {
            title.push_str(": ↑ ↓");
        }
        lines.drain(..from);
        begins = from;
    }
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(2).min(most);
    let bottom = card.bottom().max(screen.y + 1 + height);
    let area = Rect { y: bottom - height, height, ..card };
    frame.render_widget(Clear, area);
    let block = Block::bordered().title(format!(" {title} "));
    let inner = block.inner(area);
    frame.render_widget(block, area);
    Text::from(lines).render(inner, frame.buffer_mut());
    view.seen.help_last = begins;
}

/// Lays out the keys and their words for a width.
fn help<'a>(room: usize) -> Vec<Line<'a>> {
    let mut lines = Vec::new();
    for (keys, words) in HELP {
        if room < BESIDE {
            let text =
                if keys.is_empty() { (*words).to_owned() } else { format!("{keys}  {words}") };
            lines.push(Line::raw(text));
            continue;
        }
        let at = if keys.is_empty() { 0 } else { WORDS_AT };
        let broken = wrapped(&Line::raw(*words), room - at);
        for (number, line) in broken.iter().enumerate() {
            let keys = if number == 0 { *keys } else { "" };
            lines.push(Line::raw(format!("{keys:at$}{}", line.to_string().trim_start())));
        }
    }
    lines
}

/// Breaks a line of ours at blanks; what continues it is indented.
fn wrapped<'a>(line: &Line<'a>, room: usize) -> Vec<Line<'a>> {
    const INDENT: &str = "   ";
    if card::columns_of(&line.to_string()) <= room {
        return vec![line.clone()];
    }
    let mut made: Vec<Line<'a>> = Vec::new();
    let mut last: Vec<Span<'a>> = Vec::new();
    let mut used = 0;
    let pieces = line.spans.iter().flat_map(|span| {
        let words = span.content.split_inclusive(' ').map(str::to_owned).collect::<Vec<_>>();
        words.into_iter().map(|word| Span::styled(word, span.style))
    });
    for piece in pieces {
        let columns = card::columns_of(piece.content.trim_end());
        if used + columns > room && used > 0 {
            made.push(Line::from(std::mem::take(&mut last)).style(line.style));
            last.push(Span::raw(INDENT));
            used = INDENT.len();
        }
        used += card::columns_of(&piece.content);
        last.push(piece);
    }
    made.push(Line::from(last).style(line.style));
    made
}

fn name(view: &View) -> String {
    view.queue.selected().map_or_else(String::new, |item| item.short_id().to_owned())
}

fn confirm<'a>(
    view: &View,
    wanted: u8,
    typed: &str,
    why: &'a str,
    columns: u16,
) -> (String, Vec<Line<'a>>) {
    let room = usize::from(columns).saturating_sub(4);
    let command = view.queue.selected().map(|item| card::command_within(item, room));
    let warned = style::coloured(style::strong(), Color::Yellow, view.colour);
    let question = if view.arming.readiness() == Readiness::Armed {
        format!("type {wanted} to approve it: {typed}")
    } else {
        "a moment: read it first".to_owned()
    };
    let lines = vec![
        Line::styled(why, warned),
        Line::raw(command.unwrap_or_default()),
        Line::default(),
        Line::styled(question, style::strong()),
        Line::styled("any other key leaves it waiting", style::dim()),
    ];
    (format!("approve {}?", name(view)), lines)
}

fn whom_in_words(view: &View, whom: Whom) -> String {
    match (whom, view.queue.alike().count()) {
        (Whom::Alike, count @ 2..) => format!("all {count} like {}", name(view)),
        _ => name(view),
    }
}

fn choose<'a>(view: &View, whom: Whom) -> (String, Vec<Line<'a>>) {
    let key = |key: String, words: &'a str| {
        Line::from(vec![Span::styled(key, style::strong()), Span::raw(format!("  {words}"))])
    };
    let ready = reasons::READY.iter().zip(1..);
    let mut lines: Vec<Line<'a>> =
        ready.map(|(words, number): (&&str, u8)| key(number.to_string(), words)).collect();
    lines.push(key("w".to_owned(), "words of your own"));
    lines.push(key("c".to_owned(), "change it: say what to do in its place"));
    lines.push(key("n".to_owned(), "no words"));
    lines.push(Line::styled("Esc leaves it waiting; the agent reads the words", style::dim()));
    (format!("reject {}: why?", whom_in_words(view, whom)), lines)
}

fn write<'a>(
    view: &View,
    whom: Whom,
    kind: Words,
    text: &str,
    columns: u16,
) -> (String, Vec<Line<'a>>) {
    let room = usize::from(columns).saturating_sub(4).max(8);
    let shown = format!("{}█", Displayable::from(text));
    let mut lines: Vec<String> = vec![String::new()];
    for character in shown.chars() {
        let line = lines.last_mut().expect("there is a first");
        let mut longer = line.clone();
        longer.push(character);
        if card::columns_of(&longer) > room {
            lines.push(character.to_string());
        } else {
            *line = longer;
        }
    }
    let mut lines: Vec<Line<'a>> = lines.into_iter().map(Line::raw).collect();
    lines.push(Line::styled(
        cut("Enter rejects with these words; Esc leaves it", room),
        style::dim(),
    ));
    let title = match kind {
        Words::Reason => format!("reject {}: why not?", whom_in_words(view, whom)),
        Words::Change => format!("reject {}: what to do in its place?", whom_in_words(view, whom)),
    };
    (title, lines)
}

fn stop<'a>(view: &View, narrowest: Reach) -> (String, Vec<Line<'a>>) {
    let choice = |key: &'a str, reach: Reach| {
        let count = view.within(reach).count();
        let words = format!("  rejects all {count} of its {}", reach.word());
        Line::from(vec![Span::styled(key, style::strong()), Span::raw(words)])
    };
    let mut lines = vec![choice("S", narrowest)];
    match narrowest {
        Reach::Session => lines.push(choice("W", Reach::Workspace)),
        Reach::Workspace => lines.push(Line::raw("   (the command names no session)")),
    }
    lines.push(Line::raw(format!("what comes of it in {} min is denied", QUIET.as_secs() / 60)));
    lines.push(Line::styled("any other key leaves all waiting", style::dim()));
    ("ask nothing for a while?".to_owned(), lines)
}
