//! Serves the HARP gateway binding: routes, exchanges, store, streams.
//!
//! A gateway carries sealed artifacts from enforcers to approvers and signed
//! decisions back. It is not trusted and needs no trust: it has no key, cannot
//! read a command, and cannot make a decision that an enforcer would accept. What
//! it does promise is order and durability: what it acknowledged is on disk, an
//! exchange is decided once, whoever waits is woken at once, and nobody sees what
//! is not theirs.

mod activity;
mod error;
mod hints;
mod limits;
mod listen;
mod principal;
mod quota;
mod refusal;
mod relay;
mod routes;
mod server;
mod store;
mod token;
mod upkeep;
mod wakeups;

pub use error::{OpenError, ServeError};
pub use server::{Gateway, GatewayOptions, Stopped, create_token};
pub use token::Role;
