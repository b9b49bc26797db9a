//! `policy list`: the rules of all files, and what is known of programs.

use super::{PolicyCommandError, directory, origin, plain};
use crate::cli::output::say_json;
use crate::config::{Layer, Paths};
use crate::policy::{self, ListedRule, Policy, Presence, ShownTool, ShownUse};
use crate::process::Environment;
use serde_json::{Value, json};
use std::io::{self, Write};
use std::path::Path;

/// Lists rules and programs, or everything that is known of one program.
pub(super) fn run(
    file: Option<&Path>,
    json: bool,
    tool: Option<&str>,
    environment: &Environment,
) -> Result<(), PolicyCommandError> {
    let paths = Paths::from_environment(environment)?;
    let directory = directory()?;
    let found = Policy::read(origin(file, &paths), environment, directory.path())?;
    let tools = policy::tools(tool);
    if json {
        return Ok(say_json(&as_json(&found, &tools))?);
    }
    let mut out = io::stdout().lock();
    match tool {
        Some(name) if tools.is_empty() => {
            writeln!(out, "{}: not known, so it is asked about without a rule", plain(name))?;
        }
        Some(_) => tools.iter().try_for_each(|tool| write_tool(&mut out, tool))?,
        None => write_all(&mut out, &found, &tools)?,
    }
    Ok(())
}

fn write_all(out: &mut impl Write, found: &Policy<'_>, tools: &[ShownTool]) -> io::Result<()> {
    writeln!(out, "Files")?;
    for (path, presence) in found.files() {
        let word = match presence {
            Presence::Read => "read  ",
            Presence::Absent => "absent",
        };
        writeln!(out, "  {word}  {}", plain(&path.display().to_string()))?;
    }
    writeln!(out, "\nRules")?;
    for rule in found.rules() {
        writeln!(out, "  {}", rule_line(&rule))?;
    }
    for (class, approvals) in found.marks() {
        writeln!(out, "  ask   what is dangerous of the class `{class}` needs {approvals}")?;
    }
    let reading = if found.allows_reading() { "allowed without a rule" } else { "asked about" };
    writeln!(out, "\nBuilt in: what only reads is {reading}")?;
    let names = |tool: &ShownTool| tool.names.join(" ");
    let known: Vec<String> =
        tools.iter().filter(|tool| tool.uses.iter().any(|each| each.allowed)).map(names).collect();
    writeln!(out, "  {}", known.join(" "))?;
    writeln!(out, "\nnext: airlock-exec policy list git")
}

fn rule_line(rule: &ListedRule) -> String {
    let conditions = match rule.conditions.join(", ") {
        none if none.is_empty() => none,
        conditions => format!(" when {conditions}"),
    };
    let ignored = rule.ignored.map(|why| format!("  does not count: {why}")).unwrap_or_default();
    let needed = if rule.approvals.are_several() {
        format!(" needs {}", rule.approvals)
    } else {
        String::new()
    };
    plain(&format!(
        "{:<5} {}{conditions}{needed}  ({}, {}){ignored}",
        rule.decision.word(),
        rule.words,
        layer(rule.layer),
        rule.place
    ))
}

fn layer(layer: Layer) -> &'static str {
    match layer {
        Layer::System => "system",
        Layer::User => "user",
        Layer::Project => "project",
    }
}

fn write_tool(out: &mut impl Write, tool: &ShownTool) -> io::Result<()> {
    writeln!(out, "{}", tool.names.join(", "))?;
    if !tool.globals.is_empty() {
        writeln!(out, "  before the subcommand: {}", tool.globals.join(" "))?;
    }
    for each in &tool.uses {
        let effect = if each.allowed { "allowed" } else { "with a rule" };
        let words = if each.words.is_empty() { tool.names[0] } else { &each.words };
        writeln!(out, "  {words}: {effect}; operands: {}", each.operands)?;
        if !each.options.is_empty() {
            writeln!(out, "    {}", each.options.join(" "))?;
        }
    }
    Ok(())
}

fn as_json(found: &Policy<'_>, tools: &[ShownTool]) -> Value {
    let rule = |rule: ListedRule| {
        json!({
            "decision": rule.decision.word(),
            "words": rule.words,
            "place": rule.place,
            "layer": layer(rule.layer),
            "reason": rule.reason,
            "approvals": rule.approvals.number(),
            "when": rule.conditions,
            "ignored": rule.ignored,
        })
    };
    let usage = |each: &ShownUse| {
        json!({
            "words": each.words,
            "allowed": each.allowed,
            "options": each.options,
            "operands": each.operands,
        })
    };
    let tool = |tool: &ShownTool| {
        let uses: Vec<Value> = tool.uses.iter().map(usage).collect();
        json!({ "names": tool.names, "globals": tool.globals, "uses": uses })
    };
    let file = |(path, presence): (std::path::PathBuf, Presence)| json!({ "path": path.display().to_string(), "read": presence == Presence::Read });
    json!({
        "version": 1,
        "files": found.files().into_iter().map(file).collect::<Vec<_>>(),
        "rules": found.rules().into_iter().map(rule).collect::<Vec<_>>(),
        "readOnlyIsAllowed": found.allows_reading(),
        "approvals": found.marks().into_iter().map(|(class, needed)| (class, needed.number())).collect::<std::collections::BTreeMap<_, _>>(),
        "tools": tools.iter().map(tool).collect::<Vec<_>>(),
    })
}
