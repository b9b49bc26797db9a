//! Whose word a file is.

use super::Complaint;
use nix::unistd::Uid;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

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
        self.check_owner("", found)
    }

    /// Checks that nobody but the layer's owner could put another file in its place.
    ///
    /// # Errors
    ///
    /// A [`Complaint`] that says who could.
    pub fn check_directory(self, file: &Path) -> Result<(), Complaint> {
        let directory = file.parent().unwrap_or(Path::new("/"));
        let found = std::fs::metadata(directory)
            .map_err(|error| Complaint::whole(format!("cannot be looked after: {error}")))?;
        self.check_owner("lies in a directory that ", &found)
    }

    fn check_owner(self, what: &str, found: &Metadata) -> Result<(), Complaint> {
        let owned = match self {
            Self::System => found.uid() == 0,
            Self::User => found.uid() == 0 || found.uid() == Uid::effective().as_raw(),
            Self::Project => return Ok(()),
        };
        if !owned {
            return Err(Complaint::whole(format!("{what}belongs to user {}", found.uid())));
        }
        let mode = found.mode() & 0o7777;
        if mode & 0o022 != 0 {
            let mend = "take that away: chmod go-w";
            return Err(Complaint::whole(format!(
                "{what}can be written by others (mode {mode:04o}); {mend}"
            )));
        }
        Ok(())
    }
}
