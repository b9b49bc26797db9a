//! Where secrets are kept: sign-ins in the keyring of a desktop, which is a real Secret
//! Service without the desktop, and the secret of an app.

use super::account_support::{Front, OwnGateway, Reply, settings};
use super::signed_in;
use super::support::{BINARY, Refused, Running, Sandbox};
use std::fs;
use std::process::{Command, Output};

/// Runs a script with a session bus and an unlocked keyring of its own; `airlock-exec`
/// is on the path there.
fn in_desktop(sandbox: &Sandbox, script: &str) -> Output {
    std::os::unix::fs::symlink(BINARY, sandbox.path("bin/airlock-exec")).expect("linked");
    let unlock = "echo pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1";
    let mut command: Command = sandbox.program("dbus-run-session");
    command.args(["--", "sh", "-euc", &format!("{unlock}\n{script}")]);
    Running::start(&mut command).finish()
}

/// Starts a gateway that the settings name, and puts its token into a file.
fn gateway_with_token(sandbox: &Sandbox) -> OwnGateway {
    let gateway = OwnGateway::start(sandbox);
    settings(sandbox, &gateway.url, "");
    fs::write(sandbox.path("work/token"), &gateway.token).expect("written");
    gateway
}

/// Returns everything that lies in the files of ours.
fn on_disk(sandbox: &Sandbox) -> String {
    let listed = fs::read_dir(sandbox.path("state/airlock-exec/account")).expect("listed");
    let texts = listed.map(|entry| fs::read(entry.expect("an entry").path()).expect("readable"));
    texts.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).collect()
}

#[test]
fn a_sign_in_in_the_keyring_is_in_no_file_and_moves_back() {
    let sandbox = Sandbox::new();
    let gateway = gateway_with_token(&sandbox);
    let output = in_desktop(
        &sandbox,
        "airlock-exec config set credentials.store keyring >/dev/null
         airlock-exec sign-in --pat < token
         cat $XDG_STATE_HOME/airlock-exec/account/account-*
         airlock-exec status
         env -u DBUS_SESSION_BUS_ADDRESS airlock-exec --wait 2s -- date || echo locked $?
         airlock-exec --wait 2s -- date || echo in $?
         airlock-exec config set credentials.store file >/dev/null
         airlock-exec sign-in --pat < token
         secret-tool search --all service airlock-exec 2>&1 | grep -c name || echo empty
         airlock-exec sign-out",
    );
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}{error}");
    assert!(!format!("{said}{error}").contains(&gateway.token), "{said}{error}");
    assert!(said.contains("\"keptIn\": \"keyring\""), "{said}");
    assert!(said.contains("personal access token in the keyring"), "{said}");
    assert!(
        said.contains("locked 125") && error.contains("the keyring does not answer"),
        "{error}"
    );
    assert!(error.contains("credentials.store file"), "{error}");
    // Signed in, and nobody is paired.
    assert!(said.contains("in 124") && error.contains("no approver is paired"), "{error}");
    assert!(said.contains("empty"), "{said}");
    assert!(!on_disk(&sandbox).contains(&gateway.token));
}

#[test]
fn a_first_sign_in_on_a_desktop_goes_into_its_keyring_and_another_stays_in_its_file() {
    let sandbox = Sandbox::new();
    let _gateway = gateway_with_token(&sandbox);
    let output = in_desktop(
        &sandbox,
        "airlock-exec sign-in --pat < token
         export DISPLAY=:99
         airlock-exec sign-in --pat < token
         airlock-exec sign-out
         airlock-exec sign-in --pat < token
         airlock-exec status
         airlock-exec sign-out
         DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent airlock-exec sign-in --pat < token",
    );
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{output:?}");
    let places: Vec<&str> =
        said.lines().filter_map(|line| line.split_once(", kept ")).map(|(_, kept)| kept).collect();
    let (file, keyring) = ("in a file that only you can read", "in the keyring of the desktop");
    assert_eq!(places, [file, file, keyring, file], "{said}");
    assert!(said.contains("personal access token in the keyring"), "{said}");
}

#[test]
fn signing_out_forgets_what_the_keyring_holds() {
    let sandbox = Sandbox::new();
    let _gateway = gateway_with_token(&sandbox);
    let output = in_desktop(
        &sandbox,
        "airlock-exec config set credentials.store keyring >/dev/null
         airlock-exec sign-in --pat < token
         airlock-exec sign-out
         secret-tool search --all service airlock-exec 2>&1 | grep -c name || echo empty",
    );
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && said.contains("empty"), "{output:?}");
    Refused::with_status(&sandbox.start(["--wait", "1s", "--", "date"]).finish(), 124)
        .assert_says(&["not signed in"]);
}

#[test]
fn without_a_keyring_nobody_is_signed_in() {
    let sandbox = Sandbox::new();
    let gateway = OwnGateway::start(&sandbox);
    settings(&sandbox, &gateway.url, "");
    let set = ["config", "set", "credentials.store", "keyring"];
    assert!(sandbox.start(set).finish().status.success());
    let output = super::sign_in_with(&sandbox, &gateway.token);
    assert_eq!(output.status.code(), Some(125), "{output:?}");
    Refused::of_subcommand(&output).assert_says(&["the keyring does not answer"]);
    assert!(!on_disk(&sandbox).contains(&gateway.token));
}

#[test]
fn the_secret_of_an_app_is_read_from_a_pipe_alone() {
    let sandbox = Sandbox::new();
    let gateway = OwnGateway::start(&sandbox);
    let front = Front::before(&gateway.url, None, |_| Reply::Pass);
    settings(&sandbox, &front.url, "");
    let words = ["config", "set", "gateway.client_secret", "s3cr3t-value"];
    let output = sandbox.start(words).finish();
    Refused::of_subcommand(&output).assert_says(&["others can read it"]);
    let mut command = sandbox.airlock(&words[..3]);
    let output = Running::start_with_input(&mut command, b"s3cr3t-value\n").finish();
    assert!(output.status.success(), "{output:?}");
    assert!(!String::from_utf8_lossy(&output.stdout).contains("s3cr3t-value"));
    signed_in(&sandbox, &gateway.token);
    let calls = front.calls("/v1/consents/check");
    assert_eq!(calls[0].header("x-client-secret"), Some("s3cr3t-value"));
}
