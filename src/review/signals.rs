//! Signals that end the wait.

use super::Refusal;
use crate::sys::ignored_at_start;
use nix::libc::{SIGALRM, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGVTALRM, SIGXCPU};
use tokio::signal::unix::{self, SignalKind};

/// What ends a process that does nothing about it, and is sent to end one.
const ENDING: [i32; 9] =
    [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGALRM, SIGUSR1, SIGUSR2, SIGVTALRM, SIGXCPU];

/// Listens for the signals that ask us to stop, except those we were started to ignore.
pub(super) struct StopSignals {
    listeners: Vec<(i32, unix::Signal)>,
}

impl StopSignals {
    /// Starts listening.
    pub(super) fn listen() -> Result<Self, Refusal> {
        let mut listeners = Vec::new();
        for signal in ENDING {
            if ignored_at_start(signal) {
                continue;
            }
            let listener = unix::signal(SignalKind::from_raw(signal)).map_err(Refusal::Runtime)?;
            listeners.push((signal, listener));
        }
        Ok(Self { listeners })
    }

    /// Waits for the first of them and returns its number.
    pub(super) async fn first(&mut self) -> i32 {
        std::future::poll_fn(|context| {
            for (signal, listener) in &mut self.listeners {
                if listener.poll_recv(context).is_ready() {
                    return std::task::Poll::Ready(*signal);
                }
            }
            std::task::Poll::Pending
        })
        .await
    }
}
