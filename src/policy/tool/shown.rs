//! The tables as they are shown.

use super::{Operands, TABLES, Tool};

/// A program that the tables know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownTool {
    /// Its names.
    pub names: Vec<&'static str>,
    /// Options before the subcommand.
    pub globals: Vec<&'static str>,
    /// What it can be used for.
    pub uses: Vec<ShownUse>,
}

/// One use of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownUse {
    /// The words behind the program's name.
    pub words: String,
    /// Whether it is allowed without a rule.
    pub allowed: bool,
    /// The options that are known; `=` and `:` take a value, `?` and `~` perhaps one.
    pub options: Vec<&'static str>,
    /// What else may stand there.
    pub operands: String,
}

/// Returns the tables, or the one of a program.
pub(in crate::policy) fn shown(name: Option<&str>) -> Vec<ShownTool> {
    let wanted = |tool: &&Tool| name.is_none_or(|name| tool.names.contains(&name));
    let tools = TABLES.iter().copied().flatten().filter(wanted);
    let mut shown: Vec<ShownTool> = tools
        .map(|tool| ShownTool {
            names: tool.names.to_vec(),
            globals: tool.globals.split_ascii_whitespace().collect(),
            uses: tool
                .uses
                .iter()
                .map(|each| ShownUse {
                    words: each.words.join(" "),
                    allowed: !each.effect.acts(),
                    options: each
                        .options
                        .split_ascii_whitespace()
                        .filter(|word| *word != "single")
                        .collect(),
                    operands: match each.operands {
                        Operands::Any => "any".to_owned(),
                        Operands::None => "none".to_owned(),
                        Operands::AtMost(count) => format!("at most {count}"),
                        Operands::Words(_) => "by a grammar of its own".to_owned(),
                    },
                })
                .collect(),
        })
        .collect();
    shown.sort_by_key(|tool| tool.names[0]);
    shown
}
