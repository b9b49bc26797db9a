//! Writes down what was asked, decided and run, so that it can be proved later.
//!
//! One file of JSON lines, appended under a lock that all processes share. Each
//! line carries the digest of the one before it, so a changed, missing or moved
//! line is found by [`Log::verify`]; decisions stand in it with their signatures.
//! What reviewed commands and grants run is written durably before it starts: no
//! record, no execution. Secrets are masked before they get here.
//!
//! This room decides nothing, and nothing reads it to decide. Whoever can write
//! the file can also write all of it anew; what that person cannot make is the
//! signatures in it.
//!
//! Spec: security.md 5.4; HARP-CORE 9.

mod chain;
mod command;
mod error;
mod event;
mod line;
mod log;
mod trail;

pub use chain::{Fault, FaultKind, Findings};
pub use command::{Command, LeftOut};
pub use error::AuditError;
pub use event::{Basis, End, Event};
pub use line::Record;
pub use log::{Durability, Log};
pub use trail::{Begun, Trail};
