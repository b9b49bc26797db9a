//! Speaks HTTP to a gateway.
//!
//! A gateway is not trusted: every answer is bounded in size and time, read
//! strictly, and redirects are never followed. Nothing here decides anything;
//! only a signature checked by `review` does.

mod account;
mod backoff;
mod budget;
mod channel;
mod date;
mod delivery;
mod enforcer;
mod http;
mod link;
mod pairing;
mod presence;
mod stream;
mod tls;
mod transport;
mod transport_error;

pub use account::{Account, AccountError, App, DeviceCode, Provider};
pub use backoff::Backoff;
pub use budget::CallBudget;
pub use delivery::{Delivered, Delivery};
pub use enforcer::{Enforcer, Notices};
pub use link::Link;
pub use pairing::{
    Agreed, Candidate, Ceremony, CeremonyError, Conditions, EnforcerIdentity, Enrolment,
    Introducer, KeptWord, Pairing, PairingError, PairingName, PairingStore, PasskeyRule,
    SealingKeyRule, Withdrawal,
};
pub use presence::Presence;
pub use stream::ByteStream;
pub use transport::{Answer, Transport};
pub use transport_error::TransportError;
