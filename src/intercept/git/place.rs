//! Where the hooks of a repository are, and who keeps them.

use super::{HookError, lefthook, settings};
use crate::process::{Environment, Git, GitError};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Who keeps the hooks of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keeper {
    /// git's configuration, which names any number of hooks: git 2.54 and later.
    Settings,
    /// husky, in a directory that is the project's.
    Husky(PathBuf),
    /// lefthook, which writes them from that file.
    Lefthook(PathBuf),
    /// Nobody: they are files in a directory.
    Directory,
}

/// The hooks of a repository.
#[derive(Debug)]
pub struct Place {
    pub(super) git: Git,
    /// Where git looks for files.
    pub(super) directory: PathBuf,
    /// The top of the work tree, and the directory that all work trees share.
    pub(super) root: PathBuf,
    pub(super) common: PathBuf,
    pub(super) keeper: Keeper,
}

impl Place {
    /// Finds the hooks of the repository around a directory.
    ///
    /// # Errors
    ///
    /// [`HookError`], also when there is no repository or it is a bare one.
    pub fn find(directory: &Path, environment: &Environment) -> Result<Self, HookError> {
        let git = Git::at(directory, environment)?;
        let absolute = |what: &[&str]| -> Result<PathBuf, HookError> {
            let arguments = [&["rev-parse", "--path-format=absolute"], what].concat();
            let path = git.line(&arguments)?;
            Ok(path.map(PathBuf::from).ok_or(GitError::Unreadable { what: "rev-parse" })?)
        };
        let common = absolute(&["--git-common-dir"])?;
        if git.text(&["rev-parse", "--is-bare-repository"])?.as_deref() == Some("true") {
            return Err(HookError::Bare { path: common });
        }
        let root = absolute(&["--show-toplevel"])?;
        let configured = settings::configured_directory(&git)?;
        // A relative path counts from where hooks run.
        let directory = configured.map_or(common.join("hooks"), |path| root.join(path));
        let keeper = keeper(&git, &root, &directory)?;
        Ok(Self { git, directory, root, common, keeper })
    }

    /// Returns the top of the work tree in which the repository itself is, whichever of
    /// its work trees was looked from: that one lasts.
    #[must_use]
    pub fn repository(&self) -> &Path {
        let main = self.common.parent().filter(|_| self.common.ends_with(".git"));
        main.unwrap_or(&self.root)
    }

    /// Returns who keeps the hooks.
    #[must_use]
    pub fn keeper(&self) -> &Keeper {
        &self.keeper
    }

    /// Returns the directory where git looks for files.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Returns where hooks of ours may be: where git looks for them, and where it does when
    /// nothing names another directory.
    pub(super) fn directories(&self) -> Vec<PathBuf> {
        let usual = self.common.join("hooks");
        let is_another = usual != self.directory;
        [Some(self.directory.clone()), is_another.then_some(usual)].into_iter().flatten().collect()
    }

    /// Refuses a directory whose hooks other repositories run as well.
    pub(super) fn check_own(&self) -> Result<(), HookError> {
        if self.owns(&self.directory) {
            return Ok(());
        }
        Err(HookError::Shared {
            path: self.directory.clone(),
            because: settings::origin(&self.git)
                .unwrap_or_else(|| "it is a link that leads out of the repository".to_owned()),
        })
    }

    /// Tells whether a path, links resolved, is part of this repository.
    pub(super) fn owns(&self, path: &Path) -> bool {
        let real = |path: &Path| -> PathBuf {
            // Of what is not there yet, the nearest directory that is.
            let there = path.ancestors().find_map(|each| each.canonicalize().ok());
            there.unwrap_or_else(|| path.to_owned())
        };
        let path = real(path);
        path.starts_with(real(&self.root)) || path.starts_with(real(&self.common))
    }
}

fn keeper(git: &Git, root: &Path, directory: &Path) -> Result<Keeper, GitError> {
    if settings::are_known_to(git)? {
        return Ok(Keeper::Settings);
    }
    // husky 9: `core.hooksPath` is `.husky/_`, made anew at each `npm install`.
    if let Some(husky) = directory.parent()
        && directory.file_name() == Some(OsStr::new("_"))
        && husky.file_name() == Some(OsStr::new(".husky"))
    {
        return Ok(Keeper::Husky(husky.to_owned()));
    }
    Ok(lefthook::configuration(root).map_or(Keeper::Directory, Keeper::Lefthook))
}
