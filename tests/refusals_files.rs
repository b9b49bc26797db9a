//! Files and directories of ours that others could reach: each is refused by name.

mod support;

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use support::{Refused, Sandbox, eventually};

/// What reads a file of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reader {
    /// Every command that asks.
    Command,
    /// A command that starts the gateway.
    Starting,
    /// A command that pairs.
    Pairing,
    /// `approver list`.
    Approver,
    /// What was asked before: open to others it is not read, and a person is asked anew.
    Memory,
    /// Where an approved command is watched: it runs, and what it starts is asked about.
    Running,
    /// What tells the gateway that we are here, after a second: the wait goes on.
    Presence,
    /// A compiled policy: open to others it decides nothing, and the text does.
    Policy,
    /// The database, which opens its files by itself: their directory is what is refused.
    Database,
    /// Where an approver notes what it decided: open to others it gets no line more, and
    /// the decision counts.
    History,
}

/// Everything that lies on disk once a command ran that waited for a while.
const OURS: &[(&str, Reader)] = &[
    ("run/airlock-exec", Reader::Command),
    ("run/airlock-exec/gateway.json", Reader::Command),
    ("run/airlock-exec/gateway.lock", Reader::Command),
    ("run/airlock-exec/running", Reader::Running),
    ("run/airlock-exec/start.lock", Reader::Starting),
    ("state/airlock-exec", Reader::Starting),
    ("state/airlock-exec/approver", Reader::Approver),
    ("state/airlock-exec/approver/history.jsonl", Reader::History),
    ("state/airlock-exec/approver/identity.json", Reader::Approver),
    ("state/airlock-exec/approver/local-access.json", Reader::Approver),
    ("state/airlock-exec/approver/lock", Reader::Pairing),
    ("state/airlock-exec/approver/pairings.json", Reader::Approver),
    ("state/airlock-exec/audit", Reader::Command),
    ("state/airlock-exec/audit/audit.jsonl", Reader::Command),
    ("state/airlock-exec/audit/audit.lock", Reader::Command),
    ("state/airlock-exec/audit/open", Reader::Command),
    ("state/airlock-exec/audit/seen.json", Reader::Command),
    ("state/airlock-exec/enforcer", Reader::Command),
    ("state/airlock-exec/enforcer/asked", Reader::Memory),
    ("state/airlock-exec/enforcer/crowd", Reader::Command),
    ("state/airlock-exec/enforcer/crowd/00", Reader::Command),
    ("state/airlock-exec/enforcer/crowd/asked", Reader::Command),
    ("state/airlock-exec/enforcer/crowd/crowd.lock", Reader::Command),
    ("state/airlock-exec/enforcer/journal", Reader::Command),
    ("state/airlock-exec/enforcer/journal.lock", Reader::Command),
    ("state/airlock-exec/enforcer/local-access.json", Reader::Command),
    ("state/airlock-exec/enforcer/mark.key", Reader::Command),
    ("state/airlock-exec/enforcer/pairing.lock", Reader::Pairing),
    ("state/airlock-exec/enforcer/pairings.json", Reader::Command),
    ("state/airlock-exec/enforcer/pairings.lock", Reader::Pairing),
    ("state/airlock-exec/enforcer/presence.lock", Reader::Presence),
    ("state/airlock-exec/enforcer/seal.head", Reader::Command),
    ("state/airlock-exec/enforcer/seal.key", Reader::Command),
    ("state/airlock-exec/gateway", Reader::Starting),
    ("state/airlock-exec/gateway.log", Reader::Starting),
    ("state/airlock-exec/gateway/gateway.db", Reader::Database),
    ("state/airlock-exec/gateway/gateway.db-shm", Reader::Database),
    ("state/airlock-exec/gateway/gateway.db-wal", Reader::Database),
    ("state/airlock-exec/gateway/gateway.lock", Reader::Database),
    ("state/airlock-exec/gateway/gateway.migrate.lock", Reader::Database),
    ("state/airlock-exec/gateway/port", Reader::Starting),
    ("state/airlock-exec/gateway/session.json", Reader::Starting),
    ("state/airlock-exec/policy", Reader::Policy),
];

fn below(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).expect("listed") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            below(&path, found);
        }
        found.push(path);
    }
}

/// A sandbox in which a command was approved after it waited for so long that all
/// there is was made.
fn used() -> Sandbox {
    let sandbox = Sandbox::new();
    // What tells an approver how a command ended may start the gateway once more, at a
    // time of its own.
    let config = sandbox.path("config/airlock-exec");
    fs::create_dir_all(&config).expect("made");
    fs::write(config.join("config.toml"), "[outcome]\nsend = \"never\"\n").expect("written");
    let first = sandbox.start(["--", "true"]);
    let pending = sandbox.pending();
    let sign = sandbox.path("state/airlock-exec/enforcer/presence.lock");
    eventually("a sign of life", || sign.exists().then_some(()));
    sandbox.approve(&pending);
    assert!(first.finish().status.success());
    // A policy is compiled by the first command that finds it unchanged for a moment.
    let compiled = sandbox.path("state/airlock-exec/policy");
    let again = || {
        let next = sandbox.start(["--wait", "1s", "--", "true"]);
        assert_eq!(next.finish().status.code(), Some(122));
        compiled.exists().then_some(())
    };
    if !compiled.exists() {
        eventually("a compiled policy", again);
    }
    sandbox
}

#[test]
fn only_the_owner_can_reach_anything_of_ours() {
    let sandbox = used();
    let mut found = Vec::new();
    // A policy is no secret: what it must be is in the tests of policies.
    for name in ["run", "state", "data", "cache", "home"] {
        below(&sandbox.path(name), &mut found);
    }
    found.sort();
    // What was asked and a compiled policy are files whose names are digests.
    let digested =
        ["enforcer/asked", "policy"].map(|name| sandbox.path("state/airlock-exec").join(name));
    let (digests, named): (Vec<PathBuf>, Vec<PathBuf>) = found
        .iter()
        .cloned()
        .partition(|path| digested.iter().any(|each| path.parent() == Some(each)));
    assert_eq!(digests.len(), 2, "{digests:?}");
    let mut known: Vec<PathBuf> = OURS.iter().map(|(name, _)| sandbox.path(name)).collect();
    known.sort();
    assert_eq!(named, known, "each file is tried below");
    for path in found {
        let mode = path.metadata().expect("there").permissions().mode() & 0o7777;
        assert_eq!(mode, if path.is_dir() { 0o700 } else { 0o600 }, "{}", path.display());
    }
}

#[test]
fn what_is_open_to_others_is_refused_with_the_chmod_that_mends_it() {
    let sandbox = used();
    let pairings = sandbox.path("state/airlock-exec/enforcer/pairings.json");
    for (name, reader) in OURS {
        println!("{name}");
        let path = sandbox.path(name);
        let set = fs::metadata(&path).expect("there").permissions();
        let (wanted, loose) = if path.is_dir() { ("700", 0o755) } else { ("600", 0o640) };
        let held = fs::read(&pairings).expect("pairings");
        match reader {
            Reader::Starting => sandbox.kill_gateway(),
            Reader::Pairing => fs::remove_file(&pairings).expect("removed"),
            Reader::Database => continue,
            _ => (),
        }
        fs::set_permissions(&path, Permissions::from_mode(loose)).expect("loosened");
        let canary = sandbox.canary();
        if matches!(reader, Reader::Memory | Reader::Policy) {
            let asked = sandbox.start_canary(&canary, "1s").finish();
            assert_eq!(asked.status.code(), Some(122), "{name}: {asked:?}");
            let said = String::from_utf8_lossy(&asked.stderr);
            let told = said.contains("is open to others") && said.contains("chmod 700");
            assert_eq!(told, *reader == Reader::Memory, "{said}");
            canary.assert_absent();
            fs::set_permissions(&path, set).expect("mended");
            continue;
        }
        if matches!(reader, Reader::Running | Reader::Presence) {
            let (asked, mode) = (sandbox.start_canary(&canary, "60s"), format!("chmod {wanted}"));
            let pending = sandbox.pending();
            if *reader == Reader::Presence {
                asked.wait_for_stderr("the gateway is not told that we are here");
            }
            sandbox.approve(&pending);
            let output = asked.finish();
            assert!(output.status.success(), "{output:?}");
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(said.contains("is open to others") && said.contains(&mode), "{said}");
            fs::set_permissions(&path, set).expect("mended");
            continue;
        }
        if *reader == Reader::History {
            let noted = fs::read(&path).expect("a history");
            let asked = sandbox.start_canary(&canary, "60s");
            sandbox.approve(&sandbox.pending());
            let output = asked.finish();
            assert!(output.status.success(), "{output:?}");
            assert_eq!(fs::read(&path).expect("a history"), noted, "no line more");
            fs::set_permissions(&path, set).expect("mended");
            continue;
        }
        let refused = match reader {
            Reader::Approver => {
                let output = sandbox.start(["approver", "list"]).finish();
                assert_eq!(output.status.code(), Some(125), "{name}: {output:?}");
                Refused::of_subcommand(&output)
            }
            _ => Refused::with_status(&sandbox.start_canary(&canary, "1s").finish(), 125),
        };
        let path_text = path.to_str().expect("UTF-8");
        refused.assert_says(&[&format!("{path_text} is open to others (mode {loose:04o})")]);
        refused.assert_says(&[&format!("chmod {wanted} {path_text}")]);
        canary.assert_absent();
        fs::set_permissions(&path, set).expect("mended");
        fs::write(&pairings, held).expect("restored");
        fs::set_permissions(&pairings, Permissions::from_mode(0o600)).expect("mended");
        let mended = sandbox.start(["approver", "list"]).finish();
        assert!(mended.status.success(), "{name}: {mended:?}");
    }
    sandbox.warm_up();
}
