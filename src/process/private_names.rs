//! The names in a private directory.

use super::private::{PrivateDir, PrivateError};
use std::fs;

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
}
