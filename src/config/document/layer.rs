//! Whose word a file is.

use super::Complaint;
use nix::unistd::Uid;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;

/// Where a file lies, the farthest from the agent's reach first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Layer {
    /// The administrator's file.
    #[default]
    System,
    /// The user's own file.
    User,
    /// A file of the project, which an agent can write: it only tightens.
    Project,
}

impl Layer {
    /// Checks that nobody but the layer's owner may have written a file; a project's
    /// only tightens.
    ///
    /// # Errors
    ///
    /// A [`Complaint`] that says who could have.
    pub fn check(self, found: &Metadata) -> Result<(), Complaint> {
        if !found.is_file() {
            return Err(Complaint::whole("is not a file"));
        }
        let owned = match self {
            Self::System => found.uid() == 0,
            Self::User => found.uid() == 0 || found.uid() == Uid::effective().as_raw(),
            Self::Project => return Ok(()),
        };
        if !owned {
            return Err(Complaint::whole(format!("belongs to user {}", found.uid())));
        }
        if found.mode() & 0o022 != 0 {
            let mode = found.mode() & 0o7777;
            return Err(Complaint::whole(format!(
                "can be written by others (mode {mode:o}); chmod go-w it"
            )));
        }
        Ok(())
    }
}
