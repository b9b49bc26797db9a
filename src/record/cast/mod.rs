//! Recordings of what a command wrote to its terminal: asciicast files.
//!
//! Of streams that the command was handed there is a mark each, which says what is known
//! of it: nobody copies them.
//!
//! One file of JSON lines for each run, of version 3 of the format, readable up to
//! wherever a crash left it. The audit log has its digest. A recording has a largest size;
//! what comes beyond it is left out, and the file says so. What was typed is only there
//! where it is asked for, and never while the terminal does not echo it.
//!
//! Spec: asciicast v3, docs.asciinema.org.

mod export;
mod handed;
mod read;
mod recorder;
mod shelf;
mod text;

pub use export::{Version, export};
pub use handed::Streams;
pub use read::{Cast, CastError, Frame, Header};
pub use recorder::{Input, Recorded, Recorder};
pub use shelf::{Shelf, ShelfError};
