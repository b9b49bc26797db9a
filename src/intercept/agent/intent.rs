//! Reads what a host hands to its hook: which command the agent is about to run.
//!
//! One file is often read by several hosts, each with its own names, so every known
//! place of a field is looked at whoever asks, and two that disagree are refused. A
//! tool we do not know is gated as soon as it carries a command.

use super::host::Host;
use crate::display::Displayable;
use crate::protocol::json::{self, JsonError};
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// The most bytes of a payload that are read: tools that write files carry the file.
pub const LARGEST_PAYLOAD: usize = 16 << 20;

/// What an agent is about to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intent {
    /// The text for the host's shell.
    pub text: String,
    /// Where it starts, when the host says.
    pub directory: Option<PathBuf>,
    /// Whether Cursor speaks through another host's file.
    pub from_cursor: bool,
    /// The agent's name for this call of the tool, when it has one.
    pub call: Option<String>,
}

/// Why it is not known what would run.
#[derive(Debug, Error)]
pub enum Unreadable {
    /// Not the JSON it should be.
    #[error("what the agent handed to its hook is not understood: {0}")]
    Json(#[from] JsonError),
    /// Valid JSON of another shape.
    #[error("what the agent handed to its hook is not understood: {0}")]
    Shape(String),
}

type Object = Map<String, Value>;

const TOOLS: &[&str] = &["tool_name", "toolName", "tool"];
const INPUTS: &[&str] =
    &["tool_input", "toolInput", "toolArgs", "args", "input", "parameters", "tool_info"];
/// Objects that hold the name and the input of a tool, in hosts that wrap them.
const WRAPPERS: &[&str] = &["toolCall", "preToolUse"];
const EVENTS: &[&str] = &["hook_event_name", "hookEventName", "hookName", "agent_action_name"];
const COMMANDS: &[&str] =
    &["command", "cmd", "CommandLine", "command_line", "commandLine", "commands"];
const TYPED: &[&str] = &["input", "chars", "text", "data", "command"];
const DIRECTORIES: &[&str] = &["workdir", "dir_path", "Cwd", "cwd", "working_directory"];
const CALLS: &[&str] = &["tool_use_id", "toolUseId", "tool_call_id", "toolCallId"];
const ROOTS: &[&str] = &["workspace_roots", "workspaceRoots", "workspacePaths"];
/// Events in which a host asks whether a tool may start.
const BEFORE: &[&str] = &["PreToolUse", "preToolUse", "BeforeTool"];

/// Reads a payload; `None` when it is not about a command.
///
/// # Errors
///
/// [`Unreadable`]: then nothing may run.
pub fn intent(host: &Host, payload: &[u8]) -> Result<Option<Intent>, Unreadable> {
    let Value::Object(whole) = json::read(payload, LARGEST_PAYLOAD)? else {
        return Err(shape("not an object"));
    };
    let wrapper = WRAPPERS.iter().find_map(|key| whole.get(*key)?.as_object());
    let outer = wrapper.unwrap_or(&whole);
    let tool = word(outer, TOOLS)?.or(match wrapper {
        Some(call) => word(call, &["name"])?,
        None => None,
    });
    let event = word(&whole, EVENTS)?;
    let is_one_of = |names: &[&str]| tool.is_some_and(|tool| names.contains(&tool));
    if is_one_of(host.edits) {
        return Ok(None);
    }
    let read;
    let input = match input(outer)? {
        Some(Input::There(object)) => object,
        Some(Input::InText(object)) => {
            read = object;
            &read
        }
        None => outer,
    };
    let text = if is_one_of(host.types) {
        let typed = text_of(input, TYPED)?;
        typed.ok_or_else(|| shape("there is no text to type"))?
    } else {
        let is_ours = is_one_of(host.runs)
            || tool.is_none() && event.is_none_or(|event| is_before(host, event));
        match text_of(input, COMMANDS)? {
            Some(text) => text,
            None if is_ours => return Err(shape("there is no command")),
            None => return Ok(None),
        }
    };
    // Nothing typed is a look at what a shell has printed.
    if text.is_empty() && !is_one_of(host.runs) {
        return Ok(None);
    }
    if text.contains('\0') {
        return Err(shape("the command has a NUL character"));
    }
    let directory = directory(&whole, input)?;
    let from_cursor = whole.contains_key("cursor_version");
    let call = CALLS.iter().find_map(|key| whole.get(*key)?.as_str()).map(str::to_owned);
    Ok(Some(Intent { text, directory, from_cursor, call }))
}

fn is_before(host: &Host, event: &str) -> bool {
    BEFORE.contains(&event) || host.events.contains(&event)
}

fn shape(what: impl Into<String>) -> Unreadable {
    Unreadable::Shape(what.into())
}

enum Input<'a> {
    There(&'a Object),
    /// The JSON of an object in a string, as Copilot CLI hands it over.
    InText(Object),
}

fn input(outer: &Object) -> Result<Option<Input<'_>>, Unreadable> {
    let mut found = INPUTS.iter().filter_map(|key| outer.get(*key));
    let first = found.next();
    if found.any(|other| Some(other) != first) {
        return Err(shape("a tool has two inputs"));
    }
    match first {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(object)) => Ok(Some(Input::There(object))),
        Some(Value::String(text)) => match json::read(text.as_bytes(), LARGEST_PAYLOAD)? {
            Value::Object(object) => Ok(Some(Input::InText(object))),
            _ => Err(shape("the input of a tool is not an object")),
        },
        Some(_) => Err(shape("the input of a tool is not an object")),
    }
}

/// Returns the one string under any of the names.
fn word<'a>(object: &'a Object, names: &[&str]) -> Result<Option<&'a str>, Unreadable> {
    let mut found = names.iter().filter_map(|name| object.get(*name)?.as_str());
    let first = found.next();
    match found.find(|other| Some(*other) != first) {
        Some(_) => Err(disagree(names)),
        None => Ok(first),
    }
}

/// Returns the one text under any of the names; words of a list are lines of it.
fn text_of(object: &Object, names: &[&str]) -> Result<Option<String>, Unreadable> {
    let mut found: Option<String> = None;
    for name in names {
        let text = match object.get(*name) {
            Some(Value::String(text)) if *name == "commands" => lines_in_text(text)?,
            Some(Value::String(text)) => text.clone(),
            Some(Value::Array(items)) if *name == "commands" => lines(items)?,
            Some(Value::Array(items)) => quoted(items)?,
            None | Some(Value::Null) => continue,
            Some(_) => return Err(shape("a command is neither text nor a list of words")),
        };
        if found.as_ref().is_some_and(|found| *found != text) {
            return Err(disagree(names));
        }
        found = Some(text);
    }
    Ok(found)
}

fn strings(items: &[Value]) -> Result<Vec<&str>, Unreadable> {
    let word = |item: &'_ Value| item.as_str().is_some();
    if !items.iter().all(word) {
        return Err(shape("a command has a word that is no text"));
    }
    Ok(items.iter().filter_map(Value::as_str).collect())
}

fn lines(items: &[Value]) -> Result<String, Unreadable> {
    Ok(strings(items)?.join("\n"))
}

/// Reads what the CLI of Cline hands over: the JSON of a list, in a string.
fn lines_in_text(text: &str) -> Result<String, Unreadable> {
    match json::read(text.as_bytes(), LARGEST_PAYLOAD) {
        Ok(Value::Array(items)) => lines(&items),
        _ => Ok(text.to_owned()),
    }
}

/// Makes the text that a shell reads as these very words.
fn quoted(items: &[Value]) -> Result<String, Unreadable> {
    Ok(shell_words::join(strings(items)?))
}

fn disagree(names: &[&str]) -> Unreadable {
    shape(format!("{} disagree", names.join(", ")))
}

/// Returns where the command starts: what the tool says, from where the agent is.
fn directory(whole: &Object, input: &Object) -> Result<Option<PathBuf>, Unreadable> {
    let base = word(whole, &["cwd"])?
        .filter(|path| !path.is_empty())
        .or_else(|| ROOTS.iter().find_map(|key| whole.get(*key)?.as_array()?.first()?.as_str()));
    let own = word(input, DIRECTORIES)?.filter(|path| !path.is_empty());
    let path = match (base, own) {
        (Some(base), Some(own)) => Path::new(base).join(own),
        (Some(one), None) | (None, Some(one)) => PathBuf::from(one),
        (None, None) => return Ok(None),
    };
    if path.is_absolute() {
        return Ok(Some(path));
    }
    let shown = Displayable::from(path.to_string_lossy().as_ref()).to_string();
    Err(shape(format!("the directory {shown} is not absolute")))
}
