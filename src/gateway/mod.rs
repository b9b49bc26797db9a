//! Serves the HARP gateway binding: routes, exchanges, store, streams.
//!
//! A gateway carries sealed artifacts from enforcers to approvers and signed
//! decisions back. It is not trusted and needs no trust: it has no key, cannot
//! read a command, and cannot make a decision that an enforcer would accept. What
//! it does promise is order and durability: what it acknowledged is on disk, an
//! exchange is decided once, whoever waits is woken at once, and nobody sees what
//! is not theirs.

mod activity;
mod admin;
mod backup;
mod error;
mod hints;
mod limits;
mod listen;
mod listening;
mod metrics;
mod news;
mod page;
mod patience;
mod principal;
mod quota;
mod refusal;
mod relay;
mod routes;
mod server;
mod store;
mod tls;
mod token;
mod upkeep;
mod wakeups;

pub use admin::{AdminError, Administration, PairingLine, Revoked, Token, create_token};
pub use backup::{BackupError, Restored, backup, restore};
pub use error::{OpenError, ServeError};
pub use listening::Listening;
pub use page::{Page, PageAsset};
pub use server::{CallLimits, Gateway, GatewayOptions, Stopped, StoreAddress};
pub use tls::{MadeCertificate, Tls, TlsError, make_certificate};
pub use token::{Role, UnknownRole};
