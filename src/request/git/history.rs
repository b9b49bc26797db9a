//! Lists of commits.

use super::{Listed, short};
use crate::process::{Git, GitError};

/// The most commits of a list that are shown.
const SHOWN: usize = 50;
/// The most characters of a subject or a name.
const LONGEST: usize = 160;
/// Id, author, subject; neither of the last two holds a line break.
const FORMAT: &str = "--format=%H%x00%an%x00%s";

/// Lists the commits that `git rev-list` finds by these arguments, and counts them all.
pub(super) fn commits(git: &Git, range: &[&str]) -> Result<Listed, GitError> {
    let total = count(git, range)?;
    if total == 0 {
        return Ok(Listed::default());
    }
    let limit = format!("--max-count={SHOWN}");
    let arguments = [&["rev-list", "--no-commit-header", FORMAT, &limit], range].concat();
    let answer = git.bytes(&arguments)?;
    let lines = answer.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    Ok(Listed::first(SHOWN, total, lines.map(in_words)))
}

/// Counts the commits that `git rev-list` finds by these arguments.
pub(super) fn count(git: &Git, range: &[&str]) -> Result<usize, GitError> {
    let answer = git.text(&[&["rev-list", "--count"], range].concat())?;
    let number = answer.and_then(|text| text.parse().ok());
    number.ok_or(GitError::Unreadable { what: "rev-list" })
}

/// Returns the ids of commits, at most so many, and whether there are more.
pub(super) fn ids(git: &Git, most: usize, range: &[&str]) -> Result<Vec<String>, GitError> {
    let limit = format!("--max-count={most}");
    let answer = git.bytes(&[&["rev-list", &limit], range].concat())?;
    Ok(String::from_utf8_lossy(&answer).lines().map(str::to_owned).collect())
}

/// Names a commit by its id and, when git knows it, its author and subject.
pub(super) fn commit_in_words(git: &Git, id: &str) -> String {
    let answer = git.bytes(&["rev-list", "--no-commit-header", FORMAT, "--max-count=1", id]);
    answer.map_or_else(|_| short(id).to_owned(), |line| in_words(line.trim_ascii_end()))
}

fn in_words(line: &[u8]) -> String {
    let mut fields = line.splitn(3, |byte| *byte == 0).map(String::from_utf8_lossy);
    let mut next = || fields.next().unwrap_or_default().into_owned();
    let (id, author, subject) = (next(), next(), next());
    format!("{} {}: {}", short(&id), cut(&author), cut(&subject))
}

fn cut(text: &str) -> String {
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    text.chars().take(LONGEST).chain(std::iter::once('…')).collect()
}
