//! Keeps what would be gone, right before it is.

use super::losses::Loss;
use super::{Undo, prune};
use crate::process::{Environment, Git, GitError, PrivateDir, PrivateError};
use crate::request::git::Site;
use serde::{Deserialize, Serialize};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// How many files git is told of at once.
const AT_ONCE: usize = 200;

/// Something that was kept, and how it comes back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Kept {
    /// What it is, in words.
    pub what: String,
    /// The reference that leads to it.
    pub reference: String,
    /// The id of the commit.
    pub id: String,
    /// The command that brings it back, in that repository.
    pub restore: String,
}

/// Why what the approver was promised cannot be kept.
#[derive(Debug, Error)]
pub enum UndoError {
    /// Git does not do it.
    #[error("keep what this takes away: {0}")]
    Git(#[from] GitError),
    /// A file cannot be read.
    #[error("keep what this takes away: {}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The system's words.
        source: std::io::Error,
    },
    /// There is no private place to do it in.
    #[error(transparent)]
    Private(#[from] PrivateError),
}

impl UndoError {
    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Git(error) => error.hint(),
            Self::File { .. } => "see whether the file can be read, then ask again".to_owned(),
            Self::Private(error) => error.hint(),
        }
    }
}

impl Undo {
    /// Keeps everything under `refs/airlock/NAME/`, and forgets what is older than a month.
    ///
    /// # Errors
    ///
    /// [`UndoError`]: then the command must not run.
    pub fn keep(
        &self,
        environment: &Environment,
        place: &Path,
        name: &str,
    ) -> Result<Vec<Kept>, UndoError> {
        let site = Site::around(&self.directory, environment)?;
        let stamp = prune::stamp();
        let kept = self
            .losses
            .iter()
            .map(|loss| keep(&site, environment, place, loss, &format!("{stamp}-{name}")))
            .collect::<Result<_, UndoError>>()?;
        prune::forget_old(site.git());
        Ok(kept)
    }
}

fn keep(
    site: &Site,
    environment: &Environment,
    place: &Path,
    loss: &Loss,
    name: &str,
) -> Result<Kept, UndoError> {
    let (what, id, label, restore) = match loss {
        Loss::Commit { what, id, label, restore } => (what, id.clone(), label, restore.clone()),
        Loss::Files { what, root, paths, label } => {
            let id = commit_of(site, environment, place, root, paths)?;
            let restore = "git archive {ref} | tar -xf - -C \"$(git rev-parse --show-toplevel)\"";
            (what, id, label, restore.to_owned())
        }
    };
    let reference = format!("refs/airlock/{name}/{label}");
    site.git().bytes(&["update-ref", &reference, &id])?;
    let restore = restore.replace("{ref}", &reference);
    Ok(Kept { what: what.clone(), reference, id, restore })
}

/// Makes a commit of files as they are, by no filter, in an index of our own.
fn commit_of(
    site: &Site,
    environment: &Environment,
    place: &Path,
    root: &Path,
    paths: &[OsString],
) -> Result<String, UndoError> {
    let unreadable = |what| GitError::Unreadable { what };
    let absolute = |what: &str| site.git().line(&["rev-parse", "--path-format=absolute", what]);
    let top = absolute("--show-toplevel")?.ok_or(unreadable("rev-parse"))?;
    let repository = site.git().line(&["rev-parse", "--absolute-git-dir"])?;
    let repository = PathBuf::from(repository.ok_or(unreadable("rev-parse"))?);
    let place = PrivateDir::open(place)?;
    let nowhere = place.subdir("nowhere")?;
    let own = format!("undo-{}", std::process::id());
    place.remove(&own)?;
    let index = place.path().join(&own);
    let git = Git::at(root, environment)?.with_index(&index, &repository, nowhere.path());
    for some in paths.chunks(AT_ONCE) {
        let mut asked: Vec<OsString> =
            ["update-index", "--add", "--replace"].map(OsString::from).to_vec();
        for path in some {
            let (mode, id) = blob_of(site, &place, &root.join(path))?;
            let inner = inner_path(Path::new(&top), root, path);
            asked.push("--cacheinfo".into());
            let entry = [OsStr::new(mode), ",".as_ref(), id.as_ref(), ",".as_ref(), &inner];
            asked.push(entry.into_iter().collect());
        }
        git.bytes(&asked)?;
    }
    let tree = git.text(&["write-tree"])?.ok_or(unreadable("write-tree"))?;
    let _ = place.remove(&own);
    let message = "what airlock-exec kept before a command that discards it";
    let identity = ["-c", "user.name=airlock-exec", "-c", "user.email=airlock-exec@localhost"];
    let mut asked: Vec<&str> = identity.to_vec();
    asked.extend(["commit-tree", &tree, "-m", message]);
    if let Some(head) = site.head() {
        asked.extend(["-p", head]);
    }
    Ok(site.git().text(&asked)?.ok_or(unreadable("commit-tree"))?)
}

/// Returns a path as the tree of the repository has it.
fn inner_path(top: &Path, root: &Path, path: &OsStr) -> OsString {
    let whole = root.join(path);
    whole.strip_prefix(top).map_or_else(|_| path.to_owned(), |inner| inner.as_os_str().to_owned())
}

/// Puts a file into the repository, and returns its mode and id.
fn blob_of(
    site: &Site,
    place: &PrivateDir,
    path: &Path,
) -> Result<(&'static str, String), UndoError> {
    let failed = |source| UndoError::File { path: path.to_owned(), source };
    let metadata = fs::symlink_metadata(path).map_err(failed)?;
    let asked = |file: &OsStr| -> Result<String, UndoError> {
        let words = ["hash-object", "-w", "--no-filters", "-t", "blob", "--"].map(OsStr::new);
        let asked: Vec<&OsStr> = words.into_iter().chain([file]).collect();
        let id = site.git().text(&asked)?;
        Ok(id.ok_or(GitError::Unreadable { what: "hash-object" })?)
    };
    if metadata.is_symlink() {
        let target = fs::read_link(path).map_err(failed)?;
        let own = format!("link-{}", std::process::id());
        place.remove(&own)?;
        place.append(&own)?.write_all(target.as_os_str().as_bytes()).map_err(failed)?;
        let id = asked(place.path().join(&own).as_os_str());
        let _ = place.remove(&own);
        return Ok(("120000", id?));
    }
    let mode = if metadata.permissions().mode() & 0o100 == 0 { "100644" } else { "100755" };
    Ok((mode, asked(path.as_os_str())?))
}
