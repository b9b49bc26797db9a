//! The clocks: wall time for display and protocol, boot time for deadlines.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use nix::time::{ClockId, clock_gettime};
use std::io::ErrorKind;
use std::time::Duration;

/// Returns the wall-clock time, to whole milliseconds.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this room reads the outside")]
pub fn now() -> Timestamp {
    let exact = Timestamp::now();
    Timestamp::from_millisecond(exact.as_millisecond()).unwrap_or(exact)
}

/// Returns the minutes since midnight by the wall clock where the machine is.
///
/// `TZ` does not count: whoever starts a command would choose the hour.
#[must_use]
pub fn minute_of_day() -> Option<u16> {
    let zone = match std::fs::read("/etc/localtime") {
        Ok(data) => TimeZone::tzif("local", &data).ok()?,
        // As the C library has it.
        Err(error) if error.kind() == ErrorKind::NotFound => TimeZone::UTC,
        Err(_) => return None,
    };
    let local = zone.to_datetime(now());
    u16::try_from(i32::from(local.hour()) * 60 + i32::from(local.minute())).ok()
}

/// A moment in the future by a clock that nobody can turn back.
///
/// Uses `CLOCK_BOOTTIME` where there is one, so that time asleep counts and a
/// wall clock set back during a wait never gives a decision more time.
#[derive(Debug, Clone, Copy)]
pub struct Deadline {
    at: Duration,
}

impl Deadline {
    /// Sets a deadline that far from now.
    #[must_use]
    pub fn after(span: Duration) -> Self {
        Self { at: since_boot().saturating_add(span) }
    }

    /// Returns the time left, zero once it has passed.
    #[must_use]
    pub fn remaining(&self) -> Duration {
        self.at.saturating_sub(since_boot())
    }

    /// Returns how long ago it was, zero until it has passed.
    #[must_use]
    pub fn overdue(&self) -> Duration {
        since_boot().saturating_sub(self.at)
    }

    /// Tells whether the deadline lies behind us.
    #[must_use]
    pub fn has_passed(&self) -> bool {
        self.remaining().is_zero()
    }
}

/// The wall clock as it was when it was read, carried on by the clock of [`Deadline`].
///
/// Whoever sets the wall clock in the meantime changes nothing: what is waited for
/// comes neither too late nor in time because of it.
#[derive(Debug, Clone, Copy)]
pub struct SteadyClock {
    wall: Timestamp,
    at: Duration,
}

impl SteadyClock {
    /// Reads the wall clock.
    #[must_use]
    pub fn start() -> Self {
        Self { wall: now(), at: since_boot() }
    }

    /// Returns the time by it.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let passed = since_boot().saturating_sub(self.at);
        self.wall.saturating_add(passed).unwrap_or(Timestamp::MAX)
    }
}

#[cfg(target_os = "linux")]
const BOOT_CLOCK: ClockId = ClockId::CLOCK_BOOTTIME;
#[cfg(not(target_os = "linux"))]
const BOOT_CLOCK: ClockId = ClockId::CLOCK_MONOTONIC;

/// Returns how long the machine has run, time asleep included where the system tells.
///
/// Nobody can turn it back; it begins anew at each start.
#[must_use]
pub fn since_boot() -> Duration {
    clock_gettime(BOOT_CLOCK).map_or(Duration::MAX, Duration::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_only_comes_nearer() {
        let deadline = Deadline::after(Duration::from_mins(1));
        let first = deadline.remaining();
        let second = deadline.remaining();
        assert!(second <= first && first <= Duration::from_mins(1));
        assert!(!deadline.has_passed());
        assert!(Deadline::after(Duration::ZERO).has_passed());
    }
}
