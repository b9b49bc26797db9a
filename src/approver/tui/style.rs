//! How text looks: everything can be told apart without colour.

use crate::approver::card::{CardLine, Colour, Tone};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};

/// Returns the style of a tone.
pub(super) fn of(tone: Tone, colour: Colour) -> Style {
    match tone {
        Tone::Payload | Tone::Space => Style::new(),
        Tone::Escape => Style::new().add_modifier(Modifier::REVERSED),
        Tone::Frame | Tone::Remark => Style::new().add_modifier(Modifier::DIM),
        Tone::Label => strong(),
        Tone::Warning => coloured(strong(), Color::Yellow, colour),
    }
}

/// Returns the style of what stands out.
pub(super) fn strong() -> Style {
    Style::new().add_modifier(Modifier::BOLD)
}

/// Returns the style of what is beside the matter.
pub(super) fn dim() -> Style {
    Style::new().add_modifier(Modifier::DIM)
}

/// Adds a colour, where there are colours.
pub(super) fn coloured(style: Style, wanted: Color, colour: Colour) -> Style {
    if colour == Colour::Plain { style } else { style.fg(wanted) }
}

/// Makes a line of a card one of the screen.
pub(super) fn line(card: &CardLine, colour: Colour) -> Line<'_> {
    card.spans().iter().map(|span| Span::styled(&*span.text, of(span.tone, colour))).collect()
}
