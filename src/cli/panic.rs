//! What is said of a fault of our own: where it is, and nothing that was at hand.

use crate::sys;
use std::io::Write as _;
use std::panic::{self, PanicHookInfo};

/// Has a panic name its place only: its words may hold what must not be shown.
pub(super) fn name_the_place_only() {
    panic::set_hook(Box::new(name_the_place));
}

/// Does that, and ends us with a status that whoever called us takes for a no.
pub(super) fn end_with(status: u8) {
    panic::set_hook(Box::new(move |what| {
        name_the_place(what);
        sys::exit_now(i32::from(status));
    }));
}

fn name_the_place(what: &PanicHookInfo<'_>) {
    let place = what.location().map_or_else(String::new, |place| format!(" at {place}"));
    let text = format!("airlock-exec: internal failure{place}; please report it\n");
    let _ = std::io::stderr().write_all(text.as_bytes());
}
