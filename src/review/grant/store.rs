//! Grants on disk: what was signed, the signature, and a record of their uses.
//!
//! The count of uses is kept twice: in the replay journal, which decides, and beside
//! the grant. The higher number counts, so that an old copy of either gives no use
//! back.

use super::{Grant, GrantError, GrantUse, Unusable};
use crate::client::{Enrolment, Pairing, PairingError, PairingStore};
use crate::policy::Asked;
use crate::process::{self, PrivateDir, PrivateError};
use crate::protocol::Plaintext;
use crate::protocol::decision::SettledDecision;
use crate::request::{Bound, Marker, Request};
use crate::review::{Journal, JournalError, Permit};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::io::Write;
use std::path::PathBuf;

const VERSION: u32 = 1;
/// How long a grant is listed after its time.
const KEPT_EXPIRED: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What is kept of a grant: nothing counts but what the signature covers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StoredGrant {
    version: u32,
    /// The bytes whose hash was signed.
    pub plaintext: String,
    /// The decision.
    pub decision: SettledDecision,
}

impl StoredGrant {
    pub(in crate::review) fn new(signed: &Plaintext, decision: SettledDecision) -> Self {
        let plaintext = String::from_utf8_lossy(signed.as_bytes()).into_owned();
        Self { version: VERSION, plaintext, decision }
    }
}

/// What the grants say about a command.
#[derive(Debug)]
pub enum Granting {
    /// It runs by one of them.
    Granted(Permit),
    /// None covers it, and what about them is worth telling.
    Ask(Asked, Vec<String>),
}

/// The grants of one user on one machine.
#[derive(Debug)]
pub struct Grants {
    directory: PathBuf,
    enforcer: PathBuf,
}

impl Grants {
    /// Looks for grants in that directory, verified by the pairings and the journal
    /// of the enforcer's. Nothing is opened yet.
    #[must_use]
    pub fn new(directory: PathBuf, enforcer: PathBuf) -> Self {
        Self { directory, enforcer }
    }

    /// Returns the permit of a request that a grant covers, and spends a use of it.
    ///
    /// Whatever is wrong with a grant means that a person is asked.
    #[must_use]
    pub fn permit(&self, asked: Asked) -> Granting {
        // One look when there never was a grant. And one person's word is not several's.
        if asked.approvals().are_several() || !self.directory.exists() {
            return Granting::Ask(asked, Vec::new());
        }
        let (names, enrolment) = match self.known() {
            Ok(known) => known,
            Err(error) => return Granting::Ask(asked, vec![error.to_string()]),
        };
        let marker = match Marker::open(&self.enforcer) {
            Ok(marker) => marker,
            Err(error) => return Granting::Ask(asked, vec![error.to_string()]),
        };
        let mut worth_telling = Vec::new();
        for name in names {
            match self.try_one(&name, asked.request(), &enrolment, &marker) {
                Ok((bound, spent)) => {
                    let request = asked.into_request().bound_to(bound);
                    return Granting::Granted(Permit::from_grant(request, spent));
                }
                Err(unusable) if unusable.is_about_something_else() => {}
                Err(Unusable::Expired) => self.prune(&name, &enrolment.pairings),
                Err(unusable) => {
                    worth_telling.push(format!("grant {} is not used: {unusable}", short(&name)));
                }
            }
        }
        Granting::Ask(asked, worth_telling)
    }

    /// Forgets a grant whose time has been over for a week.
    ///
    /// A failure leaves it where it is: it does not count either way.
    pub fn prune(&self, name: &str, pairings: &[Pairing]) {
        let over_since = self.verified(name, pairings).map(|grant| grant.terms().until);
        let is_old = |until: Timestamp| process::now().duration_since(until) > KEPT_EXPIRED;
        if !over_since.is_ok_and(is_old) {
            return;
        }
        let removed = PrivateDir::open(&self.directory).and_then(|directory| {
            directory.remove(&format!("{name}.json"))?;
            directory.remove(&format!("{name}.uses"))
        });
        if let Err(error) = removed {
            tracing::warn!(%error, grant = name, "an expired grant was not removed");
        }
    }

    fn try_one(
        &self,
        name: &str,
        request: &Request,
        enrolment: &Enrolment,
        marker: &Marker,
    ) -> Result<(Bound, GrantUse), Unusable> {
        let grant = self.verified(name, &enrolment.pairings)?;
        let bound = grant.cover(request, &enrolment.identity.enforcer_id, marker)?;
        let number = self.spend(&grant)?;
        Ok((bound, GrantUse::spent(grant.terms(), number)))
    }

    /// Records the next use durably, if one is left.
    fn spend(&self, grant: &Grant) -> Result<u32, Unusable> {
        let directory = PrivateDir::open(&self.directory)?;
        let file = uses_file(grant);
        let journal = self.journal()?;
        let limit = grant.terms().uses;
        let beside = counted(&directory, &file)?;
        let number = journal
            .commit_use(grant.entry(), beside, limit, process::now())
            .map_err(revoked_or_other)?
            .ok_or(Unusable::UsedUp(limit))?;
        let line = format!("{{\"use\":{number},\"time\":\"{}\"}}\n", process::now());
        let mut uses = directory.append(&file)?;
        let written = uses.write_all(line.as_bytes()).and_then(|()| uses.sync_data());
        written.map_err(|source| PrivateError::System {
            action: "write",
            path: directory.path().join(&file),
            source,
        })?;
        Ok(number)
    }

    /// Returns how many runs were used, by whichever record knows of more.
    ///
    /// # Errors
    ///
    /// [`Unusable`], also when it was revoked.
    pub fn used(&self, grant: &Grant) -> Result<u32, Unusable> {
        let beside = counted(&PrivateDir::open(&self.directory)?, &uses_file(grant))?;
        Ok(self.journal()?.uses_of(grant.entry()).map_err(revoked_or_other)?.max(beside))
    }

    /// Keeps a grant that was approved just now.
    ///
    /// # Errors
    ///
    /// [`GrantError::Private`].
    pub fn keep(&self, stored: &StoredGrant) -> Result<(), GrantError> {
        let directory = PrivateDir::open(&self.directory)?;
        let bytes = serde_json::to_vec_pretty(stored).expect("text and numbers");
        Ok(directory.write(&format!("{}.json", stored.decision.request_id), &bytes)?)
    }

    /// Takes a grant back: the journal remembers it even if the file comes back.
    ///
    /// # Errors
    ///
    /// [`GrantError`]; the grant may still count then.
    pub fn revoke(&self, name: &str) -> Result<(), GrantError> {
        let directory = PrivateDir::open(&self.directory)?;
        if let Ok(grant) = self.verified(name, &self.pairings()?) {
            self.journal()?.commit_revocation(grant.entry(), process::now())?;
        }
        Ok(directory.remove(&format!("{name}.json"))?)
    }

    /// Returns the names of all grants, oldest first.
    ///
    /// # Errors
    ///
    /// [`GrantError::Private`].
    pub fn names(&self) -> Result<Vec<String>, GrantError> {
        if !self.directory.exists() {
            return Ok(Vec::new());
        }
        let directory = PrivateDir::open(&self.directory)?;
        let failed = |source| PrivateError::System {
            action: "list",
            path: directory.path().to_owned(),
            source,
        };
        let entries = std::fs::read_dir(directory.path()).map_err(failed)?;
        let name = |entry: std::io::Result<std::fs::DirEntry>| {
            Some(entry.ok()?.file_name().to_str()?.strip_suffix(".json")?.to_owned())
        };
        let mut names: Vec<String> =
            entries.filter_map(name).filter(|name| !name.starts_with('.')).collect();
        names.sort();
        Ok(names)
    }

    /// Finds the one grant whose name ends so, in any letter case.
    ///
    /// # Errors
    ///
    /// [`GrantError::Unknown`], [`GrantError::Ambiguous`].
    pub fn find(&self, given: &str) -> Result<String, GrantError> {
        let wanted = given.to_ascii_lowercase();
        let mut found = self.names()?;
        found.retain(|name| !wanted.is_empty() && name.to_ascii_lowercase().ends_with(&wanted));
        match found.as_slice() {
            [only] => Ok(only.clone()),
            [] => Err(GrantError::Unknown(given.to_owned())),
            _ => Err(GrantError::Ambiguous(given.to_owned())),
        }
    }

    /// Reads a grant and verifies it.
    ///
    /// # Errors
    ///
    /// [`Unusable`].
    pub fn verified(&self, name: &str, pairings: &[Pairing]) -> Result<Grant, Unusable> {
        let damaged = |what: String| Unusable::Damaged(what);
        let bytes = PrivateDir::open(&self.directory)?.read(&format!("{name}.json"))?;
        let bytes = bytes.ok_or_else(|| damaged("it is not there".to_owned()))?;
        let stored: StoredGrant =
            serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))?;
        if stored.version != VERSION {
            return Err(damaged(format!("it has version {}", stored.version)));
        }
        let grant = Grant::verify(&stored, pairings)?;
        if grant.terms().request_id.as_str() != name {
            return Err(damaged("it is another grant under this name".to_owned()));
        }
        Ok(grant)
    }

    /// Returns all pairings, also revoked ones.
    ///
    /// # Errors
    ///
    /// [`GrantError`] when they cannot be read.
    pub fn pairings(&self) -> Result<Vec<Pairing>, GrantError> {
        Ok(self.enrolment()?.map(|enrolment| enrolment.pairings).unwrap_or_default())
    }

    fn enrolment(&self) -> Result<Option<Enrolment>, GrantError> {
        let directory = PrivateDir::open(&self.enforcer)?;
        Ok(PairingStore::new(directory).load()?)
    }

    fn known(&self) -> Result<(Vec<String>, Enrolment), GrantError> {
        Ok((self.names()?, self.enrolment()?.ok_or(PairingError::NotPaired)?))
    }

    fn journal(&self) -> Result<Journal, PrivateError> {
        Ok(Journal::new(PrivateDir::open(&self.enforcer)?))
    }
}

/// The journal knows a use of a grant as a replay only when it was taken back.
fn revoked_or_other(error: JournalError) -> Unusable {
    match error {
        JournalError::Replayed => Unusable::Revoked,
        other => Unusable::Journal(other),
    }
}

/// Returns the end of a name, enough for a person.
fn short(name: &str) -> &str {
    name.get(name.len().saturating_sub(6)..).unwrap_or(name)
}

fn uses_file(grant: &Grant) -> String {
    format!("{}.uses", grant.terms().request_id)
}

/// Returns the highest use that is written down beside the grant.
fn counted(directory: &PrivateDir, file: &str) -> Result<u32, PrivateError> {
    #[derive(Deserialize)]
    struct Used {
        r#use: u32,
    }
    let bytes = directory.read(file)?.unwrap_or_default();
    let lines = bytes.split(|byte| *byte == b'\n');
    let numbers = lines.filter_map(|line| serde_json::from_slice::<Used>(line).ok());
    Ok(numbers.map(|used| used.r#use).max().unwrap_or(0))
}
