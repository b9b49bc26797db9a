//! What a gateway does with `PostgreSQL` that it does with `SQLite`: the same tests.

#![expect(clippy::duplicate_mod, reason = "each of those files has the support it needs itself")]

#[path = "gateway_at_once.rs"]
mod at_once;
#[path = "gateway_events.rs"]
mod events;
#[path = "gateway_health.rs"]
mod health;
#[path = "gateway_lifecycle.rs"]
mod lifecycle;
#[path = "gateway_pairings.rs"]
mod pairings;
#[path = "gateway_refusals.rs"]
mod refusals;
#[path = "gateway_scoping.rs"]
mod scoping;
#[path = "gateway_time.rs"]
mod time;
