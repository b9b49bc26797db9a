//! Files that words name, whatever a program does with them.

use crate::process::WorkingDirectory;
use nix::sys::stat::SFlag;
use std::path::{Path, PathBuf};

/// What stands between the parts of a word: `--config=FILE`, `-cp A:B`, `@FILE`.
const BETWEEN: [char; 4] = ['=', ':', ',', '@'];

/// Returns the regular files that words name, as a whole or in a part, in the directory or in
/// one that another word names: a program may go there first.
///
/// They are as they are looked up from the working directory.
pub(super) fn files(words: &[&str], directory: &WorkingDirectory) -> Vec<PathBuf> {
    let kind = |path: &Path| {
        let state = directory.state_of(path).ok()?;
        Some(SFlag::from_bits_truncate(state.st_mode) & SFlag::S_IFMT)
    };
    let parts: Vec<&str> = words.iter().flat_map(|word| parts(word)).collect();
    let inside = parts.iter().map(Path::new).filter(|path| kind(path) == Some(SFlag::S_IFDIR));
    let places: Vec<&Path> = [Path::new("")].into_iter().chain(inside).collect();
    let mut files = Vec::new();
    for part in &parts {
        for place in &places {
            let path = place.join(part);
            if kind(&path) == Some(SFlag::S_IFREG) && !files.contains(&path) {
                files.push(path);
            }
        }
    }
    files
}

/// Returns a word and the parts of it that may be paths: also what is joined to one letter.
fn parts(word: &str) -> impl Iterator<Item = &str> {
    let is_letter = word.starts_with('-') && !word.starts_with("--");
    let joined = word.get(2..).filter(|_| is_letter);
    [Some(word), joined]
        .into_iter()
        .flatten()
        .chain(word.split(BETWEEN))
        .filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn finds_files_in_whole_words_in_parts_and_in_directories_that_are_named() {
        let root = tempfile::tempdir().expect("a directory");
        let path = |name: &str| root.path().join(name).to_str().expect("text").to_owned();
        fs::create_dir(path("sub")).expect("a directory");
        for name in ["a", "b", "sub/inner"] {
            fs::write(path(name), "x").expect("a file");
        }
        let here = WorkingDirectory::capture().expect("a directory");
        let found = |words: &[&str]| files(words, &here);
        assert_eq!(found(&[&path("a"), &path("c")]), [PathBuf::from(path("a"))]);
        for word in ["--config=A", "-cA", "x:A", "@A", "A,b", "-javaagent:A=x"] {
            let word = word.replace('A', &path("a"));
            assert_eq!(found(&[&word]), [PathBuf::from(path("a"))], "{word}");
        }
        assert_eq!(found(&["-C", &path("sub"), "inner"]), [PathBuf::from(path("sub/inner"))]);
        assert!(found(&[&path("sub"), "", "-", "--"]).is_empty());
    }
}
