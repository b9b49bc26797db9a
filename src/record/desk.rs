//! What a process that writes more than one record keeps open between them.
//!
//! What is not as it was left is let go: it is then opened and looked at anew, as for a
//! first record.

use super::head::Written;
use super::log::Tail;
use super::seal::Seal;
use crate::process::FileState;
use std::fs::File;
use std::os::unix::fs::MetadataExt as _;
use std::sync::Arc;

/// The open files of a log that was written to, and what seals it.
#[derive(Debug)]
pub(super) struct Desk {
    /// What keeps other processes away.
    pub(super) lock: Arc<File>,
    /// The file that is written to.
    pub(super) log: Arc<File>,
    /// What says how far it was written, and what it said.
    pub(super) head: Written,
    pub(super) seal: Arc<Seal>,
}

impl Desk {
    /// Tells whether its lock is the one that other processes take.
    pub(super) fn has_the_lock(&self) -> bool {
        is_linked(&self.lock)
    }

    /// Returns where the next line goes, if whoever opens these files now gets the same ones,
    /// and nobody touched the one it goes to since the last was written. Other processes must
    /// be kept away.
    pub(super) fn tail(self) -> Option<(Arc<File>, Tail)> {
        let Self { log, head, seal, .. } = self;
        if !is_linked(&head.file) || !seal.is_in_place() {
            return None;
        }
        let state = FileState::of(&log).ok()?;
        let head_file = Arc::clone(&head.file);
        let head = head.now(&seal)?;
        head.knows(state).then(|| (log, Tail::of(head, Some(head_file), seal, state)))
    }
}

/// Tells whether a name leads to an open file.
fn is_linked(file: &File) -> bool {
    file.metadata().is_ok_and(|found| found.nlink() == 1)
}
