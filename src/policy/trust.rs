//! Whether a program's file is one that nobody but its owner could have put there.

use super::ancestry::{above, directory_of, is_below, is_straight};
use crate::request::Request;
use nix::sys::stat::{FileStat, fstat, stat};
use nix::unistd::{Gid, Group, Uid, getgroups};
use std::os::fd::AsFd;
use std::path::{Component, Path, PathBuf};

/// Whose word counts about where programs lie.
pub(super) struct Trust<'a> {
    /// The directory the command starts in.
    directory: &'a Path,
    home: Option<&'a Path>,
    /// Directories of the user's own that the policy names.
    approved: &'a [PathBuf],
}

impl<'a> Trust<'a> {
    pub(super) fn new(request: &'a Request, approved: &'a [PathBuf]) -> Self {
        let home = request.environment().value("HOME").map(Path::new);
        let home = home.filter(|home| home.is_absolute() && *home != Path::new("/"));
        Self { directory: request.directory().path(), home, approved }
    }

    /// Says why the file of a request must not run unasked, if so.
    pub(super) fn distrusts_request(&self, request: &Request) -> Option<String> {
        let found = fstat(request.executable().as_fd());
        // The very file that is held, wherever its path leads meanwhile.
        let target = || request.executable().target();
        self.distrusts(request.executable().path(), found.ok(), target)
    }

    /// Says why the file at a path must not run unasked, if so.
    pub(super) fn distrusts_path(&self, path: &Path) -> Option<String> {
        self.distrusts(path, stat(path).ok(), || path.canonicalize().ok())
    }

    /// Tells whether programs in a directory can be trusted to be what they are called.
    pub(super) fn trusts_directory(&self, directory: &Path) -> bool {
        self.outside_of_reach(directory) && self.loose(directory).is_none()
    }

    /// The file and every directory above it belong to root and only their owner can
    /// write them, also where a link leads to it.
    fn distrusts(
        &self,
        path: &Path,
        found: Option<FileStat>,
        target: impl FnOnce() -> Option<PathBuf>,
    ) -> Option<String> {
        let shown = || crate::request::text::word(path.as_os_str());
        if !is_fixed(path) {
            return Some(format!("{} is not an absolute path", shown()));
        }
        let directory = directory_of(path);
        if !found.is_some_and(|found| self.holds(directory, &found)) {
            return Some(format!(
                "{} is not root's alone, and no trusted directory holds it",
                shown()
            ));
        }
        if !self.outside_of_reach(directory) {
            return Some(format!("{} lies where the user writes", shown()));
        }
        let Some(target) = target() else {
            return Some(format!("{} leads to a place that is not known", shown()));
        };
        let target = directory_of(&target);
        let loose = self
            .loose(directory)
            .or_else(|| if target == directory { None } else { self.loose(target) });
        loose.map(|each| {
            format!(
                "{}: others than root can write {}",
                shown(),
                crate::request::text::word(each.as_os_str())
            )
        })
    }

    /// Returns the directory, of this and those above it, that others could change.
    fn loose(&self, directory: &Path) -> Option<PathBuf> {
        let held = |each: &Path| stat(each).is_ok_and(|found| self.holds(directory, &found));
        above(directory).find(|each| !held(each)).map(Path::to_owned)
    }

    fn holds(&self, directory: &Path, found: &FileStat) -> bool {
        let user = found.st_uid;
        let owned = user == 0 || self.approves(directory) && user == Uid::effective().as_raw();
        let group = found.st_mode & 0o020 == 0 || is_empty(Gid::from_raw(found.st_gid));
        owned && group && found.st_mode & 0o002 == 0
    }

    fn approves(&self, directory: &Path) -> bool {
        self.approved.iter().any(|each| is_below(directory, each))
    }

    fn outside_of_reach(&self, directory: &Path) -> bool {
        let below_home = self.home.is_some_and(|home| is_below(directory, home));
        let below_here = is_below(directory, self.directory) && !is_of_the_system(directory);
        self.approves(directory) || !(below_home || below_here)
    }
}

/// Tells whether a path is absolute and goes up nowhere.
pub(super) fn is_fixed(path: &Path) -> bool {
    is_straight(path)
        || path.is_absolute() && path.components().all(|part| part != Component::ParentDir)
}

/// Tells whether nobody is in a group, so that what it may write nobody but root may.
///
/// Debian gives `/usr/local` to the group `staff`, which is empty, where
/// `/etc/staff-group-for-usr-local` says so.
fn is_empty(group: Gid) -> bool {
    let ours = group == Gid::effective()
        || getgroups().is_ok_and(|groups| groups.contains(&group) && !Uid::effective().is_root());
    let root = group.as_raw() == 0;
    let members = || Group::from_gid(group).ok().flatten().map(|found| found.mem);
    root || !ours && members().is_some_and(|members| members.iter().all(|name| name == "root"))
}

/// Tells whether a directory is one of the system's, wherever a command starts.
pub(super) fn is_of_the_system(directory: &Path) -> bool {
    const SYSTEM: &[&str] = &["/usr", "/bin", "/sbin", "/opt", "/nix/store", "/snap"];
    SYSTEM.iter().any(|system| is_below(directory, Path::new(system)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_group_with_members_can_write_and_an_empty_one_cannot() {
        // What Debian ships: staff has no members.
        let staff = Group::from_name("staff").ok().flatten().expect("Debian has it");
        assert!(is_empty(staff.gid), "{:?}", staff.mem);
        assert!(is_empty(Gid::from_raw(0)));
        assert!(!is_empty(Gid::from_raw(4_000_000_000)), "nobody knows who is in it");
    }

    #[test]
    fn a_directory_that_others_can_write_is_loose() {
        let place = tempfile::tempdir().expect("a directory");
        let path = place.path().canonicalize().expect("there");
        let trust = Trust { directory: Path::new("/nowhere"), home: None, approved: &[] };
        let approved = [path.clone()];
        let own = Trust { approved: &approved, ..trust };
        let set = |mode| std::fs::set_permissions(&path, PermissionsExt::from_mode(mode));
        // Whoever runs the tests: what lies above is /tmp, which anybody can write.
        assert!(own.loose(&path).is_some_and(|found| found != path));
        set(0o777).expect("loosened");
        assert_eq!(own.loose(&path), Some(path.clone()));
    }
}
