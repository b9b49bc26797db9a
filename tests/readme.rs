//! Holds the README to what is there: every command it names exists.

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use support::{Running, Sandbox};

/// Returns the lines of the README's shell blocks.
fn commands() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).expect("a README");
    let blocks = readme.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
    let lines: Vec<String> = blocks.flat_map(str::lines).map(str::to_owned).collect();
    assert!(lines.len() > 3, "the README shows commands: {lines:?}");
    lines
}

#[test]
fn every_script_of_the_readme_is_there_and_executable() {
    for line in commands().iter().filter(|line| line.starts_with("./")) {
        let script = line.split_whitespace().next().expect("a word");
        let found = Path::new(env!("CARGO_MANIFEST_DIR")).join(script).metadata().expect(script);
        assert_ne!(found.permissions().mode() & 0o111, 0, "{script} is not executable");
    }
}

#[test]
fn every_subcommand_of_the_readme_is_known() {
    let sandbox = Sandbox::new();
    for line in commands() {
        let Some(arguments) = line.strip_prefix("airlock-exec ") else { continue };
        // Subcommands are lower-case words; an option, `--` or PLACEHOLDER ends them.
        let known = |word: &&str| word.chars().all(|letter| letter.is_ascii_lowercase());
        let mut words: Vec<&str> = arguments.split_whitespace().take_while(known).collect();
        words.push("--help");
        let output = Running::start(&mut sandbox.airlock(&words)).finish();
        let shown = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "airlock-exec {words:?}: {output:?}");
        assert!(shown.contains("Usage:"), "airlock-exec {words:?}: {shown}");
    }
}
