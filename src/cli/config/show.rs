//! Every setting as it holds, and where it came from.

use super::{ConfigCommandError, SECRET};
use crate::cli::account::{AccountCommandError, Site};
use crate::cli::standing::enrolment;
use crate::config::{Destination, Entry, Paths, Settings};
use crate::display::Displayable;
use crate::display::json::over_lines;
use serde_json::{Value, json};

/// One line of what is shown.
pub(super) struct Row {
    name: &'static str,
    /// What is shown for it; `None` when it is not set.
    value: Option<String>,
    layer: &'static str,
    source: String,
}

impl From<Entry> for Row {
    fn from(entry: Entry) -> Self {
        let (layer, source) = (entry.source.layer(), entry.source.to_string());
        Self { name: entry.name, value: entry.value, layer, source }
    }
}

/// Returns the settings, and what no file of settings holds: whether the app has a
/// secret, and who this machine is.
///
/// # Errors
///
/// [`ConfigCommandError`] when what is kept cannot be read.
pub(super) fn rows(settings: &Settings, paths: &Paths) -> Result<Vec<Row>, ConfigCommandError> {
    let mut rows: Vec<Row> = settings.entries().into_iter().map(Row::from).collect();
    let mut secret = Row { name: SECRET, value: None, layer: "state", source: String::new() };
    if let Destination::Gateway(gateway) = settings.destination()
        && paths.account().exists()
    {
        let site = Site::at(settings, paths, gateway).map_err(AccountCommandError::from)?;
        let kept = site.store.client_secret(site.gateway.as_str());
        // That it is there, and nothing else of it.
        secret.value = kept.map_err(AccountCommandError::from)?.map(|_| "(set)".to_owned());
        secret.source = site.store.client_secret_path(site.gateway.as_str()).display().to_string();
    }
    let behind_app = rows.iter().position(|row| row.name == "gateway.client_id");
    rows.insert(behind_app.map_or(rows.len(), |at| at + 1), secret);
    let id = enrolment(paths)?.map(|found| found.identity.enforcer_id.to_string());
    let source = paths.enforcer().display().to_string();
    let before_label = rows.iter().position(|row| row.name == "enforcer.label");
    let identity = Row { name: "enforcer.id", value: id, layer: "state", source };
    rows.insert(before_label.unwrap_or(rows.len()), identity);
    Ok(rows)
}

/// Says what holds now, which is not always what was just written.
pub(super) fn effect(name: &str, settings: &Settings) -> String {
    let entries = settings.entries().into_iter().filter(|entry| entry.name == name);
    entries.map(|entry| line(&Row::from(entry), 0, 0)).collect()
}

/// Writes one line for each.
pub(super) fn as_table(rows: &[Row], settings: &Settings) -> String {
    let names = rows.iter().map(|row| row.name.len()).max().unwrap_or(0);
    let values = rows.iter().map(|row| value(row).chars().count()).max().unwrap_or(0);
    let lock = settings.locked_by().map(|path| format!("locked by {}\n", path.display()));
    rows.iter().map(|row| line(row, names, values)).chain(lock).collect()
}

fn line(row: &Row, names: usize, values: usize) -> String {
    let source = Displayable::from(row.source.as_str()).to_string();
    let source = if row.value.is_some() { source } else { String::new() };
    let line = format!("{:names$}  {:values$}  {source}", row.name, value(row));
    format!("{}\n", line.trim_end())
}

fn value(row: &Row) -> String {
    row.value
        .as_deref()
        .map_or_else(|| "(not set)".to_owned(), |value| Displayable::from(value).to_string())
}

/// Writes all of them as one document.
pub(super) fn as_json(rows: &[Row], settings: &Settings) -> String {
    let document = json!({
        "version": 1,
        "settings": rows.iter().map(described).collect::<Vec<_>>(),
        "lockedBy": settings.locked_by().map(|path| path.display().to_string()),
    });
    over_lines(&document) + "\n"
}

fn described(row: &Row) -> Value {
    json!({
        "name": row.name,
        "value": row.value,
        "layer": row.value.is_some().then_some(row.layer),
        "source": row.value.is_some().then_some(&row.source),
    })
}
