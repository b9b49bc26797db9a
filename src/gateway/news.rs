//! What happened, told to everybody who waits for it: here, and at other nodes.

use super::hints::{Happening, Hints};
use super::limits::EVENTS_BEHIND;
use super::metrics::Counts;
use super::store::Side;
use super::wakeups::Wakeups;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tokio::sync::{Notify, broadcast};

/// Something that changed in the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum News {
    /// An artifact waits for that approver's decision.
    Asked { request_id: String, approver_id: String },
    /// An exchange was decided.
    Decided { request_id: String, approver_id: String },
    /// The approver's side did something with an exchange that waits.
    Noticed { request_id: String },
    /// One side told the other something after a decision.
    Told { side: Side, request_id: String, approver_id: String },
    /// An exchange ended without a decision.
    Ended { happening: Happening, request_id: String, approver_id: String },
    /// A pairing was revoked.
    Unpaired { enforcer_id: String, nonce: String },
    /// A browser was revoked.
    Left { browser: i64 },
    /// Somebody may no longer see what it waits for.
    Access,
}

/// News with the node that tells them. Texts of ours, in the channel of a database.
#[derive(Debug, Serialize, Deserialize)]
struct Told<'a, N> {
    node: &'a str,
    news: N,
}

impl News {
    /// Writes them for other nodes.
    pub(super) fn to_text(&self, node: &str) -> String {
        serde_json::to_string(&Told { node, news: self })
            .expect("texts and names of variants are JSON")
    }

    /// Returns the word by which it is counted.
    fn counted(&self) -> Option<&'static str> {
        match self {
            Self::Asked { .. } => Some("submitted"),
            Self::Decided { .. } => Some("decided"),
            Self::Ended { happening: Happening::Expired, .. } => Some("expired"),
            Self::Ended { .. } => Some("withdrawn"),
            Self::Unpaired { .. } => Some("unpaired"),
            Self::Noticed { .. } | Self::Told { .. } | Self::Left { .. } | Self::Access => None,
        }
    }

    /// Reads what a node wrote, unless it was that one.
    pub(super) fn from_others(text: &str, node: &str) -> Option<Self> {
        let told: Told<'_, Self> = serde_json::from_str(text).ok()?;
        (told.node != node).then_some(told.news)
    }
}

/// A pairing that was revoked.
#[derive(Debug, Clone)]
pub(super) struct Unpaired {
    pub(super) enforcer_id: String,
    pub(super) nonce: String,
}

/// Everybody at this node who waits to be told.
#[derive(Debug)]
pub(super) struct Audience {
    pub(super) wakeups: Arc<Wakeups>,
    pub(super) hints: Hints,
    /// Rung when there may be an earlier moment to expire something.
    pub(super) sooner: Notify,
    /// Tells the channels of enforcers which pairing ended; `None` when that may have
    /// been missed.
    pub(super) unpaired: broadcast::Sender<Option<Unpaired>>,
    /// Tells the streams of browsers which one was revoked.
    pub(super) left: broadcast::Sender<i64>,
    /// Counts what was changed at this node.
    pub(super) changes: Counts,
}

impl Default for Audience {
    fn default() -> Self {
        Self {
            wakeups: Arc::default(),
            hints: Hints::default(),
            sooner: Notify::new(),
            unpaired: broadcast::Sender::new(EVENTS_BEHIND),
            left: broadcast::Sender::new(EVENTS_BEHIND),
            changes: Counts::default(),
        }
    }
}

impl Audience {
    /// Counts what this node has changed, and tells whom it concerns here.
    pub(super) fn changed(&self, news: &News) {
        if let Some(word) = news.counted() {
            self.changes.get_or_create(&[("event", word)]).inc();
        }
        self.hear(news);
    }

    /// Tells whom it concerns.
    pub(super) fn hear(&self, news: &News) {
        match news {
            News::Asked { request_id, approver_id } => {
                self.hints.tell(approver_id, Happening::Request, request_id);
                self.sooner.notify_one();
            }
            News::Decided { request_id, approver_id } => {
                self.wakeups.ring(request_id);
                // The approver may have other windows open.
                self.hints.tell(approver_id, Happening::Decided, request_id);
            }
            News::Noticed { request_id } => self.wakeups.ring(request_id),
            News::Told { side, request_id, approver_id } => {
                self.wakeups.ring(&side.bell(request_id));
                if *side == Side::Enforcer {
                    self.hints.tell(approver_id, Happening::FollowUp, request_id);
                }
            }
            News::Ended { happening, request_id, approver_id } => {
                self.wakeups.ring(request_id);
                self.hints.tell(approver_id, *happening, request_id);
            }
            News::Unpaired { enforcer_id, nonce } => {
                let (enforcer_id, nonce) = (enforcer_id.clone(), nonce.clone());
                // Nobody may be listening, and that is no failure.
                let _ = self.unpaired.send(Some(Unpaired { enforcer_id, nonce }));
            }
            News::Left { browser } => {
                // It may have no stream here.
                let _ = self.left.send(*browser);
            }
            News::Access => self.missed(),
        }
    }

    /// Tells whether anybody waits to be told.
    pub(super) fn is_there(&self) -> bool {
        !self.wakeups.is_empty() || !self.hints.is_empty() || self.unpaired.receiver_count() > 0
    }

    /// Makes everybody look for itself: something may have happened that nobody told.
    pub(super) fn missed(&self) {
        self.wakeups.ring_all();
        self.hints.end_all();
        self.sooner.notify_one();
        // Nobody may be listening, and that is no failure.
        let _ = self.unpaired.send(None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_hears_others_and_not_itself() {
        let (request_id, approver_id) = ("req-\"1\"".to_owned(), "apr".to_owned());
        let news = News::Decided { request_id, approver_id };
        let text = news.to_text("one");
        assert_eq!(News::from_others(&text, "two"), Some(news));
        assert_eq!(News::from_others(&text, "one"), None);
        assert_eq!(News::from_others("not ours", "two"), None);
    }
}
