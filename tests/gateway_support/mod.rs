//! A gateway on a free port, and clients of it that speak plain HTTP.
#![allow(dead_code, unused_imports, reason = "each test file uses its own part")]

mod api;
mod events;
mod postgres;
mod scene;
mod server;

pub(crate) use api::{Answer, Api, read};
pub(crate) use events::Events;
pub(crate) use postgres::Postgres;
pub(crate) use scene::{Scene, decision, hash, pair, paired, submission};
pub(crate) use server::{Place, Server, eventually_open};
