//! Who we are at a gateway that is not our own.
//!
//! The app and the user are two things: the app is an id with a secret, or with an
//! origin when it is registered as public; the user is a personal access token, or a
//! sign-in at the identity provider that the gateway names. Both go into headers of
//! every call, to their own gateway and to nobody else. Protocol section 2.

mod error;
mod identity;
mod provider;

pub use error::AccountError;
pub use identity::{Account, App};
pub use provider::{DeviceCode, Provider};
