//! Where compiled policies lie, and who may have written them.

use super::head::Home;
use super::image::{Image, compile};
use super::mix::Mix;
use crate::config::{Layer, Paths};
use crate::policy::PolicyError;
use crate::policy::file::PolicyFile;
use crate::policy::source::{Source, Stamp, State, load};
use crate::process::{PrivateDir, open_private_file};
use nix::fcntl::OFlag;
use nix::unistd::Uid;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// How many compiled policies of the user's own are kept: projects come and go.
const MOST: usize = 64;

/// Where compiled policies lie.
#[derive(Debug, Clone)]
pub(in crate::policy) struct Store {
    /// The user's and projects', private to the user.
    own: PathBuf,
    /// The administrator's, which only root may have written: a user's copy of it could
    /// leave out what it forbids.
    system: PathBuf,
}

impl Store {
    /// Returns where they lie by default.
    pub(in crate::policy) fn of(paths: &Paths) -> Self {
        Self { own: paths.state().join("policy"), system: PathBuf::from("/var/cache/airlock-exec") }
    }

    /// Returns the compiled form of a policy in that state, if there is a good one.
    pub(in crate::policy) fn image(
        &self,
        source: &Source,
        state: &State,
        home: Option<&Path>,
    ) -> Option<(Image, PolicyFile)> {
        let path = self.path(source, home);
        let file = match source.layer {
            Layer::System => open_of_root(&path),
            Layer::User | Layer::Project => open_private_file(&path).ok()?,
        }?;
        let length = file.metadata().ok()?.len();
        Image::take(file, length, (source, state), home)
    }

    /// Reads a policy and what it includes, and keeps its compiled form.
    ///
    /// # Errors
    ///
    /// As [`load`]. That nothing could be kept is none: the next run reads it again.
    pub(in crate::policy) fn read(
        &self,
        source: &Source,
        home: Option<&Path>,
    ) -> Result<PolicyFile, PolicyError> {
        let began = crate::process::now().as_nanosecond();
        // Where nothing depends on it, one form serves every user.
        let anywhere = || load(source, None).map(|loaded| (Home::Any, loaded)).ok();
        let for_all = (source.layer == Layer::System).then(anywhere).flatten();
        let (home, loaded) = match for_all {
            Some(found) => found,
            None => (Home::Only(home), load(source, home)?),
        };
        let mut whole = PolicyFile::default();
        let mut states = Vec::new();
        for each in loaded {
            let state = each.source.state().ok().flatten();
            states.extend(
                state.filter(|state| state.file == each.stamp).map(|state| (each.source, state)),
            );
            whole.append(each.file);
        }
        let settled = states.iter().all(|(_, state)| is_settled(&state.file, began));
        if settled {
            // Without the form the next run does what this one did.
            let _ = self.keep(source, home, &compile(home, &states, &whole));
        }
        Ok(whole)
    }

    fn keep(&self, source: &Source, home: Home<'_>, bytes: &[u8]) -> io::Result<()> {
        let home = match home {
            Home::Any => None,
            Home::Only(home) => home,
        };
        let path = self.path(source, home);
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { return Ok(()) };
        match source.layer {
            Layer::System if Uid::effective().is_root() => replace_of_root(&path, bytes),
            Layer::System => Ok(()),
            Layer::User | Layer::Project => {
                let directory = PrivateDir::open(&self.own).map_err(io::Error::other)?;
                forget_many(&self.own)?;
                directory.write(name, bytes).map_err(io::Error::other)
            }
        }
    }

    fn path(&self, source: &Source, home: Option<&Path>) -> PathBuf {
        // One of the system's serves every home; another is told by what is in it.
        let (directory, home) = match source.layer {
            Layer::System => (&self.system, None),
            Layer::User | Layer::Project => (&self.own, home),
        };
        let home = home.map_or(&b""[..], |home| home.as_os_str().as_bytes());
        let name = Mix::new(0).bytes(source.path.as_os_str().as_bytes()).bytes(home).finish();
        directory.join(format!("{name:016x}"))
    }
}

/// Tells whether a file would show another change by its times.
///
/// What changed after the times were read, but within what the file system calls the
/// same moment, looks unchanged: git's index has the same care. Whole seconds mean a
/// file system that knows no less.
fn is_settled(file: &Stamp, now: i128) -> bool {
    const SECOND: u64 = 1_000_000_000;
    file.changed().into_iter().all(|time| {
        let moment = if time % SECOND == 0 { 2 * SECOND } else { SECOND / 10 };
        i128::from(time.saturating_add(moment)) <= now
    })
}

fn open_of_root(path: &Path) -> Option<File> {
    let flags = (OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK).bits();
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path).ok()?;
    Layer::System.check(&file.metadata().ok()?).ok()?;
    Layer::System.check_directory(path).ok()?;
    Some(file)
}

/// Writes what everybody may read and only root may have written.
fn replace_of_root(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new("/"));
    fs::DirBuilder::new().recursive(true).mode(0o755).create(directory)?;
    let temporary = path.with_extension(std::process::id().to_string());
    let _ = fs::remove_file(&temporary);
    let flags = OFlag::O_NOFOLLOW.bits();
    let options = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o644)
        .custom_flags(flags)
        .open(&temporary);
    let written = options.and_then(|mut file| file.write_all(bytes));
    let replaced = written.and_then(|()| fs::rename(&temporary, path));
    if replaced.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    replaced
}

/// Forgets all when there are too many: those still in use are made again.
fn forget_many(directory: &Path) -> io::Result<()> {
    let entries: Vec<_> = fs::read_dir(directory)?.flatten().collect();
    if entries.len() >= MOST {
        for entry in entries {
            let _ = fs::remove_file(entry.path());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_changed_this_moment_is_not_settled() {
        let changed = |time| Stamp { numbers: [1, 2, 3, 0, time, 4] };
        let settled = |time, now| is_settled(&changed(time), now);
        assert!(!settled(5_000_000_001, 5_000_000_001));
        assert!(!settled(5_000_000_001, 5_099_999_999));
        assert!(settled(5_000_000_001, 5_100_000_001));
        // Whole seconds: nothing finer is known.
        assert!(!settled(5_000_000_000, 6_999_999_999));
        assert!(settled(5_000_000_000, 7_000_000_000));
        assert!(!settled(u64::MAX, 5_000_000_000));
    }
}
