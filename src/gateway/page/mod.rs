//! Serves the page of an approver, and lets browsers in.
//!
//! The page is handed to us as a value: it decrypts and signs in the browser, with keys
//! that never leave it, so there is nothing here to read or to sign with. A browser is
//! let in by a one-time code that the holder of an approver's token asked for, and from
//! then on by a key of its own, which it proves to hold; each time it gets a bearer that
//! lives in its memory only. There are no cookies.
//!
//! Security 6. Each row of that table is in one of these files: `guard` (Host, Origin,
//! CSRF, framing, scripts), `once` and `sessions` (codes and bearers), `delay` (guesses).

mod delay;
mod guard;
mod once;
mod proof;
mod routes;
mod sessions;

pub use proof::{Page, PageAsset};

pub(super) use guard::{is_own, with_headers};
pub(super) use routes::{assets, entrance, inside};

use super::limits::PAGE_REQUESTS;
use super::limits::{PAGE_CHALLENGE_TIME, PAGE_CHALLENGES, PAGE_CODE_TIME, PAGE_CODES};
use super::principal::Principal;
use delay::Delay;
use once::Once;
use sessions::Sessions;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// The page, and who is at its doors.
#[derive(Debug)]
pub(super) struct Doors {
    page: Page,
    /// Codes that let one browser in, for the token that asked for them.
    codes: Once<Principal>,
    /// Texts that a browser signs to come back.
    challenges: Once<()>,
    pub(super) sessions: Sessions,
    failed: Delay,
    /// How many requests of browsers are worked on at once.
    pub(super) places: Arc<Semaphore>,
}

impl Doors {
    /// Opens them for a page.
    pub(super) fn new(page: Page) -> Self {
        Self {
            page,
            codes: Once::new(PAGE_CODES, PAGE_CODE_TIME),
            challenges: Once::new(PAGE_CHALLENGES, PAGE_CHALLENGE_TIME),
            sessions: Sessions::default(),
            failed: Delay::default(),
            places: Arc::new(Semaphore::new(PAGE_REQUESTS)),
        }
    }
}
