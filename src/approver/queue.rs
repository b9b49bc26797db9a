//! What waits, which of it is looked at, and how fast more of it comes.

use super::item::{Content, Item};
use super::weight::Weight;
use crate::crypto::Sha256Digest;
use crate::protocol::{ArtifactHash, RequestId};
use std::collections::{HashMap, VecDeque};
use std::time::Duration;

/// More requests than this in `RATE_SPAN` are a burst. Security 6, "Fatigue".
pub const BURST: usize = 10;
/// What the rate is counted over.
const RATE_SPAN: Duration = Duration::from_mins(1);
/// What one request of a group does not share with the others.
const OWN: &[&str] = &["requestId", "createdAt", "expiresAt", "bootClock"];

/// What waits for this approver, oldest first, and which of it is looked at.
#[derive(Debug, Default)]
pub struct Queue {
    items: Vec<Item>,
    groups: Vec<Group>,
    weights: HashMap<ArtifactHash, Weight>,
    selected: Option<RequestId>,
    arrivals: VecDeque<Duration>,
}

/// Requests that ask for the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    content: Sha256Digest,
    /// Those requests, oldest first; there is always one.
    pub members: Vec<usize>,
}

/// Whether a look at the inbox found something else than before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What waits no more.
    pub gone: Vec<Gone>,
    /// What came.
    pub came: Vec<RequestId>,
}

/// What is remembered of a request that waits no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gone {
    /// Its id.
    pub request_id: RequestId,
    /// The hash it had.
    pub artifact_hash: ArtifactHash,
}

impl Difference {
    /// Tells whether everything is as it was.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.gone.is_empty() && self.came.is_empty()
    }
}

impl Queue {
    /// Takes what an inbox holds now; `age` says how long ago an item was made.
    pub fn replace(
        &mut self,
        items: Vec<Item>,
        now: Duration,
        age: impl Fn(&Item) -> Duration,
    ) -> Difference {
        let same = |one: &Item, other: &Item| {
            one.request_id == other.request_id && one.artifact_hash == other.artifact_hash
        };
        let came: Vec<&Item> =
            items.iter().filter(|new| !self.items.iter().any(|old| same(old, new))).collect();
        self.arrivals.extend(came.iter().map(|item| now.saturating_sub(age(item))));
        let gone = self.items.iter().filter(|old| !items.iter().any(|new| same(old, new)));
        let difference = Difference {
            gone: gone
                .map(|old| Gone {
                    request_id: old.request_id.clone(),
                    artifact_hash: old.artifact_hash,
                })
                .collect(),
            came: came.iter().map(|item| item.request_id.clone()).collect(),
        };
        let before = self.position();
        self.groups = groups(&items);
        // A long text takes long to weigh, and is drawn again and again.
        let weigh = |item: &Item| {
            let known = self.weights.get(&item.artifact_hash).copied();
            (item.artifact_hash, known.unwrap_or_else(|| Weight::of(item)))
        };
        self.weights = items.iter().map(weigh).collect();
        self.items = items;
        if self.selected().is_none() {
            let at = before.unwrap_or(0).min(self.groups.len().saturating_sub(1));
            self.select(at);
        }
        difference
    }

    /// Returns what waits, grouped.
    #[must_use]
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// Returns how many requests wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Tells whether nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Returns the first request of a group.
    #[must_use]
    pub fn first_of(&self, group: &Group) -> Option<&Item> {
        self.items.get(*group.members.first()?)
    }

    /// Returns how much care an approval of one of its requests asks for.
    #[must_use]
    pub fn weight(&self, item: &Item) -> Weight {
        let known = self.weights.get(&item.artifact_hash).copied();
        known.unwrap_or_else(|| Weight::of(item))
    }

    /// Returns the request that is looked at.
    #[must_use]
    pub fn selected(&self) -> Option<&Item> {
        let id = self.selected.as_ref()?;
        self.items.iter().find(|item| item.request_id == *id)
    }

    /// Returns the requests that ask for the same as the one that is looked at.
    pub fn alike(&self) -> impl Iterator<Item = &Item> {
        let group = self.position().and_then(|at| self.groups.get(at));
        let members = group.map_or(&[][..], |group| &group.members);
        members.iter().filter_map(|at| self.items.get(*at))
    }

    /// Goes through everything that waits.
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.items.iter()
    }

    /// Returns the group that is looked at, as its position.
    #[must_use]
    pub fn position(&self) -> Option<usize> {
        let id = self.selected.as_ref()?;
        let is_it = |at: &usize| self.items.get(*at).is_some_and(|item| item.request_id == *id);
        self.groups.iter().position(|group| group.members.iter().any(is_it))
    }

    /// Looks at the first request of a group; nothing happens when there is no such group.
    pub fn select(&mut self, position: usize) {
        let first = self.groups.get(position).and_then(|group| self.first_of(group));
        self.selected = first.map(|item| item.request_id.clone());
    }

    /// Looks at the group so many places on, or back.
    pub fn step(&mut self, by: isize) {
        let last = self.groups.len().saturating_sub(1);
        let at = self.position().unwrap_or(0).saturating_add_signed(by).min(last);
        self.select(at);
    }

    /// Returns how many requests came within the last minute.
    pub fn rate(&mut self, now: Duration) -> usize {
        self.arrivals.retain(|at| now.saturating_sub(*at) < RATE_SPAN);
        self.arrivals.len()
    }
}

/// Puts together what asks for the same, in the order in which the first of it came.
fn groups(items: &[Item]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (at, item) in items.iter().enumerate() {
        let content = content(item);
        match groups.iter_mut().find(|group| group.content == content) {
            Some(group) => group.members.push(at),
            None => groups.push(Group { content, members: vec![at] }),
        }
    }
    groups
}

/// Returns a digest of what an item asks for and who asks.
fn content(item: &Item) -> Sha256Digest {
    let sender = item.sender.as_ref().map(|sender| sender.enforcer_id.as_str());
    let text = match &item.content {
        Content::Opened(opened) => {
            let shared: Vec<_> =
                opened.fields().iter().filter(|(key, _)| !OWN.contains(&key.as_str())).collect();
            serde_json::to_string(&(sender, shared)).expect("JSON values always serialise")
        }
        // What cannot be read is like nothing else.
        Content::Closed(_) => item.request_id.to_string(),
    };
    Sha256Digest::of(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::approver::item::tests::named;
    use serde_json::json;

    fn queue(items: Vec<Item>) -> Queue {
        let mut queue = Queue::default();
        queue.replace(items, Duration::ZERO, |_| Duration::ZERO);
        queue
    }

    #[test]
    fn what_asks_for_the_same_is_one_group() {
        let items = vec![
            named("req-1", json!({"requestId": "req-1", "argv": ["ls"]})),
            named("req-2", json!({"requestId": "req-2", "argv": ["rm"]})),
            named("req-3", json!({"requestId": "req-3", "argv": ["ls"]})),
        ];
        let queue = queue(items);
        let members: Vec<&[usize]> = queue.groups().iter().map(|each| &each.members[..]).collect();
        assert_eq!(members, [&[0, 2][..], &[1]]);
        assert_eq!(queue.alike().count(), 2);
    }

    #[test]
    fn what_is_looked_at_stays_when_others_come_and_go() {
        let item = |id: &str| named(id, json!({"argv": [id]}));
        let mut queue = queue(vec![item("req-1"), item("req-2")]);
        queue.step(1);
        let none = |_: &Item| Duration::ZERO;
        let changed = queue.replace(vec![item("req-2"), item("req-3")], Duration::ZERO, none);
        assert_eq!(queue.selected().expect("one").request_id.as_str(), "req-2");
        assert_eq!(changed.gone[0].request_id.as_str(), "req-1");
        assert_eq!(changed.came[0].as_str(), "req-3");
        // The next takes the place of what went.
        queue.replace(vec![item("req-3")], Duration::ZERO, none);
        assert_eq!(queue.selected().expect("one").request_id.as_str(), "req-3");
        assert!(queue.replace(vec![item("req-3")], Duration::ZERO, none).is_none());
        queue.replace(Vec::new(), Duration::ZERO, none);
        assert!(queue.selected().is_none() && queue.position().is_none());
    }

    #[test]
    fn the_rate_forgets_after_a_minute() {
        let mut queue = Queue::default();
        let items = (0..12).map(|n| named(&format!("req-{n}"), json!({"argv": [n]}))).collect();
        queue.replace(items, Duration::from_secs(100), |_| Duration::from_secs(10));
        assert_eq!(queue.rate(Duration::from_secs(100)), 12);
        assert!(queue.rate(Duration::from_secs(100)) > BURST);
        assert_eq!(queue.rate(Duration::from_secs(149)), 12);
        assert_eq!(queue.rate(Duration::from_secs(150)), 0);
    }
}
