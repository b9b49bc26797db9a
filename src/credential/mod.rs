//! Keeps secrets in files that only their owner can read.
//!
//! Every secret has a type of its own without `Display`, whose `Debug` prints
//! only its name, and which is wiped when it is dropped.

mod account;
mod store;
mod token;

pub use account::{AccountStore, Credential, Session};
pub use store::{CredentialError, SecretStore};
pub use token::{Token, TokenError};
