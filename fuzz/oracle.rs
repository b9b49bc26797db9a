//! What must hold of every text; shared by the fuzz target and `tests/policy_fuzz.rs`.

use airlock_exec::policy::{Decision, Policy};
use airlock_exec::process::Environment;
use std::path::Path;

/// Commands that are never allowed: a text that hides one of them is misread.
const PAYLOADS: &[&str] = &["\ntouch pwned", "; ./evil", " && id > f", " | sh", " `id`", " $(id)"];

/// Judges a text, and the text with a payload behind it.
///
/// What is allowed is complete, so what stands behind it is seen.
pub(crate) fn hold(text: &str) {
    let environment = Environment::default();
    let policy = Policy::built_in(&environment, Path::new("/home/me/src"));
    let decide = |text: &str| policy.judge_text(text).expect("no file is read").decision();
    if decide(text) != Decision::Allow {
        return;
    }
    for payload in PAYLOADS {
        let longer = format!("{text}{payload}");
        // Behind a comment only what begins a line is seen.
        let hidden = text.contains('#') && !payload.starts_with('\n');
        assert!(hidden || decide(&longer) != Decision::Allow, "allowed: {longer:?}");
    }
    policy.parts(text).expect("no file is read");
}
