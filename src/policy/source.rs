//! Policy files on disk: where they lie, whose they are, what identifies them.

use super::PolicyError;
use super::ancestry::above;
use super::file::{Origin, PolicyFile, parse, parse_untried};
use crate::config::{Complaint, Layer, Paths};
use crate::process::is_absence;
use nix::fcntl::OFlag;
use std::fs::{Metadata, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The administrator's file.
const SYSTEM: &str = "/etc/airlock-exec/policy.toml";
/// Where a project's file lies in any of its directories.
const PROJECT: &str = ".airlock/policy.toml";
/// The most a policy file may hold.
const LARGEST: u64 = 1 << 20;
/// How deep files may include each other.
const DEEPEST: usize = 8;

/// A place where a policy may lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Source {
    pub(super) path: PathBuf,
    pub(super) layer: Layer,
    pub(super) guard: Guard,
}

/// Who may have written a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Guard {
    /// Nobody but the layer's owner.
    Layer,
    /// Anybody: nothing runs by it.
    None,
}

impl Source {
    /// Returns a policy that the caller names, of which nothing comes but an answer.
    pub(super) fn named(path: PathBuf) -> Self {
        Self { path, layer: Layer::User, guard: Guard::None }
    }

    fn of(layer: Layer, path: PathBuf) -> Self {
        Self { path, layer, guard: Guard::Layer }
    }
}

/// What tells one state of a file from another; all zero when there is none.
#[derive(Debug, Clone, Copy, Eq, Default)]
pub(super) struct Stamp {
    pub(super) numbers: [u64; 6],
}

/// Number by number: the derived comparison goes byte by byte with some C libraries.
impl PartialEq for Stamp {
    fn eq(&self, other: &Self) -> bool {
        self.numbers.iter().eq(&other.numbers)
    }
}

impl Stamp {
    /// Tells whether it is that of no file.
    pub(super) fn is_of_none(&self) -> bool {
        self.numbers.iter().all(|number| *number == 0)
    }

    /// Looks at the file a path names now.
    ///
    /// # Errors
    ///
    /// Any but that there is none.
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        match std::fs::symlink_metadata(path) {
            Ok(found) if found.is_symlink() => match std::fs::metadata(path) {
                Ok(found) => Ok(Self::of_metadata(&found)),
                // Somebody meant a policy to be there.
                Err(error) if is_absence(&error) => {
                    Err(io::Error::new(error.kind(), "a link that leads nowhere"))
                }
                Err(error) => Err(error),
            },
            Ok(found) => Ok(Self::of_metadata(&found)),
            Err(error) if is_absence(&error) => Ok(Self::default()),
            Err(error) => Err(error),
        }
    }

    fn of_metadata(found: &Metadata) -> Self {
        let bits = |seconds: i64, nanoseconds: i64| {
            seconds
                .cast_unsigned()
                .wrapping_mul(1_000_000_000)
                .wrapping_add(nanoseconds.cast_unsigned())
        };
        let modified = bits(found.mtime(), found.mtime_nsec());
        let changed = bits(found.ctime(), found.ctime_nsec());
        let access = access_of(found);
        Self { numbers: [found.dev(), found.ino(), found.size(), modified, changed, access] }
    }

    /// Returns when it changed last, in nanoseconds since 1970.
    pub(super) fn changed(&self) -> [u64; 2] {
        let [_, _, _, modified, changed, _] = self.numbers;
        [modified, changed]
    }
}

/// Returns owner and mode.
fn access_of(found: &Metadata) -> u64 {
    u64::from(found.uid()) << 32 | u64::from(found.mode())
}

/// The state of a policy file and of the directory it lies in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct State {
    pub(super) file: Stamp,
    /// Owner and mode of the directory, where it matters who could put a file there.
    directory: u64,
}

impl State {
    /// How many numbers tell one state from another.
    pub(super) const NUMBERS: usize = 7;

    /// Returns the numbers.
    pub(super) fn numbers(&self) -> [u64; Self::NUMBERS] {
        let [device, inode, size, modified, changed, access] = self.file.numbers;
        [device, inode, size, modified, changed, access, self.directory]
    }

    /// Takes the numbers back.
    pub(super) fn from_numbers(numbers: [u64; Self::NUMBERS]) -> Self {
        let [device, inode, size, modified, changed, access, directory] = numbers;
        let file = Stamp { numbers: [device, inode, size, modified, changed, access] };
        Self { file, directory }
    }
}

impl Source {
    /// Looks at the file and its directory; `None` when there is no file.
    ///
    /// # Errors
    ///
    /// [`PolicyError::System`] when it is not known whether there is one.
    pub(super) fn state(&self) -> Result<Option<State>, PolicyError> {
        let failed = |error| PolicyError::System { path: self.path.clone(), source: error };
        let file = Stamp::of(&self.path).map_err(failed)?;
        if file.is_of_none() {
            return Ok(None);
        }
        let directory = match (self.layer, self.path.parent()) {
            (Layer::System | Layer::User, Some(parent)) => {
                access_of(&std::fs::metadata(parent).map_err(failed)?)
            }
            _ => 0,
        };
        Ok(Some(State { file, directory }))
    }
}

/// Returns where policies may lie for a command that starts in a directory: the
/// system's, the user's, and one for each directory from there upwards.
///
/// A project's file does not hide one further up: it could only have less in it.
pub(super) fn places(paths: &Paths, directory: &Path) -> impl Iterator<Item = Source> {
    let fixed = [
        Source::of(Layer::System, PathBuf::from(SYSTEM)),
        Source::of(Layer::User, paths.config().join("policy.toml")),
    ];
    let below = |directory: &Path| {
        // One allocation for each directory above the command's.
        let mut path = PathBuf::with_capacity(directory.as_os_str().len() + 1 + PROJECT.len());
        path.push(directory);
        path.push(PROJECT);
        path
    };
    let projects = above(directory).map(below);
    fixed.into_iter().chain(projects.map(|path| Source::of(Layer::Project, path)))
}

/// Returns where policies may lie for a command that starts in a directory.
pub fn places_of(paths: &Paths, directory: &Path) -> impl Iterator<Item = PathBuf> {
    places(paths, directory).map(|source| source.path)
}

/// Tells whether a text could stand in the user's policy file: each rule makes sense,
/// and its examples hold.
#[must_use]
pub fn can_be_used(text: &str) -> bool {
    parse(text, Origin { layer: Layer::User, file: "policy.toml", home: None }).is_ok()
}

/// Returns every policy file that is read for a command that starts in a directory, as
/// far as they can be read.
#[must_use]
pub fn files(paths: &Paths, directory: &Path, home: Option<&Path>) -> Vec<PathBuf> {
    let found = places(paths, directory).filter_map(|source| load_untried(&source, home).ok());
    found.flatten().map(|loaded| loaded.source.path).collect()
}

/// A file that was read, and the state it was in.
pub(super) struct Loaded {
    pub(super) source: Source,
    pub(super) stamp: Stamp,
    pub(super) file: PolicyFile,
}

/// Reads a policy and what it includes, each file once.
///
/// # Errors
///
/// [`PolicyError::Unusable`] when any of it cannot be used.
pub(super) fn load(source: &Source, home: Option<&Path>) -> Result<Vec<Loaded>, PolicyError> {
    load_by(parse, source, home)
}

/// Reads a policy and what it includes; examples that do not hold are in it.
///
/// # Errors
///
/// As [`load`].
pub(super) fn load_untried(
    source: &Source,
    home: Option<&Path>,
) -> Result<Vec<Loaded>, PolicyError> {
    load_by(parse_untried, source, home)
}

type Parse = fn(&str, Origin<'_>) -> Result<PolicyFile, Complaint>;

fn load_by(parse: Parse, source: &Source, home: Option<&Path>) -> Result<Vec<Loaded>, PolicyError> {
    let mut loaded = Vec::new();
    load_into(parse, source, home, 0, &mut loaded)?;
    Ok(loaded)
}

fn load_into(
    parse: Parse,
    source: &Source,
    home: Option<&Path>,
    depth: usize,
    loaded: &mut Vec<Loaded>,
) -> Result<(), PolicyError> {
    let unusable = |complaint| PolicyError::unusable(&source.path, complaint);
    let (text, stamp) = read(source).map_err(unusable)?;
    let shown = source.path.display().to_string();
    let file =
        parse(&text, Origin { layer: source.layer, file: &shown, home }).map_err(unusable)?;
    let includes = file.includes.clone();
    loaded.push(Loaded { source: source.clone(), stamp, file });
    for (name, position) in includes {
        let path = source.path.parent().unwrap_or(Path::new("/")).join(name);
        let inner = Source { path, ..source.clone() };
        let found = Stamp::of(&inner.path).unwrap_or_default();
        if depth >= DEEPEST || loaded.iter().any(|each| each.stamp == found) {
            let why = format!("{} is included again, or too deep", inner.path.display());
            return Err(unusable(Complaint::at(position, why)));
        }
        load_into(parse, &inner, home, depth + 1, loaded)?;
    }
    Ok(())
}

/// Reads a file whole, in one state that it had before and after.
fn read(source: &Source) -> Result<(String, Stamp), Complaint> {
    let failed = |error: io::Error| Complaint::whole(format!("cannot be read: {error}"));
    // Opening a pipe must not wait for a writer.
    let flags = (OFlag::O_NONBLOCK | OFlag::O_NOCTTY).bits();
    let opened = OpenOptions::new().read(true).custom_flags(flags).open(&source.path);
    let mut file = opened.map_err(failed)?;
    let before = file.metadata().map_err(failed)?;
    match source.guard {
        Guard::Layer => {
            source.layer.check(&before)?;
            source.layer.check_directory(&source.path)?;
        }
        Guard::None => Layer::Project.check(&before)?,
    }
    let mut bytes = Vec::new();
    file.by_ref().take(LARGEST + 1).read_to_end(&mut bytes).map_err(failed)?;
    if before.size() > LARGEST || u64::try_from(bytes.len()).unwrap_or(u64::MAX) > LARGEST {
        return Err(Complaint::whole(format!("is larger than {} KiB", LARGEST >> 10)));
    }
    let stamp = Stamp::of_metadata(&before);
    let after = file.metadata().map_err(failed)?;
    let now = Stamp::of(&source.path).map_err(failed)?;
    if stamp != Stamp::of_metadata(&after) || stamp != now {
        return Err(Complaint::whole("changed while it was being read"));
    }
    let text = String::from_utf8(bytes).map_err(|_| Complaint::whole("is not UTF-8"))?;
    Ok((text, stamp))
}
