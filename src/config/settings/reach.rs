//! Whether settings concern what policy allows: such a command reads as little as it can.

use super::file::{LARGEST, SYSTEM};
use super::{ConfigError, Places, Recording, Settings};
use crate::config::Paths;
use crate::process::{Environment, is_absence};
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

impl Settings {
    /// Tells whether what a rule allows is recorded.
    ///
    /// Files that do not speak of recordings are looked at and not read as settings. A
    /// project and the environment have no say in this.
    ///
    /// # Errors
    ///
    /// [`ConfigError`]: they speak of recordings and cannot be used.
    pub fn record_what_is_allowed(
        paths: &Paths,
        directory: &Path,
        environment: &Environment,
    ) -> Result<bool, ConfigError> {
        let user = paths.settings();
        if !speaks_of_it(&user) && !speaks_of_it(Path::new(SYSTEM)) {
            return Ok(false);
        }
        let settings = Self::load(&Places::of(paths, directory), environment)?;
        Ok(settings.recording().which == Recording::Always)
    }
}

/// Tells whether a file may say something about recordings; what cannot be read may.
fn speaks_of_it(path: &Path) -> bool {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) => return !is_absence(&error),
    };
    let mut bytes = Vec::new();
    let largest = usize::try_from(LARGEST).unwrap_or(usize::MAX);
    let read = file.take(LARGEST + 1).read_to_end(&mut bytes);
    // Whatever a file says that is too large to be read: it cannot be used.
    read.map_or(true, |length| length > largest) || speaks(&bytes)
}

fn speaks(text: &[u8]) -> bool {
    const WORD: &[u8] = b"record";
    // A backslash could write a key in another way.
    text.contains(&b'\\') || text.windows(WORD.len()).any(|part| part == WORD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_the_key_is_noticed() {
        for text in ["record = \"always\"", "\"record\"=\"always\"", "\"rec\\u006frd\" = 1"] {
            assert!(speaks(text.as_bytes()), "{text}");
        }
        for text in ["", "mode = \"local\"\n", "# rec ord\n", "[outcome]\nsend = \"never\"\n"] {
            assert!(!speaks(text.as_bytes()), "{text}");
        }
    }
}
