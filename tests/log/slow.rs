//! What takes more than a second says so on a terminal, and nowhere else.

use super::support::{Sandbox, Terminal};
use super::{approved, said};
use std::fs::File;

fn held(sandbox: &Sandbox) -> File {
    let lock = sandbox.log_file().with_file_name("audit.lock");
    let file = File::options().append(true).open(lock).expect("a lock");
    file.lock().expect("nobody writes");
    file
}

#[test]
fn a_log_that_takes_a_while_says_so_until_it_is_read() {
    let sandbox = Sandbox::new();
    approved(&sandbox, "exit 7");
    let busy = held(&sandbox);
    let mut terminal = Terminal::airlock(&sandbox, ["log"]);
    terminal.expect("airlock-exec: reading the log, ");
    drop(busy);
    let (status, output) = terminal.finish();
    assert!(status.success(), "{output}");
    // The line is erased before the first of the table.
    let (before, behind) = output.rsplit_once("\u{1b}[2K").expect("an erased line");
    assert!(before.contains("reading the log") && !before.contains("exit 7"), "{output:?}");
    assert!(behind.contains("exit 7") && !behind.contains("reading the log"), "{output:?}");
}

#[test]
fn without_a_terminal_nothing_is_said_of_it() {
    let sandbox = Sandbox::new();
    approved(&sandbox, "exit 7");
    let busy = held(&sandbox);
    let running = sandbox.start(["log"]);
    let waited = std::time::Instant::now();
    super::support::eventually("more than a second", || {
        (waited.elapsed().as_millis() > 1500).then_some(())
    });
    drop(busy);
    let output = running.finish();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert!(said(&sandbox, &[]).contains("exit 7"));
}
