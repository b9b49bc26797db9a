//! `airlock-exec policy reference`: what may stand in a policy file and what is known
//! without one, as `docs/policy-reference.md`.

use crate::policy::{self, DangerClass, Decision, DescribedTable, ShownTool, ShownUse};
use std::fmt::{self, Write as _};

const HEAD: &str = "\
# Every key of a policy, and what is known without one

Written by `airlock-exec policy reference`. [policy.md](policy.md) tells what they are for
together; `airlock-exec policy list` tells which rules hold here, and from which file.

Three files are read, the later the nearer: the administrator's
`/etc/airlock-exec/policy.toml`, yours in `~/.config/airlock-exec/policy.toml`, and a
project's `.airlock/policy.toml`, which only makes things stricter. A key that nobody knows
makes the file unusable, and nothing runs by it (status 125).
";

const DANGERS: &str = "
## Classes of danger

What `[approvals]` counts by, and what an approver is warned of.
";

const RUINOUS: &str = "
Refused without any rule, unless the user's or the administrator's file says
`dangerous = \"ask\"`:

";

const TOOLS: &str = "
## Programs that are known

What stands in the second column runs without a question and without a rule, with the
options that only read; what stands in the third needs a rule of yours, which then covers
the options that are known. A program that is not here is asked about; a rule covers its
literal words. `airlock-exec policy list git` has the options of one.

| program | without a rule | with a rule |
| --- | --- | --- |
";

/// Returns the reference as Markdown.
pub(super) fn markdown() -> String {
    let mut text = HEAD.to_owned();
    write(&mut text).expect("a string takes everything");
    text
}

fn write(text: &mut String) -> fmt::Result {
    write_decisions(text)?;
    policy::described().iter().try_for_each(|table| write_table(text, table))?;
    write_dangers(text, &policy::danger_classes())?;
    text.write_str(TOOLS)?;
    policy::tools(None).iter().try_for_each(|tool| write_tool(text, tool))
}

fn write_decisions(text: &mut String) -> fmt::Result {
    text.write_str("\n## Decisions\n\nOf all that speak of a command the strictest counts.\n\n")?;
    for decision in [Decision::Deny, Decision::Ask, Decision::Allow] {
        let meaning = match decision {
            Decision::Deny => "it does not run (status 121)",
            Decision::Ask => "a person decides; what no rule and no table speaks of",
            Decision::Allow => "it runs without a question",
        };
        writeln!(text, "- `{}`: {meaning}", decision.word())?;
    }
    Ok(())
}

fn write_table(text: &mut String, table: &DescribedTable) -> fmt::Result {
    write!(text, "\n## {}\n\n{}\n", table.title, table.meaning)?;
    for key in &table.keys {
        write!(text, "\n### `{}`\n\n{}\n\n", key.name, key.meaning)?;
        writeln!(text, "- values: {}", key.values)?;
        writeln!(text, "- default: {}", key.default)?;
    }
    Ok(())
}

fn write_dangers(text: &mut String, classes: &[DangerClass]) -> fmt::Result {
    text.write_str(DANGERS)?;
    for class in classes {
        write!(text, "\n- `{}`: {}", class.name, class.notes.join("; "))?;
    }
    writeln!(text)?;
    text.write_str(RUINOUS)?;
    for note in classes.iter().flat_map(|class| &class.ruinous) {
        writeln!(text, "- {note}")?;
    }
    Ok(())
}

fn write_tool(text: &mut String, tool: &ShownTool) -> fmt::Result {
    let names: Vec<String> = tool.names.iter().map(|name| format!("`{name}`")).collect();
    let (free, bound): (Vec<_>, Vec<_>) = tool.uses.iter().partition(|each| each.allowed);
    writeln!(text, "| {} | {} | {} |", names.join(" "), uses(&free), uses(&bound))
}

fn uses(uses: &[&ShownUse]) -> String {
    let one = |each: &&ShownUse| match &*each.words {
        "" => "itself".to_owned(),
        words => format!("`{words}`"),
    };
    uses.iter().map(one).collect::<Vec<_>>().join(", ")
}
