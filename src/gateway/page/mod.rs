//! Serves the page of an approver, and lets browsers in.
//!
//! The page is handed to us as a value: it decrypts and signs in the browser, with keys
//! that never leave it, so there is nothing here to read or to sign with. A browser is
//! let in by a one-time code that the holder of an approver's token asked for, and from
//! then on by a key of its own, which it proves to hold; each time it gets a bearer that
//! lives in its memory only, and is good at every node of the gateway. There are no
//! cookies.
//!
//! Security 6. Each row of that table is in one of these files: `guard` (Host, Origin,
//! CSRF, framing, scripts), `routes` (codes and bearers; the store keeps them), `delay`
//! (guesses).

mod delay;
mod guard;
mod proof;
mod routes;

pub use proof::{Page, PageAsset};

pub(super) use guard::{is_own, with_headers};
pub(super) use routes::{assets, entrance, inside};

use super::limits::PAGE_REQUESTS;
use delay::Delay;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// The page, and who is at its doors.
#[derive(Debug)]
pub(super) struct Doors {
    page: Page,
    failed: Delay,
    /// How many requests of browsers are worked on at once.
    pub(super) places: Arc<Semaphore>,
}

impl Doors {
    /// Opens them for a page.
    pub(super) fn new(page: Page) -> Self {
        Self { page, failed: Delay::default(), places: Arc::new(Semaphore::new(PAGE_REQUESTS)) }
    }
}
