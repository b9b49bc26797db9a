//! The directory of links to us.
//!
//! Beside the links lies `.broken`, which follows on `PATH`: a script of the same
//! names that refuses. A link that leads nowhere is passed over by every shell, and
//! without that script the program behind it would run unasked.

use super::{ShimError, ShimName};
use crate::process::{FileIdentity, PrivateDir};
use std::ffi::{OsStr, OsString};
use std::fs::{self, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// What stands in for links that lead nowhere.
pub(super) const BROKEN: &str = ".broken";
/// The script that those names are links to.
const REFUSAL: &str = ".refuse";
const REFUSAL_TEXT: &str = include_str!("../../../shims/broken.sh");

/// The directory of the shims.
#[derive(Debug, Clone)]
pub struct Shims {
    path: PathBuf,
}

/// Where a link leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leads {
    /// To the program that runs now.
    Here,
    /// To another file of our name.
    Elsewhere,
    /// To a file that is not there.
    Nowhere,
}

/// What stands at the place of a shim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Placed {
    /// Nothing.
    Nothing,
    /// A link of ours.
    Link {
        /// What it says.
        target: PathBuf,
        /// Where that leads.
        leads: Leads,
    },
    /// Something we did not make.
    Foreign,
}

/// Which of all shims are taken away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removal {
    /// It is taken away.
    Removed,
    /// It leads to another installation of ours and stays.
    Stays,
}

impl Shims {
    /// Names the directory, there or not.
    #[must_use]
    pub fn at(path: PathBuf) -> Self {
        Self { path }
    }

    /// Returns the directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns what goes to the front of `PATH`, in this order.
    ///
    /// # Errors
    ///
    /// [`ShimError::Unsayable`].
    pub fn path_entries(&self) -> Result<[PathBuf; 2], ShimError> {
        let unsayable = |byte: &u8| *byte == b':' || byte.is_ascii_control();
        if self.path.as_os_str().as_bytes().iter().any(unsayable) {
            return Err(ShimError::Unsayable { path: self.path.clone() });
        }
        Ok([self.path.clone(), self.path.join(BROKEN)])
    }

    /// Returns the link of that name, there or not.
    #[must_use]
    pub fn link(&self, name: &OsStr) -> PathBuf {
        self.path.join(name)
    }

    /// Returns what stands at the place of that shim.
    ///
    /// # Errors
    ///
    /// [`ShimError::System`].
    pub fn look(&self, name: &OsStr) -> Result<Placed, ShimError> {
        let path = self.link(name);
        let target = match fs::read_link(&path) {
            Ok(target) => target,
            Err(error) => match error.kind() {
                ErrorKind::NotFound | ErrorKind::NotADirectory => return Ok(Placed::Nothing),
                // What Linux says of a file that is no link.
                ErrorKind::InvalidInput => return Ok(Placed::Foreign),
                _ => return Err(failed("look at", &path)(error)),
            },
        };
        let found = FileIdentity::of_path(&path);
        if found.is_some() && found == FileIdentity::of_this_program() {
            return Ok(Placed::Link { target, leads: Leads::Here });
        }
        if target.file_name().is_none_or(|name| name != "airlock-exec") {
            return Ok(Placed::Foreign);
        }
        let leads = if found.is_some() { Leads::Elsewhere } else { Leads::Nowhere };
        Ok(Placed::Link { target, leads })
    }

    /// Returns every name in the directory, in order; none when it is not there.
    ///
    /// # Errors
    ///
    /// [`ShimError::System`].
    pub fn names(&self) -> Result<Vec<OsString>, ShimError> {
        let entries = match fs::read_dir(&self.path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(failed("list", &self.path))?,
        };
        let names: Result<Vec<_>, _> =
            entries.map(|entry| entry.map(|entry| entry.file_name())).collect();
        let mut names = names.map_err(failed("list", &self.path))?;
        names.retain(|name| !name.as_bytes().starts_with(b"."));
        names.sort();
        Ok(names)
    }

    /// Makes the links of all these names lead to `target`, or none when one cannot be
    /// made. What is so already stays as it is.
    ///
    /// # Errors
    ///
    /// [`ShimError`].
    pub fn install(&self, names: &[ShimName], target: &Path) -> Result<(), ShimError> {
        self.path_entries()?;
        self.check(names)?;
        let links = PrivateDir::open(&self.path)?;
        let broken = links.subdir(BROKEN)?;
        let refusal = broken.path().join(REFUSAL);
        broken.write(REFUSAL, REFUSAL_TEXT.as_bytes())?;
        fs::set_permissions(&refusal, Permissions::from_mode(0o700))
            .map_err(failed("make executable", &refusal))?;
        for name in names {
            // First what refuses, so that there is no moment without either.
            broken.link(name.as_os_str(), Path::new(REFUSAL))?;
            links.link(name.as_os_str(), target)?;
        }
        broken.sync()?;
        Ok(links.sync()?)
    }

    /// Refuses names whose place is taken by something that is not ours.
    ///
    /// # Errors
    ///
    /// [`ShimError::NotOurs`].
    pub fn check(&self, names: &[ShimName]) -> Result<(), ShimError> {
        for name in names {
            if self.look(name.as_os_str())? == Placed::Foreign {
                return Err(ShimError::NotOurs { path: self.link(name.as_os_str()) });
            }
        }
        Ok(())
    }

    /// Takes these shims away.
    ///
    /// # Errors
    ///
    /// [`ShimError::Absent`] and [`ShimError::NotOurs`]: then none is taken away.
    pub fn remove(&self, names: &[ShimName]) -> Result<(), ShimError> {
        self.check(names)?;
        for name in names {
            if self.look(name.as_os_str())? == Placed::Nothing {
                return Err(ShimError::Absent { name: name.as_os_str().to_owned() });
            }
        }
        for name in names {
            self.take_away(name.as_os_str())?;
        }
        self.tidy();
        Ok(())
    }

    /// Returns what `remove_all` would do with each of our links.
    ///
    /// # Errors
    ///
    /// [`ShimError::System`].
    pub fn removals(&self) -> Result<Vec<(OsString, Removal)>, ShimError> {
        let mut removals = Vec::new();
        for name in self.names()? {
            let Placed::Link { leads, .. } = self.look(&name)? else { continue };
            let stays = leads == Leads::Elsewhere;
            removals.push((name, if stays { Removal::Stays } else { Removal::Removed }));
        }
        Ok(removals)
    }

    /// Takes every shim away that leads here or nowhere.
    ///
    /// # Errors
    ///
    /// [`ShimError::System`].
    pub fn remove_all(&self) -> Result<Vec<(OsString, Removal)>, ShimError> {
        let removals = self.removals()?;
        for (name, _) in removals.iter().filter(|(_, removal)| *removal == Removal::Removed) {
            self.take_away(name)?;
        }
        self.tidy();
        Ok(removals)
    }

    fn take_away(&self, name: &OsStr) -> Result<(), ShimError> {
        for path in [self.link(name), self.path.join(BROKEN).join(name)] {
            match fs::remove_file(&path) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(failed("remove", &path)(error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Removes the directories when nothing is in them; else they are of use.
    fn tidy(&self) {
        if self.names().is_ok_and(|names| names.is_empty()) {
            let broken = self.path.join(BROKEN);
            let _ = fs::remove_file(broken.join(REFUSAL));
            let _ = fs::remove_dir(&broken);
            let _ = fs::remove_dir(&self.path);
        }
    }
}

fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> ShimError {
    move |source| ShimError::System { action, path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn names(names: &[&str]) -> Vec<ShimName> {
        names.iter().map(|name| ShimName::new(OsStr::new(name)).expect("a name")).collect()
    }

    fn scene() -> (tempfile::TempDir, Shims, PathBuf) {
        let place = tempfile::tempdir().expect("a directory");
        let shims = Shims::at(place.path().join("shims"));
        let own = crate::process::own_binary().expect("known");
        (place, shims, own)
    }

    #[test]
    fn installing_twice_is_installing_once_and_removing_leaves_nothing() {
        let (_place, shims, own) = scene();
        for _ in 0..2 {
            shims.install(&names(&["git", "npm"]), &own).expect("installed");
            assert_eq!(shims.names().expect("listed"), ["git", "npm"]);
        }
        let placed = shims.look(OsStr::new("git")).expect("looked");
        assert_eq!(placed, Placed::Link { target: own, leads: Leads::Here });
        shims.remove(&names(&["git"])).expect("removed");
        assert!(matches!(shims.remove(&names(&["git"])), Err(ShimError::Absent { .. })));
        assert_eq!(shims.remove_all().expect("removed"), [("npm".into(), Removal::Removed)]);
        assert!(!shims.path().exists());
    }

    #[test]
    fn what_is_not_ours_stays() {
        let (_place, shims, own) = scene();
        shims.install(&names(&["git"]), &own).expect("installed");
        fs::write(shims.link(OsStr::new("npm")), "mine").expect("written");
        symlink("/bin/sh", shims.link(OsStr::new("gh"))).expect("linked");
        for taken in ["npm", "gh"] {
            let both = names(&["kubectl", taken]);
            assert!(matches!(shims.install(&both, &own), Err(ShimError::NotOurs { .. })));
            assert_eq!(shims.look(OsStr::new("kubectl")).expect("looked"), Placed::Nothing);
            assert!(matches!(shims.remove(&names(&[taken])), Err(ShimError::NotOurs { .. })));
        }
        assert_eq!(shims.remove_all().expect("removed"), [("git".into(), Removal::Removed)]);
        assert_eq!(shims.names().expect("listed"), ["gh", "npm"]);
    }

    #[test]
    fn a_link_to_another_installation_is_told_from_one_to_nowhere() {
        let (place, shims, own) = scene();
        let other = place.path().join("airlock-exec");
        fs::write(&other, "another").expect("written");
        shims.install(&names(&["git"]), &other).expect("installed");
        let leads = || match shims.look(OsStr::new("git")).expect("looked") {
            Placed::Link { leads, .. } => leads,
            placed => panic!("{placed:?}"),
        };
        assert_eq!(leads(), Leads::Elsewhere);
        assert_eq!(shims.remove_all().expect("looked"), [("git".into(), Removal::Stays)]);
        fs::remove_file(&other).expect("removed");
        assert_eq!(leads(), Leads::Nowhere);
        shims.install(&names(&["git"]), &own).expect("mended");
        assert_eq!(leads(), Leads::Here);
    }

    #[test]
    fn a_directory_that_path_cannot_name_is_refused() {
        let (place, _, own) = scene();
        let shims = Shims::at(place.path().join("a:b"));
        assert!(matches!(shims.install(&names(&["git"]), &own), Err(ShimError::Unsayable { .. })));
        assert!(!shims.path().exists());
    }
}
