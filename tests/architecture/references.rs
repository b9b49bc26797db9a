//! Reads a source file as tokens and names every path in it.
//!
//! Tokens rather than a syntax tree, so that a path inside a macro call, in an
//! expression or behind `super::` is seen as well as one in a `use` line. Items
//! under `#[cfg(test)]` are left out: a test may bring two rooms together.

use proc_macro2::{Delimiter, Spacing};
use std::path::Path;
use syn::buffer::Cursor;
use syn::parse::{ParseStream, Parser};
use syn::{Ident, Lit};

/// What a source file mentions, outside its tests.
#[derive(Debug, Default)]
pub(crate) struct Mentions {
    /// Paths of ours from the root of the crate: `["review", "Permit"]`.
    pub(crate) ours: Vec<Vec<String>>,
    /// Every other path: `["std", "process", "exit"]`.
    pub(crate) others: Vec<Vec<String>>,
    /// Single words and keywords, for example `unsafe`.
    pub(crate) words: Vec<String>,
    /// Whole numbers, as written without suffix.
    pub(crate) numbers: Vec<u128>,
}

/// Returns the module path of a file below `src`: `run/pty.rs` is `["run", "pty"]`.
pub(crate) fn module_of(file: &Path) -> Vec<String> {
    let mut module: Vec<String> = file
        .with_extension("")
        .components()
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .collect();
    if module.last().is_some_and(|last| matches!(last.as_str(), "mod" | "lib" | "main")) {
        module.pop();
    }
    module
}

/// Reads the source of the module at that path.
///
/// # Errors
///
/// `syn`'s error when the text is not Rust.
pub(crate) fn read(source: &str, module: &[String]) -> syn::Result<Mentions> {
    let scan = |input: ParseStream| {
        input.step(|cursor| {
            let mut mentions = Mentions::default();
            scan_tokens(*cursor, module, &mut mentions);
            let mut rest = *cursor;
            while let Some((_, next)) = rest.token_tree() {
                rest = next;
            }
            Ok((mentions, rest))
        })
    };
    scan.parse_str(source)
}

fn scan_tokens(mut cursor: Cursor, module: &[String], mentions: &mut Mentions) {
    while !cursor.eof() {
        if let Some(after) = skip_test_item(cursor) {
            cursor = after;
        } else if let Some((name, body, after)) = inline_module(cursor) {
            let inner: Vec<String> = module.iter().cloned().chain([name.to_string()]).collect();
            scan_tokens(body, &inner, mentions);
            cursor = after;
        } else if let Some((word, after)) = cursor.ident() {
            mentions.words.push(word.to_string());
            cursor = path_from(vec![word.to_string()], after, module, mentions);
        } else if let Some((body, _, _, after)) = cursor.any_group() {
            scan_tokens(body, module, mentions);
            cursor = after;
        } else if let Some((literal, after)) = cursor.literal() {
            if let Lit::Int(number) = Lit::new(literal) {
                mentions.numbers.extend(number.base10_parse::<u128>());
            }
            cursor = after;
        } else if let Some((_, after)) = cursor.token_tree() {
            cursor = after;
        } else {
            break;
        }
    }
}

/// Follows `::name` and `::{...}` from a first word; returns where the path ends.
fn path_from<'a>(
    mut segments: Vec<String>,
    mut cursor: Cursor<'a>,
    module: &[String],
    mentions: &mut Mentions,
) -> Cursor<'a> {
    while let Some(after) = double_colon(cursor) {
        if let Some((word, next)) = after.ident() {
            segments.push(word.to_string());
            cursor = next;
        } else if let Some((group, _, _, next)) = after.any_group() {
            expand_group(&segments, group, module, mentions);
            return next;
        } else if let Some(('*', next)) = after.punct().map(|(punct, next)| (punct.as_char(), next))
        {
            segments.push("*".to_owned());
            cursor = next;
            break;
        } else {
            // A turbofish, `::<`: the path ends for our purpose.
            cursor = after;
            break;
        }
    }
    record(&segments, module, mentions);
    cursor
}

fn expand_group(prefix: &[String], mut cursor: Cursor, module: &[String], mentions: &mut Mentions) {
    while !cursor.eof() {
        if let Some((word, after)) = cursor.ident() {
            if word == "as" {
                cursor = after.token_tree().map_or(after, |(_, next)| next);
                continue;
            }
            let mut segments = prefix.to_vec();
            if word != "self" {
                segments.push(word.to_string());
            }
            cursor = path_from(segments, after, module, mentions);
        } else if let Some((punct, after)) = cursor.punct() {
            if punct.as_char() == '*' {
                record(&[prefix, &["*".to_owned()]].concat(), module, mentions);
            }
            cursor = after;
        } else if let Some((_, after)) = cursor.token_tree() {
            cursor = after;
        }
    }
}

/// Resolves `crate::`, `self::` and `super::`, and files the path.
fn record(segments: &[String], module: &[String], mentions: &mut Mentions) {
    let supers = segments.iter().take_while(|word| *word == "super").count();
    let first = segments.first().map_or("", String::as_str);
    if first == "crate" || first == "airlock_exec" {
        mentions.ours.push(segments[1..].to_vec());
    } else if supers > 0 {
        let base = module.len().saturating_sub(supers);
        mentions.ours.push([&module[..base], &segments[supers..]].concat());
    } else if segments.len() > 1 {
        mentions.others.push(segments.to_vec());
    }
}

fn double_colon(cursor: Cursor) -> Option<Cursor> {
    let (first, after) = cursor.punct()?;
    let (second, after) = after.punct()?;
    let joined = first.spacing() == Spacing::Joint;
    (joined && first.as_char() == ':' && second.as_char() == ':').then_some(after)
}

fn inline_module(cursor: Cursor) -> Option<(Ident, Cursor, Cursor)> {
    let (keyword, after) = cursor.ident()?;
    let (name, after) = after.ident()?;
    let (body, _, _, after) = after.any_group()?;
    (keyword == "mod").then_some((name, body, after))
}

/// Returns where the item after `#[cfg(test)]` ends.
fn skip_test_item(cursor: Cursor) -> Option<Cursor> {
    let (hash, after) = cursor.punct()?;
    let (attribute, _, _, mut cursor) = after.any_group()?;
    let (word, arguments) = attribute.ident()?;
    let (condition, _, _, _) = arguments.any_group()?;
    let (test, _) = condition.ident()?;
    if hash.as_char() != '#' || word != "cfg" || test != "test" {
        return None;
    }
    loop {
        if let Some((_, _, after)) = cursor.group(Delimiter::Brace) {
            return Some(after);
        }
        if let Some((punct, after)) = cursor.punct()
            && punct.as_char() == ';'
        {
            return Some(after);
        }
        cursor = cursor.token_tree()?.1;
    }
}
