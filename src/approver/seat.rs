//! One approver: its keys, the enforcers it is paired with, and what it can do.

use super::decide::{self, DecideError};
use super::dnd::{self, DndError, StandingAnswer};
use super::events::Changes;
use super::fate::{self, Fate};
use super::history::{self, Decided};
use super::inbox::{self, InboxError};
use super::item::Item;
use super::keys::Keys;
use super::pair::{self, PairError, PairingOffer};
use super::pairings::{self, Pairing};
use super::seen;
use super::standing::{self, Standing};
use super::store::StoreError;
use crate::client::{Transport, TransportError};
use crate::process::{self, Deadline, PrivateDir};
use crate::protocol::dnd::DndPolicy;
use crate::protocol::{Decision, PairingCode, RequestId};
use std::path::Path;

/// An approver with its keys and pairings.
///
/// The calls take the transport, because a local gateway has another address
/// every time it starts.
#[derive(Debug)]
pub struct Approver {
    directory: PrivateDir,
    keys: Keys,
}

impl Approver {
    /// Opens the approver that keeps its files there, making keys when it has none.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when its files cannot be trusted, read or made.
    pub fn open(directory: &Path) -> Result<Self, StoreError> {
        let directory = PrivateDir::open(directory)?;
        Ok(Self { keys: Keys::load_or_create(&directory)?, directory })
    }

    /// Opens the approver that keeps its files there, if it has keys.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when its files cannot be trusted or read.
    pub fn open_existing(directory: &Path) -> Result<Option<Self>, StoreError> {
        if !directory.exists() {
            return Ok(None);
        }
        let directory = PrivateDir::open(directory)?;
        Ok(Keys::load(&directory)?.map(|keys| Self { directory, keys }))
    }

    /// Returns its keys.
    #[must_use]
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Reads the enforcers it is paired with.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the file cannot be trusted or read.
    pub fn pairings(&self) -> Result<Vec<Pairing>, StoreError> {
        pairings::load(&self.directory)
    }

    /// Pairs with the enforcer that shows this code.
    ///
    /// # Errors
    ///
    /// [`PairError`]; nothing is kept then.
    pub async fn pair(
        &self,
        transport: &Transport,
        code: &PairingCode,
    ) -> Result<Pairing, PairError> {
        pair::by_code(transport, &self.directory, &self.keys, code).await
    }

    /// Looks what the enforcer makes of a pairing that was answered, until it has said so or
    /// the time is over. Of one that is over nothing is kept.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the file of pairings cannot be used.
    pub async fn standing(
        &self,
        transport: &Transport,
        pairing: &Pairing,
        deadline: Deadline,
    ) -> Result<Standing, StoreError> {
        standing::wait(transport, &self.directory, pairing, deadline).await
    }

    /// Finds the enforcer of that id or label; without either, the only one.
    ///
    /// # Errors
    ///
    /// [`PairError`] when there is none, or more than one.
    pub fn enforcer(&self, named: Option<&str>) -> Result<Pairing, PairError> {
        pair::known(&self.directory, named)
    }

    /// Ends the pairing with the enforcer of that id or label.
    ///
    /// # Errors
    ///
    /// [`PairError`]; the pairing holds then.
    pub async fn unpair(
        &self,
        transport: &Transport,
        enforcer: &str,
    ) -> Result<Pairing, PairError> {
        pair::unpair(transport, &self.directory, enforcer).await
    }

    /// Leaves a standing answer for the enforcer of a pairing.
    ///
    /// # Errors
    ///
    /// [`DndError`]; a person decides as before.
    pub async fn set_dnd(
        &self,
        transport: &Transport,
        pairing: &Pairing,
        answer: StandingAnswer,
    ) -> Result<DndPolicy, DndError> {
        dnd::set(transport, pairing, answer, process::now()).await
    }

    /// Lists the standing answers that hold.
    ///
    /// # Errors
    ///
    /// [`DndError`].
    pub async fn dnd(&self, transport: &Transport) -> Result<Vec<DndPolicy>, DndError> {
        dnd::list(transport).await
    }

    /// Ends a standing answer.
    ///
    /// # Errors
    ///
    /// [`DndError`].
    pub async fn end_dnd(&self, transport: &Transport, policy: &RequestId) -> Result<(), DndError> {
        dnd::end(transport, policy).await
    }

    /// Makes a code for an enforcer to claim.
    ///
    /// # Errors
    ///
    /// [`PairError`] when the gateway is away or refuses.
    pub async fn offer_code(&self, transport: &Transport) -> Result<PairingOffer, PairError> {
        pair::offer(transport, &self.keys).await
    }

    /// Waits until an enforcer has claimed a code this approver made.
    ///
    /// # Errors
    ///
    /// [`PairError::NotClaimed`] when nobody did in time.
    pub async fn claimed(
        &self,
        transport: &Transport,
        code: &PairingCode,
        deadline: Deadline,
    ) -> Result<(), PairError> {
        pair::claimed(transport, code, deadline).await
    }

    /// Fetches and opens what waits, oldest first.
    ///
    /// # Errors
    ///
    /// [`InboxError`].
    pub async fn inbox(&self, transport: &Transport) -> Result<Vec<Item>, InboxError> {
        let pairings = standing::forget_replaced(transport, &self.directory).await?;
        inbox::fetch(transport, &self.keys, &pairings).await
    }

    /// Fetches and opens what was decided and is remembered, oldest first.
    ///
    /// # Errors
    ///
    /// [`InboxError`].
    pub async fn decided(&self, transport: &Transport) -> Result<Vec<Item>, InboxError> {
        inbox::decided(transport, &self.keys, &self.pairings()?).await
    }

    /// Watches for changes of the inbox.
    #[must_use]
    pub fn changes(&self, transport: &Transport) -> Changes {
        Changes::new(transport.clone(), self.keys.approver_id())
    }

    /// Says, once a person was shown the whole of an item, that they were.
    ///
    /// Whoever waits for the decision reads it. It is not signed, decides nothing, and
    /// where the gateway does not take it nothing happens. The future may be spawned.
    pub fn seen(
        &self,
        transport: &Transport,
        item: &Item,
    ) -> impl Future<Output = ()> + Send + use<> {
        seen::tell(transport, item)
    }

    /// Asks the gateway what became of a request.
    ///
    /// # Errors
    ///
    /// [`TransportError`] when it is away.
    pub async fn fate(
        &self,
        transport: &Transport,
        request: &RequestId,
    ) -> Result<Fate, TransportError> {
        fate::of(transport, request).await
    }

    /// Reads what this approver decided, the newest first.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the file cannot be trusted or read.
    pub fn history(&self) -> Result<Vec<Decided>, StoreError> {
        history::load(&self.directory)
    }

    /// Approves an item that was opened and shown.
    ///
    /// # Errors
    ///
    /// [`DecideError`].
    pub async fn approve(&self, transport: &Transport, item: &Item) -> Result<(), DecideError> {
        decide::approve(transport, &self.keys, item).await?;
        self.remember(item, Decision::Approve, None);
        Ok(())
    }

    /// Rejects an item, with a reason for the agent to read.
    ///
    /// # Errors
    ///
    /// [`DecideError`].
    pub async fn reject(
        &self,
        transport: &Transport,
        item: &Item,
        reason: Option<&str>,
    ) -> Result<(), DecideError> {
        decide::reject(transport, &self.keys, item, reason).await?;
        self.remember(item, Decision::Reject, reason);
        Ok(())
    }

    /// Writes a decision down. It was made and holds: that it cannot be written down
    /// changes nothing about it.
    fn remember(&self, item: &Item, decision: Decision, reason: Option<&str>) {
        let decided = Decided::of(item, decision, reason, process::now());
        if let Err(error) = history::add(&self.directory, &decided) {
            tracing::warn!(%error, "a decision is not in the approver's history");
        }
    }
}
