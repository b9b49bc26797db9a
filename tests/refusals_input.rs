//! What makes no sense, and a world in which nothing can be asked: one clear error each.

mod support;

use nix::unistd::Uid;
use std::ffi::OsStr;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use support::{BINARY, Canary, Refused, Running, Sandbox};

#[test]
fn a_command_line_that_makes_no_sense_says_how_one_does() {
    let sandbox = Sandbox::new();
    let canary = sandbox.canary();
    let [_, program, file] = canary.arguments();
    let (program, file) = (program.to_str().expect("UTF-8"), file.to_str().expect("UTF-8"));
    let cases: [(&[&str], &str); 6] = [
        (&[], "airlock-exec -- git push"),
        (&["--"], "airlock-exec -- git push"),
        (&["--frobnicate", "--", program, file], "--frobnicate"),
        (&[program, file], "airlock-exec -- COMMAND"),
        (&["--wait", "soon", "--", program, file], "90s, 10m, 1h"),
        (&["--wait", "0", "--", program, file], "between one second and one day"),
    ];
    for (arguments, words) in cases {
        let output = sandbox.start(arguments).finish();
        assert_eq!(output.status.code(), Some(125), "{arguments:?}: {output:?}");
        assert!(output.stdout.is_empty(), "{arguments:?}: {output:?}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains(words), "{arguments:?}: {words:?} is not in: {said}");
    }
    canary.assert_absent();
}

#[test]
fn a_slip_of_the_pen_is_told_what_was_meant() {
    let sandbox = Sandbox::new();
    let cases: [(&[&str], &[&str]); 7] = [
        (
            &["sgn-in"],
            &["unrecognized subcommand 'sgn-in'", "'sign-in'", "airlock-exec -- COMMAND"],
        ),
        (&["--wait", "9s", "polcy"], &["'policy'"]),
        (&["sign"], &["'sign-in'", "'sign-out'"]),
        (&["approver", "lst"], &["'list'"]),
        (&["approver", "list", "--jsn"], &["'--json'"]),
        (&["--wiat", "9s", "--", "true"], &["'--wait'"]),
        (&["config", "set", "gateway.ulr", "x"], &["gateway.url"]),
    ];
    for (arguments, words) in cases {
        let output = sandbox.start(arguments).finish();
        assert_eq!(output.status.code(), Some(125), "{arguments:?}: {output:?}");
        let said = String::from_utf8_lossy(&output.stderr);
        for word in words {
            assert!(said.contains(word), "{arguments:?}: {word:?} is not in: {said}");
        }
    }
    let output = sandbox.start(["git", "push"]).finish();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!said.contains("similar") && said.contains("airlock-exec -- COMMAND"), "{said}");
    let output = sandbox.start(["approver", "lst"]).finish();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!said.contains("two dashes"), "there is a subcommand: {said}");
}

#[test]
fn a_program_that_cannot_run_is_told_as_a_shell_tells_it() {
    let sandbox = Sandbox::new();
    let plain = sandbox.path("bin/plain");
    fs::write(&plain, "#!/bin/sh\n").expect("written");
    let below_a_file = plain.join("tool");
    let cases: [(&str, i32, &str, &str); 7] = [
        ("frobnicate", 127, "frobnicate: command not found", "PATH"),
        ("./frobnicate", 127, "./frobnicate: command not found", "spelling"),
        ("", 127, "'': command not found", "spelling"),
        ("plain", 126, "permission denied", "ls -ld"),
        (plain.to_str().expect("UTF-8"), 126, "permission denied", "ls -ld"),
        ("/etc", 126, "/etc: is a directory", "ls -ld"),
        (below_a_file.to_str().expect("UTF-8"), 126, "not a directory", "ls -ld"),
    ];
    for (program, status, what, next) in cases {
        let output = sandbox.start(["--", program, "argument"]).finish();
        let refused = Refused::with_status(&output, status);
        assert!(refused.what.contains(what), "{program:?}: {refused:?}");
        assert!(refused.next.contains(next), "{program:?}: {refused:?}");
    }
    assert!(!sandbox.path("state/airlock-exec").exists(), "nobody was to be asked");
}

#[test]
fn a_directory_that_vanished_loses_only_what_lay_in_it() {
    let sandbox = Sandbox::new();
    sandbox.script("tool", "exit 0");
    let mut command = sandbox.program("sh");
    let script = "mkdir gone && cd gone && rmdir ../gone && exec \"$@\"";
    command.args(["-c", script, "sh", BINARY, "--", "./tool"]);
    let refused = Refused::with_status(&Running::start(&mut command).finish(), 127);
    refused.assert_says(&["./tool: command not found"]);
}

/// `airlock-exec -- touch CANARY` with a HOME and no XDG variables.
fn with_home(sandbox: &Sandbox, home: Option<&OsStr>, canary: &Canary) -> Command {
    let mut command = sandbox.airlock(canary.arguments());
    for name in ["CONFIG_HOME", "DATA_HOME", "STATE_HOME", "CACHE_HOME", "RUNTIME_DIR"] {
        command.env_remove(format!("XDG_{name}"));
    }
    match home {
        Some(home) => command.env("HOME", home),
        None => command.env_remove("HOME"),
    };
    command
}

#[test]
fn a_home_that_is_none_is_named_with_what_to_set() {
    let sandbox = Sandbox::new();
    let canary = sandbox.canary();
    let file = sandbox.path("home/file");
    fs::write(&file, "").expect("written");
    let file = file.as_os_str();
    let name = file.to_str().expect("UTF-8");
    let cases: [(Option<&OsStr>, &[&str]); 5] = [
        (None, &["HOME is not set to an absolute path", "set HOME to"]),
        (Some(OsStr::new("")), &["HOME is not set to an absolute path", "set HOME to"]),
        (Some(OsStr::new("home")), &["HOME is not set to an absolute path", "set HOME to"]),
        (Some(file), &["cannot create", name, "Not a directory", "set HOME"]),
        (Some(OsStr::new("/proc")), &["cannot create /proc/.local", "set HOME"]),
    ];
    for (home, words) in cases {
        let output = Running::start(&mut with_home(&sandbox, home, &canary)).finish();
        Refused::with_status(&output, 125).assert_says(words);
    }
    canary.assert_absent();
}

#[test]
#[expect(clippy::disallowed_methods, reason = "tests start programs")]
fn a_home_that_cannot_be_written_is_named() {
    let sandbox = Sandbox::new();
    let canary = sandbox.canary();
    let home = sandbox.path("home");
    fs::set_permissions(&home, Permissions::from_mode(0o500)).expect("made read-only");
    let ours = with_home(&sandbox, Some(home.as_os_str()), &canary);
    let mut command = ours;
    if Uid::effective().is_root() {
        // Modes do not bind root, unless it gives the capability up.
        let mut bound = Command::new("setpriv");
        bound.args(["--bounding-set", "-all", "--inh-caps", "-all", "--", BINARY]);
        bound.args(command.get_args()).env_clear().current_dir(sandbox.work());
        bound.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command = bound;
    }
    let output = Running::start(&mut command).finish();
    let refused = Refused::with_status(&output, 125);
    refused.assert_says(&["cannot create", home.to_str().expect("UTF-8"), "Permission denied"]);
    refused.assert_says(&["writable for you", "HOME"]);
    canary.assert_absent();
}

#[test]
fn a_database_that_is_none_is_named_and_left_alone() {
    let sandbox = Sandbox::new();
    sandbox.warm_up();
    sandbox.kill_gateway();
    let database = sandbox.path("state/airlock-exec/gateway/gateway.db");
    for name in ["gateway.db-wal", "gateway.db-shm"] {
        let _ = fs::remove_file(database.with_file_name(name));
    }
    let garbage = "not a database, whatever it is ".repeat(200);
    fs::write(&database, &garbage).expect("written");
    let canary = sandbox.canary();
    let output = sandbox.start(canary.arguments()).finish();
    let refused = Refused::with_status(&output, 125);
    let name = database.to_str().expect("UTF-8");
    refused.assert_says(&["the local gateway cannot start", name, "is not a readable"]);
    refused.assert_says(&[&format!("move {name} away")]);
    assert_eq!(fs::read_to_string(&database).expect("there"), garbage, "nothing was lost");
    canary.assert_absent();
    // What the hint says mends it: another gateway, another pairing, another decision.
    fs::remove_file(&database).expect("moved away");
    sandbox.warm_up();
}

#[test]
fn a_token_that_was_lost_is_named_with_what_mends_it() {
    let sandbox = Sandbox::new();
    sandbox.warm_up();
    let access = sandbox.path("state/airlock-exec/enforcer/local-access.json");
    fs::remove_file(&access).expect("removed");
    let canary = sandbox.canary();
    let gateway = sandbox.path("state/airlock-exec/gateway");
    let mend = format!("mv {} ", gateway.display());
    for kill in [format!("kill {}; ", sandbox.gateway_pid()), String::new()] {
        let refused = Refused::with_status(&sandbox.start(canary.arguments()).finish(), 125);
        refused.assert_says(&["no longer in", access.to_str().expect("UTF-8"), &kill, &mend]);
        // What the hint says, the first half.
        if !kill.is_empty() {
            sandbox.kill_gateway();
        }
    }
    canary.assert_absent();
    fs::rename(&gateway, gateway.with_extension("old")).expect("moved");
    sandbox.warm_up();
}

#[test]
fn pairings_that_cannot_be_read_are_no_reason_to_run() {
    let sandbox = Sandbox::new();
    sandbox.warm_up();
    let path = sandbox.path("state/airlock-exec/enforcer/pairings.json");
    let sound = fs::read_to_string(&path).expect("pairings");
    let later = sound.replacen("\"version\": 1", "\"version\": 2", 1);
    assert_ne!(later, sound);
    let cases: [(&str, &[&str]); 3] = [
        ("", &["is damaged", "pair again"]),
        (&sound[..sound.len() / 2], &["is damaged", "pair again"]),
        (&later, &["has version 2", "install the newer airlock-exec"]),
    ];
    for (content, words) in cases {
        fs::write(&path, content).expect("written");
        let canary = sandbox.canary();
        let refused = Refused::with_status(&sandbox.start(canary.arguments()).finish(), 125);
        refused.assert_says(&[path.to_str().expect("UTF-8")]);
        refused.assert_says(words);
        assert_eq!(fs::read_to_string(&path).expect("there"), content, "nothing was lost");
        canary.assert_absent();
    }
    fs::write(&path, sound).expect("restored");
    sandbox.warm_up();
}

#[test]
fn pairings_that_cannot_be_read_while_somebody_is_asked_end_the_question() {
    let sandbox = Sandbox::new();
    sandbox.warm_up();
    let path = sandbox.path("state/airlock-exec/enforcer/pairings.json");
    let sound = fs::read_to_string(&path).expect("pairings");
    for content in ["", &sound[..sound.len() / 2]] {
        let canary = sandbox.canary();
        let running = sandbox.start_canary(&canary, "60s");
        sandbox.pending();
        fs::write(&path, content).expect("written");
        let refused = Refused::with_status(&running.finish(), 125);
        refused.assert_says(&["is damaged", "pair again"]);
        canary.assert_absent();
        assert!(sandbox.pending_now().is_empty(), "nobody decides what cannot run");
        fs::write(&path, &sound).expect("restored");
    }
}

#[test]
fn the_answer_never_holds_a_raw_byte_of_the_command() {
    let sandbox = Sandbox::new();
    let program = Path::new("/tmp/\u{1b}[2J\u{202e}\r\nairlock-exec: approved");
    let output = sandbox.start([OsStr::new("--"), program.as_os_str()]).finish();
    let refused = Refused::with_status(&output, 127);
    assert!(!refused.what.contains(['\u{1b}', '\u{202e}', '\r']), "{refused:?}");
    assert_eq!(String::from_utf8_lossy(&output.stderr).lines().count(), 2, "{output:?}");
}
