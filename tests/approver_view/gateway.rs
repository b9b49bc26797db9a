//! A view whose gateway goes away.

use super::support::{Sandbox, eventually};
use super::{approve, ask, open};
use std::fs;

#[test]
fn a_gateway_that_went_away_is_said_and_found_again() {
    let sandbox = Sandbox::new();
    let tmux = open(&sandbox, 100, 60);
    tmux.wait_for("Nothing waits for a decision");
    sandbox.kill_gateway();
    tmux.wait_for("the gateway is away");
    let canary = sandbox.canary();
    let command = ask(&sandbox, &canary);
    approve(&tmux, command, &canary);
}

#[test]
fn a_gateway_that_does_not_start_is_said_and_tried_again() {
    let sandbox = Sandbox::new();
    let tmux = open(&sandbox, 80, 24);
    tmux.wait_for("Nothing waits for a decision");
    let [database, aside] =
        ["gateway.db", "aside"].map(|name| sandbox.path("state/airlock-exec/gateway").join(name));
    // The one that runs goes on by its descriptor; the next has no database to open.
    fs::rename(&database, &aside).expect("moved");
    fs::create_dir(&database).expect("in its place");
    sandbox.kill_gateway();
    tmux.wait_for("the local gateway cannot start");
    tmux.wait_for("It is tried again; q ends this.");
    fs::remove_dir(&database).expect("removed");
    fs::rename(&aside, &database).expect("moved back");
    let canary = sandbox.canary();
    let command = ask(&sandbox, &canary);
    approve(&tmux, command, &canary);
}

#[test]
fn a_view_without_a_gateway_ends_at_once() {
    let sandbox = Sandbox::new();
    let tmux = open(&sandbox, 80, 24);
    tmux.wait_for("Nothing waits for a decision");
    let database = sandbox.path("state/airlock-exec/gateway/gateway.db");
    fs::remove_file(&database).expect("removed");
    fs::create_dir(&database).expect("in its place");
    sandbox.kill_gateway();
    tmux.wait_for("It is tried again; q ends this.");
    tmux.key("q");
    eventually("the view to end", || (!tmux.screen().contains("q quit")).then_some(()));
    tmux.line("echo it is \"over\"");
    tmux.wait_for("it is over");
}
