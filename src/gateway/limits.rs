//! The bounds of everything that could grow.

use std::time::Duration;

/// The most bytes of a request body. Spec: protocol.md section 9.
pub(super) const BODY_BYTES: usize = 1 << 20;

/// The most bytes of a body that is too large which are waited for before that is said: a
/// command of two megabytes, the most there can be, makes one of about eight.
pub(super) const UNREAD_BYTES: usize = 16 << 20;

/// How long a client may take to send its headers.
pub(super) const HEADER_TIME: Duration = Duration::from_secs(5);

/// How long a client may take to shake hands.
pub(super) const HANDSHAKE_TIME: Duration = Duration::from_secs(10);

/// The longest silence within a request body.
pub(super) const BODY_SILENCE: Duration = Duration::from_secs(10);

/// How long a whole request body may take.
pub(super) const BODY_TIME: Duration = Duration::from_secs(20);

/// How long a client may read nothing of what it is sent.
pub(super) const READING_SILENCE: Duration = Duration::from_secs(20);

/// The most bytes of a request's headers.
pub(super) const HEADER_BYTES: usize = 64 << 10;

/// How long open requests may go on after a shutdown was asked for.
pub(super) const SHUTDOWN_TIME: Duration = Duration::from_secs(5);

/// How many connections are served at once at most; others wait to be accepted.
pub(super) const CONNECTIONS: usize = 16_384;

/// How many descriptors are left for other things than connections.
pub(super) const OTHER_DESCRIPTORS: usize = 128;

/// How long the database may take to say that it is there.
pub(super) const READY_TIME: Duration = Duration::from_secs(2);

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

/// How many pairing codes that do not exist one token may try in [`RATE_WINDOW`].
pub(super) const GUESSES: u32 = 10;

/// The time after which a wrong pairing code is forgiven, and a call forgotten.
pub(super) const RATE_WINDOW: Duration = Duration::from_mins(1);

/// How many tokens, addresses or pairings are remembered to count what they do.
pub(super) const RATE_KEYS: usize = 16_384;

/// How long a token that was good is taken for good without another look.
pub(super) const TOKEN_REMEMBERED: Duration = Duration::from_secs(1);

/// The most bytes of an identifier or a label.
pub(super) const NAME_BYTES: usize = 256;

/// The most bytes of a field that holds a key or a signed answer.
pub(super) const FIELD_BYTES: usize = 16 << 10;

/// How many inbox items are on a page at most.
pub(super) const PAGE_ITEMS: i64 = 100;

/// A page that has so many bytes is long enough, whatever else there is.
pub(super) const PAGE_FULL_BYTES: usize = 2 << 20;

/// How many there are when nobody says.
pub(super) const USUAL_PAGE_ITEMS: i64 = 20;

/// How many events a stream may lag behind before it is ended.
pub(super) const EVENTS_BEHIND: usize = 256;

/// How often an event stream says that it is alive.
pub(super) const PING_EVERY: Duration = Duration::from_secs(15);

/// How long an initiated pairing code is good, in milliseconds.
pub(super) const INITIATED_CODE_MS: i64 = 10 * 60 * 1000;

/// How long a pre-generated pairing code is good, in milliseconds.
pub(super) const PREGENERATED_CODE_MS: i64 = 30 * 60 * 1000;

/// How many pairings of the same enforcer and approver that nobody has used are good at most,
/// besides the one that is.
pub(super) const UNUSED_PAIRINGS: i64 = 4;

/// How long an exchange lives when its sender did not say, in milliseconds.
pub(super) const DEFAULT_LIFETIME_MS: i64 = 10 * 60 * 1000;

/// How long an exchange lives at most, in milliseconds.
pub(super) const LONGEST_LIFETIME_MS: i64 = 24 * 60 * 60 * 1000;

/// An expiry that is nearer than that to the moment of sending is that moment.
pub(super) const SHORTEST_LIFETIME_MS: i64 = 1000;

/// How far two clocks may differ, in milliseconds.
pub(super) const SKEW_MS: i64 = 60 * 1000;

/// How long an ended exchange is remembered, in milliseconds.
pub(super) const REMEMBERED_MS: i64 = 30 * 24 * 60 * 60 * 1000;

/// How many of what time ended are changed at once at most.
pub(super) const FORGOTTEN_AT_ONCE: i64 = 500;

/// How many follow-ups are kept of one exchange; old output makes room first.
pub(super) const FOLLOW_UPS_PER_EXCHANGE: i64 = 128;

/// How many controls are kept of one exchange.
pub(super) const CONTROLS_PER_EXCHANGE: i64 = 32;

/// The most bytes of a sealed follow-up or control.
pub(super) const FOLLOW_UP_BYTES: usize = 64 << 10;

/// How many follow-ups or controls are in an answer at most.
pub(super) const FOLLOW_UPS_AT_ONCE: i64 = 12;

/// How long a follow-up that is passing is remembered, in milliseconds.
pub(super) const PASSING_MS: i64 = 60 * 60 * 1000;

/// How many do-not-disturb policies one enforcer may have.
pub(super) const POLICIES_PER_ENFORCER: i64 = 100;

/// How long after a heartbeat an enforcer counts as online, in milliseconds.
pub(super) const ONLINE_MS: i64 = 90 * 1000;

/// How many codes for browsers one token may have unused at once.
pub(super) const PAGE_CODES: i64 = 16;

/// How long a code for a browser is good, in milliseconds.
pub(super) const PAGE_CODE_MS: i64 = 10 * 60 * 1000;

/// How many browsers may be about to come back at once.
pub(super) const PAGE_CHALLENGES: i64 = 256;

/// How long a browser has to come back with what it was given, in milliseconds.
pub(super) const PAGE_CHALLENGE_MS: i64 = 60 * 1000;

/// How many browsers may fail to come in before all of them wait. Security 6.
pub(super) const PAGE_FAILURES: u32 = 5;

/// The longest wait after browsers failed to come in.
pub(super) const PAGE_LONGEST_DELAY: Duration = Duration::from_mins(5);

/// How many sessions one browser may have: its tabs.
pub(super) const PAGE_SESSIONS: i64 = 8;

/// How long a session of a browser lasts unused, in milliseconds.
pub(super) const PAGE_SESSION_IDLE_MS: i64 = 15 * 60 * 1000;

/// How long a session of a browser lasts, in milliseconds.
pub(super) const PAGE_SESSION_MS: i64 = 60 * 60 * 1000;

/// How long a session may be in use before that is noted again, in milliseconds.
pub(super) const PAGE_SESSION_NOTED_MS: i64 = 30 * 1000;

/// How long a stream of a browser lasts.
pub(super) const PAGE_STREAM_TIME: Duration = Duration::from_millis(PAGE_SESSION_MS.unsigned_abs());

/// How many requests of browsers are worked on at once. Security 6.
pub(super) const PAGE_REQUESTS: usize = 64;

/// How many event streams one browser may hold open. Security 6.
pub(super) const PAGE_STREAMS: usize = 4;

/// The most bytes of a request body from a browser. Security 6.
pub(super) const PAGE_BODY_BYTES: usize = 64 << 10;

/// How long a request body from a browser may take. Security 6.
pub(super) const PAGE_BODY_TIME: Duration = Duration::from_secs(10);

/// How many browsers one token may let in.
pub(super) const BROWSERS_PER_TOKEN: i64 = 16;

/// How long a browser may come after it was let in, in milliseconds.
pub(super) const BROWSER_LIFETIME_MS: i64 = 30 * 24 * 60 * 60 * 1000;

/// How long a browser may stay away, in milliseconds.
pub(super) const BROWSER_IDLE_MS: i64 = 7 * 24 * 60 * 60 * 1000;
