//! A command on a pty of its own.
//!
//! The caller's terminal and the command's are joined by the *supervisor*, which
//! is this process, and the *monitor*, which leads the session of the command's
//! terminal. Each standard stream that is the caller's terminal becomes the
//! command's; each that is not is handed over untouched and never copied.
//!
//! The supervisor holds the caller's terminal raw only while our process group is
//! in its foreground, and in a pipeline or beside others of us only once the command
//! asks for input. So whoever shares the terminal finds it as it would be without us.

mod ahead;
mod begin;
mod buffer;
mod guard;
mod inner;
mod job;
mod linger;
mod message;
mod modes;
mod monitor;
mod newline;
mod outer;
mod relay;
mod sanitizer;
mod shown;
mod supervisor;
mod typed;

pub(super) use begin::{CallersEnd, run};
pub(super) use outer::terminal_streams;
