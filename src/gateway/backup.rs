//! Copies the database of a gateway to a file, and brings such a copy back.
//!
//! A copy is whole or is not there, and only its owner can read it. What comes back is
//! checked before anything is moved, and what was there is kept beside it.

use super::error::OpenError;
use super::server::take_directory;
use super::store::{Store, check_whole, copy_into, create_private, database_in};
use jiff::Timestamp;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Why there is no copy, or it was not brought back.
#[derive(Debug, Error)]
pub enum BackupError {
    /// There is something of that name.
    #[error("{} exists already", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// There is nothing to copy.
    #[error("there is no gateway database in {}", directory.display())]
    Nothing {
        /// The data directory.
        directory: PathBuf,
    },
    /// A gateway runs, the copy is damaged or from a newer release, and so on.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The operating system refused.
    #[error("cannot {action} {}: {source}", path.display())]
    File {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Its answer.
        source: io::Error,
    },
}

impl BackupError {
    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Exists { .. } => "name a file that is not there yet".to_owned(),
            Self::Nothing { .. } => "name the directory of the gateway with --data".to_owned(),
            Self::Open(error) => error.hint(),
            Self::File { path, .. } => {
                format!("check the disk and the permissions of {}", path.display())
            }
        }
    }

    fn file(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::File { action, path, source }
    }
}

/// What was brought back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// Where the database is that was there before, if there was one.
    pub kept: Option<PathBuf>,
    /// How many requests waited when the copy was made; they are cancelled.
    pub cancelled: u64,
}

/// Copies the database in that directory to a new file, also while a gateway serves it.
///
/// # Errors
///
/// [`BackupError::Exists`], [`BackupError::Nothing`], or what was in the way.
pub async fn backup(directory: &Path, file: &Path) -> Result<(), BackupError> {
    let database = database_in(directory);
    if !database.exists() {
        return Err(BackupError::Nothing { directory: directory.to_owned() });
    }
    if file.symlink_metadata().is_ok() {
        return Err(BackupError::Exists { path: file.to_owned() });
    }
    let unfinished = beside(file, ".unfinished");
    let written = write_copy(&database, &unfinished, file).await;
    // It is there under its name, or is not wanted.
    let _ = fs::remove_file(&unfinished);
    written
}

async fn write_copy(database: &Path, unfinished: &Path, file: &Path) -> Result<(), BackupError> {
    // One that a killed copy left behind is of no use to anybody.
    let _ = fs::remove_file(unfinished);
    let copy = create_private(unfinished)?;
    copy_into(database, unfinished).await?;
    check_whole(unfinished).await?;
    copy.sync_all().map_err(BackupError::file("write", unfinished))?;
    // Unlike a rename, this replaces nothing that has come to be there.
    fs::hard_link(unfinished, file).map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => BackupError::Exists { path: file.to_owned() },
        _ => BackupError::file("name", file)(source),
    })?;
    sync_parent(file)
}

/// Puts a copy in the place of the database in that directory. What waited when the
/// copy was made is cancelled: it may have been decided since.
///
/// # Errors
///
/// [`OpenError::InUse`] while a gateway runs, [`OpenError::Newer`],
/// [`OpenError::Corrupt`], or what was in the way; then nothing was changed.
pub async fn restore(
    directory: &Path,
    file: &Path,
    clock: fn() -> Timestamp,
) -> Result<Restored, BackupError> {
    let _only_one = take_directory(directory)?;
    let checked = directory.join("restoring");
    let result = restore_by(directory, file, &checked, clock).await;
    // What is left of it was not wanted.
    let _ = fs::remove_dir_all(&checked);
    result
}

async fn restore_by(
    directory: &Path,
    file: &Path,
    checked: &Path,
    clock: fn() -> Timestamp,
) -> Result<Restored, BackupError> {
    let _ = fs::remove_dir_all(checked);
    super::server::make_directory(checked)?;
    let copy = database_in(checked);
    let mut from = File::open(file).map_err(BackupError::file("read", file))?;
    let mut to = create_private(&copy)?;
    io::copy(&mut from, &mut to).map_err(BackupError::file("copy", file))?;
    to.sync_all().map_err(BackupError::file("write", &copy))?;
    check_whole(&copy).await.map_err(|error| error.about(&file.display().to_string()))?;
    // Opening it says whether it is ours, and brings its tables up to date.
    let store = Store::open(checked).await;
    let store = store.map_err(|error| error.about(&file.display().to_string()))?;
    let now = clock();
    let cancelled = store.cancel_everything(now.as_millisecond()).await;
    store.close().await;
    let name = file.display().to_string();
    let cancelled = cancelled.map_err(|source| OpenError::database(&name, source))?;
    let database = database_in(directory);
    let kept = database
        .exists()
        .then(|| beside(&database, &format!(".replaced-{}", now.strftime("%Y%m%dT%H%M%SZ"))));
    if let Some(kept) = &kept {
        // The log first: a database must never meet the log of another.
        for log in ["-wal", "-shm"] {
            let old = beside(&database, log);
            if old.exists() {
                fs::rename(&old, beside(kept, log)).map_err(BackupError::file("move", &old))?;
            }
        }
        fs::rename(&database, kept).map_err(BackupError::file("move", &database))?;
    }
    fs::rename(&copy, &database).map_err(BackupError::file("move", &copy))?;
    sync_parent(&database)?;
    Ok(Restored { kept, cancelled })
}

/// Returns the path with that at its end.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    PathBuf::from(name)
}

/// Makes sure that the name of a file is on disk.
fn sync_parent(path: &Path) -> Result<(), BackupError> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let parent = parent.unwrap_or(Path::new("."));
    let opened = File::open(parent).and_then(|directory| directory.sync_all());
    opened.map_err(BackupError::file("write", parent))
}
