//! Whether this machine and the gateway agree on what time it is. Security 7.1.

use crate::protocol::decision::CLOCK_SKEW;

/// Says that two clocks disagree, when ours is ahead, or behind, by too many seconds.
///
/// The gateway is not trusted with the time either: this is a warning and decides
/// nothing.
pub(super) fn disagreement(ahead: i64) -> Option<String> {
    let by = ahead.saturating_abs();
    if by <= CLOCK_SKEW.as_secs() {
        return None;
    }
    let way = if ahead > 0 { "ahead of" } else { "behind" };
    Some(format!(
        "this machine's clock is {by} seconds {way} the gateway's: set it, or decisions may be \
         too late"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_is_no_disagreement_and_more_is() {
        assert_eq!(disagreement(60), None);
        assert_eq!(disagreement(-60), None);
        let ahead = disagreement(61).expect("a warning");
        assert!(ahead.contains("61 seconds ahead of"), "{ahead}");
        let behind = disagreement(-100).expect("a warning");
        assert!(behind.contains("100 seconds behind"), "{behind}");
    }
}
