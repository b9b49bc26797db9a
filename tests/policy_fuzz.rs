//! The fuzz target's oracle on its seeds and on texts made of shell fragments.

#[path = "../fuzz/oracle.rs"]
mod oracle;

use proptest::prelude::*;
use std::fs;
use std::path::Path;

#[test]
fn every_seed_holds() {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/fuzz");
    let seeds: Vec<_> = fs::read_dir(seeds).expect("seeds").collect();
    assert!(seeds.len() >= 8);
    for seed in seeds {
        oracle::hold(&fs::read_to_string(seed.expect("a seed").path()).expect("text"));
    }
}

#[test]
fn every_row_of_the_corpus_holds() {
    for line in include_str!("corpus/policy.jsonl").lines() {
        let row: serde_json::Value = serde_json::from_str(line).expect("a row");
        if let Some(text) = row["text"].as_str() {
            oracle::hold(text);
        }
    }
}

/// Pieces that mean something to a shell.
const PIECES: &[&str] = &[
    "ls",
    "git status",
    "cat f",
    "echo",
    "printf",
    "cd d",
    "test -f x",
    "grep -r a .",
    "sed -n 1p",
    " ",
    "\n",
    "\t",
    ";",
    "&&",
    "||",
    "|",
    "&",
    "(",
    ")",
    "{",
    "}",
    "'",
    "\"",
    "\\",
    "\\\n",
    "$",
    "`",
    "#",
    "!",
    "*",
    "?",
    "[",
    "]",
    "~",
    "<",
    ">",
    "<<E\n",
    "\nE\n",
    ">/dev/null",
    "2>&1",
    "=",
    "x=1 ",
    "$(",
    "${",
    "$((",
    "))",
    "$'",
    "<(",
    "if ",
    "; then ",
    "; fi",
    "for i in ",
    "; do ",
    "; done",
    "case ",
    " in ",
    "esac",
    ";;",
    "function f ",
    "[[ ",
    " ]]",
    "%n",
    "é",
    "\u{a0}",
    "-",
    "--",
    "{}",
    "time ",
    "coproc ",
    "\r",
];

fn piece() -> impl Strategy<Value = String> {
    prop_oneof![4 => prop::sample::select(PIECES).prop_map(str::to_owned), 1 => "\\PC{0,3}"]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_allowed_hides_nothing(pieces in prop::collection::vec(piece(), 0..12)) {
        oracle::hold(&pieces.concat());
    }
}
