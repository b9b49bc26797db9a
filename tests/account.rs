//! Signing in at a gateway of one's own, and what commands do there.

mod account_support;
#[path = "account/calls.rs"]
mod calls;
#[path = "account/secrets.rs"]
mod secrets;
mod support;
#[path = "account/tls.rs"]
mod tls;

use account_support::{
    Authority, Flaw, Front, OpenIdProvider, OwnGateway, Reply, federated, settings, sign_in_of,
};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use support::{Refused, Running, Sandbox, eventually};

fn sign_in_with(sandbox: &Sandbox, token: &str) -> std::process::Output {
    Running::start_with_input(&mut sandbox.airlock(["sign-in", "--pat"]), token.as_bytes()).finish()
}

fn signed_in(sandbox: &Sandbox, token: &str) {
    let output = sign_in_with(sandbox, token);
    assert!(output.status.success(), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("signed in at "));
}

/// Runs a command that must be refused, and says how.
fn refused(sandbox: &Sandbox, status: i32) -> Refused {
    let canary = sandbox.canary();
    let output = sandbox.start_canary(&canary, "20s").finish();
    let refused = Refused::with_status(&output, status);
    canary.assert_absent();
    refused
}

#[test]
fn a_command_runs_when_an_approver_at_our_own_gateway_says_so() {
    let sandbox = Sandbox::new();
    let gateway = OwnGateway::start(&sandbox);
    settings(&sandbox, &gateway.url, "workspace = \"w\"");
    refused(&sandbox, 124).assert_says(&["not signed in at", "airlock-exec sign-in"]);
    signed_in(&sandbox, &gateway.token);
    refused(&sandbox, 124).assert_says(&["no approver is paired"]);
    gateway.pair(&sandbox);
    let canary = sandbox.canary();
    let running = sandbox.start_canary(&canary, "30s");
    gateway.approve(&sandbox);
    let output = running.finish();
    assert!(output.status.success(), "{output:?}");
    canary.assert_present();
    let out = sandbox.start(["sign-out"]).finish();
    assert!(out.status.success(), "{out:?}");
    refused(&sandbox, 124).assert_says(&["not signed in at"]);
}

#[test]
fn a_token_that_the_gateway_does_not_take_is_not_kept() {
    let sandbox = Sandbox::new();
    let gateway = OwnGateway::start(&sandbox);
    settings(&sandbox, &gateway.url, "");
    let cut = &gateway.token[..gateway.token.len() - 3];
    let output = sign_in_with(&sandbox, cut);
    Refused::of_subcommand(&output).assert_says(&["401"]);
    assert_eq!(output.status.code(), Some(124));
    assert!(!String::from_utf8_lossy(&output.stderr).contains(cut));
    refused(&sandbox, 124).assert_says(&["not signed in at"]);
}

#[test]
fn what_is_no_token_is_refused_without_asking_anybody() {
    let sandbox = Sandbox::new();
    settings(&sandbox, "http://127.0.0.1:1", "");
    for (text, words) in [
        ("", "no token was given"),
        (" \n\n", "no token was given"),
        ("two words", "characters other than visible ASCII"),
        ("line\nline", "characters other than visible ASCII"),
        ("tok\u{202e}en", "characters other than visible ASCII"),
    ] {
        let output = sign_in_with(&sandbox, text);
        assert_eq!(output.status.code(), Some(125), "{text:?}");
        Refused::of_subcommand(&output).assert_says(&[words]);
    }
}

#[test]
fn a_credential_that_others_can_read_is_not_used() {
    let sandbox = Sandbox::new();
    let gateway = OwnGateway::start(&sandbox);
    settings(&sandbox, &gateway.url, "");
    signed_in(&sandbox, &gateway.token);
    let file = sign_in_of(&sandbox).expect("a credential");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("chmod");
    refused(&sandbox, 125).assert_says(&["is open to others", "chmod 600"]);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("chmod");
    fs::write(&file, "{\"version\":1,\"gateway\":").expect("written");
    refused(&sandbox, 125).assert_says(&["is damaged"]);
}

#[test]
fn the_app_and_the_user_are_in_the_headers_of_every_call() {
    let sandbox = Sandbox::new();
    let gateway = OwnGateway::start(&sandbox);
    let front = Front::before(&gateway.url, None, |_| Reply::Pass);
    let text = format!(
        "mode = \"own\"\n[gateway]\nurl = \"{}\"\nclient_id = \"app-1\"\norigin = \"https://app.example\"\n",
        front.url
    );
    fs::write(sandbox.path("config/airlock-exec/config.toml"), text).expect("settings");
    signed_in(&sandbox, &gateway.token);
    let calls = front.calls("/v1/consents/check");
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].header("x-client-id"), Some("app-1"));
    assert_eq!(calls[0].header("origin"), Some("https://app.example"));
    assert_eq!(calls[0].header("x-pat"), Some(&gateway.token[..]));
    assert_eq!(calls[0].header("authorization"), None);
}

#[test]
fn a_certificate_of_a_private_authority_counts_where_it_is_named() {
    let sandbox = Sandbox::new();
    let gateway = OwnGateway::start(&sandbox);
    let authority = Authority::new();
    let front = Front::before(&gateway.url, Some(authority.server(Flaw::None)), |_| Reply::Pass);
    settings(&sandbox, &front.url, "");
    let unknown = sign_in_with(&sandbox, &gateway.token);
    assert_eq!(unknown.status.code(), Some(124));
    let words = ["CN=Our Gateway", "CN=Example Company CA", "UnknownIssuer", "gateway.tls_roots"];
    Refused::of_subcommand(&unknown).assert_says(&words);
    assert!(front.calls("").is_empty(), "nothing was sent");
    let ca = sandbox.path("ca.pem");
    authority.write(&ca);
    let set = ["config", "set", "gateway.tls_roots", ca.to_str().expect("UTF-8")];
    assert!(sandbox.start(set).finish().status.success());
    signed_in(&sandbox, &gateway.token);
}

#[test]
fn a_bad_certificate_ends_a_command_at_once() {
    for (flaw, word) in [(Flaw::Expired, "xpired"), (Flaw::OtherHost, "127.0.0.1")] {
        let sandbox = Sandbox::new();
        let gateway = OwnGateway::start(&sandbox);
        settings(&sandbox, &gateway.url, "");
        signed_in(&sandbox, &gateway.token);
        gateway.pair(&sandbox);
        let authority = Authority::new();
        let ca = sandbox.path("ca.pem");
        authority.write(&ca);
        let front = Front::before(&gateway.url, Some(authority.server(flaw)), |_| Reply::Pass);
        move_account(&sandbox, &gateway.url, &front.url);
        let text = format!(
            "mode = \"own\"\n[gateway]\nurl = \"{}\"\ntls_roots = \"{}\"\n",
            front.url,
            ca.display()
        );
        fs::write(sandbox.path("config/airlock-exec/config.toml"), text).expect("settings");
        let said = refused(&sandbox, 124);
        said.assert_says(&["certificate", "CN=Our Gateway", "CN=Example Company CA", word]);
        assert!(front.calls("").is_empty(), "{flaw:?}: nothing was sent");
        tls::assert_written_down(&sandbox);
    }
}

/// Makes what was kept for one address hold for another, as if it had moved there.
fn move_account(sandbox: &Sandbox, from: &str, to: &str) {
    let (from, to) = (format!("{from}/"), format!("{to}/"));
    let name = |url: &str| {
        let digest = airlock_exec::crypto::Sha256Digest::of(url.as_bytes()).to_string();
        sandbox.path(format!("state/airlock-exec/account/account-{}.json", &digest[..16]))
    };
    let text = fs::read_to_string(name(&from)).expect("a credential").replace(&from, &to);
    fs::write(name(&to), text).expect("written");
    fs::set_permissions(name(&to), fs::Permissions::from_mode(0o600)).expect("chmod");
    let pairings = sandbox.path("state/airlock-exec/enforcer/pairings.json");
    let text = fs::read_to_string(&pairings).expect("pairings").replace(&from, &to);
    fs::write(&pairings, text).expect("written");
}

fn code(running: &Running) -> String {
    eventually("a code", || {
        let said = running.stdout();
        said.lines()
            .find_map(|line| line.strip_prefix("and enter:").map(|code| code.trim().to_owned()))
    })
}

/// A gateway of one's own that leaves the sign-in to a provider, and settings that name it.
fn with_provider(sandbox: &Sandbox) -> (OwnGateway, Arc<OpenIdProvider>, Front) {
    let gateway = OwnGateway::start(sandbox);
    let provider = Arc::new(OpenIdProvider::start());
    let front = federated(&gateway, &provider, &provider.issuer);
    settings(sandbox, &front.url, "");
    (gateway, provider, front)
}

fn in_browser(sandbox: &Sandbox, provider: &OpenIdProvider, action: &str) -> std::process::Output {
    let running = sandbox.start(["sign-in"]);
    let (status, body) = provider.play(action, &code(&running));
    assert_eq!(status, 200, "{body}");
    running.finish()
}

#[test]
fn a_sign_in_in_the_browser_is_renewed_once_and_revoked_at_the_end() {
    let sandbox = Sandbox::new();
    let (gateway, provider, _front) = with_provider(&sandbox);
    let output = in_browser(&sandbox, &provider, "approve");
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("/device") && said.contains("signed in at"), "{said}");
    assert_eq!(provider.count("device"), 1);
    // The access token is no longer taken: it is renewed, and nobody notices.
    provider.play("forget-access", "");
    gateway.pair(&sandbox);
    assert_eq!(provider.count("refresh"), 1);
    provider.play("forget-access", "");
    let canary = sandbox.canary();
    let running = sandbox.start_canary(&canary, "30s");
    gateway.approve(&sandbox);
    assert!(running.finish().status.success());
    canary.assert_present();
    assert_eq!(provider.count("refresh"), 2);
    let out = sandbox.start(["sign-out"]).finish();
    assert!(String::from_utf8_lossy(&out.stdout).contains("revoked"), "{out:?}");
    assert_eq!(provider.count("revoked"), 2);
    refused(&sandbox, 124).assert_says(&["not signed in at"]);
}

#[test]
fn twenty_processes_renew_one_token_once() {
    let sandbox = Sandbox::new();
    let (gateway, provider, _front) = with_provider(&sandbox);
    assert!(in_browser(&sandbox, &provider, "approve").status.success());
    gateway.pair(&sandbox);
    provider.play("forget-access", "");
    let all: Vec<_> = (0..20).map(|_| sandbox.start(["--wait", "2s", "--", "true"])).collect();
    for each in all {
        // Nobody decides; but each was let in.
        Refused::with_status(&each.finish(), 122);
    }
    assert_eq!(provider.count("refresh"), 1);
}

#[test]
fn a_sign_in_that_cannot_be_renewed_says_to_sign_in_again() {
    let sandbox = Sandbox::new();
    let (gateway, provider, front) = with_provider(&sandbox);
    assert!(in_browser(&sandbox, &provider, "approve").status.success());
    gateway.pair(&sandbox);
    provider.play("forget-access", "");
    // Somebody used the refresh token before us, so that the provider ends them all.
    let file = sign_in_of(&sandbox).expect("a credential");
    let mut kept: serde_json::Value =
        serde_json::from_slice(&fs::read(&file).expect("readable")).expect("JSON");
    kept["refreshToken"] = "used-up".into();
    fs::write(&file, kept.to_string()).expect("written");
    let calls = front.calls("/v1/artifacts").len();
    refused(&sandbox, 124).assert_says(&["401", "sign in again: airlock-exec sign-in"]);
    assert_eq!(front.calls("/v1/artifacts").len(), calls + 1);
}

#[test]
fn a_sign_in_that_a_person_refuses_or_forgets_leaves_us_signed_out() {
    for (action, words) in [("deny", "refused in the browser"), ("expire", "not entered in time")] {
        let sandbox = Sandbox::new();
        let (_gateway, provider, _front) = with_provider(&sandbox);
        let output = in_browser(&sandbox, &provider, action);
        assert_eq!(output.status.code(), Some(124), "{output:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains(words), "{output:?}");
        refused(&sandbox, 124).assert_says(&["not signed in at"]);
    }
}

#[test]
fn a_provider_that_asks_for_patience_gets_it() {
    let sandbox = Sandbox::new();
    let (_gateway, provider, _front) = with_provider(&sandbox);
    provider.play("slow-down", "1");
    assert!(in_browser(&sandbox, &provider, "approve").status.success());
    let (_, grants) = provider.play("grants", "");
    let grants: serde_json::Value = serde_json::from_str(&grants).expect("JSON");
    let at = |index: usize| grants[index]["at"].as_i64().expect("a time");
    assert_eq!(grants[0]["kind"], "slow_down");
    // RFC 8628 3.5: five seconds more than the interval of one.
    assert!(at(1) - at(0) >= 5900, "{grants}");
}

#[test]
fn a_provider_that_points_elsewhere_is_not_followed() {
    let sandbox = Sandbox::new();
    let gateway = OwnGateway::start(&sandbox);
    let provider = Arc::new(OpenIdProvider::start());
    let document = |issuer: &str, token: &str| {
        let text = format!("{{\"issuer\":\"{issuer}\",\"token_endpoint\":\"{token}\"}}");
        Front::before("127.0.0.1:1", None, move |_| Reply::Answer(200, text.clone()))
    };
    let other_issuer = document("https://evil.example", "https://evil.example/token");
    let redirect = Front::before("127.0.0.1:1", None, |_| Reply::Answer(302, String::new()));
    let rubbish = Front::before("127.0.0.1:1", None, |_| Reply::Answer(200, "<html>".into()));
    for (base, words) in [
        ("http://id.example", "plain http is for loopback only"),
        ("ftp://127.0.0.1", "it must start with https"),
        ("https://user:pass@id.example", "user name or password"),
        (&other_issuer.url, "its discovery document is that of https://evil.example"),
        (&redirect.url, "redirect, which is never followed"),
        (&rubbish.url, "its discovery document cannot be used"),
    ] {
        let front = federated(&gateway, &provider, base);
        settings(&sandbox, &front.url, "");
        let output = sandbox.start(["sign-in"]).finish();
        assert_eq!(output.status.code(), Some(124), "{base}: {output:?}");
        Refused::of_subcommand(&output).assert_says(&[words]);
    }
}

#[test]
fn a_discovery_document_with_an_address_of_another_host_is_refused() {
    let sandbox = Sandbox::new();
    let gateway = OwnGateway::start(&sandbox);
    let provider = Arc::new(OpenIdProvider::start());
    for token in ["https://evil.example/token", "http://127.0.0.1:1/token", "http://evil.example/t"]
    {
        // The document names its own issuer rightly, and the token endpoint elsewhere.
        let text = format!(
            "{{\"issuer\":\"@\",\"token_endpoint\":\"{token}\",\"device_authorization_endpoint\":\"@/d\"}}"
        );
        let base = Arc::new(std::sync::Mutex::new(String::new()));
        let named = Arc::clone(&base);
        let idp = Front::before("127.0.0.1:1", None, move |_| {
            Reply::Answer(200, text.replace('@', &named.lock().expect("no holder panics")))
        });
        (*base.lock().expect("no holder panics")).clone_from(&idp.url);
        let front = federated(&gateway, &provider, &idp.url);
        settings(&sandbox, &front.url, "");
        let output = sandbox.start(["sign-in"]).finish();
        assert_eq!(output.status.code(), Some(124), "{token}: {output:?}");
        Refused::of_subcommand(&output).assert_says(&["points elsewhere", token]);
    }
}

#[test]
fn a_gateway_without_a_provider_wants_a_personal_token() {
    let sandbox = Sandbox::new();
    let gateway = OwnGateway::start(&sandbox);
    settings(&sandbox, &gateway.url, "");
    let output = sandbox.start(["sign-in"]).finish();
    assert_eq!(output.status.code(), Some(124));
    Refused::of_subcommand(&output).assert_says(&["names no identity provider", "sign-in --pat"]);
}
