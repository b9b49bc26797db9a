//! Asking nothing for a while.

use super::open;
use super::support::{Canary, Running, Sandbox, eventually};

#[test]
fn a_session_asks_nothing_after_two_keys_and_its_workspace_after_one_more() {
    let sandbox = Sandbox::new();
    // Each asks for something else: a rejection is remembered.
    let of_session = |session: Option<&str>| {
        let canary = sandbox.canary();
        let mut command = sandbox.airlock(canary.arguments());
        command.envs(session.map(|session| ("AIRLOCK_EXEC_SESSION", session)));
        (Running::start(&mut command), canary)
    };
    let status = |(command, canary): (Running, Canary)| {
        let status = command.finish().status.code();
        canary.assert_absent();
        status
    };
    let stopped = of_session(Some("ses-1"));
    let tmux = open(&sandbox, 60, 20);
    tmux.wait_for("┌─ request ");
    tmux.key("S");
    tmux.wait_for("S  rejects all 1 of its session");
    tmux.key("S");
    tmux.wait_for("the session is denied for 15 min");
    assert_eq!(status(stopped), Some(120));
    // What comes next of it is denied without asking; somebody else's is asked about.
    assert_eq!(status(of_session(Some("ses-1"))), Some(121));
    let other = of_session(None);
    tmux.wait_for("┌─ request ");
    tmux.key("S");
    tmux.wait_for("S  rejects all 1 of its workspace");
    tmux.key("q");
    eventually("the question to go", || (!tmux.screen().contains("no session")).then_some(()));
    sandbox.reject(&sandbox.pending(), "no");
    assert_eq!(status(other), Some(120));
    tmux.wait_for("Nothing waits");
    let wide = of_session(Some("ses-2"));
    tmux.wait_for("┌─ request ");
    tmux.key("S");
    tmux.wait_for("W  rejects all 1 of its workspace");
    tmux.key("W");
    tmux.wait_for("the workspace is denied for 15 min");
    assert_eq!(status(wide), Some(120));
    assert_eq!(status(of_session(None)), Some(121));
}
