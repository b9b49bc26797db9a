//! Every fault of a gateway, done to every call: nothing runs, the status is the
//! documented one, and nothing secret is printed.

mod support;

use serde_json::{Value, json};
use std::fs;
use std::process::Output;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;
use support::{Call, Fault, Person, Proxy, Refused, Sandbox, pairing_code};

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    Cut,
    LostAnswer,
    Hang,
    Drip,
    Status(&'static str, &'static str),
    Body(&'static [u8]),
    Giant,
    WrongType,
}

use Trouble::{Body, Cut, Drip, Giant, Hang, LostAnswer, Status, WrongType};

/// Every fault, and what the calls that matter most do about it: the status of a
/// command when it is done to `submit`, and when it is done to `wait`.
const TROUBLES: [(Trouble, i32, i32); 27] = [
    (Cut, 124, 122),
    (LostAnswer, 124, 122),
    (Hang, 124, 122),
    (Drip, 124, 122),
    (Status("400 Bad Request", "invalid_request"), 125, 125),
    (Status("401 Unauthorized", "unauthorized"), 124, 124),
    (Status("403 Forbidden", "forbidden"), 124, 124),
    (Status("403 Forbidden", "app_consent_required"), 124, 124),
    (Status("403 Forbidden", "app_consent_denied"), 124, 124),
    (Status("403 Forbidden", "pairing_revoked"), 124, 124),
    (Status("404 Not Found", "not_found"), 124, 124),
    (Status("409 Conflict", "conflict"), 124, 124),
    (Status("410 Gone", "expired"), 122, 122),
    (Status("413 Content Too Large", "payload_too_large"), 125, 125),
    (Status("422 Unprocessable Content", "no_approver"), 124, 124),
    (Status("426 Upgrade Required", "upgrade"), 125, 125),
    (Status("429 Too Many Requests", "quota_exceeded"), 124, 124),
    (Status("429 Too Many Requests\r\nretry-after: 86400", "rate_limited"), 124, 124),
    (Status("500 Internal Server Error", "internal_error"), 124, 122),
    (Status("501 Not Implemented", "unsupported"), 124, 124),
    (Status("302 Found\r\nlocation: http://127.0.0.1:9/", "elsewhere"), 124, 124),
    (Body(b"<html>"), 124, 123),
    (Body(b"{\"msgType\":\"decision.del"), 124, 123),
    (Body(b"{\"msgType\":\"a\",\"msgType\":\"decision.deliver\"}"), 124, 123),
    (Body(b"\"\xff\""), 124, 123),
    (Giant, 124, 123),
    // A receipt of any type is one; then the gateway knows of no such exchange.
    (WrongType, 124, 123),
];

impl Trouble {
    fn fault(self) -> Fault {
        match self {
            Cut => Fault::Cut,
            LostAnswer => Fault::LoseAnswer,
            Hang => Fault::Hang,
            Drip => Fault::Drip(Duration::from_millis(50)),
            Status(line, code) => {
                let body = json!({"error": code, "message": "some words"}).to_string();
                Fault::Answer(head(line), body.into_bytes())
            }
            Body(bytes) => Fault::Answer("HTTP/1.1 200 OK", bytes.to_vec()),
            Giant => Fault::Answer("HTTP/1.1 200 OK", vec![b' '; 2 << 20]),
            WrongType => {
                let body = json!({"msgType": "decision.tomorrow", "requestId": "req-1",
                    "sender": {}, "body": {}});
                Fault::Answer("HTTP/1.1 200 OK", body.to_string().into_bytes())
            }
        }
    }

    /// Tells whether a call without an answer was made all the same.
    fn takes_effect(self) -> bool {
        self == LostAnswer
    }
}

/// Status lines live as long as the test.
fn head(line: &str) -> &'static str {
    Box::leak(format!("HTTP/1.1 {line}").into_boxed_str())
}

/// A sandbox behind a proxy that does one thing to one kind of call.
struct Stage {
    sandbox: Sandbox,
    current: Arc<Mutex<Option<Trouble>>>,
    proxy: Proxy,
    secrets: Vec<String>,
    pairings: Vec<u8>,
}

impl Stage {
    fn with_trouble_at(is_hit: fn(&Call) -> bool) -> Self {
        let sandbox = Sandbox::new();
        let config = sandbox.path("config/airlock-exec/config.toml");
        fs::write(config, "[timeouts]\nconnect = \"1s\"\n").expect("written");
        let current: Arc<Mutex<Option<Trouble>>> = Arc::default();
        let shared = Arc::clone(&current);
        let proxy = Proxy::before(&sandbox, move |call: &Call| {
            let trouble = *shared.lock().expect("no holder panics");
            trouble.filter(|_| is_hit(call)).map_or(Fault::Pass, Trouble::fault)
        });
        let pairings = fs::read(Self::store(&sandbox)).expect("a pairing");
        let mut stage = Self { sandbox, current, proxy, secrets: Vec::new(), pairings };
        stage.learn_secrets();
        stage
    }

    fn store(sandbox: &Sandbox) -> std::path::PathBuf {
        sandbox.path("state/airlock-exec/enforcer/pairings.json")
    }

    fn learn_secrets(&mut self) {
        let access = self.sandbox.path("state/airlock-exec/enforcer/local-access.json");
        let access: Value =
            serde_json::from_slice(&fs::read(access).expect("a token")).expect("JSON");
        let pairing = &self.sandbox.stored_pairings()[0];
        for value in [&access["token"], &pairing["secret"], &pairing["routingToken"]] {
            self.secrets.push(value.as_str().expect("a secret").to_owned());
        }
    }

    /// Does something while that trouble lasts, from the same start each time.
    fn during<T>(&self, trouble: Trouble, act: impl FnOnce(&Sandbox) -> T) -> T {
        fs::write(Self::store(&self.sandbox), &self.pairings).expect("written");
        *self.current.lock().expect("no holder panics") = Some(trouble);
        let done = act(&self.sandbox);
        *self.current.lock().expect("no holder panics") = None;
        done
    }

    #[track_caller]
    fn assert_silent(&self, trouble: Trouble, output: &Output) {
        let printed = [&output.stdout[..], &output.stderr].concat();
        let printed = String::from_utf8_lossy(&printed);
        for secret in &self.secrets {
            assert!(!printed.contains(secret.as_str()), "{trouble:?}: {printed}");
        }
    }

    /// Asks for a command, which must not run.
    #[track_caller]
    fn refuses(&self, trouble: Trouble, wait: &str, status: i32) {
        let canary = self.sandbox.canary();
        let output = self.during(trouble, |sandbox| sandbox.start_canary(&canary, wait).finish());
        canary.assert_absent();
        assert_eq!(output.status.code(), Some(status), "{trouble:?}: {output:?}");
        let refused = Refused::with_status(&output, status);
        assert!(!refused.next.is_empty(), "{trouble:?}: {refused:?}");
        self.assert_silent(trouble, &output);
    }
}

/// Does every trouble to one kind of call, with as many stages as there are groups.
fn with_every_trouble(
    is_hit: fn(&Call) -> bool,
    try_one: impl Fn(&Stage, Trouble, i32, i32) + Sync,
) {
    const GROUP: usize = 7;
    let try_one = &try_one;
    thread::scope(|scope| {
        for group in TROUBLES.chunks(GROUP) {
            scope.spawn(move || {
                let stage = Stage::with_trouble_at(is_hit);
                for (trouble, at_submit, at_wait) in group {
                    try_one(&stage, *trouble, *at_submit, *at_wait);
                }
            });
        }
    });
}

#[test]
fn a_submission_in_trouble_runs_nothing() {
    with_every_trouble(Call::is_submit, |stage, trouble, expected, _| {
        stage.refuses(trouble, "3s", expected);
    });
}

#[test]
fn a_wait_in_trouble_runs_nothing() {
    with_every_trouble(Call::is_wait, |stage, trouble, _, expected| {
        let wait = if expected == 123 { "30s" } else { "2s" };
        stage.refuses(trouble, wait, expected);
        assert!(stage.sandbox.pending_now().is_empty() || expected != 122, "{trouble:?}");
    });
}

#[test]
fn a_withdrawal_in_trouble_changes_nothing() {
    with_every_trouble(Call::is_withdraw, |stage, trouble, _, _| {
        stage.refuses(trouble, "1s", 122);
        assert!(stage.proxy.count("/withdraw") >= 1, "{trouble:?}");
    });
}

#[test]
fn policies_that_cannot_be_asked_for_leave_it_to_a_person() {
    let is_policy = |call: &Call| call.line.contains("/v1/policy/dnd/effective");
    with_every_trouble(is_policy, |stage, trouble, _, _| {
        // Slow ones take three seconds, which do not count as an answer.
        stage.refuses(trouble, "1s", 122);
    });
}

#[test]
fn a_heartbeat_in_trouble_changes_nothing() {
    let is_heartbeat = |call: &Call| call.line.contains("/v1/presence/heartbeat");
    with_every_trouble(is_heartbeat, |stage, trouble, _, _| {
        let sent = stage.proxy.count("/v1/presence/heartbeat");
        stage.refuses(trouble, "2s", 122);
        assert!(stage.proxy.count("/v1/presence/heartbeat") > sent, "{trouble:?}");
    });
}

#[test]
fn an_acknowledgement_in_trouble_changes_nothing() {
    with_every_trouble(Call::is_acknowledgement, |stage, trouble, _, _| {
        let canary = stage.sandbox.canary();
        let name = canary.path().file_name().expect("a name").to_string_lossy().into_owned();
        let output = stage.during(trouble, |sandbox| {
            let running = sandbox.start_canary(&canary, "60s");
            sandbox.approve(&sandbox.pending_with(&name));
            running.finish()
        });
        assert!(output.status.success(), "{trouble:?}: {output:?}");
        canary.assert_present();
        stage.assert_silent(trouble, &output);
    });
}

/// Pairs while there is trouble, which must leave nothing behind.
fn does_not_pair(stage: &Stage, trouble: Trouble, output: &Output) {
    // 123: what came cannot be believed; 124: nothing came; both are refusals.
    let status = output.status.code();
    assert!(matches!(status, Some(123..=125)), "{trouble:?}: {output:?}");
    let error = Output { stdout: Vec::new(), ..output.clone() };
    assert!(!Refused::of_subcommand(&error).next.is_empty(), "{trouble:?}");
    assert_eq!(stage.sandbox.stored_pairings().len(), 1, "{trouble:?}");
    stage.assert_silent(trouble, output);
}

#[test]
fn beginning_to_pair_in_trouble_leaves_nothing() {
    let is_initiate = |call: &Call| call.line.contains("/v1/pairing/initiate");
    with_every_trouble(is_initiate, |stage, trouble, _, _| {
        if matches!(trouble, Hang | Drip) {
            // Ten seconds each; a submission that hangs shows the same limit.
            return;
        }
        let output = stage.during(trouble, |sandbox| sandbox.output(&["pair", "--yes"]));
        does_not_pair(stage, trouble, &output);
    });
}

#[test]
fn claiming_a_code_in_trouble_leaves_nothing() {
    let is_claim = |call: &Call| call.line.contains("/v1/pairing/claim");
    with_every_trouble(is_claim, |stage, trouble, _, _| {
        if matches!(trouble, Hang | Drip) {
            return;
        }
        let phone = format!("phone-{}", stage.proxy.calls().len());
        let phone = Person::new(&stage.sandbox, &phone);
        let offer = support::Running::start(&mut phone.command(&["code"]));
        let code = pairing_code(&offer);
        let output =
            stage.during(trouble, |sandbox| sandbox.output(&["pair", "--yes", "--code", &code]));
        does_not_pair(stage, trouble, &output);
        assert!(trouble.takes_effect() || offer.stdout().contains("code: "), "{trouble:?}");
    });
}

#[test]
fn waiting_for_the_approver_in_trouble_leaves_nothing_or_goes_on() {
    with_every_trouble(Call::is_pairing_status, |stage, trouble, _, _| {
        let running = stage.during(trouble, |sandbox| {
            let mut running = sandbox.start(["pair", "--yes"]);
            let asked = stage.proxy.count("/v1/pairing/");
            pairing_code(&running);
            let ended = support::eventually("an end or a second look", || {
                let again = stage.proxy.count("/v1/pairing/") > asked + 2;
                (running.has_ended() || again).then(|| running.has_ended())
            });
            assert_eq!(stage.sandbox.stored_pairings().len(), 1, "{trouble:?}");
            ended.then(|| running.finish())
        });
        if let Some(output) = running {
            does_not_pair(stage, trouble, &output);
        }
    });
}
