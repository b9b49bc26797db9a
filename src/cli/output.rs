//! What is said on standard output, and how much room there is for it.

use crate::approver::card::{Canvas, Colour};
use crate::display::json;
use crate::process::{Environment, Stdio, Stream};
use serde::Serialize;
use std::io::{self, Write};
use std::os::fd::AsFd;

/// Writes one line at once, so that a reader sees it while we wait.
pub(super) fn say(line: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}

/// Writes a value as JSON on one line, in characters that are harmless on a terminal.
pub(super) fn say_json(value: &impl Serialize) -> io::Result<()> {
    let mut out = io::stdout().lock();
    json::write_line(&mut out, value)?;
    out.flush()
}

/// Returns columns and rows of the terminal on standard output, when there is one.
pub(super) fn size() -> Option<(usize, usize)> {
    let size = crate::sys::window_size(io::stdout().as_fd()).ok()?;
    // A terminal that does not know its size says 0.
    let known = |count: u16| (count > 0).then_some(usize::from(count));
    Some((known(size.ws_col)?, known(size.ws_row)?))
}

/// Returns how many columns the terminal on standard output has, if it is one.
pub(super) fn columns() -> Option<usize> {
    size().map(|(columns, _)| columns)
}

/// Returns the canvas of standard output.
pub(super) fn canvas(stdio: Stdio, environment: &Environment) -> Canvas {
    const WITHOUT_TERMINAL: usize = 80;
    let colour =
        if stdio.is_terminal(Stream::Output) { colour(environment) } else { Colour::Plain };
    Canvas::new(columns().unwrap_or(WITHOUT_TERMINAL), colour)
}

/// Tells whether a terminal is written to in colour. Source: no-color.org.
pub(super) fn colour(environment: &Environment) -> Colour {
    match environment.value("NO_COLOR") {
        Some(set) if !set.is_empty() => Colour::Plain,
        _ => Colour::Styled,
    }
}
