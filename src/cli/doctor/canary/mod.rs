//! `airlock-exec doctor --canary`: what of what an agent could start here is caught.
//!
//! A command that does not exist is fired in every form in which programs start a
//! shell, in the environment that holds here, and every shim is looked up in each of
//! them; then the hooks of agents and of this repository are called as agents and git
//! call them. Whoever of us is asked about the canary refuses it and says so; where
//! nobody is asked the shell says that there is no such command, and nothing has
//! happened.

mod fire;
mod forms;
mod hooks;
mod map;

use crate::cli::output::say;
use crate::config::Paths;
use crate::exit::SUCCESS;
use crate::process::{self, Environment};
use crate::run::Exit;
use fire::{Shot, fire};
use forms::{FORMS, Form, WAYS_AROUND};
use map::{Row, Seen};
use std::fs;

/// Fires a canary in every form, and prints what became of it.
pub(super) fn run(json: bool, environment: &Environment) -> Exit {
    let shims = shims(environment);
    let mut rows: Vec<Row> =
        FORMS.iter().flat_map(|form| rows(form, &shims, environment)).collect();
    rows.extend(shims.first().into_iter().flat_map(|shim| ways_around(shim, environment)));
    rows.extend(hooks::of_agents(environment));
    rows.extend(hooks::of_git(environment));
    let text = if json { map::as_json(&rows) } else { map::in_words(&rows) };
    // A reader that went away takes the text with it; the status still tells.
    let _ = say(&text);
    let caught = rows.iter().any(|row| matches!(row.seen, Seen::Caught(_)));
    if caught { SUCCESS } else { Exit::Code(1) }
}

/// Returns a word that tells this canary from others.
fn nonce() -> String {
    format!("{:x}", process::now().as_nanosecond())
}

/// Returns the names of the shims that are installed.
fn shims(environment: &Environment) -> Vec<String> {
    let paths = Paths::from_environment(environment).ok();
    let entries = paths.and_then(|paths| fs::read_dir(paths.shims()).ok());
    let entries = entries.into_iter().flatten().filter_map(Result::ok);
    let mut names: Vec<String> = entries
        .filter(|entry| entry.path().is_symlink())
        .filter_map(|entry| entry.file_name().into_string().ok())
        // They become words of a shell.
        .filter(|name| {
            name.chars().all(|each| each.is_ascii_alphanumeric() || "-_.+".contains(each))
        })
        .collect();
    names.sort();
    names
}

/// Tries one form: with a command of no name, and with each shim.
fn rows(form: &'static Form, shims: &[String], environment: &Environment) -> Vec<Row> {
    let nonce = nonce();
    let text = format!("airlock-exec-canary {nonce}");
    let row = |what: &str, seen, beyond| {
        let (form, what) = (form.name.to_owned(), what.to_owned());
        Row { form, what, seen, beyond }
    };
    let seen = match fire(form.words, &text, &nonce, environment) {
        Shot::NotHere => return vec![row("any command", Seen::NotHere, None)],
        Shot::Silent => Seen::Unknown,
        Shot::Said(said) => caught_by(&said, &nonce).map_or(Seen::Missed(None), Seen::Caught),
    };
    let whole = matches!(seen, Seen::Caught(_));
    let mut rows = vec![row("any command", seen, form.beyond)];
    // Where the whole text is caught nobody gets as far as a program in it.
    if whole {
        return rows;
    }
    for name in shims {
        let seen = look_up(form.words, &format!("command -v {name}"), &nonce, environment);
        rows.push(row(name, seen, None));
    }
    rows
}

/// Tries the ways around a shim, in a shell that asks nobody.
fn ways_around(shim: &str, environment: &Environment) -> Vec<Row> {
    let around = |way: &forms::WayAround| {
        let text = way.text.replace('@', shim);
        let seen = look_up(&["dash", "-c"], &text, &nonce(), environment);
        Row { form: way.name.to_owned(), what: shim.to_owned(), seen, beyond: Some(way.why) }
    };
    WAYS_AROUND.iter().map(around).collect()
}

fn look_up(words: &[&str], text: &str, nonce: &str, environment: &Environment) -> Seen {
    match fire(words, text, nonce, environment) {
        Shot::Said(said) => found(&said),
        Shot::NotHere => Seen::NotHere,
        Shot::Silent => Seen::Unknown,
    }
}

/// Reads by which way in the canary came to us.
fn caught_by(said: &str, nonce: &str) -> Option<String> {
    let (_, rest) = said.split_once(&format!("canary {nonce} caught by the "))?;
    rest.split([';', '\n']).next().map(str::to_owned)
}

/// Tells whether what a shell finds is one of our shims.
fn found(said: &str) -> Seen {
    let Some(path) = said.lines().map(str::trim).rfind(|line| line.starts_with('/')) else {
        return Seen::Missed(None);
    };
    let ours = process::own_binary().and_then(fs::canonicalize).ok();
    if ours.is_some() && fs::canonicalize(path).ok() == ours {
        return Seen::Caught("shim".to_owned());
    }
    Seen::Missed(Some(path.to_owned()))
}
