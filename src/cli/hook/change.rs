//! One file that is to be another: shown, kept, written.

use super::HookCommandError;
use crate::cli::output::say;
use crate::display::Displayable;
use crate::process::{ForeignFile, PrivateDir};
use std::path::{Path, PathBuf};

/// What is to become of a file.
pub(super) struct FileChange {
    pub(super) file: ForeignFile,
    /// `None`: it goes.
    pub(super) becomes: Option<String>,
    /// The mode, when there was none.
    pub(super) mode: u32,
}

impl FileChange {
    /// Tells whether there is nothing to do.
    pub(super) fn is_done(&self) -> bool {
        self.file.text() == self.becomes.as_deref()
    }

    /// Shows the lines that go and those that come.
    pub(super) fn show(&self) -> Result<(), HookCommandError> {
        let old: Vec<&str> = self.file.text().unwrap_or_default().lines().collect();
        let new: Vec<&str> = self.becomes.as_deref().unwrap_or_default().lines().collect();
        let same = |(a, b): &(&&str, &&str)| a == b;
        let head = old.iter().zip(&new).take_while(same).count();
        let (old, new) = (&old[head..], &new[head..]);
        let tail = old.iter().rev().zip(new.iter().rev()).take_while(same).count();
        say(&format!("{} (from line {})", shown(self.file.path()), head + 1))?;
        for (sign, lines) in [('-', &old[..old.len() - tail]), ('+', &new[..new.len() - tail])] {
            for line in lines {
                // What stands in front is only where it stands.
                let text = line.trim_start_matches(' ');
                let indent = &line[..line.len() - text.len()];
                say(&format!("{sign} {indent}{}", plain(text)))?;
            }
        }
        Ok(())
    }

    /// Keeps what was there, unless a copy is kept already, and writes.
    pub(super) fn make(&self, copies: &Path) -> Result<(), HookCommandError> {
        let Some(becomes) = &self.becomes else {
            return Ok(self.file.remove()?);
        };
        if let Some(text) = self.file.text() {
            let copies = PrivateDir::open(copies)?;
            let name = copy_name(self.file.path());
            if copies.read_up_to(&name, 8 << 20)?.is_none() {
                copies.write(&name, text.as_bytes())?;
            }
        }
        Ok(self.file.replace(becomes, self.mode)?)
    }
}

/// Returns the text a file had before us.
pub(super) fn copy_of(copies: &Path, path: &Path) -> Result<Option<String>, HookCommandError> {
    if !copies.exists() {
        return Ok(None);
    }
    let bytes = PrivateDir::open(copies)?.read_up_to(&copy_name(path), 8 << 20)?;
    Ok(bytes.and_then(|bytes| String::from_utf8(bytes).ok()))
}

/// Forgets the copy.
pub(super) fn forget_copy(copies: &Path, path: &Path) -> Result<(), HookCommandError> {
    if copies.exists() {
        PrivateDir::open(copies)?.remove(&copy_name(path))?;
    }
    Ok(())
}

fn copy_name(path: &Path) -> String {
    path.to_string_lossy().replace('%', "%%").replace('/', "%")
}

/// Returns the path of the file whose copy has that name.
pub(super) fn path_of_copy(name: &str) -> Option<PathBuf> {
    let below = name.strip_prefix('%')?;
    let parts: Vec<String> = below.split("%%").map(|part| part.replace('%', "/")).collect();
    let path = Path::new("/").join(parts.join("%"));
    (copy_name(&path) == name).then_some(path)
}

pub(super) fn shown(path: &Path) -> String {
    Displayable::from(path.to_string_lossy().as_ref()).to_string()
}

/// Returns a line as it is when there is nothing in it to escape but backslashes.
fn plain(line: &str) -> String {
    let shown = Displayable::from(line).to_string();
    if shown.replace(r"\\", r"\") == line { line.to_owned() } else { shown }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_copy_says_whose_it_is() {
        for path in ["/home/me/.claude/settings.json", "/a b/100%/x", "/%a/b%%c"] {
            let path = Path::new(path);
            assert_eq!(path_of_copy(&copy_name(path)).as_deref(), Some(path));
        }
        for other in ["placed", "placed.lock", "a%b", ""] {
            assert_eq!(path_of_copy(other), None, "{other}");
        }
    }
}
