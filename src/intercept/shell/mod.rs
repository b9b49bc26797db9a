//! We stand in for a shell: `airlock-sh -c TEXT`, and what a startup gate hands over.
//!
//! A program that starts its commands through a shell is told to use ours. Which real
//! shell is meant comes from our own name or the settings, never from `SHELL`, which
//! names us. Nothing of the call is changed: options, text and arguments go on to the
//! real shell as they are, and are judged as if it had been called itself.

mod call;
mod program;

pub use call::{ShellCall, Wanted};
pub use program::ShellError;
