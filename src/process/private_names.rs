//! The names in a private directory.

use super::private::{PrivateDir, PrivateError};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

impl PrivateDir {
    /// Returns the names of everything in it, in order.
    ///
    /// # Errors
    ///
    /// [`PrivateError::System`].
    pub fn names(&self) -> Result<Vec<String>, PrivateError> {
        let failed = |source| {
            let path = self.path().to_owned();
            PrivateError::System { action: "list", path, source }
        };
        let mut names = Vec::new();
        for entry in fs::read_dir(self.path()).map_err(failed)? {
            names.extend(entry.map_err(failed)?.file_name().into_string().ok());
        }
        names.sort_unstable();
        Ok(names)
    }

    /// Gives a file another name, in place of whatever has it, durably.
    ///
    /// # Errors
    ///
    /// [`PrivateError::System`].
    pub fn rename(&self, from: &str, to: &str) -> Result<(), PrivateError> {
        let path = self.path().join(from);
        fs::rename(&path, self.path().join(to)).map_err(|source| PrivateError::System {
            action: "rename",
            path,
            source,
        })?;
        self.sync()
    }

    /// Makes a link in one step, in the place of whatever has that name: whoever looks
    /// meanwhile finds one. A link that leads there already stays.
    ///
    /// # Errors
    ///
    /// [`PrivateError::System`].
    pub fn link(&self, name: &OsStr, target: &Path) -> Result<(), PrivateError> {
        let path = self.path().join(name);
        if fs::read_link(&path).is_ok_and(|found| found == target) {
            return Ok(());
        }
        let mut temporary = OsString::from(format!(".{}.", std::process::id()));
        temporary.push(name);
        let temporary = self.path().join(temporary);
        let _ = fs::remove_file(&temporary);
        let made = symlink(target, &temporary).and_then(|()| fs::rename(&temporary, &path));
        made.map_err(|source| {
            let _ = fs::remove_file(&temporary);
            PrivateError::System { action: "link", path, source }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_takes_the_place_of_what_was_there_and_leaves_nothing_beside_it() {
        let place = tempfile::tempdir().expect("a directory");
        let directory = PrivateDir::open(&place.path().join("links")).expect("ours");
        directory.write("git", b"a file").expect("written");
        for target in ["/bin/one", "/bin/one", "/bin/two"] {
            directory.link(OsStr::new("git"), Path::new(target)).expect("linked");
            let link = directory.path().join("git");
            assert_eq!(fs::read_link(link).expect("a link"), Path::new(target));
            assert_eq!(directory.names().expect("listed"), ["git"]);
        }
    }
}
