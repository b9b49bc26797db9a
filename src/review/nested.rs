//! Commands that are part of an approved one: covered by its approval.
//!
//! No variable and no file counts by itself. Below a command that we watch, what descends
//! from what is the kernel's word, see [`crate::process::Door`]: it is covered as long as
//! the process that watches lives, so a daemon that outlives it, or that left its parents
//! behind, asks anew; also when another process of ours stays between the two. Where an agent runs the approved text itself nobody watches: what is
//! covered is what the signed text states, by a signature that is verified again, see
//! [`HookCall`].

use super::handed::{self, HookCall};
use crate::policy::Approvals;
use crate::process::{Process, Word, knock};
use crate::protocol::RequestId;
use crate::request::Request;
use std::path::Path;
use std::time::Duration;

/// The approval that covers a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cover {
    request_id: RequestId,
    approvals: Approvals,
    watched: Watched,
    /// What all that it covers comes from.
    within: Process,
}

/// Whether somebody of ours watches what a cover is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Watched {
    /// A process that stays while it runs.
    ByUs,
    /// Nobody: an agent runs it.
    ByNobody,
}

impl Cover {
    /// Finds out whether this process was started by an approved command; `running` is
    /// where those who watch one have their sockets.
    ///
    /// `None` when it was not, or it cannot be proved.
    #[must_use]
    pub fn of_this_process(running: &Path) -> Option<Self> {
        Self::read(&knock(running)?)
    }

    /// Finds out whether a request is part of a text that an agent's hook had approved;
    /// `handed` is where that is kept, and `enforcer` where it is verified.
    #[must_use]
    pub fn of_an_agents_command(request: &Request, handed: &Path, enforcer: &Path) -> Option<Self> {
        handed::around(request, handed, enforcer)
    }

    /// Finds out whether another hook of the agent asked about the same call, waiting so
    /// long at most while it asks.
    #[must_use]
    pub fn of_a_twin(call: &HookCall, directory: &Path, patience: Duration) -> Option<Self> {
        call.answered(directory, patience)
    }

    /// Makes the cover of what is part of a text that an agent runs, in that process.
    pub(super) fn part_of(request_id: RequestId, approvals: Approvals, within: Process) -> Self {
        Self { request_id, approvals, watched: Watched::ByNobody, within }
    }

    /// Tells whether nobody of ours watches what covers it, who could answer what it
    /// starts in turn.
    #[must_use]
    pub fn is_unwatched(&self) -> bool {
        self.watched == Watched::ByNobody
    }

    /// Returns the process that all comes from which this covers.
    #[must_use]
    pub fn within(&self) -> Process {
        self.within
    }

    /// Returns what those who watch a command answer at their socket.
    #[must_use]
    pub fn word(request_id: &RequestId, approvals: Approvals) -> String {
        match approvals {
            Approvals::ONE => request_id.to_string(),
            several => format!("{request_id} {}", several.number()),
        }
    }

    /// Reads such an answer: the request, and by how many it was approved.
    fn read(word: &Word) -> Option<Self> {
        let (request, approvals) = match word.text.split_once(' ') {
            Some((request, number)) => (request, Approvals::new(number.parse().ok()?)?),
            None => (&*word.text, Approvals::ONE),
        };
        let (request_id, watched) = (request.parse().ok()?, Watched::ByUs);
        Some(Self { request_id, approvals, watched, within: word.within })
    }

    /// Returns what was approved.
    #[must_use]
    pub fn request_id(&self) -> &RequestId {
        &self.request_id
    }

    /// Returns by how many approvers.
    #[must_use]
    pub fn approvals(&self) -> Approvals {
        self.approvals
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_reads_as_it_was_written() {
        let id: RequestId = "req-1".parse().expect("an id");
        let within = Process::own().expect("this process");
        let read = |text: &str| Cover::read(&Word { text: text.to_owned(), within });
        for number in [1, 2, 9] {
            let approvals = Approvals::new(number).expect("a number");
            let cover = read(&Cover::word(&id, approvals)).expect("an answer");
            assert_eq!((cover.request_id(), cover.approvals()), (&id, approvals));
            assert_eq!(cover.within(), within);
        }
        for bad in ["", "req-1 ", "req-1 0", "req-1 10", "req-1 2 2", " 2"] {
            assert_eq!(read(bad), None, "{bad:?}");
        }
    }
}
