//! Every row of the corpus of attacks and ordinary commands.

use super::danger::Dangerous;
use super::engine::{Defaults, Engine};
use super::rule::{Circumstances, Place, Rule};
use super::set::RuleSet;
use super::verdict::Decision;
use super::words::Word;
use crate::process::{Environment, Stdio};
use serde_json::Value;
use std::path::Path;

const ROWS: &str = include_str!("../../tests/corpus/policy.jsonl");

/// Makes a rule of `allow git status` or `deny rm`.
fn rule(text: &str) -> Rule {
    let mut words = text.split(' ');
    let decision = match words.next() {
        Some("deny") => Decision::Deny,
        _ => Decision::Allow,
    };
    let argv = words.map(|word| vec![word.as_bytes().to_vec()]).collect();
    Rule { argv, decision, ..Rule::default() }
}

fn strings(value: &Value) -> Vec<&str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

#[test]
fn no_row_is_allowed_that_must_not_be_and_none_asked_that_need_not() {
    let mut wrong = Vec::new();
    for line in ROWS.lines() {
        let row: Value = serde_json::from_str(line).expect("a row");
        let rules = strings(&row["rules"]).into_iter().map(rule).collect();
        let set = RuleSet { rules, ..RuleSet::default() };
        let environment = Environment::default();
        let circumstances = Circumstances {
            directory: Path::new("/home/me/src"),
            environment: &environment,
            stdio: Stdio::capture(),
            minute: || None,
            place: Place::Stays,
        };
        let engine = Engine {
            rules: &set,
            circumstances,
            defaults: Defaults::Nothing,
            dangerous: Dangerous::Ask,
            marks: crate::policy::danger::Marks::default(),
            most_approvals: crate::policy::approvals::Approvals::ONE,
        };
        let judgement = if let Some(text) = row["text"].as_str() {
            engine.judge_text(text)
        } else {
            let argv = strings(&row["argv"]);
            let words: Vec<Word<'_>> =
                argv.iter().map(|word| Word::literal(word.as_bytes())).collect();
            engine.judge(&words)
        };
        let judgement = judgement.expect("rules in memory are never damaged");
        let wanted = row["decision"].as_str().expect("a decision");
        // To refuse what should be asked about is safe, the other way round is a miss.
        let right = judgement.decision().word() == wanted
            || wanted == "ask" && judgement.decision() == Decision::Deny;
        if !right {
            wrong.push(format!("{}: {wanted}, but {}", row["name"], judgement.because()));
        }
    }
    assert!(ROWS.lines().count() >= 330 && wrong.is_empty(), "{}", wrong.join("\n"));
}
