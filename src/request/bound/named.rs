//! Files that words name, whatever a program does with them.

use crate::process::WorkingDirectory;
use crate::request::parts::parts;
use nix::sys::stat::SFlag;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What languages put behind the name of a library that they are told to load: `ruby -r ./lib`.
const ENDS: &[&str] = &[".rb", ".py", ".js", ".pm", ".lua"];
/// How often is looked for a file.
const MOST_LOOKS: usize = 16_384;

/// Whether files that are words of their own count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WholeWords {
    /// They may be run as any other.
    Count,
    /// They are data: only what a text among the words names may be run.
    AreData,
}

/// What words name.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Named {
    /// Regular files.
    pub(super) files: Vec<PathBuf>,
    /// Directories.
    pub(super) directories: Vec<PathBuf>,
    /// Whether all of it was looked at.
    pub(super) extent: Extent,
}

/// How far was looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Extent {
    /// To the end.
    #[default]
    Whole,
    /// There was too much to be looked at.
    Part,
}

/// Returns what words name, as a whole or in a part, in the directory or in one that another
/// word names: a program may go there first.
///
/// All is as it is looked up from the working directory.
pub(super) fn find(words: &[&str], whole: WholeWords, directory: &WorkingDirectory) -> Named {
    let kind = |path: &Path| {
        let state = directory.state_of(path).ok()?;
        Some(SFlag::from_bits_truncate(state.st_mode) & SFlag::S_IFMT)
    };
    let mut named = Named::default();
    let mut seen = BTreeSet::new();
    let counts = |part: &&str| whole == WholeWords::Count || !words.contains(part);
    let all = words.iter().flat_map(|word| parts(word));
    let all = all.filter(counts).filter(|part| seen.insert(*part));
    let parts: Vec<&str> = all.take(MOST_LOOKS).collect();
    let inside = parts.iter().map(Path::new).filter(|path| kind(path) == Some(SFlag::S_IFDIR));
    named.directories.extend(inside.map(Path::to_owned));
    let here = PathBuf::new();
    let places: Vec<&PathBuf> = [&here].into_iter().chain(&named.directories).collect();
    let mut looks = 0;
    'all: for part in &parts {
        let places = if part.starts_with('/') { &places[..1] } else { &places[..] };
        for place in places {
            for end in [""].iter().chain(ENDS) {
                looks += 1;
                if looks > MOST_LOOKS {
                    named.extent = Extent::Part;
                    break 'all;
                }
                let path = place.join(format!("{part}{end}"));
                if kind(&path) == Some(SFlag::S_IFREG) && !named.files.contains(&path) {
                    named.files.push(path);
                }
            }
        }
    }
    named
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
        let found = |words: &[&str]| find(words, WholeWords::Count, &here).files;
        assert_eq!(found(&[&path("a"), &path("c")]), [PathBuf::from(path("a"))]);
        for word in ["--config=A", "-cA", "x:A", "@A", "A,b", "-javaagent:A=x"] {
            let word = word.replace('A', &path("a"));
            assert_eq!(found(&[&word]), [PathBuf::from(path("a"))], "{word}");
        }
        for word in ["A -9", "!A", "x 'A'", "x;A", "-IA x", "-xvIA", "x=A %h", "(\"A\")", "x|A&"] {
            let word = word.replace('A', &path("a"));
            assert_eq!(found(&[&word]), [PathBuf::from(path("a"))], "{word}");
        }
        let inside = |words: &[&str]| find(words, WholeWords::AreData, &here).files;
        let text = format!("1e {}", path("a"));
        assert_eq!(inside(&[&text, &path("b")]), [PathBuf::from(path("a"))]);
        fs::write(path("lib.rb"), "x").expect("a file");
        assert_eq!(found(&["-r", &path("lib")]), [PathBuf::from(path("lib.rb"))]);
        fs::write(path("two words"), "x").expect("a file");
        assert_eq!(
            found(&[&format!("--x={}", path("two words"))]),
            [PathBuf::from(path("two words"))]
        );
        assert_eq!(found(&["-C", &path("sub"), "inner"]), [PathBuf::from(path("sub/inner"))]);
        assert!(found(&[&path("sub"), "", "-", "--"]).is_empty());
    }

    #[test]
    fn looks_for_so_many_and_says_so() {
        let here = WorkingDirectory::capture().expect("a directory");
        let many: Vec<String> = (0..MOST_LOOKS).map(|number| format!("none{number}")).collect();
        let words: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(find(&words, WholeWords::Count, &here).extent, Extent::Part);
        assert_eq!(find(&words[..9], WholeWords::Count, &here).extent, Extent::Whole);
    }
}
