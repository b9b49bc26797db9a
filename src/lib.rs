//! `airlock-exec` asks a person before an agent's command runs.
//!
//! A command becomes a value that moves one way through six rooms:
//!
//! ```text
//! intercept ─> request ─> policy ─> review ─> run ─> exit status
//! Invocation   Request    Verdict   Permit    Exit
//!                                     └ record is told after each step
//! ```
//!
//! Each room takes the last room's type and makes the next. Four promises
//! follow, and the compiler or a test holds each of them:
//!
//! 1. No command runs without a [`review::Permit`].
//! 2. What was reviewed is what runs: a [`request::Request`] is captured once.
//! 3. Not understood means not run.
//! 4. Nothing of ours is on standard output, and once a command runs nobody can
//!    tell it from running without us.

pub mod approver;
pub mod cli;
pub mod client;
pub mod config;
pub mod credential;
pub mod crypto;
pub mod display;
pub mod error;
pub mod exit;
pub mod follow;
pub mod gateway;
pub mod intercept;
pub mod onlooker;
pub mod policy;
pub mod process;
pub mod protocol;
pub mod record;
pub mod request;
pub mod review;
pub mod run;
pub mod sys;
