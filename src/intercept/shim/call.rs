//! What we are when a program's name was called.

use super::directory::BROKEN;
use super::round::{Round, RoundError};
use crate::display::Displayable;
use crate::process::{Environment, FileIdentity};
use std::borrow::Cow;
use std::ffi::{CStr, OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Programs that look for themselves by their name along `PATH`, where they would find
/// the shim: they get the path they were found at, as from any other shim manager.
const LOOK_FOR_THEMSELVES: &[&[u8]] = &[b"python", b"pypy"];

/// How the path of a directory with links of ours ends, whoever's it is.
const USUAL_PLACE: &str = "airlock-exec/shims";

/// A call that came to us by a program's name.
#[derive(Debug, Clone)]
pub struct Shim {
    name: OsString,
    /// Where our own links lie.
    directory: PathBuf,
    this_program: Option<FileIdentity>,
    round: Option<Round>,
}

impl Shim {
    /// Takes the name we were called by, and where our own links lie.
    #[must_use]
    pub fn new(name: &OsStr, directory: PathBuf, environment: &Environment) -> Self {
        let this_program = FileIdentity::of_this_program();
        let round = Round::of(environment, name, this_program);
        Self { name: name.to_owned(), directory, this_program, round }
    }

    /// Takes the name of a link to us that was found on `PATH`, in a directory that is
    /// called as ours is; `None` for any other file.
    #[must_use]
    pub fn of_link(path: &Path, environment: &Environment) -> Option<Self> {
        let parent = path.parent()?;
        let (directory, stands_in) =
            if parent.ends_with(BROKEN) { (parent.parent()?, true) } else { (parent, false) };
        if !directory.ends_with(USUAL_PLACE) {
            return None;
        }
        let shim = Self::new(path.file_name()?, directory.to_owned(), environment);
        (stands_in || shim.this_program == FileIdentity::of_path(path)).then_some(shim)
    }

    /// Returns the program's name.
    #[must_use]
    pub fn name(&self) -> &OsStr {
        &self.name
    }

    /// Tells whether an entry of `PATH` is ours, by how it is written: the rest of the
    /// entries is told by what lies there.
    #[must_use]
    pub fn owns_directory(&self, entry: &[u8]) -> bool {
        let ours = self.directory.as_os_str().as_bytes();
        let Some(rest) = entry.strip_prefix(ours) else { return false };
        matches!(rest, b"" | b"/") || rest.strip_prefix(b"/") == Some(BROKEN.as_bytes())
    }

    /// Tells whether a program that was found is ourselves, and not what is behind us.
    #[must_use]
    pub fn is_ours(&self, path: &Path, found: FileIdentity) -> bool {
        self.this_program == Some(found) || self.is_broken_shim(path)
    }

    /// Returns where the search goes on, when a program that we started led back to us:
    /// behind the entry of `PATH` that it stands in.
    #[must_use]
    pub fn goes_on_behind(&self) -> Option<&Path> {
        self.round.as_ref().and_then(Round::passed)
    }

    /// Returns the word that the program found there gets as its name.
    #[must_use]
    pub fn word_for(&self, path: &Path) -> OsString {
        let name = self.name.as_bytes();
        let looks = LOOK_FOR_THEMSELVES.iter().any(|program| name.starts_with(program));
        if looks { path.into() } else { self.name.clone() }
    }

    /// Returns the entry that a program needs in its environment which may lead back to
    /// us: another shim manager, and whatever is told from one only by running it.
    ///
    /// # Errors
    ///
    /// [`RoundError`] when programs and shims have led to each other too often.
    pub fn mark(&self, path: &Path, head: &[u8]) -> Result<Option<Cow<'static, CStr>>, RoundError> {
        if !may_lead_back(&self.name, path, head) {
            return Ok(None);
        }
        Round::next(self.round.as_ref(), path).map(Some)
    }

    /// Returns what to do when there is no program behind.
    #[must_use]
    pub fn advice(&self) -> String {
        let name = Displayable::from(self.name.as_os_str());
        let link = self.directory.join(&self.name);
        if link.symlink_metadata().is_ok() {
            format!("install {name}, or take its shim away: airlock-exec shim remove {name}")
        } else {
            format!(
                "install {name}, or call us by a name of our own: airlock-exec ({name} is a link to us that nobody installed with airlock-exec shim install)"
            )
        }
    }

    /// What stands behind a link of ours for the day when that leads nowhere.
    fn is_broken_shim(&self, path: &Path) -> bool {
        let Some(directory) = path.parent() else { return false };
        directory.file_name() == Some(OsStr::new(BROKEN))
            && FileIdentity::of_path(directory)
                .is_some_and(|it| FileIdentity::of_path(&self.directory.join(BROKEN)) == Some(it))
    }
}

/// Tells whether a file is a script, or a link to a program of another name.
///
/// `pyenv`, `rbenv` and `asdf` make scripts, `mise`, `volta` and `rustup` links to
/// themselves. `python3`, a link to `python3.12`, is neither.
fn may_lead_back(name: &OsStr, path: &Path, head: &[u8]) -> bool {
    if head.starts_with(b"#!") {
        return true;
    }
    let Ok(target) = std::fs::read_link(path) else { return false };
    let target = target.file_name().unwrap_or_default().as_bytes();
    !target.starts_with(name.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn shim(name: &str, directory: &Path) -> Shim {
        Shim::new(OsStr::new(name), directory.to_owned(), &Environment::default())
    }

    #[test]
    fn knows_itself_by_what_it_is() {
        let place = tempfile::tempdir().expect("a directory");
        let shim = shim("git", place.path());
        let link = place.path().join("anything");
        symlink(crate::process::own_binary().expect("known"), &link).expect("linked");
        let identity = |path: &Path| FileIdentity::of_path(path).expect("there");
        assert!(shim.is_ours(&link, identity(&link)));
        assert!(!shim.is_ours(Path::new("/bin/sh"), identity(Path::new("/bin/sh"))));
    }

    #[test]
    fn a_link_is_told_by_where_it_is_and_what_it_leads_to() {
        let place = tempfile::tempdir().expect("a directory");
        let shims = place.path().join("airlock-exec/shims");
        std::fs::create_dir_all(&shims).expect("a directory");
        let of = |path: &Path| Shim::of_link(path, &Environment::default()).is_some();
        let link = |name: &str, target: &Path| {
            symlink(target, shims.join(name)).expect("linked");
            shims.join(name)
        };
        let own = crate::process::own_binary().expect("known");
        assert!(of(&link("git", &own)));
        assert!(!of(&link("sh", Path::new("/bin/sh"))));
        assert!(!of(&own) && !of(Path::new("/usr/bin/git")));
        assert!(of(&shims.join(".broken/git")));
    }

    #[test]
    fn knows_its_directories_by_how_they_are_written() {
        let shim = shim("git", Path::new("/d/shims"));
        for ours in ["/d/shims", "/d/shims/", "/d/shims/.broken"] {
            assert!(shim.owns_directory(ours.as_bytes()), "{ours}");
        }
        for other in ["/d/shims2", "/d", "", "/usr/bin", "/d/shims/git"] {
            assert!(!shim.owns_directory(other.as_bytes()), "{other}");
        }
    }

    #[test]
    fn only_what_may_be_a_shim_manager_is_marked() {
        let place = tempfile::tempdir().expect("a directory");
        let link = |name: &str, target: &str| {
            let path = place.path().join(name);
            symlink(target, &path).expect("linked");
            path
        };
        let leads = |name: &str, path: &Path, head: &[u8]| {
            shim(name, place.path()).mark(path, head).expect("no round").is_some()
        };
        let elf = b"\x7fELF";
        assert!(leads("npm", &link("npm", "npm-cli.js"), b"#!"));
        assert!(leads("node", &link("node", "/opt/mise"), elf));
        assert!(!leads("python3", &link("python3", "python3.12"), elf));
        assert!(!leads("vi", &link("vi", "/etc/alternatives/vi"), elf));
        assert!(!leads("git", Path::new("/usr/bin/git"), elf));
    }

    #[test]
    fn what_looks_for_itself_is_told_where_it_is() {
        let found = Path::new("/usr/bin/python3");
        assert_eq!(shim("python3", Path::new("/d")).word_for(found), found);
        assert_eq!(shim("git", Path::new("/d")).word_for(Path::new("/usr/bin/git")), "git");
    }
}
