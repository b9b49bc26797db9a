//! What may stand in a policy file, in words for whoever writes one.

use super::super::approvals::Approvals;
use super::super::danger::Marks;
use super::super::log_allowed::LogAllowed;
use super::super::verdict::Decision;
use super::parse::{RECORD, RULE, TOP, TRUST, WHEN};
use crate::request;

/// A table of a policy file.
#[derive(Debug)]
pub struct DescribedTable {
    /// How it is written.
    pub title: &'static str,
    /// What it is for.
    pub meaning: &'static str,
    /// Its keys.
    pub keys: Vec<DescribedKey>,
}

/// A key of such a table.
#[derive(Debug)]
pub struct DescribedKey {
    /// How it is written.
    pub name: &'static str,
    /// What it is for.
    pub meaning: &'static str,
    /// Which values there are, as Markdown.
    pub values: String,
    /// What holds where it is not said.
    pub default: &'static str,
}

/// Returns every table and key that is read, in the order of a file.
#[must_use]
pub fn described() -> Vec<DescribedTable> {
    vec![
        DescribedTable {
            title: "The file",
            meaning: "Keys that stand before any table.",
            keys: TOP.iter().filter(|name| !is_table(name)).map(|name| of_file(name)).collect(),
        },
        DescribedTable {
            title: "`[[rule]]`",
            meaning: "A rule: one table each, as many as there are rules.",
            keys: RULE.iter().map(|name| of_rule(name)).collect(),
        },
        DescribedTable {
            title: "`when` of a rule",
            meaning: "Conditions: all that are given must hold.",
            keys: WHEN.iter().map(|name| of_when(name)).collect(),
        },
        DescribedTable {
            title: "`[approvals]`",
            meaning: "How many people must approve what is hard to undo, by class of danger. \
                      A class asks even where a rule allows; the highest number counts.",
            keys: Marks::WORDS.iter().map(|name| of_approvals(name)).collect(),
        },
        DescribedTable {
            title: "`[trust]`",
            meaning: "What is yours, and may be part of a command that runs unasked. No \
                      project's file can say it.",
            keys: TRUST.iter().map(|name| of_trust(name)).collect(),
        },
    ]
}

fn is_table(name: &str) -> bool {
    matches!(name, "rule" | "approvals" | "trust")
}

fn key(
    name: &'static str,
    meaning: &'static str,
    values: impl Into<String>,
    default: &'static str,
) -> DescribedKey {
    DescribedKey { name, meaning, values: values.into(), default }
}

/// Writes words as they are chosen from.
fn words<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    words.into_iter().map(|word| format!("`\"{word}\"`")).collect::<Vec<_>>().join(" ")
}

fn of_file(name: &'static str) -> DescribedKey {
    match name {
        "include" => key(
            name,
            "Other files whose rules and keys count as if they stood here.",
            "a list of paths, from the directory of this file",
            "none",
        ),
        "read-only" => key(
            name,
            "What becomes of commands that only read, where no rule speaks of them.",
            words(["allow", "ask"]),
            "`\"allow\"`",
        ),
        "dangerous" => key(
            name,
            "What becomes of commands that nobody means, such as `rm -rf /`. A project's file \
             can only say `\"deny\"`.",
            words(["deny", "ask"]),
            "`\"deny\"`",
        ),
        "log-allowed" => key(
            name,
            "Whether what is allowed is written into the log; with `\"must\"`, what cannot be \
             does not run. A project's file cannot say `\"no\"`.",
            words(LogAllowed::WORDS.iter().map(|(word, _)| *word)),
            "`\"yes\"`",
        ),
        "locked" => key(
            name,
            "Whether the user's own file only makes things stricter. Only the \
             administrator's file can say it.",
            "`true` `false`",
            "`false`",
        ),
        _ => unreachable!("every key of a file is described: {name}"),
    }
}

fn of_rule(name: &'static str) -> DescribedKey {
    match name {
        "argv" => key(
            name,
            "The words of the command: the program's name without a path, then what follows. A \
             list in the list is a choice.",
            "`[\"git\", [\"fetch\", \"pull\"]]`",
            "must be said",
        ),
        "decision" => key(
            name,
            "What becomes of it. Of several rules that match, `deny` wins over `ask`, and `ask` \
             over `allow`. What a project's file allows does not count.",
            words([Decision::Allow, Decision::Ask, Decision::Deny].map(Decision::word)),
            "must be said",
        ),
        "approvals" => key(
            name,
            "How many different people must approve, where the rule asks.",
            format!("1 to {}", Approvals::MOST),
            "1",
        ),
        "reason" => {
            key(name, "Why, in words that the approver and the agent read.", "a text", "none")
        }
        "when" => key(name, "Under which conditions the rule holds.", "a table", "always"),
        "record" => key(
            name,
            "Whether its commands are recorded, whatever the setting `record` says. A \
             project's file only has more recorded.",
            words(RECORD.iter().map(|(word, _)| *word)),
            "as the setting says",
        ),
        "match" => key(
            name,
            "Commands that the rule must match, tried whenever the file is read.",
            "a list of command lines",
            "none",
        ),
        "not_match" => {
            key(name, "Commands that it must not match.", "a list of command lines", "none")
        }
        _ => unreachable!("every key of a rule is described: {name}"),
    }
}

fn of_when(name: &'static str) -> DescribedKey {
    let place = "an absolute path, or `~/...`";
    match name {
        "cwd" => key(name, "The working directory is this, or lies below it.", place, "any"),
        "repository" => key(
            name,
            "The top of the git repository around it is this, or lies below it.",
            place,
            "any, or none",
        ),
        "agent" => key(
            name,
            "The agent that seems to call, by the variables that it sets.",
            words(request::agents()),
            "any, or a person",
        ),
        "interactive" => key(
            name,
            "Whether standard input and standard error are terminals.",
            "`true` `false`",
            "either",
        ),
        "hours" => key(
            name,
            "The time of day where the machine is (`/etc/localtime`; `TZ` does not count); the end is \
             not in it, and it may wrap around midnight.",
            "`\"09:00-18:00\"`",
            "any",
        ),
        _ => unreachable!("every condition is described: {name}"),
    }
}

fn of_approvals(name: &'static str) -> DescribedKey {
    let meaning = match name {
        "any" => "All of these classes.",
        _ => "What the table below has for this class.",
    };
    key(name, meaning, format!("1 to {}", Approvals::MOST), "1, and no question of its own")
}

fn of_trust(name: &'static str) -> DescribedKey {
    let places = "a list of absolute paths, or `~/...`";
    match name {
        "directories" => key(name, "Programs of your own there may run unasked.", places, "none"),
        "environment" => key(
            name,
            "Entries of the environment that change nothing, although their names could.",
            "a list of `\"NAME=value\"`",
            "none",
        ),
        "repositories" => key(
            name,
            "Repositories there may configure hooks, filters and drivers: they are yours.",
            places,
            "none",
        ),
        _ => unreachable!("every kind of trust is described: {name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::file::PolicyFile;

    #[test]
    fn every_key_that_is_read_is_described() {
        let tables = described();
        let names: Vec<&str> =
            tables.iter().flat_map(|table| &table.keys).map(|key| key.name).collect();
        for name in [RULE, WHEN, TRUST, Marks::WORDS].concat() {
            assert!(names.contains(&name), "{name}");
        }
        assert!(TOP.iter().all(|name| is_table(name) || names.contains(name)));
    }

    #[test]
    fn what_ships_is_what_is_described() {
        assert!(!PolicyFile::default().asks_for_reading);
        assert_eq!(LogAllowed::default(), LogAllowed::Yes);
        assert_eq!(Approvals::default().number(), 1);
    }
}
