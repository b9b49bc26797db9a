//! Says one answer, whoever says it first: the decision, the clock, or a panic.

use crate::intercept::agent::{Answer, Host, Reply};
use crate::run::Exit;
use crate::sys;
use std::io::{self, Write};
use std::panic;
use std::sync::atomic::{AtomicBool, Ordering};

/// What blocks: the only status but 0 that every host understands.
const BLOCKED: u8 = 2;

static SAID: AtomicBool = AtomicBool::new(false);

/// Says the reply, unless an answer was given; then waits for that one to end us.
pub(super) fn say(reply: &Reply) -> Exit {
    if SAID.swap(true, Ordering::SeqCst) {
        // Whoever was first is about to end this process.
        loop {
            std::thread::park();
        }
    }
    write(reply)
}

fn write(reply: &Reply) -> Exit {
    if let Some(text) = &reply.text {
        // A closed standard error takes the text with it; the status still tells.
        let _ = writeln!(io::stderr(), "{text}");
    }
    let Some(document) = &reply.document else { return Exit::Code(reply.status) };
    let mut out = io::stdout().lock();
    match writeln!(out, "{document}").and_then(|()| out.flush()) {
        Ok(()) => Exit::Code(reply.status),
        // An answer that nobody could read allows nothing.
        Err(_) => Exit::Code(BLOCKED),
    }
}

/// Refuses before the host is known, in no form but text and status.
pub(super) fn refuse(text: &str) -> Exit {
    say(&Reply { document: None, text: Some(refusal(text)), status: BLOCKED })
}

fn refusal(text: &str) -> String {
    format!("airlock-exec: {text}; the command was not executed")
}

/// Refuses at once and ends this process, unless an answer was given: the main thread
/// may be stuck.
pub(super) fn refuse_and_end(host: &Host, text: &str) {
    if !SAID.swap(true, Ordering::SeqCst) {
        let _ = write(&Answer::Deny(refusal(text)).to(host, false));
        sys::exit_now(i32::from(BLOCKED));
    }
}

/// Has a panic deny: its own status is 101 or a signal, which hosts take for a yes.
pub(super) fn answer_even_in_a_panic(host: &'static Host) {
    panic::set_hook(Box::new(move |what| {
        let place = what.location().map(|at| format!(" at {}:{}", at.file(), at.line()));
        let place = place.unwrap_or_default();
        refuse_and_end(host, &format!("an error of our own{place}; please report it"));
        sys::exit_now(i32::from(BLOCKED));
    }));
}
