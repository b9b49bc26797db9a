//! A gateway of one's own, an identity provider, and what stands between.
#![allow(dead_code, unused_imports, reason = "each test file uses its own part")]

mod certificates;
mod front;
mod gateway;
mod provider;

pub(crate) use certificates::{Authority, Flaw};
pub(crate) use front::{Front, Reply, federated};
pub(crate) use gateway::{OwnGateway, settings, sign_in_of};
pub(crate) use provider::OpenIdProvider;
