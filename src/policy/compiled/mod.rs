//! Policy files in a form that is matched without reading TOML.
//!
//! Each policy file, with what it includes, is compiled into one file. A run looks at
//! the sources (`stat`), opens the compiled file, and reads its head and the few rules
//! whose words could reach the command; how many others there are costs nothing.
//!
//! - It counts only while every source is the file it was made from: device, inode,
//!   size, times, owner, mode, and owner and mode of its directory.
//! - A source that changed a moment ago is not compiled: it could change again
//!   without its times showing it.
//! - What is read of it is checked first: the head, each table entry and each rule
//!   carry checksums. They tell damage, not forgery, so the administrator's policy is
//!   compiled only where none but root can write; a user who forges the form of a file
//!   of their own could as well have written the file.
//! - Another version of this program does not use it.
//!
//! Whatever is wrong with it, the sources are read instead. This module must not
//! decide anything: it finds rules, and the engine matches them.

mod bytes;
mod head;
mod image;
mod mix;
mod rule;
mod store;
mod table;
#[cfg(test)]
mod tests;

pub(super) use image::Image;
pub(super) use store::Store;
