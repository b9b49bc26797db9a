//! Makes untrusted text safe to show to a person.
//!
//! [`Displayable`] is the one way text from a command, a gateway or a file
//! reaches a terminal, a page or a log: what could move the cursor, change the
//! reading order, hide itself or pass for something else is written visibly.
//! Security 4.1.

mod character;
mod counted;
mod displayable;
pub mod json;
mod oddity;
mod plain;

pub use counted::counted;
pub use displayable::Displayable;
pub use oddity::Oddity;
pub use plain::Plain;

#[cfg(test)]
mod page;
