//! find: an expression of tests, without the actions that run or write.

use super::Operands::Words;
use super::{Tool, Uncovered, reads, tool};
use crate::policy::words::{Certainty, Word};

pub(super) const TOOLS: &[Tool] = &[tool(&["find", "gfind"], &[reads(&[], "", Words(expression))])];

const ALONE: &[&str] = &[
    "-H",
    "-L",
    "-P",
    "-a",
    "-and",
    "-o",
    "-or",
    "-not",
    "!",
    "(",
    ")",
    ",",
    "-print",
    "-print0",
    "-ls",
    "-prune",
    "-quit",
    "-depth",
    "-d",
    "-empty",
    "-true",
    "-false",
    "-nouser",
    "-nogroup",
    "-readable",
    "-writable",
    "-executable",
    "-xdev",
    "-mount",
    "-daystart",
    "-follow",
    "-noleaf",
    "-ignore_readdir_race",
];

const WITH_VALUE: &[&str] = &[
    "-name",
    "-iname",
    "-path",
    "-ipath",
    "-wholename",
    "-iwholename",
    "-regex",
    "-iregex",
    "-regextype",
    "-lname",
    "-ilname",
    "-type",
    "-xtype",
    "-size",
    "-mtime",
    "-mmin",
    "-atime",
    "-amin",
    "-ctime",
    "-cmin",
    "-newer",
    "-anewer",
    "-cnewer",
    "-newermt",
    "-newerct",
    "-newerat",
    "-newermm",
    "-maxdepth",
    "-mindepth",
    "-perm",
    "-user",
    "-group",
    "-uid",
    "-gid",
    "-links",
    "-inum",
    "-samefile",
    "-fstype",
    "-used",
    "-printf",
];

fn expression(words: &[Word<'_>]) -> Result<(), Uncovered> {
    let mut rest = words.iter();
    let mut in_expression = false;
    while let Some(word) = rest.next() {
        let Some(text) = word.known() else {
            // A glob may name places to start from; behind a test it could be one.
            if word.certainty() == Certainty::Operands && !in_expression {
                continue;
            }
            return Err(Uncovered::new(word, "its value is not known before it runs"));
        };
        let listed = |list: &[&str]| list.iter().any(|known| known.as_bytes() == text);
        let starts = text.first().is_some_and(|first| b"-!(),".contains(first));
        if listed(WITH_VALUE) {
            match rest.next() {
                Some(value) if value.known().is_some_and(is_value) => {}
                value => {
                    return Err(Uncovered::new(value.unwrap_or(word), "not a value that is known"));
                }
            }
        } else if !(listed(ALONE) || !starts && !in_expression) {
            return Err(Uncovered::new(word, "not a test that is known to be harmless"));
        }
        in_expression |= starts && !["-H", "-L", "-P"].iter().any(|each| each.as_bytes() == text);
    }
    Ok(())
}

/// A value may be less than a number (`-7`) or permissions (`-u+x`), not a test.
fn is_value(text: &[u8]) -> bool {
    match text {
        [b'-', second, ..] => {
            second.is_ascii_digit() || text.contains(&b'+') || text.contains(&b'=')
        }
        _ => true,
    }
}
