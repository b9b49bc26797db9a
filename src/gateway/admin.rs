//! What whoever runs a gateway does with its database, also while it runs.

use super::error::OpenError;
use super::server::{GatewayOptions, StoreAddress, make_directory};
use super::store::{Store, TokenLine};
use super::token::{self, Role};
use super::{limits, refusal::Refusal};
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use thiserror::Error;

/// The database of a gateway, opened to look after it.
#[derive(Debug)]
pub struct Administration {
    store: Store,
    clock: fn() -> Timestamp,
}

/// A token as it is listed. The token itself is kept nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its number.
    pub id: i64,
    /// What its holder may do.
    pub role: Role,
    /// The name it was given.
    pub label: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// How many enforcers or approvers are its own.
    pub identifiers: i64,
}

/// A pairing as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairingLine {
    /// Its nonce, by which it is revoked.
    pub nonce: String,
    /// Who asks.
    pub enforcer_id: String,
    /// What that calls itself.
    pub enforcer_label: Option<String>,
    /// Where that works.
    pub workspace_name: Option<String>,
    /// Who decides.
    pub approver_id: String,
    /// Since when.
    pub completed_at: Timestamp,
    /// Since when it is known that the enforcer keeps it.
    pub kept_at: Option<Timestamp>,
    /// Until when, if it is over.
    pub revoked_at: Option<Timestamp>,
    /// How many requests wait in it.
    pub pending: i64,
}

/// Why something was not done.
#[derive(Debug, Error)]
pub enum AdminError {
    /// The database cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// It cannot be read or written.
    #[error("cannot use {database}: {source}")]
    Database {
        /// The database.
        database: String,
        /// Its answer.
        source: sqlx::Error,
    },
    /// There is no such token that is good.
    #[error("there is no token {id}, or it was revoked before")]
    UnknownToken {
        /// The number that was given.
        id: i64,
    },
    /// There is no such pairing.
    #[error("there is no pairing whose nonce begins with that")]
    UnknownPairing,
    /// There is more than one.
    #[error("more than one pairing has a nonce that begins with that")]
    AmbiguousPairing,
    /// What is stored makes no sense.
    #[error("{database} holds something this release cannot read")]
    Stored {
        /// The database.
        database: String,
    },
}

impl AdminError {
    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Open(error) => error.hint(),
            Self::Database { .. } => "look at the disk or server that holds it".to_owned(),
            Self::UnknownToken { .. } => {
                "see the numbers with: airlock-exec gateway token list".to_owned()
            }
            Self::UnknownPairing | Self::AmbiguousPairing => {
                "see the nonces with: airlock-exec gateway pairings list".to_owned()
            }
            Self::Stored { .. } => "use the newest airlock-exec that served it".to_owned(),
        }
    }
}

impl Administration {
    /// Opens the database, making or upgrading it.
    ///
    /// # Errors
    ///
    /// As [`super::Gateway::open`], but for [`OpenError::InUse`].
    pub async fn open(options: &GatewayOptions) -> Result<Self, OpenError> {
        if let StoreAddress::Directory(directory) = &options.store {
            make_directory(directory)?;
        }
        Ok(Self { store: Store::at(options).await?, clock: options.clock })
    }

    /// Makes a token. Only its digest is kept, so this is the one time it is seen.
    ///
    /// # Errors
    ///
    /// [`OpenError::TooManyTokens`], or what the database answers.
    pub async fn create_token(
        &self,
        role: Role,
        label: Option<&str>,
    ) -> Result<SecretString, OpenError> {
        add_token(&self.store, role, label, self.now()).await
    }

    /// Lists the tokens that are good, oldest first; with the revoked ones on request.
    ///
    /// # Errors
    ///
    /// [`AdminError::Database`].
    pub async fn tokens(&self, revoked: Revoked) -> Result<Vec<Token>, AdminError> {
        let lines = self.store.tokens().await.map_err(|source| self.refused(source))?;
        let lines =
            lines.into_iter().filter(|line| revoked == Revoked::Shown || line.revoked_at.is_none());
        lines.map(|line| listed(line).ok_or_else(|| self.unreadable())).collect()
    }

    /// Revokes a token: from now on it is refused, at every node.
    ///
    /// # Errors
    ///
    /// [`AdminError::UnknownToken`], [`AdminError::Database`].
    pub async fn revoke_token(&self, id: i64) -> Result<(), AdminError> {
        let revoked = self.store.revoke_token(id, self.now()).await;
        if revoked.map_err(|source| self.refused(source))? {
            tracing::info!(id, "token revoked");
            return Ok(());
        }
        Err(AdminError::UnknownToken { id })
    }

    /// Lists the pairings, newest first; with those that are over on request.
    ///
    /// # Errors
    ///
    /// [`AdminError::Database`].
    pub async fn pairings(&self, revoked: Revoked) -> Result<Vec<PairingLine>, AdminError> {
        let rows = self.store.all_pairings().await.map_err(|source| self.refused(source))?;
        let rows =
            rows.into_iter().filter(|row| revoked == Revoked::Shown || row.revoked_at.is_none());
        let line = |row: super::store::PairingRow| {
            Some(PairingLine {
                nonce: row.nonce,
                enforcer_id: row.enforcer_id,
                enforcer_label: row.enforcer_label,
                workspace_name: row.workspace_name,
                approver_id: row.approver_id,
                completed_at: Timestamp::from_millisecond(row.completed_at).ok()?,
                kept_at: moment(row.kept_at)?,
                revoked_at: moment(row.revoked_at)?,
                pending: row.pending,
            })
        };
        rows.map(|row| line(row).ok_or_else(|| self.unreadable())).collect()
    }

    /// Ends the pairing whose nonce begins so, and what waits in it; returns its nonce.
    ///
    /// # Errors
    ///
    /// [`AdminError::UnknownPairing`], [`AdminError::AmbiguousPairing`],
    /// [`AdminError::Database`].
    pub async fn revoke_pairing(&self, nonce: &str) -> Result<String, AdminError> {
        let pairings = self.pairings(Revoked::Hidden).await?;
        let mut named = pairings.iter().filter(|pairing| pairing.nonce.starts_with(nonce));
        let found = named.next().filter(|_| !nonce.is_empty());
        let found = found.ok_or(AdminError::UnknownPairing)?;
        if named.next().is_some() {
            return Err(AdminError::AmbiguousPairing);
        }
        match self.store.end_pairing(&found.nonce, self.now()).await {
            Ok(ended) => Ok(ended.nonce),
            Err(Refusal::Store(source)) => Err(self.refused(source)),
            Err(_) => Err(AdminError::UnknownPairing),
        }
    }

    /// Ends the connections.
    pub async fn close(self) {
        self.store.close().await;
    }

    fn now(&self) -> i64 {
        self.store.time((self.clock)())
    }

    fn refused(&self, source: sqlx::Error) -> AdminError {
        AdminError::Database { database: self.store.name().to_owned(), source }
    }

    fn unreadable(&self) -> AdminError {
        AdminError::Stored { database: self.store.name().to_owned() }
    }
}

/// Whether a list has what was revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revoked {
    /// Only what is good.
    Hidden,
    /// Everything.
    Shown,
}

fn listed(line: TokenLine) -> Option<Token> {
    Some(Token {
        id: line.token_id,
        role: line.role,
        label: line.label,
        created_at: Timestamp::from_millisecond(line.created_at).ok()?,
        revoked_at: moment(line.revoked_at)?,
        identifiers: line.identifiers,
    })
}

/// Reads a time there may be; the outer `None` is one that makes no sense.
#[expect(clippy::option_option, reason = "whether there is one, and whether it is good")]
fn moment(milliseconds: Option<i64>) -> Option<Option<Timestamp>> {
    milliseconds.map(Timestamp::from_millisecond).transpose().ok()
}

/// Makes a token and stores its digest.
pub(super) async fn add_token(
    store: &Store,
    role: Role,
    label: Option<&str>,
    now: i64,
) -> Result<SecretString, OpenError> {
    let token = token::draw().map_err(OpenError::Random)?;
    let digest = token::digest(token.expose_secret());
    let added = store
        .add_token(&digest, role, label, now)
        .await
        .map_err(|source| OpenError::database(store.name(), source))?;
    if added {
        tracing::info!(%role, "token created");
        return Ok(token);
    }
    let database = store.name().to_owned();
    Err(OpenError::TooManyTokens { database, limit: limits::TOKENS })
}

/// Makes a token in that database, whether or not a gateway runs.
///
/// # Errors
///
/// As [`super::Gateway::open`], but for [`OpenError::InUse`].
pub async fn create_token(
    options: &GatewayOptions,
    role: Role,
    label: Option<&str>,
) -> Result<SecretString, OpenError> {
    let administration = Administration::open(options).await?;
    let token = administration.create_token(role, label).await;
    administration.close().await;
    token
}
