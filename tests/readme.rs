//! Holds the README and the documents to what is there: every command they name exists.

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use support::{Running, Sandbox};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The README and what lies in `docs`.
fn documents() -> Vec<PathBuf> {
    let docs = fs::read_dir(root().join("docs")).expect("documents");
    let docs = docs.map(|entry| entry.expect("an entry").path());
    let texts = docs.filter(|path| path.extension().is_some_and(|name| name == "md"));
    texts.chain(["README.md", "CONTRIBUTING.md"].map(|name| root().join(name))).collect()
}

/// Returns the commands in the shell blocks of a document.
fn commands(document: &Path) -> Vec<String> {
    let text = fs::read_to_string(document).expect("a document");
    let mut found = Vec::new();
    for (fence, prompt) in [("```sh\n", ""), ("```console\n", "$ ")] {
        let blocks = text.split(fence).skip(1).filter_map(|rest| rest.split("```").next());
        let lines = blocks.flat_map(str::lines).filter_map(|line| line.strip_prefix(prompt));
        found.extend(lines.map(str::to_owned));
    }
    found
}

#[test]
fn every_script_of_the_readme_is_there_and_executable() {
    let lines = commands(&root().join("README.md"));
    let scripts: Vec<_> = lines.iter().filter(|line| line.starts_with("./")).collect();
    assert!(scripts.len() > 1, "the README shows scripts: {lines:?}");
    for line in scripts {
        let script = line.split_whitespace().next().expect("a word");
        let found = root().join(script).metadata().expect(script);
        assert_ne!(found.permissions().mode() & 0o111, 0, "{script} is not executable");
    }
}

#[test]
fn every_subcommand_and_option_of_a_document_is_known() {
    let sandbox = Sandbox::new();
    let mut pages = BTreeMap::new();
    let mut seen = 0;
    for document in documents() {
        for line in commands(&document) {
            let Some((_, rest)) = line.split_once("airlock-exec ") else { continue };
            // Subcommands are lower-case words; an option, `--` or PLACEHOLDER ends them.
            let part_of_word = |letter: char| letter.is_ascii_lowercase() || letter == '-';
            let is_word = |word: &&str| !word.starts_with('-') && word.chars().all(part_of_word);
            let mut words: Vec<&str> = rest.split_whitespace().take_while(is_word).collect();
            // What follows the subcommand may be a word, too: `shim install git npm`.
            let page = loop {
                let key = words.join(" ");
                let page = pages.entry(key).or_insert_with(|| help(&sandbox, &words));
                match page {
                    Some(page) => break page.clone(),
                    None => assert!(words.pop().is_some(), "{}: {line}", document.display()),
                }
            };
            let rest = format!(" {rest}");
            let ours = rest.split(" -- ").next().expect("a first part");
            let ours = ours.split(['#', '|', ';', ')', '\'', '"']).next().expect("a first part");
            for option in ours.split_whitespace().filter(|word| word.starts_with("--")) {
                let option = option.split('=').next().expect("a first part");
                let known = option == "--" || page.contains(option);
                assert!(known, "{}: {option} in {line}", document.display());
            }
            seen += 1;
        }
    }
    assert!(seen > 30, "the documents show commands: {seen}");
}

/// What a subcommand says of itself; `None` where there is none of these words.
fn help(sandbox: &Sandbox, words: &[&str]) -> Option<String> {
    let output = Running::start(sandbox.airlock(words).arg("--help")).finish();
    let page = String::from_utf8(output.stdout).expect("UTF-8");
    let usage = format!("airlock-exec {}", words.join(" "));
    (output.status.success() && page.contains(usage.trim_end())).then_some(page)
}

#[test]
fn every_link_of_a_document_leads_somewhere() {
    for document in documents() {
        let text = fs::read_to_string(&document).expect("a document");
        let directory = document.parent().expect("a directory");
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let target = target.split('#').next().expect("a first part");
            let elsewhere = target.is_empty() || target.contains("://");
            let there = elsewhere || directory.join(target).exists();
            assert!(there, "{}: {target}", document.display());
        }
    }
}

#[test]
fn the_references_are_what_the_program_says() {
    let sandbox = Sandbox::new();
    let pages = [("config", "docs/configuration.md"), ("policy", "docs/policy-reference.md")];
    for (subcommand, document) in pages {
        let output = Running::start(&mut sandbox.airlock([subcommand, "reference"])).finish();
        assert!(output.status.success(), "{output:?}");
        let said = String::from_utf8(output.stdout).expect("UTF-8");
        let kept = fs::read_to_string(root().join(document)).expect("a document");
        assert_eq!(kept, said, "airlock-exec {subcommand} reference > {document}");
    }
}

#[test]
fn completions_are_what_their_shells_can_read() {
    let sandbox = Sandbox::new();
    for (shell, reads_only) in [("bash", "-n"), ("zsh", "-n"), ("fish", "--no-execute")] {
        let output = Running::start(&mut sandbox.airlock(["completions", shell])).finish();
        let file = sandbox.work().join(shell);
        fs::write(&file, &output.stdout).expect("written");
        assert!(String::from_utf8_lossy(&output.stdout).contains("sign-in"), "{output:?}");
        let mut reader = sandbox.program(shell);
        let read = Running::start(reader.arg(reads_only).arg(&file)).finish();
        assert!(read.status.success() && read.stderr.is_empty(), "{read:?}");
    }
}

#[test]
fn each_subcommand_has_a_page_in_the_manual() {
    let sandbox = Sandbox::new();
    let pages = sandbox.work().join("man1");
    let directory = pages.to_str().expect("text");
    let output = Running::start(&mut sandbox.airlock(["man", "--dir", directory])).finish();
    assert!(output.status.success(), "{output:?}");
    for name in ["airlock-exec", "airlock-exec-run", "airlock-exec-policy-explain"] {
        let page = fs::read_to_string(pages.join(format!("{name}.1"))).expect(name);
        assert!(page.contains(".SH SYNOPSIS") && page.contains("airlock"), "{page}");
    }
    let hidden = pages.join("airlock-exec-local-gateway.1");
    assert!(!hidden.exists(), "what is hidden from --help is hidden here");
}
