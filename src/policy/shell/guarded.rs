//! Runs code of others that may panic, so that a panic is an answer and no end.
//!
//! The released program aborts at a panic, so nothing unwinds that could be caught.
//! But a hook comes first: it says so to whoever waits, and keeps the thread that
//! panicked from going on, for as long as the process lives.

use std::cell::RefCell;
use std::panic;
use std::sync::Once;
use std::sync::mpsc::channel;
use std::thread;

/// The stack of the thread: nesting is bounded before.
const STACK: usize = 64 << 20;

type Tell = Box<dyn FnOnce()>;

thread_local! {
    /// Whom to tell of a panic in this thread.
    static WAITING: RefCell<Option<Tell>> = const { RefCell::new(None) };
}

/// Runs it in a thread of its own; `None` when it panicked or could not be started.
pub(super) fn guarded<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    static HOOK: Once = Once::new();
    HOOK.call_once(keep_panics);
    let (answer, answers) = channel();
    let run = move || {
        let failed = answer.clone();
        let tell: Tell = Box::new(move || drop(failed.send(None)));
        WAITING.with(|waiting| *waiting.borrow_mut() = Some(tell));
        let done = work();
        WAITING.with(|waiting| drop(waiting.borrow_mut().take()));
        drop(answer.send(Some(done)));
    };
    let thread = thread::Builder::new().stack_size(STACK).spawn(run).ok()?;
    let answer = answers.recv().ok().flatten();
    if answer.is_some() {
        // So that what follows has one thread, as before.
        drop(thread.join());
    }
    answer
}

fn keep_panics() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        let tell = WAITING.with(|waiting| waiting.try_borrow_mut().ok()?.take());
        let Some(tell) = tell else { return usual(panic) };
        tell();
        // Where a panic unwinds, the thread ends by itself.
        while cfg!(panic = "abort") {
            thread::park();
        }
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_no_answer_and_no_end() {
        assert_eq!(guarded(|| 5), Some(5));
        assert_eq!(guarded(|| -> i32 { panic!("a fault of the parser") }), None);
        assert_eq!(guarded(|| 6), Some(6));
    }
}
