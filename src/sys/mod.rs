//! Holds the only unsafe code: fork, exec, ptys, descriptors.
//!
//! Everything here is a thin, typed door to one thing the operating system does
//! and that safe libraries do not offer as we need it. It guarantees that only
//! async-signal-safe calls happen between `fork` and `exec`, that every
//! descriptor made here is closed on exec, and that a program starts with the
//! signals and streams *we* were started with, whatever this process did since.
//! It must not know what a permit, a request or a person is.
#![expect(unsafe_code, reason = "the one room that may talk to the system without a guard")]

#[cfg(not(target_os = "linux"))]
mod alone;
mod arena;
#[cfg(all(target_os = "linux", target_arch = "x86_64", target_pointer_width = "64"))]
mod bytes;
mod descriptor;
mod environment;
mod fork;
mod inherited;
mod kept;
mod memory;
#[cfg(target_os = "linux")]
mod neighbours;
mod program;
mod shared;
mod shield;
mod signal;
mod spawn;
mod surplus;
mod terminal;
#[cfg(target_os = "linux")]
mod unread;
mod wait;
mod writing;

#[cfg(not(target_os = "linux"))]
pub use alone::{Neighbours, one_of_us_is_at, somebody_waits_for, somebody_was_stopped_for};
pub use descriptor::{
    Substitute, close_all_but, close_handed_down, duplicate, handed_down, silence, take,
};
pub use environment::environment;
pub use fork::{exit_now, fork, fork_beside};
pub use inherited::{Streams, ignored_at_start, streams_closed_at_start};
pub use kept::hand_on_what_execve_keeps;
pub use memory::forget_code;
#[cfg(target_os = "linux")]
pub use neighbours::{Neighbours, one_of_us_is_at};
pub use program::{Program, Replace};
pub use shared::SharedWord;
pub use shield::shield_memory;
pub use signal::{
    BlockedSignals, Disposition, Received, SignalDescriptor, Target, end_by,
    ignore_file_size_signal, let_signals_come, put_signals_off, send, send_to_others, stop_by,
    suspend_group_by, take_pending, wait_for_children,
};
pub use spawn::{
    Failure, Place, Spawned, Standing, Step, found_group, go_on_when_parent_dies, spawn,
};
pub use surplus::close_surplus;
pub use terminal::{
    handed_down_terminals, is_device, open_other_side, push_input, set_controlling,
    set_window_size, unread, window_size,
};
#[cfg(target_os = "linux")]
pub use unread::{somebody_waits_for, somebody_was_stopped_for};
pub use wait::{Change, Ending, change_of, end_of, is_stopped, lay_to_rest_all_but};
pub use writing::begin_writing;
