//! The view a person decides in, at a terminal: what it shows and what keys mean.
//!
//! Nothing here reads a key, asks a gateway or signs: [`View`] takes what waits and what
//! was typed, draws itself, and says what is to be done. An approval leaves it only for
//! what was on the screen to its end, bound to the hash that was drawn, and never by
//! Enter; whoever reads the keys drops what was typed ahead before it calls
//! [`View::arm`]. What needs care takes a second step: a number that was not there
//! before. Security 4.1, 4.5, 6.

mod boxes;
mod composer;
mod course;
mod draw;
mod key;
mod list;
mod panel;
mod press;
mod style;
#[cfg(test)]
mod tests;
mod view;

pub use key::Key;
pub use press::{Chosen, Effect};
pub use view::{Moment, View};
