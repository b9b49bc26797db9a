//! Lets a person read what waits, and signs what they decide.
//!
//! An [`Approver`] has keys of its own, which no other room reads. It opens an
//! item, recomputes its hash, and signs a decision over that hash only; an item
//! that does not open can be rejected and nothing else. It shares no code with
//! `review`: each checks the other.

mod arming;
pub mod card;
mod course;
mod cuts;
mod decide;
mod dnd;
mod events;
mod fate;
mod follow;
mod gateways;
mod history;
mod inbox;
mod item;
mod keys;
pub mod notice;
mod pair;
mod pairings;
mod queue;
mod reach;
pub mod reasons;
mod seat;
mod seen;
mod standing;
mod store;
pub mod time;
pub mod tui;
pub mod web;
mod weight;

pub use arming::{Arming, INERT, INERT_IN_A_BURST, Readiness, Shown};
pub use course::{Course, Told};
pub use decide::DecideError;
pub use dnd::{DndError, StandingAnswer};
pub use events::{Changes, Watched};
pub use fate::Fate;
pub use follow::{FollowError, Following, Seen};
pub use gateways::{certificate_of, next_step, remember_certificate};
pub use history::Decided;
pub use inbox::InboxError;
pub use item::{Closed, Content, Item, Opened};
pub use keys::Keys;
pub use pair::{Before, PairError, PairingOffer};
pub use pairings::Pairing;
pub use queue::{BURST, Difference, Gone, Group, Queue};
pub use reach::{QUIET, Reach};
pub use seat::Approver;
pub use standing::Standing;
pub use store::StoreError;
pub use weight::Weight;
