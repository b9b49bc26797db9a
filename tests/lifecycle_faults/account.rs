//! Faults of the calls that sign in, renew and sign out.

use super::stage::{Current, assert_silent, during, fault, with_every_trouble};
use super::trouble::{CONSENT_REQUIRED, Trouble};
use crate::account_support::{OwnGateway, sign_in_of};
use crate::support::{Call, Fault, Proxy, Refused, Running, Sandbox};
use serde_json::json;
use std::fs;
use std::process::Output;
use std::sync::{Arc, OnceLock};

/// A gateway of one's own and an identity provider, with trouble before both.
struct Account {
    sandbox: Sandbox,
    gateway: OwnGateway,
    provider: Proxy,
    proxy: Proxy,
    current: Current,
    secrets: Vec<String>,
}

impl Account {
    /// Makes one whose trouble is at such calls, and whose gateway takes no token of a
    /// submission while there is some.
    fn with_trouble_at(is_hit: fn(&Call) -> bool) -> Self {
        let sandbox = Sandbox::new();
        let gateway = OwnGateway::start(&sandbox);
        let current = Current::default();
        let provider = provider(&gateway.token, is_hit, &current);
        let idp = provider.url.clone();
        let shared = Arc::clone(&current);
        let proxy = Proxy::at(&gateway.url, move |call: &Call| {
            if let Some(fault) = fault(&shared, is_hit(call)) {
                return fault;
            }
            let troubled = shared.lock().expect("held briefly").is_some();
            match &call.line {
                line if line.contains("/v1/integrations/discovery") => json_of(&json!({
                    "idp": {"baseUrl": idp, "clientId": "tests"}, "auth": {"patSupported": true}})),
                _ if call.is_submit() && troubled => {
                    let body = json!({"error": "unauthorized", "message": "expired"});
                    Fault::Answer("HTTP/1.1 401 Unauthorized", body.to_string().into_bytes())
                }
                _ => Fault::Pass,
            }
        });
        let url = &proxy.url;
        let text =
            format!("mode = \"own\"\n[gateway]\nurl = \"{url}\"\n[timeouts]\nconnect = \"1s\"\n");
        fs::write(sandbox.path("config/airlock-exec/config.toml"), text).expect("settings");
        let secrets = vec![gateway.token.clone(), REFRESH.to_owned(), DEVICE.to_owned()];
        Self { sandbox, gateway, provider, proxy, current, secrets }
    }

    /// Does something while that trouble lasts.
    fn during(&self, trouble: Trouble, act: impl FnOnce(&Sandbox) -> Output) -> Output {
        let output = during(&self.current, trouble, || act(&self.sandbox));
        assert_silent(&self.secrets, trouble, &output);
        output
    }

    /// Signs in while there is trouble, which must leave nothing.
    #[track_caller]
    fn does_not_sign_in(&self, trouble: Trouble, calls: &Proxy, path: &str) {
        let before = calls.count(path);
        let output = self.during(trouble, |sandbox| sandbox.start(["sign-in"]).finish());
        assert_eq!(output.status.code(), Some(124), "{trouble:?}: {output:?}");
        let error = Output { stdout: Vec::new(), ..output };
        assert!(!Refused::of_subcommand(&error).next.is_empty(), "{trouble:?}");
        assert_eq!(sign_in_of(&self.sandbox), None, "{trouble:?}");
        assert!(calls.count(path) > before, "{trouble:?}");
    }

    /// Signs in and pairs, once for all troubles of a stage.
    fn signed_in(&self) {
        if sign_in_of(&self.sandbox).is_none() {
            let output = self.sandbox.start(["sign-in"]).finish();
            assert!(output.status.success(), "{output:?}");
        }
        if self.sandbox.stored_pairings().is_empty() {
            self.gateway.pair(&self.sandbox);
        }
    }
}

const REFRESH: &str = "refresh-0123456789";
const DEVICE: &str = "device-0123456789";

fn json_of(value: &serde_json::Value) -> Fault {
    Fault::Answer(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json",
        value.to_string().into_bytes(),
    )
}

/// An identity provider at which a person always says yes; its access token is one that
/// the gateway takes.
fn provider(token: &str, is_hit: fn(&Call) -> bool, current: &Current) -> Proxy {
    let base: Arc<OnceLock<String>> = Arc::default();
    let (token, current, own) = (token.to_owned(), Arc::clone(current), Arc::clone(&base));
    let provider = Proxy::at("127.0.0.1:9", move |call: &Call| {
        if let Some(fault) = fault(&current, is_hit(call)) {
            return fault;
        }
        let base = own.get().expect("set at once");
        let at = |path: &str| format!("{base}{path}");
        match &call.line {
            line if line.contains("/.well-known/") => json_of(&json!({"issuer": base,
                "token_endpoint": at("/token"), "revocation_endpoint": at("/revoke"),
                "device_authorization_endpoint": at("/device")})),
            line if line.contains("/device") => json_of(&json!({"device_code": DEVICE,
                "user_code": "ABCD", "verification_uri": at("/page"), "expires_in": 2,
                "interval": 1})),
            line if line.contains("/token") => json_of(&json!({"access_token": token,
                "refresh_token": REFRESH, "token_type": "Bearer"})),
            _ => json_of(&json!({})),
        }
    });
    base.set(provider.url.clone()).expect("set once");
    provider
}

#[test]
fn a_discovery_in_trouble_signs_nobody_in() {
    let path = "/v1/integrations/discovery";
    with_every_trouble(
        || Account::with_trouble_at(|call| call.line.contains("/v1/integrations/discovery")),
        |account, trouble, _, _| account.does_not_sign_in(trouble, &account.proxy, path),
    );
}

#[test]
fn a_provider_in_trouble_about_itself_signs_nobody_in() {
    with_every_trouble(
        || Account::with_trouble_at(|call| call.line.contains("/.well-known/")),
        |account, trouble, _, _| {
            account.does_not_sign_in(trouble, &account.provider, "/.well-known/");
        },
    );
}

#[test]
fn a_code_in_trouble_signs_nobody_in() {
    with_every_trouble(
        || Account::with_trouble_at(|call| call.line.contains("/device")),
        |account, trouble, _, _| account.does_not_sign_in(trouble, &account.provider, "/device"),
    );
}

#[test]
fn a_token_in_trouble_signs_nobody_in() {
    with_every_trouble(
        || Account::with_trouble_at(|call| call.line.contains("/token")),
        |account, trouble, _, _| account.does_not_sign_in(trouble, &account.provider, "/token"),
    );
}

#[test]
fn a_consent_in_trouble_keeps_no_token_that_the_gateway_did_not_take() {
    with_every_trouble(
        || Account::with_trouble_at(|call| call.line.contains("/v1/consent")),
        |account, trouble, _, _| {
            let token = account.gateway.token.as_bytes();
            let output = account.during(trouble, |sandbox| {
                Running::start_with_input(&mut sandbox.airlock(["sign-in", "--pat"]), token)
                    .finish()
            });
            if trouble == CONSENT_REQUIRED {
                // The gateway knows the user; a person must let the app act.
                assert!(output.status.success(), "{output:?}");
                fs::remove_file(sign_in_of(&account.sandbox).expect("kept")).expect("forgotten");
                return;
            }
            assert_eq!(output.status.code(), Some(124), "{trouble:?}: {output:?}");
            assert!(!Refused::of_subcommand(&output).next.is_empty(), "{trouble:?}");
            assert_eq!(sign_in_of(&account.sandbox), None, "{trouble:?}");
        },
    );
}

#[test]
fn a_renewal_in_trouble_runs_nothing_and_keeps_what_there_was() {
    with_every_trouble(
        || Account::with_trouble_at(|call| call.line.contains("/token")),
        |account, trouble, _, _| {
            account.signed_in();
            let kept = sign_in_of(&account.sandbox).expect("kept");
            let before = fs::read(&kept).expect("readable");
            let asked = account.provider.count("/token");
            let canary = account.sandbox.canary();
            let output =
                account.during(trouble, |sandbox| sandbox.start_canary(&canary, "5s").finish());
            let refused = Refused::with_status(&output, 124);
            // What takes as long as a gateway may be out of reach is all we know.
            if !matches!(trouble, Trouble::Hang | Trouble::Drip | Trouble::DripBody) {
                refused.assert_says(&["sign in again"]);
            }
            canary.assert_absent();
            assert_eq!(account.provider.count("/token"), asked + 1, "{trouble:?}");
            assert_eq!(fs::read(&kept).expect("readable"), before, "{trouble:?}");
        },
    );
}

#[test]
fn signing_out_in_trouble_forgets_all_the_same() {
    with_every_trouble(
        || Account::with_trouble_at(|call| call.line.contains("/revoke")),
        |account, trouble, _, _| {
            account.signed_in();
            let output = account.during(trouble, |sandbox| sandbox.start(["sign-out"]).finish());
            assert!(output.status.success(), "{trouble:?}: {output:?}");
            let said = String::from_utf8_lossy(&output.stdout);
            assert!(said.contains("forgotten here"), "{trouble:?}: {said}");
            assert_eq!(sign_in_of(&account.sandbox), None, "{trouble:?}");
            // RFC 7009 2.2: a success, whatever it says.
            let begins_well = matches!(trouble, Trouble::DripBody | Trouble::Truncated);
            let revoked = trouble.is_rubbish() || begins_well;
            assert_eq!(!said.contains("not revoked"), revoked, "{trouble:?}: {said}");
        },
    );
}
