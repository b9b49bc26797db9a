//! How many questions a session puts within a minute: a burst must not wear its person out.
//!
//! One line for each question: when, by the clock since the start of the machine, and
//! whose. It is no record of anything: what a crash or a full disk takes of it only lets
//! a few more questions through.

use super::Refusal;
use crate::process::PrivateDir;
use std::fs::File;
use std::io::{self, Read, Write};
use std::time::Duration;

const FILE: &str = "asked";
const MINUTE: Duration = Duration::from_mins(1);
/// The most bytes that are read: more questions than any limit.
const LONGEST: u64 = 4 << 20;
/// From so many bytes on, what is older than a minute is taken out.
const MANY: usize = 16 << 10;
/// How many characters of a session's name tell it from others.
const NAMED: usize = 16;

/// Counts one more question of that session; whoever calls holds the lock.
///
/// # Errors
///
/// [`Refusal::TooOften`] when `limit` of it were put within the last minute.
pub(super) fn count(
    inside: &PrivateDir,
    session: &str,
    limit: u32,
    now: Duration,
) -> Result<(), Refusal> {
    let mut file = inside
        .append(FILE)
        .map_err(|error| Refusal::Crowd(io::Error::other(format!("{error}; {}", error.hint()))))?;
    let mut text = Vec::new();
    Read::by_ref(&mut file).take(LONGEST).read_to_end(&mut text).map_err(Refusal::Crowd)?;
    let text = String::from_utf8_lossy(&text).into_owned();
    let session = session.get(..NAMED).unwrap_or(session);
    let recent = text.lines().filter(|line| is_recent(line, now));
    let asked = recent.clone().filter(|line| line.split(' ').nth(1) == Some(session)).count();
    if asked >= usize::try_from(limit).unwrap_or(usize::MAX) {
        return Err(Refusal::TooOften { limit });
    }
    let line = format!("{} {session}\n", now.as_millis());
    let written = if text.len() > MANY {
        let kept: String = recent.flat_map(|line| [line, "\n"]).collect();
        replace(&mut file, &(kept + &line))
    } else {
        file.write_all(line.as_bytes())
    };
    if let Err(error) = written {
        tracing::warn!(%error, "a question was not counted");
    }
    Ok(())
}

fn replace(file: &mut File, text: &str) -> io::Result<()> {
    file.set_len(0)?;
    file.write_all(text.as_bytes())
}

/// Tells whether a line is of the last minute; one of another start of the machine lies
/// in the future, mostly.
fn is_recent(line: &str, now: Duration) -> bool {
    let at = line.split(' ').next().and_then(|at| at.parse().ok()).map(Duration::from_millis);
    at.and_then(|at| now.checked_sub(at)).is_some_and(|ago| ago < MINUTE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_the_questions_of_a_minute_for_each_session() {
        let root = tempfile::tempdir().expect("a directory");
        let inside = PrivateDir::open(&root.path().join("crowd")).expect("private");
        let at = Duration::from_secs;
        for second in 0..3 {
            count(&inside, "one", 3, at(100 + second)).expect("room");
        }
        let refused = count(&inside, "one", 3, at(159));
        assert!(matches!(refused, Err(Refusal::TooOften { limit: 3 })), "{refused:?}");
        count(&inside, "two", 3, at(159)).expect("another session has its own");
        // The first is a minute ago.
        count(&inside, "one", 3, at(160)).expect("room");
        assert!(count(&inside, "one", 3, at(160)).is_err());
        // After a new start of the machine those before are not counted.
        count(&inside, "one", 1, at(5)).expect("room");
    }

    #[test]
    fn what_is_kept_has_a_bound() {
        let root = tempfile::tempdir().expect("a directory");
        let inside = PrivateDir::open(&root.path().join("crowd")).expect("private");
        for second in 0..2000 {
            count(&inside, &"f".repeat(64), 100, Duration::from_secs(second)).expect("room");
        }
        let length = std::fs::metadata(inside.path().join(FILE)).expect("there").len();
        assert!(length < 2 * u64::try_from(MANY).expect("small"), "{length}");
    }
}
