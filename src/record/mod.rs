//! Writes down what was asked, decided and run, so that it can be proved later.
//!
//! JSON lines, appended under a lock that all processes share. Each line carries the
//! digest of the one before it, and each batch ends with a seal; how far the log was
//! written is kept apart. So a changed, missing or moved line, an end that was cut off
//! and an older copy are found by [`Log::verify`]; decisions stand in it with their
//! signatures. What reviewed commands and grants run is written durably before it
//! starts: no record, no execution. Secrets are masked before they get here.
//!
//! This room decides nothing, and nothing reads it to decide. Whoever can read the
//! enforcer's secrets can write all of it anew; what that person cannot make is the
//! signatures of people in it.
//!
//! Spec: security.md 5.4; HARP-CORE 9.

mod allowed;
mod basis;
pub mod cast;
mod cause;
mod chain;
mod command;
mod desk;
mod enough;
mod error;
mod event;
mod fault;
mod files;
mod fold;
mod head;
mod history;
mod line;
mod listener;
mod log;
mod open;
mod repair;
mod seal;
mod seen;
mod trail;
mod upkeep;
mod walk;

pub use allowed::{AllowedCommand, Length, allowed};
pub use basis::{Basis, End};
pub use chain::{Findings, Place, doubt, touched};
pub use command::{Command, LeftOut};
pub use error::AuditError;
pub use event::Event;
pub use fault::{Fault, FaultKind};
pub use history::{Decided, Life, Subject, lives};
pub use line::{Link, NotALink, Record};
pub use listener::{InVain, Listener};
pub use log::{Durability, Log};
pub use repair::Repair;
pub use trail::{Beginning, Begun, Trail};
pub use upkeep::Limits;
