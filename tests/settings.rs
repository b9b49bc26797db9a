//! Settings as a user meets them: shown, changed, refused.

mod support;

use serde_json::Value;
use std::fs;
use support::{Refused, Running, Sandbox};

fn shown(sandbox: &Sandbox) -> Value {
    let output = sandbox.start(["config", "show", "--json"]).finish();
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn setting(sandbox: &Sandbox, name: &str) -> Value {
    let shown = shown(sandbox);
    let all = shown["settings"].as_array().expect("settings").clone();
    all.into_iter().find(|each| each["name"] == name).expect("a setting")
}

fn config(sandbox: &Sandbox, text: &str) {
    fs::write(sandbox.path("config/airlock-exec/config.toml"), text).expect("settings");
}

#[test]
fn what_is_set_is_shown_with_the_line_it_stands_in() {
    let sandbox = Sandbox::new();
    assert_eq!(setting(&sandbox, "mode")["layer"], "built in");
    let set = sandbox.start(["config", "set", "gateway.client_id", "my-app"]).finish();
    assert!(set.status.success(), "{set:?}");
    let found = setting(&sandbox, "gateway.client_id");
    let file = sandbox.path("config/airlock-exec/config.toml");
    assert_eq!(found["value"], "my-app");
    assert_eq!(found["source"], format!("{}:2", file.display()));
    let unset = sandbox.start(["config", "unset", "gateway.client_id"]).finish();
    assert!(unset.status.success(), "{unset:?}");
    assert!(setting(&sandbox, "gateway.client_id")["value"].is_null());
    let paths = sandbox.start(["config", "path"]).finish();
    assert!(String::from_utf8_lossy(&paths.stdout).contains(&file.display().to_string()));
}

#[test]
fn a_command_waits_no_longer_than_the_environment_says() {
    let sandbox = Sandbox::new();
    let canary = sandbox.canary();
    let mut command = sandbox.airlock(canary.arguments());
    let output = Running::start(command.env("AIRLOCK_EXEC_TIMEOUTS_WAIT", "1s")).finish();
    Refused::with_status(&output, 122).assert_says(&["one second"]);
    canary.assert_absent();
}

#[test]
fn settings_that_cannot_be_used_run_nothing() {
    for (text, words) in [
        ("mdoe = \"local\"\n", &["config.toml:1:1:", "did you mean `mode`?"][..]),
        ("[gateway]\nurl = 7\n", &["config.toml:2:7:", "write a string"]),
        ("mode = \"hosted\"\ngateway.url = \"https://example.org\"\n", &["contradict each other"]),
        ("mode = \"hostd\"\n", &["config.toml:1:8:", "did you mean \"hosted\"?"]),
        ("client_id = \"x\"\n", &["config.toml:1:1:", "did you mean `gateway.client_id`?"]),
        ("mode = \"own\"\n", &["`gateway.url` is not set"]),
        ("mode = \"own\"\ngateway.url = \"http://example.org\"\n", &["plain http is for loopback"]),
    ] {
        let sandbox = Sandbox::new();
        let canary = sandbox.canary();
        config(&sandbox, text);
        let output = sandbox.start(canary.arguments()).finish();
        Refused::with_status(&output, 125).assert_says(words);
        canary.assert_absent();
    }
}

#[test]
fn an_environment_that_chooses_the_gateway_runs_nothing() {
    for name in ["AIRLOCK_EXEC_MODE", "AIRLOCK_EXEC_GATEWAY_URL", "AIRLOCK_EXEC_TRUST_GATEWAY_DND"]
    {
        let sandbox = Sandbox::new();
        let canary = sandbox.canary();
        let mut command = sandbox.airlock(canary.arguments());
        let output = Running::start(command.env(name, "local")).finish();
        Refused::with_status(&output, 125).assert_says(&[name, "never comes from the environment"]);
        canary.assert_absent();
    }
}

#[test]
fn a_project_that_chooses_the_gateway_runs_nothing() {
    let sandbox = Sandbox::new();
    let canary = sandbox.canary();
    fs::create_dir(sandbox.work().join(".airlock")).expect("a directory");
    fs::write(sandbox.work().join(".airlock/config.toml"), "mode = \"local\"\n").expect("settings");
    let output = sandbox.start(canary.arguments()).finish();
    Refused::with_status(&output, 125).assert_says(&["never comes from the project"]);
    canary.assert_absent();
}

#[test]
fn a_command_that_policy_allows_reads_no_settings() {
    let sandbox = Sandbox::new();
    sandbox.policy("[[rule]]\nargv = [\"true\"]\ndecision = \"allow\"\n");
    config(&sandbox, "this is no TOML");
    let output = sandbox.start(["--", "true"]).finish();
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn the_secret_of_an_app_is_refused_in_the_file_and_not_repeated() {
    let sandbox = Sandbox::new();
    config(&sandbox, "[gateway]\nclient_secret = \"s3cr3t-value\"\n");
    let output = sandbox.start(["config", "show"]).finish();
    Refused::of_subcommand(&output).assert_says(&["config.toml:2:1:", "a secret does not belong"]);
    assert!(!String::from_utf8_lossy(&output.stderr).contains("s3cr3t-value"));
}
