//! Keeps secrets in files that only their owner can read, or in the keyring of the
//! desktop where somebody asked for that.
//!
//! Every secret has a type of its own without `Display`, whose `Debug` prints
//! only its name, and which is wiped when it is dropped.

mod account;
mod keyring;
mod store;
mod token;
mod webhook;

pub use account::{AccountStore, Credential, Session};
pub use keyring::KeyringError;
pub use store::{CredentialError, SecretStore};
pub use token::{Token, TokenError};
