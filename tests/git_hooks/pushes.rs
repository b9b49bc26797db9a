//! Pushes that wait for a person.

use crate::repository::{Repository, said};
use crate::support::Running;
use std::path::Path;

fn tip(repository: &Repository, bare: &Path, name: &str) -> String {
    repository.git(&["--git-dir", bare.to_str().expect("UTF-8"), "rev-parse", name])
}

#[test]
fn a_push_shows_what_moves_comes_and_goes() {
    let repository = Repository::with_hooks(&["pre-push"]);
    let bare = repository.remote();
    let asked = repository.approved(&["push", "origin", "main"]);
    assert_eq!(asked["commandText"], "git push origin main");
    assert_eq!(asked["git"]["commits"]["total"], 1, "{asked}");
    assert!(asked["git"]["refs"]["shown"][0].as_str().expect("text").contains("new"), "{asked}");
    assert!(asked["notes"].to_string().contains("people usually protect"), "{asked}");
    let first = tip(&repository, &bare, "main");

    repository.stage(".env", "TOKEN=1\n");
    repository.git(&["commit", "-q", "-m", "a secret"]);
    let asked = repository.approved(&["push", "origin", "main"]);
    assert_eq!(asked["git"]["size"], "1 file, 1 added, +1 -0 lines");
    assert!(asked["notes"].to_string().contains("look like secrets: .env"), "{asked}");

    repository.git(&["reset", "-q", "--hard", &first]);
    repository.git(&["commit", "-q", "--allow-empty", "-m", "instead"]);
    let before = tip(&repository, &bare, "main");
    let output = repository.rejected(&["push", "--force", "origin", "main"]);
    assert!(said(&output).contains("; nothing was pushed"), "{output:?}");
    assert_eq!(tip(&repository, &bare, "main"), before);
    repository.git(&["commit", "-q", "--amend", "--allow-empty", "-m", "something else instead"]);
    let asked = repository.approved(&["push", "--force", "origin", "main"]);
    assert_eq!(asked["commandText"], "git push --force origin main");
    assert_eq!(asked["git"]["lost"]["total"], 1, "{asked}");
    assert!(asked["git"]["lost"]["shown"][0].as_str().expect("text").ends_with("a secret"));
    let notes = asked["notes"].to_string();
    for note in ["is forced", "the remote loses 1 commit"] {
        assert!(notes.contains(note), "{note}: {notes}");
    }
}

#[test]
fn tags_and_deletions_are_named() {
    let repository = Repository::with_hooks(&["pre-push"]);
    repository.remote();
    repository.git(&["push", "-q", "--no-verify", "origin", "main", "main:old"]);
    repository.git(&["tag", "v1"]);
    let asked = repository.approved(&["push", "origin", "v1", ":old"]);
    let words = asked["commandText"].as_str().expect("text");
    assert!(words.contains("refs/tags/v1") && words.contains(":old"), "{words}");
    let refs = asked["git"]["refs"].to_string();
    assert!(
        refs.contains("refs/heads/old: DELETED") && refs.contains("refs/tags/v1: new"),
        "{refs}"
    );
    repository.git(&["commit", "-q", "--allow-empty", "-m", "more"]);
    repository.git(&["tag", "-f", "v1"]);
    let asked = repository.approved(&["push", "--force", "origin", "v1"]);
    assert!(asked["notes"].to_string().contains("is a tag that others may have"), "{asked}");
    // Nothing to push asks nobody.
    repository.git(&["push", "-q", "origin", "main:main", "--no-verify"]);
    repository.git(&["push", "-q", "origin", "main"]);
}

#[test]
fn credentials_in_an_address_are_not_shown() {
    let repository = Repository::with_hooks(&["pre-push"]);
    let (url, id) = ("https://me:hunter2@example.com/x.git", repository.head());
    let line = format!("refs/heads/main {id} refs/heads/main {}\n", "0".repeat(40));
    let mut hook = repository.sandbox.airlock(["git-hook", "pre-push", url, url]);
    let running = Running::start_with_input(&mut hook, line.as_bytes());
    let asked = repository.approve_next();
    assert!(running.finish().status.success());
    assert!(!asked.to_string().contains("hunter2"), "{asked}");
    assert!(asked["git"]["url"].as_str().expect("text").contains("example.com"), "{asked}");
}

#[test]
fn a_remote_commit_that_is_not_known_here_counts_as_forced() {
    let repository = Repository::with_hooks(&["pre-push"]);
    let line = format!("refs/heads/x {} refs/heads/x {}\n", repository.head(), "1".repeat(40));
    let mut hook = repository.sandbox.airlock(["git-hook", "pre-push", "origin", "/x"]);
    let running = Running::start_with_input(&mut hook, line.as_bytes());
    let asked = repository.approve_next();
    assert!(running.finish().status.success());
    assert_eq!(asked["commandText"], "git push --force origin x");
    assert!(asked["notes"].to_string().contains("what is lost cannot be told"), "{asked}");
}
