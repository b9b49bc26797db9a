//! Which keys and policies held when somebody was last asked, to tell what changed.
//!
//! A file beside the log. Whoever takes it away has all of it written down again, as if
//! it were new.

use super::event::Event;
use super::{AuditError, Durability, Log};
use crate::client::Pairing;
use crate::crypto::Sha256Digest;
use crate::process::{FileState, kill_point};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

const FILE: &str = "seen.json";
const VERSION: u32 = 1;
/// The most of a policy that is looked at; no larger one can be used.
const LARGEST: u64 = 1 << 20;

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Seen {
    version: u32,
    /// The keys whose decisions count, by their pairing.
    keys: BTreeMap<String, Key>,
    policies: BTreeMap<String, Policy>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Key {
    name: String,
    signer_key_id: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Policy {
    stamp: FileState,
    sha256: Sha256Digest,
}

impl Log {
    /// Writes down which keys were paired, replaced and unpaired since the last time.
    ///
    /// # Errors
    ///
    /// [`AuditError`].
    pub fn keys_are(&self, pairings: &[Pairing]) -> Result<(), AuditError> {
        let mut seen = self.seen()?;
        let changed = seen.keys_become(pairings);
        self.note(changed, &seen)
    }

    /// Does the same, and writes down which policy files changed.
    ///
    /// `places` are those where one may lie; `all` finds every file that is read, and is
    /// only asked when one of those we know is another one.
    ///
    /// # Errors
    ///
    /// [`AuditError`].
    pub fn keys_and_policies_are(
        &self,
        pairings: &[Pairing],
        places: impl Iterator<Item = PathBuf>,
        all: impl FnOnce() -> Vec<PathBuf>,
    ) -> Result<(), AuditError> {
        let mut seen = self.seen()?;
        let keys = seen.keys_become(pairings);
        let policies = seen.policies_become(places, all);
        let changed = match (keys, policies) {
            (Some(keys), Some(policies)) => Some([keys, policies].concat()),
            (keys, policies) => keys.or(policies),
        };
        self.note(changed, &seen)
    }

    /// Keeps what is seen, where that is something else; first the log has it.
    fn note(&self, changed: Option<Vec<Event>>, seen: &Seen) -> Result<(), AuditError> {
        let Some(events) = changed else { return Ok(()) };
        let bytes = serde_json::to_vec(seen).expect("texts and numbers are JSON");
        if !events.is_empty() {
            self.append(events, Durability::Durable)?;
            kill_point("changes-written");
        }
        Ok(self.directory.write(FILE, &bytes)?)
    }

    fn seen(&self) -> Result<Seen, AuditError> {
        let bytes = self.directory.read(FILE)?.unwrap_or_default();
        let seen: Option<Seen> = serde_json::from_slice(&bytes).ok();
        let seen = seen.filter(|seen| seen.version == VERSION);
        Ok(seen.unwrap_or_else(|| Seen { version: VERSION, ..Seen::default() }))
    }
}

impl Seen {
    /// Sees these pairings, and tells what is to be written down of that; `None` when
    /// nothing is another.
    fn keys_become(&mut self, pairings: &[Pairing]) -> Option<Vec<Event>> {
        let live: BTreeMap<String, &Pairing> = pairings
            .iter()
            .filter(|pairing| pairing.is_live())
            .map(|pairing| (pairing.agreed.pairing_nonce.to_string(), pairing))
            .collect();
        let gone = self.keys.iter().filter(|(nonce, _)| !live.contains_key(*nonce));
        let mut events: Vec<Event> = gone
            .map(|(_, key)| Event::Unpaired {
                name: key.name.clone(),
                signer_key_id: key.signer_key_id.clone(),
            })
            .collect();
        for (_, pairing) in live.iter().filter(|(nonce, _)| !self.keys.contains_key(*nonce)) {
            events.push(Event::Paired {
                name: pairing.agreed.name.to_string(),
                signer_key_id: pairing.agreed.signer_key_id.to_string(),
                fingerprint: pairing.fingerprint().to_string(),
                gateway: pairing.agreed.gateway_id.clone(),
                passkey: pairing.agreed.passkey.clone(),
            });
        }
        let key = |pairing: &Pairing| Key {
            name: pairing.agreed.name.to_string(),
            signer_key_id: pairing.agreed.signer_key_id.to_string(),
        };
        let keys: BTreeMap<String, Key> =
            live.into_iter().map(|(nonce, pairing)| (nonce, key(pairing))).collect();
        if events.is_empty() && self.keys == keys {
            return None;
        }
        self.keys = keys;
        Some(events)
    }

    /// Sees these policy files, and tells what is to be written down of that; `None` when
    /// all are as they were.
    fn policies_become(
        &mut self,
        places: impl Iterator<Item = PathBuf>,
        all: impl FnOnce() -> Vec<PathBuf>,
    ) -> Option<Vec<Event>> {
        let present: Vec<PathBuf> = places.filter(|path| path.exists()).collect();
        let is_same = |path: &Path, known: Option<&Policy>| {
            FileState::of_path(path) == known.map(|k| k.stamp)
        };
        let of = |path: &Path| path.to_str().and_then(|path| self.policies.get(path));
        if present.iter().all(|path| is_same(path, of(path)))
            && self.policies.iter().all(|(path, known)| is_same(Path::new(path), Some(known)))
        {
            return None;
        }
        let found: BTreeSet<PathBuf> = present.into_iter().chain(all()).collect();
        let found = found.into_iter().filter_map(|path| path.to_str().map(str::to_owned));
        let paths: BTreeSet<String> = found.chain(self.policies.keys().cloned()).collect();
        let mut events = Vec::new();
        for path in paths {
            let now = read(Path::new(&path));
            let before = self.policies.get(&path).map(|known| known.sha256);
            if now.as_ref().map(|now| now.sha256) != before {
                let sha256 = now.as_ref().map(|now| now.sha256);
                events.push(Event::PolicyChanged { path: path.clone(), sha256 });
            }
            match now {
                Some(now) => self.policies.insert(path, now),
                None => self.policies.remove(&path),
            };
        }
        Some(events)
    }
}

fn read(path: &Path) -> Option<Policy> {
    let file = File::open(path).ok()?;
    let stamp = FileState::of(&file).ok()?;
    let mut bytes = Vec::new();
    file.take(LARGEST).read_to_end(&mut bytes).ok()?;
    Some(Policy { stamp, sha256: Sha256Digest::of(&bytes) })
}
