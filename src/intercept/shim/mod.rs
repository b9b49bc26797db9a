//! Links to us that stand before programs on `PATH`.
//!
//! A [`Shim`] is what we are when a program's name was called: it knows which of the
//! files on `PATH` are ourselves, so that the program behind it is found, and keeps
//! two shim managers from leading to each other for ever. [`Shims`] is the directory
//! of those links.
//!
//! What is ours is told by device and inode number, not by name. The walk along
//! `PATH` itself is `request::resolve`'s: there is one.

mod call;
mod directory;
mod error;
mod line;
mod name;
mod round;

pub use call::Shim;
pub use directory::{Leads, Placed, Removal, Shims};
pub use error::ShimError;
pub use line::{ShellKind, path_line};
pub use name::{DEFAULT_SET, ShimName, called_as};
pub use round::RoundError;
