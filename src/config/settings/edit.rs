//! Changes one setting of the user's file and leaves the rest as it is written.

use super::error::ConfigError;
use super::file::{Place, Places, parse};
use super::schema::{NAMES, written};
use crate::config::Complaint;
use crate::config::document::{Layer, suggestion};
use crate::process::{FileLock, PrivateDir, PrivateError};
use std::io;
use std::time::Duration;
use toml_edit::{DocumentMut, Item, Table, TableLike};

/// How long another writer may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// A setting, and the value it gets; `None` takes it out.
pub type Change<'a> = (&'a str, Option<&'a str>);

/// Writes settings into the user's file, all or none; comments and order stay.
///
/// # Errors
///
/// [`ConfigError`]; the file is then as it was.
pub fn set(places: &Places, changes: &[Change<'_>]) -> Result<(), ConfigError> {
    let values = changes.iter().map(|(name, value)| Ok((*name, checked(name, *value)?)));
    let values: Vec<_> = values.collect::<Result<_, ConfigError>>()?;
    let path = &places.user;
    let unusable = |complaint| ConfigError::Unusable { path: path.clone(), complaint };
    let system = |source| ConfigError::System { action: "write", path: path.clone(), source };
    let private = |error: PrivateError| system(io::Error::other(error.to_string()));
    let parent = path.parent().unwrap_or(path);
    let directory = PrivateDir::open(parent).map_err(private)?;
    let lock = directory.append("config.lock").map_err(private)?;
    let _writing = FileLock::take_within(&lock, PATIENCE).map_err(system)?;
    if path.is_symlink() {
        let why = "is a symbolic link, which is not replaced: change the file it points to";
        return Err(unusable(Complaint::whole(why)));
    }
    let before = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(system(error)),
    };
    let place = Place { layer: Layer::User, path: path.clone() };
    parse(&before, &place).map_err(unusable)?;
    let mut document: DocumentMut = before
        .parse()
        .map_err(|error: toml_edit::TomlError| unusable(Complaint::whole(error.message())))?;
    for (name, value) in values {
        place_in(&mut document, name, value);
    }
    let after = document.to_string();
    // What we are about to write must read as we mean it.
    parse(&after, &place).map_err(unusable)?;
    directory.write("config.toml", after.as_bytes()).map_err(private)
}

/// Looks whether a setting can have that value.
///
/// # Errors
///
/// [`ConfigError::Unknown`] or [`ConfigError::Value`].
pub fn check(name: &str, value: &str) -> Result<(), ConfigError> {
    checked(name, Some(value)).map(drop)
}

fn checked(name: &str, value: Option<&str>) -> Result<Option<toml_edit::Value>, ConfigError> {
    let unknown =
        || ConfigError::Unknown { name: name.to_owned(), suggestion: suggestion(name, NAMES) };
    match value {
        None if NAMES.contains(&name) => Ok(None),
        None => Err(unknown()),
        Some(text) => written(name, text)
            .ok_or_else(unknown)?
            .map(Some)
            .map_err(|message| ConfigError::Value { name: name.to_owned(), message }),
    }
}

fn place_in(document: &mut DocumentMut, name: &str, value: Option<toml_edit::Value>) {
    let (table, key): (&mut dyn TableLike, &str) = match name.split_once('.') {
        None => (&mut **document, name),
        Some((table, key)) => {
            let item = document.entry(table).or_insert_with(|| Item::Table(Table::new()));
            let Some(table) = item.as_table_like_mut() else { return };
            (table, key)
        }
    };
    match value {
        None => drop(table.remove(key)),
        Some(mut value) => {
            if let Some(Item::Value(old)) = table.get(key) {
                *value.decor_mut() = old.decor().clone();
            }
            match table.get_mut(key) {
                Some(item) => *item = Item::Value(value),
                None => drop(table.insert(key, Item::Value(value))),
            }
        }
    }
}
