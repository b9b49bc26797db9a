//! The identity and the pairings of this enforcer, on disk.

use super::{Pairing, PairingError, PairingName};
use crate::credential::SecretStore;
use crate::process::{FileLock, FileState, PrivateDir};
use crate::protocol::PairingNonce;
use crate::protocol::id::{DeviceId, EnforcerId, RoutingToken};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

const FILE: &str = "pairings.json";
const LOCK: &str = "pairings.lock";
/// How long another process may take to change the pairings.
const PATIENCE: Duration = Duration::from_secs(5);

/// The names under which a gateway knows this enforcer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EnforcerIdentity {
    /// Sent as `sender.enforcerId`.
    pub enforcer_id: EnforcerId,
    /// Sent when pairing.
    pub device_id: DeviceId,
}

impl EnforcerIdentity {
    /// Makes a new one.
    ///
    /// # Errors
    ///
    /// [`PairingError::Random`].
    pub fn generate(now: Timestamp) -> Result<Self, PairingError> {
        Ok(Self { enforcer_id: EnforcerId::generate(now)?, device_id: DeviceId::generate(now)? })
    }
}

/// Who this enforcer is, and all its pairings, revoked ones too.
#[derive(Debug, Serialize, Deserialize)]
pub struct Enrolment {
    /// Its names.
    pub identity: EnforcerIdentity,
    /// Its pairings, in the order they were made.
    pub pairings: Vec<Pairing>,
}

impl Enrolment {
    /// Returns the pairings that hold under that gateway, revoked ones too.
    pub fn at(&self, gateway_id: &str) -> impl Iterator<Item = &Pairing> {
        self.pairings.iter().filter(move |each| each.agreed.gateway_id == gateway_id)
    }

    /// Finds the live pairing of that name.
    ///
    /// # Errors
    ///
    /// [`PairingError::Unknown`].
    pub fn live(&self, name: &str) -> Result<&Pairing, PairingError> {
        let mut live = self.pairings.iter().filter(|each| each.is_live());
        live.find(|each| each.agreed.name.as_str() == name)
            .ok_or_else(|| PairingError::Unknown { given: name.to_owned() })
    }

    /// Has the approver of the live pairing of that name asked only when nobody decided
    /// for so long.
    ///
    /// # Errors
    ///
    /// [`PairingError::Unknown`].
    pub fn delay(&mut self, name: &str, after_secs: u64) -> Result<(), PairingError> {
        let mut live = self.pairings.iter_mut().filter(|each| each.is_live());
        let named = live.find(|each| each.agreed.name.as_str() == name);
        let named = named.ok_or_else(|| PairingError::Unknown { given: name.to_owned() })?;
        named.after_secs = Some(after_secs).filter(|seconds| *seconds > 0);
        Ok(())
    }

    /// Returns the first of `approver`, `approver-2` and so on that is free.
    ///
    /// # Panics
    ///
    /// Never: such a name is always one.
    #[must_use]
    pub fn free_name(&self) -> PairingName {
        let names = std::iter::once("approver".to_owned())
            .chain((2_u32..).map(|number| format!("approver-{number}")));
        let mut free = names.filter(|name| self.live(name).is_err());
        let name = free.next().expect("there are more numbers than pairings");
        name.parse().expect("letters, a hyphen and a number are a name")
    }

    /// Adds a pairing. An older one with the same approver at the same gateway is
    /// over: its keys are replaced. Returns by what the gateway knows the older ones, for
    /// whoever ends them there once this is stored.
    ///
    /// # Errors
    ///
    /// [`PairingError::NameTaken`] by a pairing with somebody else;
    /// [`PairingError::PasskeyLost`]: one that it would replace has a passkey, and this has
    /// none.
    pub fn add(&mut self, mut made: Pairing) -> Result<Vec<RoutingToken>, PairingError> {
        let (gateway, key) = (made.agreed.gateway_id.clone(), made.agreed.signing_key);
        let replaces =
            |old: &Pairing| old.agreed.gateway_id == gateway && old.agreed.signing_key == key;
        let taken = |old: &Pairing| old.is_live() && old.agreed.name == made.agreed.name;
        if self.pairings.iter().any(|old| taken(old) && !replaces(old)) {
            return Err(PairingError::NameTaken { name: made.agreed.name.clone() });
        }
        let loses = |old: &&Pairing| {
            let lost = old.agreed.passkey.is_some() && made.agreed.passkey.is_none();
            lost && old.is_live() && replaces(old)
        };
        if let Some(old) = self.pairings.iter().find(loses) {
            return Err(PairingError::PasskeyLost { name: old.agreed.name.clone() });
        }
        let mut tokens = Vec::new();
        for old in self.pairings.iter_mut().filter(|old| replaces(old)) {
            if old.is_live() {
                made.after_secs = old.after_secs;
                tokens.extend(old.routing_token().cloned());
            }
            old.revoke(made.agreed.created_at);
        }
        self.pairings.push(made);
        Ok(tokens)
    }

    /// Tells whether a pairing at that gateway was ended here since that moment.
    #[must_use]
    pub fn ended_since(&self, gateway_id: &str, moment: Timestamp) -> bool {
        self.at(gateway_id).any(|each| each.revoked_at.is_some_and(|at| at >= moment))
    }
}

/// Where the enrolment is kept.
#[derive(Debug, Clone)]
pub struct PairingStore {
    store: SecretStore,
    read: Arc<Mutex<Option<Read>>>,
}

/// What the file said when it was last read.
#[derive(Debug)]
struct Read {
    state: FileState,
    /// The pairings that counted.
    live: Vec<PairingNonce>,
}

impl PairingStore {
    /// Keeps the pairings in that directory.
    #[must_use]
    pub fn new(directory: PrivateDir) -> Self {
        Self { store: SecretStore::new(directory), read: Arc::default() }
    }

    /// Returns the directory of the enforcer's files.
    #[must_use]
    pub fn directory(&self) -> &PrivateDir {
        self.store.directory()
    }

    /// Returns the state of the file, which is another after every change of it.
    #[must_use]
    pub fn state(&self) -> Option<FileState> {
        FileState::of_path(&self.directory().path().join(FILE))
    }

    /// Returns the enrolment, if there is one.
    ///
    /// # Errors
    ///
    /// [`PairingError::Credential`]: a lost or damaged file is never "unpaired
    /// means allow"; without a pairing nothing can be approved.
    pub fn load(&self) -> Result<Option<Enrolment>, PairingError> {
        let Some((enrolment, state)) = self.store.document_with_state::<Enrolment>(FILE)? else {
            return Ok(None);
        };
        let live = enrolment.pairings.iter().filter(|each| each.is_live());
        let live = live.map(|each| each.agreed.pairing_nonce.clone()).collect();
        *self.read.lock().unwrap_or_else(PoisonError::into_inner) = Some(Read { state, live });
        Ok(Some(enrolment))
    }

    /// Returns every pairing there ever was, revoked ones too.
    ///
    /// # Errors
    ///
    /// As [`PairingStore::load`].
    pub fn pairings(&self) -> Result<Vec<Pairing>, PairingError> {
        Ok(self.load()?.map(|enrolment| enrolment.pairings).unwrap_or_default())
    }

    /// Returns the enrolment, making an identity when there is none yet.
    ///
    /// # Errors
    ///
    /// Any [`PairingError`].
    pub fn load_or_create(&self, now: Timestamp) -> Result<Enrolment, PairingError> {
        if let Some(enrolment) = self.load()? {
            return Ok(enrolment);
        }
        self.change(now, |_| Ok(()))?;
        self.load()?.ok_or(PairingError::NotPaired)
    }

    /// Changes the enrolment while no other process can.
    ///
    /// # Errors
    ///
    /// That of the change, and any other [`PairingError`]; then what was stored
    /// stays whole.
    pub fn change<T>(
        &self,
        now: Timestamp,
        change: impl FnOnce(&mut Enrolment) -> Result<T, PairingError>,
    ) -> Result<T, PairingError> {
        let lock = self.store.directory().append(LOCK);
        let lock = lock.map_err(|error| PairingError::Credential(error.into()))?;
        let _lock = FileLock::take_within(&lock, PATIENCE).map_err(PairingError::Lock)?;
        let mut enrolment = match self.load()? {
            Some(enrolment) => enrolment,
            None => Enrolment { identity: EnforcerIdentity::generate(now)?, pairings: Vec::new() },
        };
        let changed = change(&mut enrolment)?;
        self.store.set_document(FILE, &enrolment)?;
        Ok(changed)
    }

    /// Tells whether a pairing still counts; one that is no longer there does not.
    ///
    /// A file that nobody touched since it was read says what it said.
    ///
    /// # Errors
    ///
    /// Any [`PairingError`].
    pub fn is_live(&self, pairing: &Pairing) -> Result<bool, PairingError> {
        let nonce = &pairing.agreed.pairing_nonce;
        if let Some(read) = &*self.read.lock().unwrap_or_else(PoisonError::into_inner)
            && self.state() == Some(read.state)
        {
            return Ok(read.live.contains(nonce));
        }
        let same = |each: &&Pairing| each.agreed.pairing_nonce == *nonce;
        let enrolment = self.load()?;
        let stored = enrolment.as_ref().and_then(|all| all.pairings.iter().find(same));
        Ok(stored.is_some_and(Pairing::is_live))
    }

    /// Ends a pairing, if it is not over yet.
    ///
    /// # Errors
    ///
    /// Any [`PairingError`] but that the pairing is unknown.
    pub fn revoke(&self, revoked: &Pairing, now: Timestamp) -> Result<(), PairingError> {
        self.change(now, |enrolment| {
            let nonce = &revoked.agreed.pairing_nonce;
            let same = enrolment.pairings.iter_mut().find(|e| e.agreed.pairing_nonce == *nonce);
            if let Some(same) = same.filter(|same| same.is_live()) {
                same.revoke(now);
            }
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::passkey::tests::Authenticator;
    use serde_json::{Value, json};

    #[test]
    fn a_record_of_before_there_were_passkeys_is_read_and_one_with_it_survives() {
        let read = |written: Value| serde_json::from_value::<Pairing>(written);
        let old = serde_json::to_value(Pairing::example()).expect("JSON");
        assert_eq!(old.get("passkey"), None);
        assert_eq!(read(old).expect("as before").agreed.passkey, None);
        let mut made = Pairing::example();
        made.agreed.passkey = Some(Authenticator::new().passkey());
        let mut written = serde_json::to_value(&made).expect("JSON");
        assert_eq!(read(written.clone()).expect("ours").agreed.passkey, made.agreed.passkey);
        // One that cannot be read is no pairing without a passkey.
        written["passkey"]["origin"] = json!("http://evil.example");
        assert!(read(written).is_err());
    }

    #[test]
    fn a_pairing_counts_as_long_as_the_file_says_so() {
        let outer = tempfile::tempdir().expect("temporary directory");
        let directory = PrivateDir::open(&outer.path().join("private")).expect("private");
        let [ours, another] = [(); 2].map(|()| PairingStore::new(directory.clone()));
        let (pairing, now) = (Pairing::example(), Timestamp::UNIX_EPOCH);
        assert!(!ours.is_live(&pairing).expect("no file"));
        let add = |enrolment: &mut Enrolment| enrolment.add(pairing.clone()).map(drop);
        another.change(now, add).expect("stored");
        assert!(ours.is_live(&pairing).expect("read"));
        assert!(ours.is_live(&pairing).expect("as read"));
        another.revoke(&pairing, now).expect("revoked");
        assert!(!ours.is_live(&pairing).expect("read anew"));
        std::fs::remove_file(directory.path().join(FILE)).expect("removed");
        another.change(now, add).expect("stored");
        assert!(ours.is_live(&pairing).expect("there again"));
        std::fs::remove_file(directory.path().join(FILE)).expect("removed");
        assert!(!ours.is_live(&pairing).expect("gone while it counted"));
    }

    #[test]
    fn the_key_that_seals_is_kept_and_a_record_of_before_leads_to_the_same() {
        let made = Pairing::example();
        let mut written = serde_json::to_value(&made).expect("JSON");
        let kept = written["sealKey"].as_str().expect("kept").to_owned();
        let read = |written: &Value| {
            let pairing: Pairing = serde_json::from_value(written.clone()).expect("a pairing");
            pairing.seal_key()
        };
        assert_eq!(*read(&written).expect("kept").expose_stored(), kept);
        written.as_object_mut().expect("an object").remove("sealKey");
        assert_eq!(*read(&written).expect("derived").expose_stored(), kept);
        written["sealKey"] = json!("cut off");
        assert!(matches!(read(&written), Err(PairingError::DamagedKey { .. })));
        let mut ended = made;
        ended.revoke(Timestamp::UNIX_EPOCH);
        assert!(!serde_json::to_string(&ended).expect("JSON").contains(&kept));
    }

    #[test]
    fn a_passkey_is_not_lost_by_pairing_anew() {
        let identity = EnforcerIdentity::generate(Timestamp::UNIX_EPOCH).expect("random");
        let mut enrolment = Enrolment { identity, pairings: Vec::new() };
        enrolment.add(Pairing::example()).expect("the first");
        let mut with = Pairing::example();
        with.agreed.passkey = Some(Authenticator::new().passkey());
        enrolment.add(with).expect("a passkey comes along");
        let lost = enrolment.add(Pairing::example());
        assert!(matches!(lost, Err(PairingError::PasskeyLost { .. })), "{lost:?}");
        let mut other = Pairing::example();
        other.agreed.passkey = Some(Authenticator::new().passkey());
        enrolment.add(other).expect("another passkey");
        let live = enrolment.pairings.iter_mut().filter(|each| each.is_live());
        live.for_each(|each| each.revoke(Timestamp::UNIX_EPOCH));
        enrolment.add(Pairing::example()).expect("it was ended before");
    }
}
