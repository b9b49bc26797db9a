//! A gateway that counts calls, and many commands that wait at it.

use super::account_support::{Front, OwnGateway, Reply};
use super::signed_in;
use super::support::{Call, Fault, Proxy, Refused, Running, Sandbox, eventually};
use nix::sys::signal::Signal;
use std::fs;
use std::thread;
use std::time::Duration;

/// Signs in and pairs at a gateway that is known to allow so many calls a minute.
fn enter(sandbox: &Sandbox, gateway: &OwnGateway, url: &str, allowed: u32) {
    let text = format!(
        "mode = \"own\"\n[gateway]\nurl = \"{url}\"\ncalls_per_minute = {allowed}\n\
                 [limits]\npending = 20\n"
    );
    fs::write(sandbox.path("config/airlock-exec/config.toml"), text).expect("settings");
    signed_in(sandbox, &gateway.token);
    gateway.pair(sandbox);
}

/// Starts so many commands, each with words of its own.
fn start(sandbox: &Sandbox, count: u32) -> Vec<Running> {
    let words = |number: u32| {
        ["--wait", "10m", "--", "echo"].map(str::to_owned).into_iter().chain([number.to_string()])
    };
    (0..count).map(|number| sandbox.start(words(number))).collect()
}

/// Ends whoever waits, without a last call.
fn stop(waiting: Vec<Running>) {
    for each in waiting {
        each.signal(Signal::SIGKILL);
        each.finish();
    }
}

#[test]
fn twenty_commands_that_wait_stay_within_sixty_calls_a_minute() {
    let sandbox = Sandbox::new();
    let gateway = OwnGateway::start_with(&sandbox, &["--calls-per-minute", "60"]);
    let front = Front::before(&gateway.url, None, |_| Reply::Pass);
    enter(&sandbox, &gateway, &front.url, 60);
    let waiting = start(&sandbox, 20);
    eventually("everybody to wait", || {
        waiting.iter().all(|each| each.stderr().contains("waiting up to")).then_some(())
    });
    // Not a wait for anything: calls too many would come now.
    thread::sleep(Duration::from_secs(2));
    let calls = front.calls("").len();
    // Twenty policies, submissions and waits alone are sixty, after signing in and pairing.
    assert!((50..=60).contains(&calls), "{calls}");
    assert_eq!(front.calls("POST /v1/artifacts").len(), 20);
    stop(waiting);
}

#[test]
fn a_command_for_which_there_is_no_room_says_so_and_waits() {
    let sandbox = Sandbox::new();
    let gateway = OwnGateway::start(&sandbox);
    let front = Front::before(&gateway.url, None, |_| Reply::Pass);
    enter(&sandbox, &gateway, &front.url, 20);
    let waiting = start(&sandbox, 20);
    eventually("a command that is told to wait", || {
        let told = |each: &Running| each.stderr().contains("it allows 20 calls a minute");
        waiting.iter().any(told).then_some(())
    });
    assert!(front.calls("").len() <= 20 + 1, "signing in is not counted");
    stop(waiting);
}

#[test]
fn what_a_gateway_says_about_too_many_calls_is_heard_by_every_process() {
    let sandbox = Sandbox::new();
    let gateway = OwnGateway::start(&sandbox);
    let proxy = Proxy::at(&gateway.url, |call: &Call| {
        let head = "HTTP/1.1 429 Too Many Requests\r\nretry-after: 3600";
        if call.is_submit() { Fault::Answer(head, Vec::new()) } else { Fault::Pass }
    });
    enter(&sandbox, &gateway, &proxy.url, 1000);
    let canary = sandbox.canary();
    let refused = sandbox.start_canary(&canary, "10s").finish();
    Refused::with_status(&refused, 124).assert_says(&["429"]);
    let calls = proxy.calls().len();
    let again = sandbox.start_canary(&canary, "10s").finish();
    Refused::with_status(&again, 124).assert_says(&["429"]);
    assert_eq!(proxy.calls().len(), calls, "nobody asks again so soon");
    canary.assert_absent();
}
