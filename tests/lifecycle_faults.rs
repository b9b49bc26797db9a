//! Every fault of a gateway and of an identity provider, done to every call: nothing
//! runs, the status is the documented one, and nothing secret is printed.

#[path = "lifecycle_faults/account.rs"]
mod account;
mod account_support;
#[path = "lifecycle_faults/command.rs"]
mod command;
#[path = "lifecycle_faults/pairing.rs"]
mod pairing;
#[path = "lifecycle_faults/stage.rs"]
mod stage;
mod support;
#[path = "lifecycle_faults/trouble.rs"]
mod trouble;
