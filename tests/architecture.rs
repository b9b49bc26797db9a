//! Holds the shape of the source: who imports whom, and what only one place does.
//!
//! Every complaint says what to do. The checkers are tried on small bad pieces of
//! source below, so that a rule which can no longer fail is noticed.

#[path = "architecture/permit.rs"]
mod permit;
#[path = "architecture/references.rs"]
mod references;
#[path = "architecture/rooms.rs"]
mod rooms;
#[path = "architecture/tree.rs"]
mod tree;

use references::{Mentions, module_of};
use rooms::{forbidden_imports, room_of};
use std::path::Path;
use tree::{SourceFile, report, rust_files};

/// Runs a rule over every file of `src` and fails with all complaints at once.
fn for_each_source(rule: impl Fn(&SourceFile, &Mentions) -> Vec<String>) {
    let mut complaints = Vec::new();
    let files = rust_files("src");
    assert!(files.len() > 20, "found only {} files in src", files.len());
    for file in &files {
        let mentions = references::read(&file.text, &module_of(&file.path))
            .unwrap_or_else(|error| panic!("src/{}: {error}", file.path.display()));
        complaints.extend(
            rule(file, &mentions)
                .into_iter()
                .map(|complaint| format!("src/{}: {complaint}", file.path.display())),
        );
    }
    report(&complaints);
}

#[test]
fn rooms_import_only_what_the_table_allows() {
    for_each_source(|file, mentions| forbidden_imports(&room_of(&file.path), mentions));
}

#[test]
fn unsafe_stands_only_in_sys() {
    for_each_source(|file, mentions| {
        let found = mentions.words.iter().any(|word| word == "unsafe");
        complain(
            found && room_of(&file.path) != "sys",
            "`unsafe` belongs in src/sys: call it there",
        )
    });
}

#[test]
fn only_main_ends_the_process() {
    for_each_source(|_, mentions| {
        let ends = |path: &Vec<String>| path.ends_with(&["process".to_owned(), "exit".to_owned()]);
        complain(
            mentions.others.iter().any(ends),
            "`process::exit` skips destructors: return an error, main turns it into a status",
        )
    });
}

#[test]
fn only_exit_knows_status_numbers() {
    for_each_source(|file, mentions| {
        let number = mentions.numbers.iter().find(|number| (121..=126).contains(*number));
        // A forked child of ours ends in sys, with a number that only its parent sees.
        let elsewhere = number.filter(|_| !["exit", "sys"].contains(&room_of(&file.path).as_str()));
        elsewhere
            .map(|number| format!("{number} looks like an exit status: name it in src/exit.rs"))
            .into_iter()
            .collect()
    });
}

#[test]
fn every_source_file_says_what_it_is_for() {
    for_each_source(|file, _| {
        complain(
            !file.text.starts_with("//!"),
            "begin with `//!`: what it is for, what it must not do",
        )
    });
}

#[test]
fn no_file_grows_too_long() {
    let mut complaints = Vec::new();
    for directory in ["src", "tests"] {
        for file in rust_files(directory) {
            let lines = file.text.lines().count();
            let limit = if file.path == Path::new("main.rs") { 40 } else { 400 };
            if lines > limit {
                let path = file.path.display();
                complaints.push(format!(
                    "{directory}/{path}: {lines} lines, {limit} at most: split it by concept"
                ));
            }
        }
    }
    report(&complaints);
}

#[test]
fn whatever_runs_a_command_consumes_a_permit() {
    let mut complaints = Vec::new();
    for file in rust_files("src/run") {
        let found = permit::functions_without_permit(&file.text).expect("Rust source");
        complaints.extend(
            found.into_iter().map(|found| format!("src/run/{}: {found}", file.path.display())),
        );
    }
    report(&complaints);
}

#[test]
fn a_permit_cannot_be_forged_or_copied() {
    let file =
        rust_files("src/review").into_iter().find(|file| file.path == Path::new("permit.rs"));
    let file = file.expect("src/review/permit.rs holds the permit");
    report(&permit::forgeable_permit(&file.text).expect("Rust source"));
}

fn complain(found: bool, what: &str) -> Vec<String> {
    found.then(|| what.to_owned()).into_iter().collect()
}

mod checkers {
    use super::{forbidden_imports, module_of, permit, references, room_of};
    use std::path::Path;

    fn complaints(file: &str, source: &str) -> Vec<String> {
        let file = Path::new(file);
        let mentions = references::read(source, &module_of(file)).expect("Rust source");
        forbidden_imports(&room_of(file), &mentions)
    }

    #[test]
    fn see_a_use_line_a_path_a_macro_and_super() {
        for source in [
            "use crate::review::Permit;",
            "use crate::{process::Stdio, review};",
            "use crate::{self as ours, review as other};",
            "fn f() { let _ = crate::review::decide(); }",
            "fn f() { println!(\"{}\", crate::review::NAME); }",
            "use super::super::review::Permit;",
            "mod inner { use super::super::super::review::Permit; }",
            "fn f(x: ::std::string::String, y: crate::review::Permit) {}",
        ] {
            let found = complaints("approver/inbox.rs", source);
            assert_eq!(found.len(), 1, "{source}: {found:?}");
            assert!(found[0].contains("crate::review"), "{source}: {found:?}");
        }
    }

    #[test]
    fn let_pass_what_the_table_allows() {
        for (file, source) in [
            ("approver/inbox.rs", "use crate::protocol::{Artifact, decision as verdict};"),
            ("approver/inbox.rs", "use super::keys::Keys; pub(crate) fn f() {}"),
            ("approver/inbox.rs", "#[cfg(test)] mod tests { use crate::review::Permit; }"),
            ("run/mod.rs", "use crate::review::Permit; use self::pty::Pty;"),
            ("sys/fork.rs", "use crate::display::Escaped;"),
            ("review/wait.rs", "use crate::sys::ignored_at_start;"),
            ("cli/exec.rs", "use crate::{run, review, policy};"),
        ] {
            assert!(complaints(file, source).is_empty(), "{source}");
        }
    }

    #[test]
    fn hold_each_pair_of_rooms_apart() {
        for (file, source) in [
            ("review/verify.rs", "use crate::approver::Keys;"),
            ("run/mod.rs", "use crate::review::journal::Journal;"),
            ("review/wait.rs", "use crate::sys::fork;"),
            ("gateway/store.rs", "use crate::crypto::digest;"),
            ("gateway/store.rs", "use ed25519_dalek::Signature;"),
            ("gateway/store.rs", "fn f() { chacha20poly1305::XNonce::default(); }"),
            ("protocol/seal.rs", "use aes_gcm::Aes256Gcm;"),
            ("crypto/mod.rs", "use crate::process::now;"),
            ("helpers/mod.rs", "fn f() {}"),
        ] {
            assert_eq!(complaints(file, source).len(), 1, "{source}");
        }
    }

    #[test]
    fn skip_only_the_item_under_cfg_test() {
        let source = "#[cfg(test)] use crate::review::A;\n#[cfg(test)] fn f() -> [u8; 2] { crate::review::b() }\nuse crate::review::C;";
        let found = complaints("approver/mod.rs", source);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains("review::C"));
    }

    #[test]
    fn see_words_numbers_and_foreign_paths() {
        let source = "fn f() { unsafe { g(125_u8, 0x7a) }; std::process::exit(h) }";
        let mentions = references::read(source, &[]).expect("Rust source");
        assert!(mentions.words.contains(&"unsafe".to_owned()));
        assert_eq!(mentions.numbers, [125, 122]);
        assert_eq!(mentions.others, [["std", "process", "exit"]]);
    }

    #[test]
    fn know_a_function_that_runs_without_a_permit() {
        let bad = [
            "pub fn run(request: Request) {}",
            "pub fn run(permit: &Permit) {}",
            "pub fn run(_: Permit) {}",
            "pub fn run() {}",
            "pub fn run(signal: i32, command: &str) {}",
            "impl Runner { pub fn start(argv: Vec<OsString>) {} }",
        ];
        for source in bad {
            assert_eq!(
                permit::functions_without_permit(source).expect("Rust").len(),
                1,
                "{source}"
            );
        }
        let good = "pub fn run(permit: Permit, more: u8) {} fn private() {} pub(super) fn inner() {} pub fn die(signal: i32) {}";
        assert!(permit::functions_without_permit(good).expect("Rust").is_empty());
    }

    #[test]
    fn know_a_permit_that_can_be_forged() {
        for source in [
            "pub struct Permit { pub request: Request }",
            "pub struct Permit(pub(crate) Request);",
            "#[derive(Debug, Clone)] pub struct Permit { request: Request }",
            "pub struct Permit; impl Default for Permit { fn default() -> Self { Self } }",
            "pub struct Other;",
        ] {
            assert_eq!(permit::forgeable_permit(source).expect("Rust").len(), 1, "{source}");
        }
        assert!(
            permit::forgeable_permit("pub struct Permit { request: Request }")
                .expect("Rust")
                .is_empty()
        );
    }
}
