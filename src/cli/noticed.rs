//! Who has looked at a request, in a few words for whoever waits.

use crate::approver::time;
use crate::process::since_boot;
use crate::protocol::Stage;
use crate::review::Notice;
use std::time::Duration;

/// What each approver did, as far as the gateway told.
#[derive(Debug, Default)]
pub(super) struct Noticed {
    heard: Vec<Heard>,
}

#[derive(Debug)]
struct Heard {
    approver: String,
    stage: Stage,
    /// When, on the clock that counts from the start of the machine.
    at: Duration,
}

impl Noticed {
    /// Takes note; of each approver the last word counts.
    pub(super) fn hear(&mut self, notice: &Notice) {
        let at = since_boot().saturating_sub(notice.ago);
        self.heard.retain(|heard| heard.approver != notice.approver);
        let approver = notice.approver.clone();
        self.heard.push(Heard { approver, stage: notice.stage, at });
    }

    /// Returns who came farthest, the last of several.
    pub(super) fn farthest(&self) -> Option<Look> {
        let Heard { approver, stage, at } =
            self.heard.iter().max_by_key(|heard| (heard.stage, heard.at))?;
        let seconds = since_boot().saturating_sub(*at).as_secs();
        Some(Look { approver: approver.clone(), stage: *stage, seconds })
    }
}

/// Who came farthest, and how long ago; in more and in fewer words.
#[derive(Debug)]
pub(super) struct Look {
    pub(super) approver: String,
    pub(super) stage: Stage,
    pub(super) seconds: u64,
}

impl Look {
    /// `phone: seen 12 s ago`
    pub(super) fn whole(&self) -> String {
        format!("{}: {}", self.approver, self.dated())
    }

    /// `seen 12 s ago`
    pub(super) fn dated(&self) -> String {
        let ago = time::span(i64::try_from(self.seconds).unwrap_or(i64::MAX));
        format!("{} {ago} ago", self.word())
    }

    /// `seen`
    pub(super) fn word(&self) -> &'static str {
        self.stage.name()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice(approver: &str, stage: Stage, seconds: u64) -> Notice {
        Notice { approver: approver.to_owned(), stage, ago: Duration::from_secs(seconds) }
    }

    #[test]
    fn whoever_saw_it_last_is_named_before_whoever_only_got_it() {
        let mut noticed = Noticed::default();
        let words = |noticed: &Noticed| noticed.farthest().map(|look| look.whole());
        assert_eq!(words(&noticed), None);
        noticed.hear(&notice("phone", Stage::Delivered, 1));
        noticed.hear(&notice("desk", Stage::Seen, 130));
        assert_eq!(words(&noticed).as_deref(), Some("desk: seen 2 min 10 s ago"));
        noticed.hear(&notice("phone", Stage::Seen, 12));
        assert_eq!(words(&noticed).as_deref(), Some("phone: seen 12 s ago"));
    }
}
