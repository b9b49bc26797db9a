//! Fetches what waits, and opens each item.
//!
//! The gateway is not trusted: an item is opened with the key of the pairing,
//! its hash is recomputed, and what its envelope says must be what the plaintext
//! says. Whatever fails is kept as an item that can only be rejected, so that a
//! person sees that something is wrong.

use super::gateways::next_step;
use super::item::{Closed, Content, Item, Opened};
use super::keys::Keys;
use super::pairings::Pairing;
use super::store::StoreError;
use crate::client::{Transport, TransportError};
use crate::crypto::Cipher;
use crate::protocol::artifact::ArtifactError;
use crate::protocol::exchange::{InboxItem, InboxPage};
use crate::protocol::json::{self, JsonError};
use crate::protocol::{Envelope, ExchangeState, MessageType, ReceivedArtifact};
use jiff::Timestamp;
use serde_json::{Map, Value};
use thiserror::Error;

/// Why the inbox cannot be read.
#[derive(Debug, Error)]
pub enum InboxError {
    /// The gateway is away or refused.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The approver's own files cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The gateway sent something else than a page.
    #[error("read the inbox: the gateway sent something else than a page of it")]
    NotAPage,
    /// The page is not what it should be.
    #[error("read the inbox: {0}")]
    Json(#[from] JsonError),
    /// The gateway's pages never end.
    #[error("read the inbox: it has more than {pages} pages")]
    Endless {
        /// The most that are read.
        pages: usize,
    },
}

impl InboxError {
    /// Tells whether the same call may succeed later.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Transport(error) if error.is_passing())
    }

    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> String {
        let words = match self {
            Self::Store(error) => return error.hint(),
            Self::Transport(error) => next_step(error),
            Self::NotAPage | Self::Json(_) => "check that this is the address of a gateway",
            Self::Endless { .. } => "somebody floods this inbox: revoke the pairing that does",
        };
        words.to_owned()
    }
}

/// Fetches everything that waits for this approver, oldest first, and opens it.
///
/// By the gateway's clock: what is over by ours is among it, so that a clock that is wrong
/// hides nothing. [`Item::overdue`] tells, and nobody approves it.
///
/// # Errors
///
/// [`InboxError`]. An item that cannot be opened is not an error.
pub(super) async fn fetch(
    transport: &Transport,
    keys: &Keys,
    pairings: &[Pairing],
) -> Result<Vec<Item>, InboxError> {
    // The record of what a policy decided asks for nothing.
    let waits = |item: &InboxItem| item.state == ExchangeState::PendingApproval && !is_record(item);
    all(transport, keys, pairings, Folder::Pending, waits).await
}

/// Fetches what was decided, oldest first, and opens it.
///
/// # Errors
///
/// [`InboxError`].
pub(super) async fn decided(
    transport: &Transport,
    keys: &Keys,
    pairings: &[Pairing],
) -> Result<Vec<Item>, InboxError> {
    let is_decided =
        |item: &InboxItem| matches!(item.state, ExchangeState::Decided | ExchangeState::Delivered);
    all(transport, keys, pairings, Folder::Ended, is_decided).await
}

/// Fetches a part of an inbox to its end, and opens what is wanted of it.
async fn all(
    transport: &Transport,
    keys: &Keys,
    pairings: &[Pairing],
    folder: Folder,
    is_wanted: impl Fn(&InboxItem) -> bool,
) -> Result<Vec<Item>, InboxError> {
    let mut items = Vec::new();
    let mut cursor: Option<String> = None;
    for _ in 0..folder.pages() {
        let page = page(transport, keys, folder, cursor.as_deref()).await?;
        let wanted = page.items.into_iter().filter(&is_wanted);
        items.extend(wanted.map(|item| open(item, keys, pairings)));
        match page.next_cursor {
            Some(next) if cursor.as_ref() != Some(&next) => cursor = Some(next),
            _ => return Ok(items),
        }
    }
    Err(InboxError::Endless { pages: folder.pages() })
}

/// Which part of an inbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Folder {
    Pending,
    Ended,
}

impl Folder {
    /// The most pages that are fetched at once: a gateway may not keep us for ever.
    const fn pages(self) -> usize {
        match self {
            Self::Pending => 50,
            // What was decided in a month.
            Self::Ended => 1000,
        }
    }
}

async fn page(
    transport: &Transport,
    keys: &Keys,
    folder: Folder,
    cursor: Option<&str>,
) -> Result<InboxPage, InboxError> {
    let folder = match folder {
        Folder::Pending => "inbox",
        Folder::Ended => "inbox/expired",
    };
    let mut path = format!("/v1/approvers/{}/{folder}?limit=100", keys.approver_id());
    if let Some(cursor) = cursor {
        path.push_str("&cursor=");
        path.extend(cursor.bytes().map(percent_encoded));
    }
    let body = transport.get(&path).await?.body.ok_or(InboxError::NotAPage)?;
    let envelope: Envelope<InboxPage> = json::from_value(body)?;
    if envelope.message_type != MessageType::InboxPage {
        return Err(InboxError::NotAPage);
    }
    Ok(envelope.body)
}

/// Tells whether an item only says what a do-not-disturb policy decided.
///
/// Metadata is not authenticated: a relay that hides a request so could as well have
/// dropped it. Protocol section 7.
fn is_record(item: &InboxItem) -> bool {
    item.metadata.other.get("dndAudit").and_then(Value::as_str) == Some("true")
}

fn percent_encoded(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
        char::from(byte).to_string()
    } else {
        format!("%{byte:02X}")
    }
}

/// Opens one item; every check that fails closes it.
fn open(item: InboxItem, keys: &Keys, pairings: &[Pairing]) -> Item {
    let (sender, opened) = unseal_from_any(&item, keys, pairings);
    let content = opened.map_or_else(Content::Closed, Content::Opened);
    Item {
        sender: sender.cloned(),
        request_id: item.request_id,
        artifact_hash: item.artifact_hash,
        created_at: item.created_at,
        expires_at: expiry(item.expires_at, &content),
        content,
    }
}

/// Opens an item with the pairing it was sealed in: the newest with its enforcer, or an older
/// one that this may not have replaced yet.
fn unseal_from_any<'p>(
    item: &InboxItem,
    keys: &Keys,
    pairings: &'p [Pairing],
) -> (Option<&'p Pairing>, Result<Opened, Closed>) {
    let is_sender = |pairing: &&Pairing| Some(&pairing.enforcer_id) == item.enforcer_id.as_ref();
    let mut newest = None;
    for from in pairings.iter().rev().filter(is_sender) {
        match unseal(item, keys, from) {
            Err(Closed::NotAuthentic) => newest = newest.or(Some(from)),
            opened => return (Some(from), opened),
        }
    }
    (newest, Err(newest.map_or(Closed::UnknownSender, |_| Closed::NotAuthentic)))
}

fn unseal(item: &InboxItem, keys: &Keys, sender: &Pairing) -> Result<Opened, Closed> {
    let cipher: Cipher = item.ciphertext.alg.parse().map_err(|_| Closed::UnknownSeal)?;
    let shared =
        keys.agreement().agree(&sender.x25519_public_key).map_err(|_| Closed::UnknownSeal)?;
    let bytes = item.ciphertext.open(&shared.derive(cipher)).map_err(|_| Closed::NotAuthentic)?;
    let artifact = ReceivedArtifact::read(&bytes, &item.artifact_hash).map_err(|error| {
        match error {
            // HARP-CORE 5.2: the hash that is signed is the hash of what was read.
            ArtifactError::WrongHash { .. } => Closed::HashMismatch,
            ArtifactError::Json(_) | ArtifactError::NotAnObject | ArtifactError::Canonical(_) => {
                Closed::Unreadable
            }
        }
    })?;
    let fields = artifact.rows();
    compare(fields, item)?;
    Ok(Opened::new(fields.clone()).sealed_with(cipher))
}

/// Compares what the plaintext says about itself with the envelope around it.
///
/// A relay could otherwise show one request's content under another's id.
/// Foreign artifacts may leave the field out.
fn compare(fields: &Map<String, Value>, item: &InboxItem) -> Result<(), Closed> {
    // Protocol section 5: the plaintext carries its request.
    let Some(request) = fields.get("requestId") else { return Ok(()) };
    if request.as_str() != Some(item.request_id.as_str()) {
        return Err(Closed::OtherRequest);
    }
    Ok(())
}

/// Returns when a decision stops to count: a gateway may end an exchange sooner
/// than the plaintext says, but cannot make it last longer.
fn expiry(envelope: Timestamp, content: &Content) -> Timestamp {
    let Content::Opened(opened) = content else { return envelope };
    let own = opened.text("expiresAt").and_then(|text| text.parse().ok());
    own.map_or(envelope, |own: Timestamp| own.min(envelope))
}

#[cfg(test)]
mod tests;
