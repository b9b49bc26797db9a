//! Which commands of git take something away, by their words.

use crate::process::is_shell;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// A call of git, taken apart.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct GitCall {
    /// What `-C` says.
    pub(super) directory: Option<OsString>,
    /// An option that leads to a repository elsewhere.
    pub(super) elsewhere: Option<OsString>,
    /// Whether its own options may say what an alias is.
    pub(super) names_aliases: bool,
    /// The subcommand and what follows.
    pub(super) words: Vec<OsString>,
}

/// What a command takes away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Destroys {
    /// What branches of a remote had; without names, any of them.
    Remote { remote: Option<OsString>, branches: Vec<OsString> },
    /// The place of the branch, and changes.
    HeadAndChanges,
    /// Changes of files that git knows.
    Changes,
    /// The same, unless this is the name of a commit: then it is switched to.
    ChangesOf(OsString),
    /// The tips of branches.
    Branches { names: Vec<OsString>, remote: bool },
    /// Files that git does not know; ignored ones as well.
    Untracked { ignored: bool },
    /// One stash, or all.
    Stash { one: Option<usize> },
}

/// Takes a command apart when it is git, or a shell that runs nothing but git.
pub(super) fn git_call(arguments: &[OsString]) -> Option<GitCall> {
    let (program, rest) = arguments.split_first()?;
    let name = Path::new(program).file_name()?;
    if name == "git" {
        return Some(call(rest));
    }
    // `sh -c TEXT`, as an agent calls it, where the text is words and nothing else.
    let runs_text = name.to_str().is_some_and(|name| is_shell(name) || name == "airlock-sh");
    let [option, text] = rest else { return None };
    let is_text = runs_text && (option == "-c" || option == "-lc");
    let words = plain_words(is_text.then_some(text)?)?;
    let (program, rest) = words.split_first()?;
    (program == "git").then(|| call(rest))
}

/// Returns the words of a text in which no character means anything to a shell.
pub(super) fn plain_words(text: &OsStr) -> Option<Vec<OsString>> {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b" -_./:+@=,^".contains(byte);
    if !text.as_bytes().iter().all(plain) {
        return None;
    }
    let words = text.as_bytes().split(|byte| *byte == b' ').filter(|word| !word.is_empty());
    Some(words.map(|word| OsStr::from_bytes(word).to_owned()).collect())
}

pub(super) fn call(mut rest: &[OsString]) -> GitCall {
    let mut call = GitCall::default();
    while let Some((first, after)) = rest.split_first() {
        let word = first.as_bytes();
        match word {
            b"-C" => {
                let Some((directory, after)) = after.split_first() else { break };
                // A second one is relative to the first.
                call.directory = Some(match call.directory.take() {
                    Some(before) => Path::new(&before).join(directory).into_os_string(),
                    None => directory.clone(),
                });
                rest = after;
            }
            b"-c" | b"--config-env" => {
                let said = after.first().map(|value| value.as_bytes().to_ascii_lowercase());
                call.names_aliases |= said.is_none_or(|said| said.starts_with(b"alias."));
                rest = after.get(1..).unwrap_or_default();
            }
            b"--git-dir" | b"--work-tree" | b"--namespace" => {
                call.elsewhere = Some(first.clone());
                rest = after.get(1..).unwrap_or_default();
            }
            _ if word.starts_with(b"--git-dir=") || word.starts_with(b"--work-tree=") => {
                call.elsewhere = Some(first.clone());
                rest = after;
            }
            _ if word.starts_with(b"-") => rest = after,
            _ => {
                call.words = rest.to_vec();
                break;
            }
        }
    }
    call
}

/// The words behind a subcommand.
struct Words<'a> {
    options: Vec<&'a [u8]>,
    names: Vec<&'a OsStr>,
    /// Whether two dashes stood among them.
    dashes: bool,
}

impl<'a> Words<'a> {
    /// `valued` are the options whose value is the next word.
    fn of(words: &'a [OsString], valued: &[&str]) -> Self {
        let mut found = Self { options: Vec::new(), names: Vec::new(), dashes: false };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let bytes = word.as_bytes();
            if found.dashes || !bytes.starts_with(b"-") || bytes == b"-" {
                found.names.push(word);
            } else if bytes == b"--" {
                found.dashes = true;
            } else {
                found.options.push(bytes);
                if valued.iter().any(|option| option.as_bytes() == bytes) {
                    words.next();
                }
            }
        }
        found
    }

    /// Tells whether an option is there: by its long name, with a value, or by its letter.
    fn has(&self, long: &str, letter: Option<u8>) -> bool {
        self.options.iter().any(|option| {
            let is_long = option
                .strip_prefix(long.as_bytes())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(b"="));
            let is_cluster = !option.starts_with(b"--");
            is_long || letter.is_some_and(|letter| is_cluster && option.contains(&letter))
        })
    }
}

/// Tells what a call takes away, if it is one of those that are recognised.
pub(super) fn destroys(call: &GitCall) -> Option<Destroys> {
    let (subcommand, rest) = call.words.split_first()?;
    match subcommand.as_bytes() {
        b"push" => push(rest),
        b"reset" => {
            let words = Words::of(rest, &[]);
            words.has("--hard", None).then_some(Destroys::HeadAndChanges)
        }
        b"branch" => {
            let words = Words::of(rest, &[]);
            let deletes = words.has("--delete", Some(b'd')) || words.has("", Some(b'D'));
            let forces = words.has("--force", Some(b'f')) || words.has("", Some(b'D'));
            let names = words.names.iter().map(|name| (*name).to_owned()).collect();
            let remote = words.has("--remotes", Some(b'r'));
            (deletes && forces).then_some(Destroys::Branches { names, remote })
        }
        b"clean" => {
            let words = Words::of(rest, &["-e", "--exclude"]);
            let dry = words.has("--dry-run", Some(b'n'));
            let forces = words.has("--force", Some(b'f')) && !dry;
            let ignored = words.has("", Some(b'x')) || words.has("", Some(b'X'));
            forces.then_some(Destroys::Untracked { ignored })
        }
        b"checkout" => {
            let words = Words::of(rest, &["-b", "-B", "--orphan", "--conflict"]);
            let discards = words.has("--force", Some(b'f'))
                || words.has("--patch", Some(b'p'))
                || words.has("--pathspec-from-file", None)
                || words.dashes
                || words.names.iter().any(|name| *name == "." || is_pattern(name));
            let makes_branch = words.has("--orphan", None)
                || words.has("", Some(b'b'))
                || words.has("", Some(b'B'));
            match words.names.as_slice() {
                _ if discards => Some(Destroys::Changes),
                _ if makes_branch => None,
                [] => None,
                // The branch before this one.
                [only] if *only == "-" => None,
                [only] => Some(Destroys::ChangesOf((*only).to_owned())),
                // What follows a commit, or another file, are files.
                [_, _, ..] => Some(Destroys::Changes),
            }
        }
        b"switch" => {
            let words = Words::of(rest, &["-c", "-C"]);
            let discards = words.has("--force", Some(b'f')) || words.has("--discard-changes", None);
            discards.then_some(Destroys::Changes)
        }
        b"restore" => {
            let words = Words::of(rest, &["-s", "--source"]);
            let staged = words.has("--staged", Some(b'S'));
            let work_tree = words.has("--worktree", Some(b'W')) || !staged;
            work_tree.then_some(Destroys::Changes)
        }
        b"stash" => stash(rest),
        _ => None,
    }
}

/// Tells whether a name means files by a pattern, as no name of a commit does; one that
/// begins with a colon may be either.
fn is_pattern(name: &OsStr) -> bool {
    let name = name.as_bytes();
    name.starts_with(b":") || name.iter().any(|byte| b"*?[\\".contains(byte))
}

fn push(rest: &[OsString]) -> Option<Destroys> {
    let words = Words::of(rest, &["-o", "--push-option", "--repo", "--receive-pack", "--exec"]);
    if words.has("--dry-run", Some(b'n')) {
        return None;
    }
    let refspecs = words.names.get(1..).unwrap_or_default();
    let forces = words.has("--force", Some(b'f')) || words.has("--force-with-lease", None);
    let deletes = words.has("--delete", Some(b'd'));
    let mirrors = words.has("--mirror", None) || words.has("--prune", None);
    let is_special = |spec: &&&OsStr| {
        let bytes = spec.as_bytes();
        bytes.starts_with(b"+") || bytes.starts_with(b":")
    };
    if !(forces || deletes || mirrors || refspecs.iter().any(|spec| is_special(&spec))) {
        return None;
    }
    let all = forces || deletes;
    let branches = refspecs.iter().filter(|spec| all || is_special(spec)).map(|spec| target(spec));
    let branches = if mirrors { Vec::new() } else { branches.collect() };
    let remote = words.names.first().map(|name| (*name).to_owned());
    Some(Destroys::Remote { remote, branches })
}

/// Returns the branch of the remote that a refspec moves.
fn target(spec: &OsStr) -> OsString {
    let bytes = spec.as_bytes();
    let bytes = bytes.strip_prefix(b"+").unwrap_or(bytes);
    let name = bytes.rsplit(|byte| *byte == b':').next().unwrap_or(bytes);
    OsStr::from_bytes(name.strip_prefix(b"refs/heads/").unwrap_or(name)).to_owned()
}

fn stash(rest: &[OsString]) -> Option<Destroys> {
    let (action, rest) = rest.split_first()?;
    match action.as_bytes() {
        b"clear" => Some(Destroys::Stash { one: None }),
        b"drop" => {
            let words = Words::of(rest, &[]);
            let number = |name: &&OsStr| {
                let text = name.to_str()?;
                let digits = text.strip_prefix("stash@{").and_then(|rest| rest.strip_suffix('}'));
                digits.unwrap_or(text).parse().ok()
            };
            let one = match words.names.first() {
                Some(name) => number(name)?,
                None => 0,
            };
            Some(Destroys::Stash { one: Some(one) })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Option<Destroys> {
        let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        destroys(&git_call(&words)?)
    }

    fn remote(name: &str, branches: &[&str]) -> Destroys {
        let branches = branches.iter().map(OsString::from).collect();
        let remote = (!name.is_empty()).then(|| name.into());
        Destroys::Remote { remote, branches }
    }

    #[test]
    fn knows_what_takes_something_away() {
        assert_eq!(of("git push --force"), Some(remote("", &[])));
        assert_eq!(of("git push -uf origin main"), Some(remote("origin", &["main"])));
        assert_eq!(of("git push origin a +b:refs/heads/c"), Some(remote("origin", &["c"])));
        assert_eq!(of("git push --force-with-lease=x origin y"), Some(remote("origin", &["y"])));
        assert_eq!(of("git push origin :gone"), Some(remote("origin", &["gone"])));
        assert_eq!(of("git -C sub reset --hard HEAD~2"), Some(Destroys::HeadAndChanges));
        assert_eq!(of("/usr/bin/git clean -fdx"), Some(Destroys::Untracked { ignored: true }));
        assert_eq!(of("git clean -fd"), Some(Destroys::Untracked { ignored: false }));
        assert_eq!(of("git checkout -- ."), Some(Destroys::Changes));
        assert_eq!(of("git checkout HEAD~1 a.txt"), Some(Destroys::Changes));
        assert_eq!(of("git checkout -p"), Some(Destroys::Changes));
        assert_eq!(of("git checkout a.txt"), Some(Destroys::ChangesOf("a.txt".into())));
        for pattern in ["*.txt", ":/", ":(top)", "a[b]", "?.c"] {
            assert_eq!(of(&format!("git checkout {pattern}")), Some(Destroys::Changes));
        }
        assert_eq!(of("git restore src"), Some(Destroys::Changes));
        assert_eq!(of("git stash drop"), Some(Destroys::Stash { one: Some(0) }));
        assert_eq!(of("git stash drop stash@{2}"), Some(Destroys::Stash { one: Some(2) }));
        assert_eq!(of("git stash clear"), Some(Destroys::Stash { one: None }));
        let names = vec!["a".into(), "b".into()];
        let branches = Some(Destroys::Branches { names, remote: false });
        assert_eq!(of("git branch -D a b"), branches);
        assert_eq!(of("git branch --delete --force a b"), branches);
    }

    #[test]
    fn knows_what_does_not() {
        for line in [
            "git push",
            "git push origin main",
            "git push -n --force",
            "git reset HEAD~1",
            "git branch -d a",
            "git clean -n",
            "git clean -fdn",
            "git checkout -b topic origin/main",
            "git checkout -",
            "git restore --staged x",
            "git stash",
            "git stash pop",
            "gitk --force",
        ] {
            assert_eq!(of(line), None, "{line}");
        }
    }

    #[test]
    fn reads_the_text_of_a_shell_only_where_it_is_plain() {
        let shell = |text: &str| destroys(&git_call(&["sh".into(), "-c".into(), text.into()])?);
        assert_eq!(shell("git reset --hard"), Some(Destroys::HeadAndChanges));
        assert_eq!(shell("git reset --hard; ls"), None);
        assert_eq!(shell("git -C $X reset --hard"), None);
    }

    #[test]
    fn a_repository_elsewhere_is_noticed() {
        let words: Vec<OsString> =
            ["git", "--git-dir=/x", "reset", "--hard"].iter().map(Into::into).collect();
        assert_eq!(git_call(&words).unwrap().elsewhere, Some("--git-dir=/x".into()));
    }
}
