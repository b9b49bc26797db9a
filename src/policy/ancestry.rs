//! What is above a path and what a path is below, as every allowed command looks.
//!
//! The standard library takes a path apart into components each time, which costs an
//! allowed command more than what it is asked. Most paths are written as the kernel
//! writes them: those are compared as they stand, and others as the library does.

use std::ffi::OsStr;
use std::iter::successors;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Goes through an absolute path and the directories above it, up to the root.
///
/// As [`Path::ancestors`]; a path with doubled slashes may name one of them twice.
pub(super) fn above(path: &Path) -> impl Iterator<Item = &Path> {
    successors(Some(path.as_os_str().as_bytes()), |path| {
        let end = path.iter().rposition(|byte| *byte == b'/')?;
        // The root's own slash is its name.
        let directory = &path[..end.max(1)];
        (directory.len() < path.len()).then_some(directory)
    })
    .map(|path| Path::new(OsStr::from_bytes(path)))
}

/// Returns the directory that an absolute path names a file in.
pub(super) fn directory_of(path: &Path) -> &Path {
    above(path).nth(1).unwrap_or(path)
}

/// Tells whether a path is another one or below it, as [`Path::starts_with`] does.
pub(super) fn is_below(path: &Path, top: &Path) -> bool {
    let [bytes, top_bytes] = [path, top].map(|each| each.as_os_str().as_bytes());
    if let ([b'/', first, ..], [b'/', top_first, ..]) = (bytes, top_bytes)
        && first != top_first
        && ![first, top_first].iter().any(|byte| b"/.".contains(byte))
    {
        // The names of the first directories differ.
        return false;
    }
    if !(is_straight(path) && is_straight(top)) {
        return path.starts_with(top);
    }
    bytes.strip_prefix(top_bytes).is_some_and(|rest| matches!(rest, [] | [b'/', ..]))
}

/// Tells whether a path is absolute and written without `.`, `..` or a slash too many.
///
/// The root itself is not: all else is below it.
pub(super) fn is_straight(path: &Path) -> bool {
    let is_name = |part: &[u8]| !matches!(part, b"" | b"." | b"..");
    let names = path.as_os_str().as_bytes().strip_prefix(b"/");
    names.is_some_and(|names| names.split(|byte| *byte == b'/').all(is_name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goes_up_to_the_root_as_the_standard_library_does() {
        for path in ["/", "/a", "/a/b/c", "/a.b/..c/d"] {
            assert!(above(Path::new(path)).eq(Path::new(path).ancestors()), "{path}");
        }
        let odd: Vec<&Path> = above(Path::new("/a//b/")).collect();
        assert_eq!(odd, ["/a//b/", "/a//b", "/a/", "/a", "/"].map(Path::new));
        assert_eq!(directory_of(Path::new("/a/b")), Path::new("/a"));
        assert_eq!(directory_of(Path::new("/a")), Path::new("/"));
    }

    #[test]
    fn is_below_what_the_standard_library_says_it_starts_with() {
        let paths = [
            "/", "//", "/a", "/a/", "/a/b", "/a//b", "/a/./b", "/a/../b", "/ab", "/b", "/b/c",
            "/a/b/c", "a", "a/b", "", ".", "..", "/.a", "/a/.", "/a/..", "/a/...",
        ];
        for path in paths.map(Path::new) {
            for top in paths.map(Path::new) {
                assert_eq!(is_below(path, top), path.starts_with(top), "{path:?} {top:?}");
            }
        }
    }
}
