//! Adds an entry of ours to a host's JSON and takes it out again.
//!
//! Comments, order, spaces and the hooks of others stay as they are.

use super::command::marker;
use jsonc_parser::ParseOptions;
use jsonc_parser::cst::{CstArray, CstInputValue, CstNode, CstObject, CstRootNode};
use serde_json::Value;
use thiserror::Error;

/// Why a host's file is left alone.
#[derive(Debug, Error)]
pub enum DocumentError {
    /// Not JSON, with or without comments.
    #[error("it is not JSON: {0}")]
    Syntax(String),
    /// Something else stands where the hooks should be.
    #[error("{0:?} in it is not what it should be")]
    Shape(String),
    /// A version nobody told us about.
    #[error("it has version {0}, and only version 1 is known")]
    Version(String),
}

/// Returns the text with the entry in the list that the words lead to.
///
/// An entry of ours that is there already is replaced; when it is the same, so is the
/// text.
///
/// # Errors
///
/// [`DocumentError`]: the file is left alone.
pub fn with_entry(
    text: &str,
    host: &str,
    at: &[&str],
    entry: &Value,
) -> Result<String, DocumentError> {
    let root = read(text)?;
    let object = root.object_value_or_create().ok_or_else(|| shape("the document"))?;
    check_version(&object)?;
    if at.first() == Some(&"hooks") && host == "cursor" && object.get("version").is_none() {
        object.insert(0, "version", CstInputValue::Number("1".to_owned()));
    }
    let hooks = list(&object, at)?;
    let ours: Vec<CstNode> =
        hooks.elements().into_iter().filter(|each| is_ours(each, host)).collect();
    if let [one] = &ours[..]
        && one.to_serde_value().as_ref() == Some(entry)
    {
        return Ok(text.to_owned());
    }
    take_out(&hooks, host);
    hooks.ensure_multiline();
    hooks.append(input(entry));
    Ok(ended(root.to_string()))
}

/// Returns the text without any entry of ours in that list.
///
/// # Errors
///
/// [`DocumentError`].
pub fn without_entry(text: &str, host: &str, at: &[&str]) -> Result<String, DocumentError> {
    let root = read(text)?;
    let Some((last, way)) = at.split_last() else { return Ok(text.to_owned()) };
    let Some(mut object) = root.object_value() else { return Ok(text.to_owned()) };
    for word in way {
        match object.object_value(word) {
            Some(inner) => object = inner,
            None => return Ok(text.to_owned()),
        }
    }
    let Some(hooks) = object.array_value(last) else { return Ok(text.to_owned()) };
    if !hooks.elements().iter().any(|each| is_ours(each, host)) {
        return Ok(text.to_owned());
    }
    take_out(&hooks, host);
    Ok(root.to_string())
}

/// Tells whether an entry of ours is in that list.
#[must_use]
pub fn has_entry(text: &str, host: &str, at: &[&str]) -> bool {
    without_entry(text, host, at).is_ok_and(|without| without != text)
}

/// Returns the command of ours that a document holds, wherever it stands.
#[must_use]
pub fn command_in(text: &str, host: &str) -> Option<String> {
    fn find(value: &Value, mark: &str) -> Option<String> {
        match value {
            Value::String(text) => text.contains(mark).then(|| text.clone()),
            Value::Array(items) => items.iter().find_map(|item| find(item, mark)),
            Value::Object(members) => members.values().find_map(|member| find(member, mark)),
            _ => None,
        }
    }
    let value = read(text).ok()?.to_serde_value()?;
    find(&value, &marker(host))
}

/// Returns where our hook stands in the list that the words lead to: its group, its place
/// in that, and the hook itself.
#[must_use]
pub fn place_of(text: &str, host: &str, at: &[&str]) -> Option<(usize, usize, Value)> {
    let mut list = read(text).ok()?.to_serde_value()?;
    for word in at {
        list = list.get_mut(*word)?.take();
    }
    let groups = list.as_array()?.iter().enumerate();
    let hooks = |(group, of): (usize, &Value)| -> Vec<(usize, usize, Value)> {
        let hooks = of["hooks"].as_array().into_iter().flatten().enumerate();
        hooks.map(|(place, hook)| (group, place, hook.clone())).collect()
    };
    let ours = |hook: &Value| hook["command"].as_str().is_some_and(|it| it.contains(&marker(host)));
    groups.flat_map(hooks).find(|(_, _, hook)| ours(hook))
}

/// Tells whether a document says `true` to that name.
#[must_use]
pub fn is_switched_on(text: &str, name: &str) -> bool {
    let object = read(text).ok().and_then(|root| root.object_value());
    let value = object.and_then(|object| object.get(name)?.value());
    value.is_some_and(|value| value.to_string() == "true")
}

fn read(text: &str) -> Result<CstRootNode, DocumentError> {
    // What JSON with comments allows; not JSON5, which none of the hosts reads.
    let options = ParseOptions {
        allow_comments: true,
        allow_trailing_commas: true,
        allow_loose_object_property_names: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    CstRootNode::parse(text, &options).map_err(|error| DocumentError::Syntax(error.to_string()))
}

fn check_version(object: &CstObject) -> Result<(), DocumentError> {
    match object.get("version").and_then(|version| version.value()) {
        Some(version) if version.to_string() != "1" => {
            Err(DocumentError::Version(version.to_string()))
        }
        _ => Ok(()),
    }
}

fn list(object: &CstObject, at: &[&str]) -> Result<CstArray, DocumentError> {
    let (name, way) = at.split_last().ok_or_else(|| shape("the way to the hooks"))?;
    let mut object = object.clone();
    for word in way {
        object = object.object_value_or_create(word).ok_or_else(|| shape(word))?;
    }
    object.array_value_or_create(name).ok_or_else(|| shape(name))
}

fn shape(what: &str) -> DocumentError {
    DocumentError::Shape(what.to_owned())
}

fn is_ours(node: &CstNode, host: &str) -> bool {
    node.to_string().contains(&marker(host))
}

/// Takes out what is ours; a group stays when somebody put another hook into it.
fn take_out(list: &CstArray, host: &str) {
    for element in list.elements().into_iter().filter(|each| is_ours(each, host)) {
        let inner = element.as_object().and_then(|group| group.array_value("hooks"));
        let Some(inner) = inner else {
            element.remove();
            continue;
        };
        let (ours, others): (Vec<_>, Vec<_>) =
            inner.elements().into_iter().partition(|each| is_ours(each, host));
        if others.is_empty() {
            element.remove();
        } else {
            ours.into_iter().for_each(CstNode::remove);
        }
    }
}

fn input(value: &Value) -> CstInputValue {
    match value {
        Value::Null => CstInputValue::Null,
        Value::Bool(value) => CstInputValue::Bool(*value),
        Value::Number(number) => CstInputValue::Number(number.to_string()),
        Value::String(text) => CstInputValue::String(text.clone()),
        Value::Array(items) => CstInputValue::Array(items.iter().map(input).collect()),
        Value::Object(members) => CstInputValue::Object(
            members.iter().map(|(name, value)| (name.clone(), input(value))).collect(),
        ),
    }
}

/// Ends a text with a newline.
fn ended(mut text: String) -> String {
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}
