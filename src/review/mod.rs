//! Asks a person and verifies the answer.

mod permit;

pub use permit::Permit;
