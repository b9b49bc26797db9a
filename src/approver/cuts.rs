//! What a sender cut short, with the sign `…`, which looks like three dots.
//!
//! In its own words and in what it quotes of git, that sign deceives nobody. In a command,
//! a path or a variable it might: there it stays odd.

use serde_json::{Map, Value};
use std::borrow::Cow;

/// The fields that the enforcer writes in its own words, or quotes git in.
const CUT: [&str; 5] = ["whyAsked", "notes", "meaning", "examples", "git"];

/// Returns a field's value to look for oddities in: without the signs of what was cut.
pub(super) fn without_cuts<'a>(key: &str, value: &'a Value) -> Cow<'a, Value> {
    if CUT.contains(&key) { Cow::Owned(uncut(value)) } else { Cow::Borrowed(value) }
}

fn uncut(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(text.replace('…', " ")),
        Value::Array(items) => items.iter().map(uncut).collect(),
        Value::Object(fields) => {
            let fields = fields.iter().map(|(key, value)| (key.clone(), uncut(value)));
            Value::Object(fields.collect::<Map<_, _>>())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}
