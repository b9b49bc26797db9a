//! The search path without the places where somebody could put a program meanwhile.

use nix::unistd::{AccessFlags, access};
use std::ffi::{CString, OsStr};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// What may stay in a search path.
pub(in crate::policy) enum Keep<'a> {
    /// Directories out of the project: what git starts may be the user's.
    OutOf(&'a Path),
    /// Directories of which this is true: a shell looks its commands up by itself.
    Trusted(&'a dyn Fn(&Path) -> bool),
}

/// Returns `PATH=...` without what may not stay; `None` when all of it may.
pub(in crate::policy) fn cleaned(path: &OsStr, keep: &Keep<'_>) -> Option<CString> {
    let stays = |entry: &&[u8]| {
        if let Keep::OutOf(project) = keep
            && is_plainly_elsewhere(entry, project.as_os_str().as_bytes())
        {
            return true;
        }
        let directory = Path::new(OsStr::from_bytes(entry));
        let is_fixed =
            directory.is_absolute() && !directory.components().any(|part| part.as_os_str() == "..");
        is_fixed
            && match keep {
                Keep::OutOf(project) => {
                    !directory.starts_with(project)
                        || super::super::trust::is_of_the_system(directory)
                }
                Keep::Trusted(is_trusted) => is_trusted(directory),
            }
    };
    let entries = path.as_bytes().split(|byte| *byte == b':');
    let kept: Vec<&[u8]> = entries.filter(stays).collect();
    let mut kept = kept.join(&b':');
    if kept == path.as_bytes() {
        return None;
    }
    if kept.is_empty() {
        // An empty path would be the working directory.
        kept.extend_from_slice(b"/usr/bin:/bin");
    }
    CString::new([b"PATH=", &kept[..]].concat()).ok()
}

/// Tells whether an absolute path, written without any `.`, `..` or doubled slash,
/// begins otherwise than that other path: most entries do, and this costs least.
fn is_plainly_elsewhere(entry: &[u8], path: &[u8]) -> bool {
    let is_odd = |pair: &[u8]| pair == b"//" || pair == b"/.";
    entry.first() == Some(&b'/') && !entry.starts_with(path) && !entry.windows(2).any(is_odd)
}

/// Finds a program in the absolute entries of a search path, but for one of them.
pub(in crate::policy) fn found(path: &OsStr, name: &OsStr, except: &Path) -> Option<PathBuf> {
    let directories = std::env::split_paths(path);
    let mut files = directories
        .filter(|directory| directory.is_absolute() && directory != except)
        .map(|directory| directory.join(name));
    files.find(|file| file.is_file() && access(file, AccessFlags::X_OK).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_project_could_fill_goes() {
        let keep = Keep::OutOf(Path::new("/home/me/src"));
        let clean = |path: &str| {
            let cleaned = cleaned(OsStr::new(path), &keep)?;
            Some(cleaned.to_str().expect("UTF-8").to_owned())
        };
        let path = "/home/me/src/bin::.:bin:/home/me/bin:/usr/bin:/home/me/../me/src";
        assert_eq!(clean(path).as_deref(), Some("PATH=/home/me/bin:/usr/bin"));
        assert_eq!(clean("/home/me/bin:/usr/bin"), None);
        assert_eq!(clean(".").as_deref(), Some("PATH=/usr/bin:/bin"));
    }

    #[test]
    fn only_what_is_trusted_stays() {
        let keep = Keep::Trusted(&|directory| directory == Path::new("/usr/bin"));
        let cleaned = cleaned(OsStr::new("/home/me/bin:/usr/bin:."), &keep).expect("cleaned");
        assert_eq!(cleaned.as_c_str(), c"PATH=/usr/bin");
    }
}
