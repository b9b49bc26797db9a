//! Times as words.

use jiff::Timestamp;

/// Writes a moment to the second, in UTC.
#[must_use]
pub fn moment(at: Timestamp) -> String {
    let text = at.strftime("%Y-%m-%d %H:%M:%S UTC");
    text.to_string()
}

/// Writes a moment and how far it is away.
#[must_use]
pub fn until(at: Timestamp, now: Timestamp) -> String {
    let seconds = at.duration_since(now).as_secs();
    if seconds < 0 {
        return format!("{} ({} ago)", moment(at), span(-seconds));
    }
    format!("{} (in {})", moment(at), span(seconds))
}

/// Writes a number of seconds in its two largest units.
#[must_use]
pub fn span(seconds: i64) -> String {
    const MINUTE: i64 = 60;
    const HOUR: i64 = 60 * MINUTE;
    const DAY: i64 = 24 * HOUR;
    let pair = |large: i64, large_word: &str, small: i64, small_word: &str| {
        if small == 0 {
            format!("{large} {large_word}")
        } else {
            format!("{large} {large_word} {small} {small_word}")
        }
    };
    match seconds {
        ..MINUTE => format!("{} s", seconds.max(0)),
        MINUTE..HOUR => pair(seconds / MINUTE, "min", seconds % MINUTE, "s"),
        HOUR..DAY => pair(seconds / HOUR, "h", seconds % HOUR / MINUTE, "min"),
        _ => pair(seconds / DAY, "d", seconds % DAY / HOUR, "h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_two_units_at_most() {
        for (seconds, words) in [
            (-3, "0 s"),
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (599, "9 min 59 s"),
            (3600, "1 h"),
            (90_000, "1 d 1 h"),
        ] {
            assert_eq!(span(seconds), words);
        }
        let at = Timestamp::UNIX_EPOCH;
        let now = at + jiff::SignedDuration::from_secs(61);
        assert_eq!(until(at, now), "1970-01-01 00:00:00 UTC (1 min 1 s ago)");
    }
}
