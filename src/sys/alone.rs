//! What is not known where the system is no Linux: who else is at a terminal.

use std::os::fd::BorrowedFd;

/// Our place among others of ours: there is none.
#[derive(Debug)]
pub enum Neighbours {}

impl Neighbours {
    /// Joins nobody.
    #[must_use]
    pub fn join(_stream: BorrowedFd<'_>) -> Option<Self> {
        None
    }

    /// Tells whether there are others.
    #[must_use]
    pub fn are_there(&self) -> bool {
        match *self {}
    }

    /// Tells whether another one reads the terminal.
    #[must_use]
    pub fn read_it(&self) -> bool {
        match *self {}
    }

    /// Tells whether another one reads the terminal and will until it ends.
    #[must_use]
    pub fn keep_it(&self) -> bool {
        match *self {}
    }

    /// Will read the terminal as long as this one can.
    pub fn keep(&self) {
        match *self {}
    }

    /// Becomes the one who reads the terminal.
    #[must_use]
    pub fn begin_to_read(&self) -> bool {
        match *self {}
    }

    /// Reads the terminal no more.
    pub fn cease_to_read(&self) {
        match *self {}
    }

    /// Is not there any more.
    pub fn leave(&self) {
        match *self {}
    }

    /// Returns what is ready when something changed.
    #[must_use]
    pub fn news(&self) -> Option<BorrowedFd<'_>> {
        match *self {}
    }

    /// Takes what was new.
    pub fn take_news(&self) {
        match *self {}
    }

    /// Returns what holds the locks.
    #[must_use]
    pub fn file(&self) -> BorrowedFd<'_> {
        match *self {}
    }
}

/// Tells whether one of us is at this terminal: nobody whom we know of.
#[must_use]
pub fn one_of_us_is_at(_terminal: BorrowedFd<'_>) -> bool {
    false
}

/// Tells whether somebody was stopped for want of this terminal: nobody whom we know of.
#[must_use]
pub fn somebody_was_stopped_for(_terminal: BorrowedFd<'_>) -> bool {
    false
}

/// Tells whether somebody waits for input of this terminal: nobody whom we know of.
#[must_use]
pub fn somebody_waits_for(_terminal: BorrowedFd<'_>) -> bool {
    false
}
