//! How many calls a gateway allows a minute, shared by every process of this machine.
//!
//! A gateway counts the calls of an app, whoever makes them (protocol section 2). So do
//! we, in a file, and refuse in its place before it has to: what we put off is treated
//! as if the gateway had said 429. What it does say is known to every process at once.

use crate::crypto::Sha256Digest;
use crate::process::{FileLock, PrivateDir, since_boot};
use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::time::Duration;

/// A little more than a minute: a call arrives later than it is sent.
const WINDOW: Duration = Duration::from_secs(61);
/// How long another process may count.
const PATIENCE: Duration = Duration::from_millis(250);

/// The calls that this machine may make at one gateway.
#[derive(Debug, Clone)]
pub struct CallBudget {
    directory: PrivateDir,
    file: String,
    per_minute: u32,
}

/// Whether a call can be put off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Urgency {
    /// Somebody waits for it to be made.
    Now,
    /// It waits by itself, and leaves room for the others.
    Patient,
    /// It ends something: it is counted, and made whatever was counted before, unless the
    /// gateway asked for silence.
    AtLast,
}

impl CallBudget {
    /// Counts the calls at that gateway in that directory.
    #[must_use]
    pub fn new(directory: PrivateDir, gateway: &str, per_minute: u32) -> Self {
        let digest = Sha256Digest::of(gateway.as_bytes()).to_string();
        Self { directory, file: format!("calls-{}", &digest[..16]), per_minute }
    }

    /// Returns how many calls a minute the gateway allows.
    pub(super) fn per_minute(&self) -> u32 {
        self.per_minute
    }

    /// Counts a call that is about to be made.
    ///
    /// # Errors
    ///
    /// How long to wait before it is made.
    pub(super) fn take(&self, urgency: Urgency) -> Result<(), Duration> {
        // Room for the calls of another machine, and for what cannot be put off.
        let spare = match urgency {
            Urgency::Now => self.per_minute / 30,
            Urgency::Patient => self.per_minute / 10,
            Urgency::AtLast => {
                return self.change(|made, now| made.take(usize::MAX, now)).unwrap_or(Ok(()));
            }
        };
        let most = usize::try_from((self.per_minute - spare).max(1)).unwrap_or(usize::MAX);
        self.change(|made, now| made.take(most, now)).unwrap_or(Ok(()))
    }

    /// Lets nobody call for that long: the gateway asked for it.
    pub(super) fn hold(&self, span: Duration) {
        self.change(|made, now| made.until = made.until.max(now + span));
    }

    /// Changes what is counted while no other process can; `None` when it cannot be
    /// counted, which is no reason not to call.
    fn change<T>(&self, change: impl FnOnce(&mut Made, Duration) -> T) -> Option<T> {
        let changed = || -> Result<T, Box<dyn std::error::Error>> {
            let mut file = self.directory.append(&self.file)?;
            let _lock = FileLock::take_within(&file, PATIENCE)?;
            let mut text = String::new();
            (&file).take(1 << 20).read_to_string(&mut text)?;
            let now = since_boot();
            let mut made = Made::read(&text, now);
            let result = change(&mut made, now);
            // It tells of one minute: nothing is lost with it that matters.
            file.set_len(0)?;
            file.write_all(made.written().as_bytes())?;
            Ok(result)
        };
        changed().inspect_err(|error| tracing::warn!(%error, "calls are not counted")).ok()
    }
}

/// The calls of the last minute, by the clock that begins when the machine starts.
#[derive(Debug, Default)]
struct Made {
    until: Duration,
    at: Vec<Duration>,
}

impl Made {
    /// Reads what was counted; what cannot be read, or is of another start of the
    /// machine, does not count.
    fn read(text: &str, now: Duration) -> Self {
        let mut numbers =
            text.lines().map(|line| line.parse().map(Duration::from_millis).unwrap_or_default());
        let until = numbers.next().unwrap_or_default();
        let recent =
            |at: &Duration| *at <= now && now.saturating_sub(*at) < WINDOW && !at.is_zero();
        Self { until, at: numbers.filter(recent).collect() }
    }

    fn take(&mut self, most: usize, now: Duration) -> Result<(), Duration> {
        // A day is the longest that a command waits; more is of another start.
        let held = self.until.saturating_sub(now);
        if !held.is_zero() && held <= Duration::from_hours(24) {
            return Err(held);
        }
        if let Some(index) = self.at.len().checked_sub(most) {
            let room_from = self.at[index] + WINDOW;
            return Err(room_from.saturating_sub(now).max(Duration::from_millis(1)));
        }
        self.at.push(now);
        Ok(())
    }

    fn written(&self) -> String {
        let mut text = String::new();
        for time in std::iter::once(&self.until).chain(&self.at) {
            let _ = writeln!(text, "{}", time.as_millis());
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budget(per_minute: u32) -> (tempfile::TempDir, CallBudget) {
        let outer = tempfile::tempdir().expect("a temporary directory");
        let directory = PrivateDir::open(&outer.path().join("private")).expect("a directory");
        (outer, CallBudget::new(directory, "https://gateway.example/", per_minute))
    }

    #[test]
    fn a_minute_has_room_for_so_many_calls_and_patient_ones_leave_some() {
        let (_outer, budget) = budget(60);
        for _ in 0..54 {
            budget.take(Urgency::Patient).expect("room");
        }
        let wait = budget.take(Urgency::Patient).expect_err("no room for it");
        assert!(wait <= WINDOW && wait > Duration::from_secs(30), "{wait:?}");
        for _ in 54..58 {
            budget.take(Urgency::Now).expect("room");
        }
        budget.take(Urgency::Now).expect_err("no room at all");
    }

    #[test]
    fn what_ends_something_is_counted_and_put_off_only_by_the_gateway() {
        let (_outer, budget) = budget(1);
        budget.take(Urgency::Now).expect("room");
        budget.take(Urgency::AtLast).expect("made");
        budget.take(Urgency::Now).expect_err("no room");
        assert_eq!(budget.change(|made, _| made.at.len()), Some(2));
        budget.hold(Duration::from_secs(20));
        budget.take(Urgency::AtLast).expect_err("held");
    }

    #[test]
    fn what_the_gateway_asked_for_holds_for_everybody() {
        let (_outer, budget) = budget(60);
        budget.hold(Duration::from_secs(20));
        let other = budget.clone();
        let wait = other.take(Urgency::Now).expect_err("held");
        assert!(wait > Duration::from_secs(10) && wait <= Duration::from_secs(20), "{wait:?}");
    }

    #[test]
    fn a_minute_later_there_is_room_again() {
        let mut made = Made::default();
        let at = |seconds| Duration::from_secs(seconds);
        made.take(1, at(100)).expect("room");
        assert_eq!(made.take(1, at(130)), Err(at(31)));
        let mut later = Made::read(&made.written(), at(161));
        later.take(1, at(161)).expect("room");
    }

    #[test]
    fn what_was_counted_before_the_machine_started_anew_does_not_count() {
        let mut made = Made::read("900000\n800000\nrubbish\n", Duration::from_secs(5));
        assert!(made.at.is_empty());
        made.until = Duration::ZERO;
        made.take(1, Duration::from_secs(5)).expect("room");
    }
}
