//! The index that is about to be committed, as a copy nobody else writes.

use super::Site;
use crate::process::{Environment, Git, GitError, PrivateDir, PrivateError};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// A copy of the index, which goes with this value.
///
/// `git write-tree` writes to the index it is asked about: the repository's own is
/// locked while it is committed, and would fire a hook.
#[derive(Debug)]
pub struct IndexCopy {
    source: PathBuf,
    path: PathBuf,
    /// The directory of the repository.
    repository: PathBuf,
    /// One that is empty.
    nowhere: PathBuf,
}

impl IndexCopy {
    /// Copies the index that git told its hook about: of a partial commit, that is a
    /// temporary one.
    ///
    /// # Errors
    ///
    /// [`GitError`] when it cannot be found or read.
    pub fn take(
        site: &Site,
        directory: &Path,
        environment: &Environment,
        place: &PrivateDir,
    ) -> Result<Self, GitError> {
        let source = match environment.value("GIT_INDEX_FILE") {
            Some(named) => directory.join(named),
            None => site.file("index")?,
        };
        let name = format!("index-{}", std::process::id());
        let repository = site.git().line(&["rev-parse", "--absolute-git-dir"])?;
        let repository = repository.ok_or(GitError::Unreadable { what: "rev-parse" })?.into();
        let failed = |complaint: String| GitError::Failed { what: "index".to_owned(), complaint };
        let nowhere = place.subdir("nowhere").map_err(|error| failed(error.to_string()))?;
        let nowhere = nowhere.path().to_owned();
        let copy = Self { source, path: place.path().join(&name), repository, nowhere };
        copy.fill(place, &name)
            .map_err(|error| failed(format!("{}: {error}", copy.source.display())))?;
        Ok(copy)
    }

    fn fill(&self, place: &PrivateDir, name: &str) -> io::Result<()> {
        let of_ours = |error: PrivateError| io::Error::other(error);
        place.remove(name).map_err(of_ours)?;
        match File::open(&self.source) {
            Ok(mut source) => {
                let mut copy = place.append(name).map_err(of_ours)?;
                io::copy(&mut source, &mut copy).map(drop)
            }
            // Before the first file is added there is none, and the tree is empty.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Returns the id of the tree that would be committed now.
    ///
    /// # Errors
    ///
    /// [`GitError`], also when a merge is not resolved.
    pub fn tree(&self, directory: &Path, environment: &Environment) -> Result<String, GitError> {
        let git = Git::at(directory, environment)?;
        let git = git.with_index(&self.path, &self.repository, &self.nowhere);
        git.text(&["write-tree"])?.ok_or(GitError::Unreadable { what: "write-tree" })
    }
}

impl Drop for IndexCopy {
    fn drop(&mut self) {
        // What cannot be removed is private, and replaced by the next of this number.
        let _ = fs::remove_file(&self.path);
        let mut lock = self.path.clone().into_os_string();
        lock.push(".lock");
        let _ = fs::remove_file(lock);
    }
}
