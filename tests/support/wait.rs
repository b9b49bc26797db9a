//! Waiting for something to become true, with a deadline.

use std::thread;
use std::time::{Duration, Instant};

/// How long anything may take before a test fails; generous, for a busy machine.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);

/// Asks again and again until there is an answer, and fails with `what` when late.
pub(crate) fn eventually<T>(what: &str, ask: impl FnMut() -> Option<T>) -> T {
    eventually_or_show(what, ask, String::new)
}

/// Does the same, and fails with what there was to see as well.
pub(crate) fn eventually_or_show<T>(
    what: &str,
    mut ask: impl FnMut() -> Option<T>,
    show: impl Fn() -> String,
) -> T {
    let began = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(began.elapsed() < DEADLINE, "waited {DEADLINE:?} in vain for {what}\n{}", show());
        thread::sleep(Duration::from_millis(10));
    }
}
