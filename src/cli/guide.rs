//! The first page of help: the subcommands in the order in which a person meets them.
//!
//! clap lists subcommands in one column; with as many as these nobody finds anything
//! there.

use clap::Command;
use std::fmt::Write as _;

/// What a person wants to do, and the subcommands that do it.
const GROUPS: &[(&str, &[&str])] = &[
    ("Run", &["run", "session", "sh", "approve"]),
    ("Decide", &["approver"]),
    ("Set up", &["init", "sign-in", "sign-out", "pair", "pairings", "unpair", "presence"]),
    ("Catch", &["hook", "shim", "shell-plugin", "agent-hook"]),
    ("Rules", &["policy", "grant", "config"]),
    ("Look", &["demo", "status", "doctor", "log", "replay"]),
    ("Serve", &["gateway"]),
    ("Install", &["completions", "man"]),
];

const EXAMPLES: &str = "
  airlock-exec -- git push            ask a person, then run git push
  airlock-exec session -- claude      start an agent whose commands ask
  airlock-exec approver list          see what waits for a decision
  airlock-exec approver approve 7Q2K  let it run
  airlock-exec approver reject 7Q2K --reason 'use a branch'";

const STATUS: &str = "\
Status: the command's own once it ran; 120 rejected, 121 forbidden by policy,
122 no decision in time, 123 untrusted answer, 124 no gateway, 125 our own
failure, 126 and 127 as in a shell. In all of these nothing was executed.";

/// Gives the command line its first page: names with `-h`, sentences with `--help`.
pub(super) fn with_guide(command: Command) -> Command {
    let heading = *command.get_styles().get_header();
    let heading = |word: &str| format!("{heading}{word}:{heading:#}");
    // Options as `-h` shows them, a line each, on both pages.
    let options = command.clone().help_template("{options}").render_help();
    let template = format!(
        "{{about-section}}\n{{usage-heading}} {{usage}}\n\n{{before-help}}{}\n{}{{after-help}}",
        heading("Options"),
        options.ansi().to_string().trim_end(),
    );
    let examples = format!("{}{EXAMPLES}", heading("Examples"));
    let names = names(&heading);
    let sentences = sentences(&command, &heading);
    command
        .help_template(template)
        .before_help(names)
        .before_long_help(sentences)
        .after_help(format!("{examples}\n\n--help says what each subcommand does."))
        .after_long_help(format!("{examples}\n\n{STATUS}"))
}

/// A line for each group.
fn names(heading: &impl Fn(&str) -> String) -> String {
    let mut text = heading("Subcommands");
    for (group, names) in GROUPS {
        let _ = write!(text, "\n  {group:<9}{}", names.join(", "));
    }
    text
}

/// A line for each subcommand.
fn sentences(command: &Command, heading: &impl Fn(&str) -> String) -> String {
    let mut groups = Vec::new();
    for (group, names) in GROUPS {
        let mut text = heading(group);
        for name in *names {
            let about = command.find_subcommand(name).and_then(Command::get_about);
            let about = about.map(ToString::to_string).unwrap_or_default();
            let _ = write!(text, "\n  {name:<13} {about}");
        }
        groups.push(text);
    }
    groups.join("\n")
}

#[cfg(test)]
pub(super) fn listed() -> Vec<&'static str> {
    GROUPS.iter().flat_map(|(_, names)| *names).copied().collect()
}
