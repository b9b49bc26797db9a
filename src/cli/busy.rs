//! Says on a terminal that something takes a while, once it does.

use indicatif::{ProgressBar, ProgressStyle};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// What is done by then needs no words.
const PATIENCE: Duration = Duration::from_secs(1);
const STEP: Duration = Duration::from_millis(120);
const LOOK: &str = "{spinner} airlock-exec: {msg}, {elapsed} so far";

/// Work that may take a while; a line on standard error says so after a second, and is
/// gone when this value is. Nothing is written where that is no terminal.
#[derive(Debug)]
pub(super) struct Busy {
    done: Option<Sender<()>>,
    line: Option<JoinHandle<()>>,
}

impl Busy {
    /// Begins work that is called that: "checking the log".
    pub(super) fn with(what: &'static str) -> Self {
        let (done, waits) = mpsc::channel::<()>();
        let line = thread::spawn(move || {
            if waits.recv_timeout(PATIENCE) != Err(RecvTimeoutError::Timeout) {
                return;
            }
            let look = ProgressStyle::with_template(LOOK).expect("a template of ours");
            let bar = ProgressBar::new_spinner().with_elapsed(PATIENCE);
            bar.set_style(look.tick_chars("|/-\\ "));
            bar.set_message(what);
            bar.enable_steady_tick(STEP);
            // Nobody sends anything: it ends with the work.
            let _ = waits.recv();
            bar.finish_and_clear();
        });
        Self { done: Some(done), line: Some(line) }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        drop(self.done.take());
        if let Some(line) = self.line.take() {
            let _ = line.join();
        }
    }
}
