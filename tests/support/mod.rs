//! A sandbox for tests that run the real binary.
//!
//! Each [`Sandbox`] has its own HOME, XDG directories and PATH; the environment
//! of the test run never reaches a command. Waiting is polling with a deadline
//! ([`eventually`]), never a fixed sleep. What a sandbox started is ended when it
//! is dropped, found by the sandbox's own HOME in its environment.
#![allow(dead_code, unused_imports, reason = "each test file uses its own part of the sandbox")]

mod clock;
mod disk;
mod library;
mod npm;
mod pending;
mod person;
mod proxy;
mod refused;
mod running;
mod sandbox;
mod terminal;
mod tmux;
mod wait;

pub(crate) use npm::{npm, npm_and_then, npm_as_locked};
pub(crate) use pending::Pending;
pub(crate) use person::{Person, pairing_code};
pub(crate) use proxy::{Call, Fault, Proxy};
pub(crate) use refused::{Refused, assert_refused};
pub(crate) use running::Running;
pub(crate) use sandbox::{BINARY, Canary, Sandbox};
pub(crate) use terminal::Terminal;
pub(crate) use tmux::Tmux;
pub(crate) use wait::{DEADLINE, eventually, eventually_or_show};
