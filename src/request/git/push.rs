//! A push: which references of the remote would move, and what comes and goes by it.

use super::change::Changes;
use super::framework::{Told, told_by_framework};
use super::{GitEvidence, Listed, Site, history, is_none, short};
use crate::display::counted;
use crate::process::{Environment, GitError};
use crate::request::{Marker, masked, text};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

/// The most references that are looked at one by one.
const LOOKED_AT: usize = 50;
/// Branches that people work on together, by their names or the beginnings of them.
const PROTECTED: &[&str] = &[
    "main",
    "master",
    "trunk",
    "develop",
    "development",
    "production",
    "prod",
    "stable",
    "staging",
    "gh-pages",
    "release",
];

/// A push that is about to happen.
#[derive(Debug)]
pub struct Push {
    remote: OsString,
    url: OsString,
    updates: Vec<RefUpdate>,
    /// A branch and where it goes, when it is not told what either is at.
    whole: Option<(OsString, OsString)>,
    /// Whether somebody between git and us told only a part.
    is_partial: bool,
}

/// A reference of the remote that is about to move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefUpdate {
    local: OsString,
    new: String,
    remote: OsString,
    old: String,
}

/// How a reference moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    New,
    Forward,
    Forced,
    /// What is there now is not known here.
    Unknown,
    Deleted,
}

impl RefUpdate {
    /// Reads `<local ref> <local id> <remote ref> <remote id>`. Spec: githooks(5).
    pub(super) fn parse(line: &[u8]) -> Option<Self> {
        // The first is as it was typed, and may hold blanks: `HEAD@{1 day ago}`.
        let fields: Vec<&[u8]> = line.rsplitn(4, |byte| *byte == b' ').collect();
        let [old, remote, new, local] = fields[..] else { return None };
        let id = |bytes: &[u8]| {
            let text = std::str::from_utf8(bytes).ok()?;
            let is_id = text.len() >= 40 && text.bytes().all(|digit| digit.is_ascii_hexdigit());
            is_id.then(|| text.to_owned())
        };
        let name = |bytes: &[u8]| OsString::from_vec(bytes.to_vec());
        Some(Self { local: name(local), new: id(new)?, remote: name(remote), old: id(old)? })
    }

    /// Returns it as a person would have typed it.
    fn refspec(&self) -> OsString {
        let branch = |name: &OsStr| {
            let bytes = name.as_bytes();
            OsStr::from_bytes(bytes.strip_prefix(b"refs/heads/").unwrap_or(bytes)).to_owned()
        };
        let (local, remote) = (branch(&self.local), branch(&self.remote));
        if is_none(&self.new) {
            return [OsStr::new(":"), &remote].into_iter().collect();
        }
        if local == remote {
            return remote;
        }
        [&local, OsStr::new(":"), &remote].into_iter().collect()
    }

    fn kind(&self, site: &Site) -> Result<Kind, GitError> {
        let git = site.git();
        if is_none(&self.new) {
            return Ok(Kind::Deleted);
        }
        if is_none(&self.old) {
            return Ok(Kind::New);
        }
        if git.bytes(&["cat-file", "-e", &self.old]).is_err() {
            return Ok(Kind::Unknown);
        }
        let is_tag = self.remote.as_bytes().starts_with(b"refs/tags/");
        let goes_on =
            !is_tag && git.agrees(&["merge-base", "--is-ancestor", &self.old, &self.new])?;
        Ok(if goes_on { Kind::Forward } else { Kind::Forced })
    }

    fn in_words(&self, kind: Kind) -> String {
        let name = text::word(&self.remote);
        let (old, new) = (short(&self.old), short(&self.new));
        match kind {
            Kind::New => format!("{name}: new, at {new}"),
            Kind::Forward => format!("{name}: {old} to {new}"),
            Kind::Forced => format!("{name}: {old} to {new}, FORCED"),
            Kind::Unknown => {
                format!("{name}: {old}, which is not known here, to {new}: taken as FORCED")
            }
            Kind::Deleted => format!("{name}: DELETED, was at {old}"),
        }
    }

    fn is_protected(&self) -> bool {
        let name = self.remote.to_string_lossy();
        let branch = name.strip_prefix("refs/heads/").unwrap_or_default();
        let first = branch.split(['/', '-']).next().unwrap_or_default();
        PROTECTED.contains(&first)
    }
}

impl Push {
    /// Reads what git hands to its `pre-push`; `None` when a line makes no sense.
    ///
    /// Without lines there is nothing to push, unless the pre-commit framework took
    /// them: it tells the first reference by variables.
    #[must_use]
    pub fn read(words: &[OsString], input: &[u8], environment: &Environment) -> Option<Self> {
        let told = |name: &str| environment.value(name).filter(|value| !value.is_empty());
        let word = |at: usize, name: &str| {
            let word = words.get(at).map(OsString::as_os_str).or_else(|| told(name));
            word.unwrap_or_default().to_owned()
        };
        let lines = input.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let mut updates = lines.map(RefUpdate::parse).collect::<Option<Vec<_>>>()?;
        let by_framework = told("PRE_COMMIT").is_some() && updates.is_empty();
        let mut whole = None;
        if by_framework {
            match told_by_framework(environment)? {
                Some(Told::Update(update)) => updates.push(update),
                Some(Told::Whole { local, remote }) => whole = Some((local, remote)),
                None => {}
            }
        }
        Some(Self {
            remote: word(0, "PRE_COMMIT_REMOTE_NAME"),
            url: word(1, "PRE_COMMIT_REMOTE_URL"),
            updates,
            whole,
            is_partial: by_framework,
        })
    }

    /// Looks up what a branch is at that is pushed as a whole.
    ///
    /// # Errors
    ///
    /// [`GitError`] when it is at nothing.
    pub fn resolved(mut self, site: &Site) -> Result<Self, GitError> {
        if let Some((local, remote)) = self.whole.take() {
            let words = [OsStr::new("rev-parse"), OsStr::new("--verify"), local.as_os_str()];
            let new = String::from_utf8_lossy(&site.git().bytes(&words)?).trim_end().to_owned();
            let old = "0".repeat(new.len());
            self.updates.push(RefUpdate { local, new, remote, old });
        }
        Ok(self)
    }

    /// Tells whether nothing would move.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.updates.is_empty() && self.whole.is_none()
    }

    /// Returns the name of the remote, or its address where it has none, as it may be
    /// shown.
    fn target(&self, marker: &Marker) -> OsString {
        if self.remote.is_empty() || self.remote == self.url {
            return masked::address(&self.url, marker).into();
        }
        self.remote.clone()
    }

    /// Says what is pushed, and the words a person would have typed for it.
    ///
    /// # Errors
    ///
    /// [`GitError`].
    pub fn evidence(
        &self,
        site: &Site,
        marker: &Marker,
    ) -> Result<(Vec<OsString>, GitEvidence), GitError> {
        let git = site.git();
        let looked_at = &self.updates[..self.updates.len().min(LOOKED_AT)];
        let kinds: Vec<Kind> =
            looked_at.iter().map(|update| update.kind(site)).collect::<Result<_, _>>()?;
        let is_forced = |kind: &Kind| matches!(kind, Kind::Forced | Kind::Unknown);
        let mut words: Vec<OsString> = vec!["git".into(), "push".into()];
        // What was not looked at could be forced.
        if kinds.iter().any(is_forced) || looked_at.len() < self.updates.len() {
            words.push("--force".into());
        }
        words.push(self.target(marker));
        words.extend(self.updates.iter().map(RefUpdate::refspec));
        let each = || looked_at.iter().zip(&kinds);
        let mut notes = self.notes(each());

        let pushed: Vec<&str> = each()
            .filter(|(_, kind)| **kind != Kind::Deleted)
            .map(|(update, _)| &*update.new)
            .collect();
        let known = if self.remote.is_empty() || self.remote == self.url {
            "--remotes".to_owned()
        } else {
            format!("--remotes={}", self.remote.to_string_lossy())
        };
        let here: Vec<&str> = each()
            .filter(|(_, kind)| matches!(kind, Kind::Forward | Kind::Forced))
            .map(|(update, _)| &*update.old)
            .collect();
        let commits = if pushed.is_empty() {
            Listed::default()
        } else {
            history::commits(git, &[&pushed[..], &["--not", &known], &here].concat())?
        };
        let replaced: Vec<&str> = each()
            .filter(|(update, kind)| {
                **kind == Kind::Forced
                    || **kind == Kind::Deleted
                        && git.bytes(&["cat-file", "-e", &update.old]).is_ok()
            })
            .map(|(update, _)| &*update.old)
            .collect();
        let lost = if replaced.is_empty() {
            Listed::default()
        } else {
            history::commits(git, &[&replaced[..], &["--not"], &pushed].concat())?
        };
        if !lost.is_empty() {
            notes.push(format!("the remote loses {}", counted(lost.total, "commit")));
        }
        let changes = match each().find(|(_, kind)| matches!(kind, Kind::Forward | Kind::Forced)) {
            Some((update, _)) => Some(Changes::between(git, &update.old, &update.new)?),
            None => None,
        };
        if let Some(changes) = &changes {
            notes.extend(changes.notes());
        }
        let evidence = GitEvidence {
            what: format!("a push of {}", counted(self.updates.len(), "reference")),
            repository: site.shown(),
            branch: site.branch().map(str::to_owned),
            head: site.head_in_words(),
            remote: (self.target(marker) != self.url).then(|| text::word(&self.target(marker))),
            url: Some(masked::address(&self.url, marker)).filter(|url| !url.is_empty()),
            refs: Listed::first(
                LOOKED_AT,
                self.updates.len(),
                each().map(|(update, kind)| update.in_words(*kind)),
            ),
            commits,
            lost,
            size: changes.as_ref().map(Changes::size),
            changes: changes.as_ref().map(Changes::listed).unwrap_or_default(),
            notes,
            ..GitEvidence::default()
        };
        Ok((words, evidence))
    }

    fn notes<'a>(&self, each: impl Iterator<Item = (&'a RefUpdate, &'a Kind)>) -> Vec<String> {
        let mut notes = Vec::new();
        for (update, kind) in each {
            let name = text::word(&update.remote);
            if update.is_protected() {
                notes.push(format!("{name} is a branch that people usually protect"));
            }
            match kind {
                Kind::Forced if update.remote.as_bytes().starts_with(b"refs/tags/") => {
                    notes.push(format!("{name} is a tag that others may have, and moves"));
                }
                Kind::Forced => notes.push(format!("{name} is forced: its history is replaced")),
                Kind::Unknown => notes.push(format!(
                    "what {name} is at now is not known here: what is lost cannot be told"
                )),
                Kind::Deleted => notes.push(format!("{name} is deleted on the remote")),
                Kind::New | Kind::Forward => {}
            }
        }
        if self.is_partial {
            notes.push(
                "the pre-commit framework tells the first reference only: others and deletions \
                 are pushed unseen"
                    .to_owned(),
            );
        }
        notes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    const NONE: &str = "0000000000000000000000000000000000000000";

    fn refspec(local: &str, new: &str, remote: &str) -> OsString {
        let line = format!("{local} {new} {remote} {A}");
        RefUpdate::parse(line.as_bytes()).expect("a line").refspec()
    }

    #[test]
    fn says_a_reference_as_a_person_would() {
        assert_eq!(refspec("refs/heads/x", A, "refs/heads/x"), "x");
        assert_eq!(refspec("refs/heads/x", A, "refs/heads/y"), "x:y");
        assert_eq!(refspec("(delete)", NONE, "refs/heads/y"), ":y");
        assert_eq!(refspec("refs/tags/v1", A, "refs/tags/v1"), "refs/tags/v1");
    }

    #[test]
    fn a_line_that_makes_no_sense_is_no_push() {
        let environment = Environment::default();
        let read = |input: &[u8]| Push::read(&["origin".into(), "u".into()], input, &environment);
        assert!(read(b"").expect("nothing").is_empty());
        for bad in [&b"a b c\n"[..], b"a zz b 00\n"] {
            assert!(read(bad).is_none(), "{bad:?}");
        }
    }

    #[test]
    fn the_framework_tells_by_variables() {
        let variables = [
            ("PRE_COMMIT", "1"),
            ("PRE_COMMIT_TO_REF", A),
            ("PRE_COMMIT_LOCAL_BRANCH", "refs/heads/x"),
            ("PRE_COMMIT_REMOTE_BRANCH", "refs/heads/x"),
            ("PRE_COMMIT_REMOTE_NAME", "origin"),
            ("PRE_COMMIT_REMOTE_URL", "https://u:p@h/x"),
        ];
        let environment: Environment =
            variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        let push = Push::read(&[], b"", &environment).expect("a push");
        assert!(push.is_partial && push.updates.len() == 1);
        assert_eq!(push.updates[0].refspec(), "x");
        let place = tempfile::tempdir().expect("a directory");
        let marker = Marker::open(&place.path().join("marks")).expect("a marker");
        assert_eq!(push.target(&marker), "origin");
    }

    #[test]
    fn protected_branches_are_told_by_name() {
        let update = |remote: &str| {
            RefUpdate::parse(format!("x {A} {remote} {A}").as_bytes()).expect("a line")
        };
        for name in ["main", "release/1.0", "production", "release-2"] {
            assert!(update(&format!("refs/heads/{name}")).is_protected(), "{name}");
        }
        for name in ["refs/heads/mainline", "refs/heads/x/main", "refs/tags/main"] {
            assert!(!update(name).is_protected(), "{name}");
        }
    }
}
