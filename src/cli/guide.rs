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

const SHORT_EXAMPLES: &str = "
  airlock-exec -- git push            ask a person, then run git push
  airlock-exec approver               see what waits, and decide";

/// As wide as a line may be.
const WIDTH: usize = 78;

const STATUS: &str = "\
Status: the command's own once it ran; 120 rejected, 121 forbidden by policy,
122 no decision in time, 123 untrusted answer, 124 no gateway, 125 our own
failure, 126 and 127 as in a shell. In all of these nothing was executed.";

/// Gives the command line its first page: names with `-h`, which fit a small terminal,
/// sentences with `--help`.
pub(super) fn with_guide(command: Command) -> Command {
    let heading = *command.get_styles().get_header();
    let heading = |word: &str| format!("{heading}{word}:{heading:#}");
    // Options as `-h` of any subcommand shows them, a line each.
    let options = command.clone().help_template("{options}").render_help();
    let options = format!("{}\n{}", heading("Options"), options.ansi().to_string().trim_end());
    let examples = format!("{}{EXAMPLES}", heading("Examples"));
    let short = [
        names(&heading),
        option_names(&command, &heading),
        format!("{}{SHORT_EXAMPLES}", heading("Examples")),
        "\n--help says what each of them does.".to_owned(),
    ];
    let long = [sentences(&command, &heading), options, examples.clone(), STATUS.to_owned()];
    // clap sets more blank lines between what stands before and after its own.
    command
        .help_template("{about-section}\n{usage-heading} {usage}\n\n{before-help}")
        .before_help(short.join("\n"))
        .before_long_help(long.join("\n\n"))
        .after_long_help(format!("{examples}\n\n{STATUS}"))
}

/// The options in a few lines, without what they mean.
fn option_names(command: &Command, heading: &impl Fn(&str) -> String) -> String {
    let mut text = heading("Options");
    let mut column = WIDTH;
    let shown = command.get_arguments().filter(|each| each.get_long().is_some());
    let words = shown.map(|each| {
        let value = each.get_value_names().filter(|_| each.get_action().takes_values());
        let value = value.and_then(<[_]>::first).map(|name| format!(" {name}"));
        format!("--{}{}", each.get_long().unwrap_or_default(), value.unwrap_or_default())
    });
    for word in words.chain(["--help".to_owned(), "--version".to_owned()]) {
        let separator = if column + word.len() + 2 > WIDTH { "\n  " } else { ", " };
        column = if separator == ", " { column + 2 } else { 2 } + word.len();
        let _ = write!(text, "{separator}{word}");
    }
    text
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
