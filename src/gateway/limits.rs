//! The bounds of everything that could grow.

use std::time::Duration;

/// The most bytes of a request body. Spec: protocol.md section 9.
pub(super) const BODY_BYTES: usize = 1 << 20;

/// How long a client may take to send its headers.
pub(super) const HEADER_TIME: Duration = Duration::from_secs(5);

/// The longest silence within a request body.
pub(super) const BODY_SILENCE: Duration = Duration::from_secs(10);

/// How long open requests may go on after a shutdown was asked for.
pub(super) const SHUTDOWN_TIME: Duration = Duration::from_secs(5);

/// How many connections are served at once; others wait to be accepted.
pub(super) const CONNECTIONS: usize = 1024;

/// How many long polls one token may hold open.
pub(super) const WAITS_PER_TOKEN: usize = 256;

/// How many event streams one token may hold open.
pub(super) const STREAMS_PER_TOKEN: usize = 16;

/// How many exchanges of one pairing may wait for a decision.
pub(super) const PENDING_PER_PAIRING: i64 = 100;

/// How many unfinished pairing sessions one token may hold open.
pub(super) const SESSIONS_PER_TOKEN: i64 = 20;

/// How many identifiers (enforcers or approvers) one token may own.
pub(super) const IDENTIFIERS_PER_TOKEN: i64 = 1000;

/// How many tokens there may be.
pub(super) const TOKENS: i64 = 1000;

/// How many pairing codes that do not exist one token may try in [`GUESS_WINDOW`].
pub(super) const GUESSES: usize = 10;

/// The time after which a wrong pairing code is forgiven.
pub(super) const GUESS_WINDOW: Duration = Duration::from_mins(1);

/// The most bytes of an identifier or a label.
pub(super) const NAME_BYTES: usize = 256;

/// The most bytes of a field that holds a key or a signed answer.
pub(super) const FIELD_BYTES: usize = 16 << 10;

/// How many inbox items are on a page at most.
pub(super) const PAGE_ITEMS: i64 = 100;

/// How many events a stream may lag behind before it is ended.
pub(super) const EVENTS_BEHIND: usize = 256;

/// How often an event stream says that it is alive.
pub(super) const PING_EVERY: Duration = Duration::from_secs(15);

/// How long an initiated pairing code is good, in milliseconds.
pub(super) const INITIATED_CODE_MS: i64 = 10 * 60 * 1000;

/// How long a pre-generated pairing code is good, in milliseconds.
pub(super) const PREGENERATED_CODE_MS: i64 = 30 * 60 * 1000;

/// How long an exchange lives when its sender did not say, in milliseconds.
pub(super) const DEFAULT_LIFETIME_MS: i64 = 10 * 60 * 1000;

/// How long an exchange lives at most, in milliseconds.
pub(super) const LONGEST_LIFETIME_MS: i64 = 24 * 60 * 60 * 1000;

/// How far two clocks may differ, in milliseconds.
pub(super) const SKEW_MS: i64 = 60 * 1000;

/// How long an ended exchange is remembered, in milliseconds.
pub(super) const REMEMBERED_MS: i64 = 30 * 24 * 60 * 60 * 1000;

/// How many do-not-disturb policies one enforcer may have.
pub(super) const POLICIES_PER_ENFORCER: i64 = 100;

/// How long after a heartbeat an enforcer counts as online, in milliseconds.
pub(super) const ONLINE_MS: i64 = 90 * 1000;
