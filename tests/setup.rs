//! Setting up, and finding what does not work.

mod account_support;
mod support;

use account_support::{OwnGateway, settings};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use support::{Refused, Running, Sandbox};

#[test]
fn init_sets_up_a_gateway_keeps_the_rest_and_doctor_finds_what_is_left() {
    let sandbox = Sandbox::new();
    let gateway = OwnGateway::start(&sandbox);
    let config = sandbox.path("config/airlock-exec/config.toml");
    fs::write(&config, "# mine\nworkspace = \"w\"\n").expect("settings");
    let words = ["init", "--gateway", &gateway.url, "--pat-stdin"];
    let init = || {
        let token = gateway.token.as_bytes();
        Running::start_with_input(&mut sandbox.airlock(words), token).finish()
    };
    assert!(init().status.success());
    let once = fs::read_to_string(&config).expect("settings");
    assert!(once.starts_with("# mine\nworkspace = \"w\"\n"), "{once}");
    assert!(init().status.success());
    assert_eq!(fs::read_to_string(&config).expect("settings"), once);
    let unpaired = sandbox.start(["doctor", "--json"]).finish();
    assert_eq!(unpaired.status.code(), Some(1), "{unpaired:?}");
    assert_eq!(bad(&unpaired), ["pairing"]);
    gateway.pair(&sandbox);
    let paired = sandbox.start(["doctor", "--json"]).finish();
    assert_eq!(paired.status.code(), Some(0), "{paired:?}");
    let status = sandbox.start(["status", "--json"]).finish();
    let status: serde_json::Value = serde_json::from_slice(&status.stdout).expect("JSON");
    assert_eq!(status["gateway"], gateway.url.as_str());
    assert_eq!(status["signIn"], "personal access token");
    assert_eq!(status["approvers"].as_array().map(Vec::len), Some(1));
    // The approver of this test lives in the same home.
    assert_eq!(status["protection"], "cooperative");
}

#[test]
fn init_takes_back_what_would_not_work() {
    let sandbox = Sandbox::new();
    let config = sandbox.path("config/airlock-exec/config.toml");
    let before = "mode = \"local\"\n";
    fs::write(&config, before).expect("settings");
    let output = sandbox.start(["init", "--hosted", "--origin", "https://app.example"]).finish();
    Refused::of_subcommand(&output).assert_says(&["gateway.client_id"]);
    assert_eq!(fs::read_to_string(&config).expect("settings"), before);
    let nowhere = sandbox.start(["init"]).finish();
    Refused::of_subcommand(&nowhere).assert_says(&["--local, --hosted or --gateway"]);
}

#[test]
fn doctor_names_what_others_can_read_and_what_does_not_answer() {
    let sandbox = Sandbox::new();
    settings(&sandbox, "http://127.0.0.1:1", "");
    fs::create_dir_all(sandbox.path("state/airlock-exec")).expect("a directory");
    let loose = fs::Permissions::from_mode(0o755);
    fs::set_permissions(sandbox.path("state/airlock-exec"), loose).expect("chmod");
    let output = sandbox.start(["doctor", "--json"]).finish();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(bad(&output), ["files", "gateway", "pairing"]);
    fs::write(sandbox.path("config/airlock-exec/config.toml"), "mdoe = 1\n").expect("settings");
    let output = sandbox.start(["doctor", "--json"]).finish();
    assert_eq!(bad(&output), ["settings", "files"]);
}

/// Returns which checks found something to mend.
fn bad(output: &std::process::Output) -> Vec<String> {
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let findings = report["findings"].as_array().expect("findings").clone();
    let name = |each: &serde_json::Value| each["check"].as_str().expect("a name").to_owned();
    findings.iter().filter(|each| each["state"] == "mend").map(name).collect()
}
