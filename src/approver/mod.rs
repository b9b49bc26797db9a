//! Lets a person read what waits, and signs what they decide.
//!
//! An [`Approver`] has keys of its own, which no other room reads. It opens an
//! item, recomputes its hash, and signs a decision over that hash only; an item
//! that does not open can be rejected and nothing else. It shares no code with
//! `review`: each checks the other.

pub mod card;
mod decide;
mod dnd;
mod events;
mod inbox;
mod item;
mod keys;
mod pair;
mod pairings;
mod seat;
mod store;
pub mod time;

pub use decide::DecideError;
pub use dnd::{DndError, StandingAnswer};
pub use events::{Changes, Watched};
pub use inbox::InboxError;
pub use item::{Closed, Content, Item, Opened};
pub use keys::Keys;
pub use pair::{PairError, PairingOffer};
pub use pairings::Pairing;
pub use seat::Approver;
pub use store::StoreError;
