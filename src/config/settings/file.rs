//! `config.toml`: where it may lie, and what may stand in it.

use super::error::ConfigError;
use super::schema::{NAMES, Said};
use super::source::Source;
use crate::config::Paths;
use crate::config::document::{self, Complaint, Key, Layer, keys, nearest};
use crate::process::is_absence;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The administrator's file.
pub(super) const SYSTEM: &str = "/etc/airlock-exec/config.toml";
/// The most a file may hold.
pub(super) const LARGEST: u64 = 1 << 20;

/// Where settings may lie for a command that starts in a directory.
#[derive(Debug, Clone)]
pub struct Places {
    /// The administrator's file.
    pub system: PathBuf,
    /// The user's own.
    pub user: PathBuf,
    /// Those of projects, the nearest first.
    pub projects: Vec<PathBuf>,
}

/// One file, and whose it is.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) layer: Layer,
    pub(super) path: PathBuf,
}

impl Places {
    /// Returns the places for a command that starts in a directory.
    #[must_use]
    pub fn of(paths: &Paths, directory: &Path) -> Self {
        let project = |each: &Path| each.join(".airlock/config.toml");
        Self {
            system: SYSTEM.into(),
            user: paths.settings(),
            projects: directory.ancestors().map(project).collect(),
        }
    }

    pub(super) fn weakest_first(&self) -> impl Iterator<Item = Place> {
        let fixed = [(Layer::System, &self.system), (Layer::User, &self.user)];
        let projects = self.projects.iter().rev().map(|path| (Layer::Project, path));
        let all = fixed.into_iter().chain(projects);
        all.map(|(layer, path)| Place { layer, path: path.clone() })
    }
}

/// Reads a file, `None` when there is none.
pub(super) fn read(place: &Place) -> Result<Option<Said>, ConfigError> {
    let Some(text) = text(place)? else { return Ok(None) };
    parse(&text, place)
        .map(Some)
        .map_err(|complaint| ConfigError::Unusable { path: place.path.clone(), complaint })
}

fn text(place: &Place) -> Result<Option<String>, ConfigError> {
    let failed = |source| {
        let path = place.path.clone();
        ConfigError::System { action: "read the settings", path, source }
    };
    let unusable = |complaint| ConfigError::Unusable { path: place.path.clone(), complaint };
    let file = match File::open(&place.path) {
        Ok(file) => file,
        Err(error) if is_absence(&error) => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    place.layer.check(&file.metadata().map_err(failed)?).map_err(unusable)?;
    place.layer.check_directory(&place.path).map_err(unusable)?;
    let mut text = String::new();
    let mut limited = file.take(LARGEST + 1);
    match limited.read_to_string(&mut text) {
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            Err(unusable(Complaint::whole("is not UTF-8")))
        }
        Err(error) => Err(failed(error)),
        Ok(length) if u64::try_from(length).unwrap_or(u64::MAX) > LARGEST => {
            Err(unusable(Complaint::whole(format!("is larger than {LARGEST} bytes"))))
        }
        Ok(_) => Ok(Some(text)),
    }
}

/// Reads the text of a file.
///
/// # Errors
///
/// The first [`Complaint`]: then nothing of the file counts.
pub(super) fn parse(text: &str, place: &Place) -> Result<Said, Complaint> {
    let table = document::parse(text)?;
    let mut said = Said::default();
    for key in keys(text, table.get_ref()) {
        match key.name {
            "locked" if place.layer == Layer::System => said.locked = key.value.truth()?,
            "locked" => return Err(key.complain("only the administrator's file can lock")),
            name if NAMES.contains(&name) => put(&mut said, name, key, place)?,
            name if is_table(name) => {
                for inner in key.value.keys()? {
                    let full = format!("{name}.{}", inner.name);
                    if !NAMES.contains(&&full[..]) {
                        return Err(unknown(&full, inner, &within(name)));
                    }
                    put(&mut said, &full, inner, place)?;
                }
            }
            name => {
                let known = if nearest(name, NAMES).is_some() { NAMES } else { &top() };
                return Err(key.unknown(known));
            }
        }
    }
    Ok(said)
}

fn put(said: &mut Said, name: &str, key: Key<'_>, place: &Place) -> Result<(), Complaint> {
    let line = key.value.position().line;
    let source = Source::File { layer: place.layer, path: place.path.clone(), line };
    said.put(name, key.value, source).unwrap_or(Ok(()))
}

fn unknown(full: &str, key: Key<'_>, known: &[&str]) -> Complaint {
    if full == "gateway.client_secret" {
        return key.complain(
            "a secret does not belong into this file: take it out, and keep it with \
             `airlock-exec config set gateway.client_secret`, which reads it from standard input",
        );
    }
    key.unknown(known)
}

fn is_table(name: &str) -> bool {
    NAMES.iter().any(|each| each.strip_prefix(name).is_some_and(|rest| rest.starts_with('.')))
}

/// Returns the names inside a table.
fn within(table: &str) -> Vec<&'static str> {
    NAMES.iter().filter_map(|each| each.strip_prefix(table)?.strip_prefix('.')).collect()
}

/// Returns the names at the top of a file.
fn top() -> Vec<&'static str> {
    let mut names: Vec<_> =
        NAMES.iter().map(|each| each.split_once('.').map_or(*each, |(table, _)| table)).collect();
    names.dedup();
    names
}
