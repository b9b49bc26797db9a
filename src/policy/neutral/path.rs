//! The search path without the places where somebody could put a program meanwhile.

use crate::policy::ancestry::is_below;
use crate::policy::trust::{is_fixed, is_of_the_system};
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
        let directory = Path::new(OsStr::from_bytes(entry));
        is_fixed(directory)
            && match keep {
                Keep::OutOf(project) => {
                    !is_below(directory, project) || is_of_the_system(directory)
                }
                Keep::Trusted(is_trusted) => is_trusted(directory),
            }
    };
    let entries = || path.as_bytes().split(|byte| *byte == b':');
    if entries().all(|entry| stays(&entry)) {
        return None;
    }
    let mut kept = entries().filter(stays).collect::<Vec<_>>().join(&b':');
    if kept.is_empty() {
        // An empty path would be the working directory.
        kept.extend_from_slice(b"/usr/bin:/bin");
    }
    CString::new([b"PATH=", &kept[..]].concat()).ok()
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
