//! Starts the program, and ends it as the command ended.

use airlock_exec::cli;
use airlock_exec::run::{Exit, die_by_signal, pass_key_on};
use std::process::ExitCode;

fn main() -> ExitCode {
    match pass_key_on(cli::run()) {
        Exit::Code(status) => ExitCode::from(status),
        Exit::Signal(signal) => {
            die_by_signal(signal);
            // The signal is blocked or cannot kill: what a shell says instead.
            ExitCode::from(u8::try_from(128 + signal).unwrap_or(u8::MAX))
        }
    }
}
