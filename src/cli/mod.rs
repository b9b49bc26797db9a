//! Turns arguments into calls of the rooms: one file for each subcommand.

pub mod gateway;
