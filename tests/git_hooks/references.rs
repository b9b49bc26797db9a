//! Commits that no other hook sees, and what is no commit at all.

use crate::repository::{Repository, said};

#[test]
fn a_commit_without_hooks_is_seen_when_its_branch_moves() {
    let repository = Repository::with_hooks(&[]);
    repository.stage("x", "x\n");
    let before = repository.head();
    let output = repository.rejected(&["commit", "--no-verify", "-m", "x"]);
    assert!(said(&output).contains("; no reference was changed"), "{output:?}");
    assert_eq!(repository.head(), before);

    let tree = repository.git(&["write-tree"]);
    let made = repository.git(&["commit-tree", "-p", &before, "-m", "by hand", &tree]);
    repository.rejected(&["update-ref", "refs/heads/main", &made]);
    assert_eq!(repository.head(), before);
    // A tag or a detached head is no way around: the branch still gets the commit.
    repository.git(&["tag", "way-around", &made]);
    repository.git(&["checkout", "-q", "--detach", &made]);
    repository.rejected(&["branch", "-f", "main", "way-around"]);
    let asked = repository.approved(&["update-ref", "refs/heads/main", &made, &before]);
    assert_eq!(asked["commandText"], "git commit");
    assert_eq!(asked["git"]["message"], "by hand");
    assert_eq!(repository.git(&["rev-parse", "main"]), made);
}

#[test]
fn a_rebase_and_a_cherry_pick_ask_once_with_their_commits() {
    let repository = Repository::new();
    repository.git(&["checkout", "-q", "-b", "side"]);
    for name in ["one", "two"] {
        repository.stage(name, "text\n");
        repository.git(&["commit", "-q", "-m", name]);
    }
    repository.git(&["checkout", "-q", "main"]);
    repository.stage("base", "base\n");
    repository.git(&["commit", "-q", "-m", "base"]);
    repository.install(&[]);

    let asked = repository.approved(&["cherry-pick", "side~1"]);
    assert_eq!(asked["git"]["message"], "one");
    repository.git(&["reset", "-q", "--hard", "HEAD~1"]);
    let asked = repository.approved(&["rebase", "-q", "main", "side"]);
    assert_eq!(asked["argv"][1], "update-ref");
    let git = &asked["git"];
    assert_eq!(
        (&git["commits"]["total"], &git["lost"]["total"]),
        (&2.into(), &2.into()),
        "{asked}"
    );
    assert!(git["commits"]["shown"][0].as_str().expect("text").ends_with("A U Thor: two"));
}

#[test]
fn what_makes_no_commit_on_a_branch_does_not_ask() {
    let repository = Repository::with_hooks(&[]);
    repository.remote();
    let bare = repository.sandbox.path("remote.git");
    repository.git(&["push", "-q", "--no-verify", "origin", "main"]);
    // Somebody else's commit comes with a fetch.
    let clone = repository.sandbox.path("clone");
    let (bare, clone_text) = (bare.to_str().expect("UTF-8"), clone.to_str().expect("UTF-8"));
    repository.git(&["clone", "-q", bare, clone_text]);
    repository.git(&["-C", clone_text, "commit", "-q", "--allow-empty", "-m", "theirs"]);
    repository.git(&["-C", clone_text, "push", "-q", "origin", "main"]);
    repository.git(&["branch", "-q", "-u", "origin/main"]);
    repository.git(&["pull", "-q", "--ff-only"]);
    assert_eq!(repository.git(&["log", "-1", "--format=%s"]), "theirs");

    repository.git(&["branch", "topic"]);
    repository.git(&["tag", "-a", "-m", "release", "v1"]);
    repository.write("README", "changed\n");
    repository.git(&["stash", "-q"]);
    repository.git(&["stash", "pop", "-q"]);
    repository.git(&["checkout", "-q", "--", "README"]);
    repository.git(&["reset", "-q", "--hard", "HEAD~1"]);
    repository.git(&["branch", "-m", "topic", "renamed"]);
    repository.git(&["branch", "-q", "-D", "renamed"]);
    repository.git(&["gc", "-q"]);
    repository.assert_nothing_waits();
}

#[test]
fn what_hooks_cannot_see_is_as_it_is_documented() {
    let repository = Repository::with_hooks(&[]);
    repository.stage("x", "x\n");
    // docs/git.md: only a shim or the agent's own hook sees this.
    repository.git(&["-c", "core.hooksPath=/dev/null", "commit", "-q", "-m", "unseen"]);
    assert_eq!(repository.git(&["log", "-1", "--format=%s"]), "unseen");
}
