//! Somebody who looks elsewhere is told that a command waits: a program, an address, a desktop.

#![expect(
    clippy::used_underscore_binding,
    reason = "what zbus makes of a method reads all of them"
)]

mod support;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use std::collections::HashMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use support::{DEADLINE, Sandbox, eventually};
use zbus::OwnedVariant;

fn configure(sandbox: &Sandbox, text: &str) {
    fs::write(sandbox.path("config/airlock-exec/config.toml"), text).expect("settings");
}

fn log(sandbox: &Sandbox) -> String {
    fs::read_to_string(sandbox.path("state/airlock-exec/notices.log")).unwrap_or_default()
}

#[test]
fn a_program_reads_the_facts_once_for_each_request() {
    let sandbox = Sandbox::new();
    let told = sandbox.path("told");
    let script = sandbox.script("tell", &format!("cat >> {}", told.display()));
    // No shell: the second word stays one word.
    configure(&sandbox, &format!("on_request = [{script:?}, \"; touch x\"]\n"));
    let canary = sandbox.canary();
    let command = sandbox.start(canary.arguments());
    let facts = || fs::read_to_string(&told).ok().filter(|text| text.ends_with('\n'));
    let facts = eventually("the facts", facts);
    let facts: Value = serde_json::from_str(&facts).expect("one line of JSON");
    let pending = sandbox.pending();
    assert_eq!(facts["requestId"].as_str(), Some(pending.id.as_str()));
    assert_eq!(facts["artifactHash"], pending.details["artifactHash"]);
    assert_eq!(facts["commandText"], pending.details["commandText"]);
    assert_eq!((&facts["version"], &facts["event"]), (&1.into(), &"pending".into()));
    canary.assert_absent();
    // Whoever comes later does not tell of it again.
    assert!(sandbox.airlock(["approver", "notify"]).status().expect("it starts").success());
    assert_eq!(fs::read_to_string(&told).expect("told").lines().count(), 1);
    sandbox.approve(&pending);
    assert!(command.finish().status.success());
    assert!(!sandbox.work().join("x").exists());
}

#[test]
fn a_program_that_fails_or_hangs_decides_nothing() {
    let sandbox = Sandbox::new();
    let hanging = sandbox.script("hang", "echo $$ > hung; exec sleep 1000");
    configure(&sandbox, "on_request = [\"/bin/false\"]\n");
    let canary = sandbox.canary();
    let command = sandbox.start(canary.arguments());
    eventually("a line in the log", || log(&sandbox).contains("/bin/false").then_some(()));
    canary.assert_absent();
    let pending = sandbox.pending();
    configure(&sandbox, &format!("on_request = [{hanging:?}]\n"));
    let other = sandbox.canary();
    let second = sandbox.start(other.arguments());
    let waiting = sandbox.pending_with(&other.path().display().to_string());
    sandbox.reject(&pending, "no");
    sandbox.approve(&waiting);
    assert_eq!(command.finish().status.code(), Some(120));
    assert!(second.finish().status.success());
    canary.assert_absent();
    other.assert_present();
}

#[test]
fn an_agent_cannot_say_what_is_started() {
    let sandbox = Sandbox::new();
    let canary = sandbox.canary();
    let started = sandbox.script("started", "touch started");
    let mut command = sandbox.airlock(canary.arguments());
    let output = command.env("AIRLOCK_EXEC_ON_REQUEST", format!("[{started:?}]")).output();
    let output = output.expect("it starts");
    assert_eq!(output.status.code(), Some(125), "{output:?}");
    fs::create_dir(sandbox.work().join(".airlock")).expect("a directory");
    for line in [
        format!("on_request = [{started:?}]"),
        "notifications = \"off\"".to_owned(),
        "[[webhook]]\nname = \"x\"\nurl = \"http://127.0.0.1:1\"".to_owned(),
    ] {
        fs::write(sandbox.work().join(".airlock/config.toml"), &line).expect("settings");
        let output = sandbox.airlock(canary.arguments()).output().expect("it starts");
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(125), "{line}: {error}");
        assert!(error.contains("which an agent can write"), "{line}: {error}");
    }
    canary.assert_absent();
    assert!(!sandbox.work().join("started").exists());
}

#[test]
fn settings_that_make_no_sense_are_named() {
    let sandbox = Sandbox::new();
    for (text, words) in [
        ("on_request = \"notify now\"", "a list of the program and its arguments"),
        ("on_request = []", "a list of the program and its arguments"),
        ("notifications = \"loud\"", "\"automatic\" or \"on\" or \"off\""),
        ("[[webhook]]\nname = \"a\"", "write tables"),
        ("[[webhook]]\nname = \"a\"\nurl = \"http://example.org\"", "loopback"),
        ("[[webhook]]\nname = \"a\"\nurl = \"https://x.org\"\nsecret = \"s\"", "webhook secret"),
        ("[[webhook]]\nname = \"a\"\nurl = \"https://x.org\"\ncontents = true", "content"),
    ] {
        configure(&sandbox, text);
        let canary = sandbox.canary();
        let output = sandbox.airlock(canary.arguments()).output().expect("it starts");
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(125), "{text}: {error}");
        assert!(error.contains(words), "{text}: {error}");
        canary.assert_absent();
    }
}

/// What came in one call.
struct Call {
    headers: HashMap<String, String>,
    body: String,
}

/// Listens on loopback, answers with these statuses one after the other, and hands over
/// what it got.
fn listen(answers: &'static [&'static str]) -> (String, Receiver<Call>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let (sender, calls) = channel();
    std::thread::spawn(move || {
        for answer in answers {
            let Ok((stream, _)) = listener.accept() else { return };
            let mut reader = BufReader::new(&stream);
            let mut headers = HashMap::new();
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).expect("a line");
                let Some((name, value)) = line.trim_end().split_once(": ") else {
                    if line.trim_end().is_empty() {
                        break;
                    }
                    continue;
                };
                headers.insert(name.to_lowercase(), value.to_owned());
            }
            let length = headers["content-length"].parse().expect("a length");
            let mut body = vec![0; length];
            reader.read_exact(&mut body).expect("a body");
            let reply =
                format!("HTTP/1.1 {answer}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            (&stream).write_all(reply.as_bytes()).expect("answered");
            let body = String::from_utf8(body).expect("text");
            if sender.send(Call { headers, body }).is_err() {
                return;
            }
        }
    });
    (format!("http://{address}/hook"), calls)
}

fn secret(sandbox: &Sandbox, name: &str) -> String {
    let output = sandbox.airlock(["approver", "webhook", "secret", name]).output();
    let output = output.expect("it starts");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// Checks a signature as a receiver does.
#[expect(clippy::disallowed_methods, reason = "a receiver looks at its own clock")]
fn check(call: &Call, secret: &str) {
    let signature = &call.headers["airlock-signature"];
    let (time, mac) = signature.split_once(",v1=").expect("two parts");
    let time = time.strip_prefix("t=").expect("a time");
    let seconds: i64 = time.parse().expect("seconds");
    let now = jiff::Timestamp::now().as_second();
    assert!((now - 60..=now + 1).contains(&seconds), "{seconds} at {now}");
    let mut expected = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key");
    expected.update(format!("{time}.{}", call.body).as_bytes());
    let expected = expected.finalize().into_bytes();
    let digits = mac.as_bytes().chunks(2).map(|two| std::str::from_utf8(two).expect("digits"));
    let mac: Vec<u8> =
        digits.map(|two| u8::from_str_radix(two, 16).expect("hexadecimal digits")).collect();
    assert_eq!(mac, expected.as_slice());
}

#[test]
fn a_webhook_is_signed_tried_again_and_told_no_command() {
    let sandbox = Sandbox::new();
    let (url, calls) = listen(&["503 Busy", "204 Fine"]);
    configure(&sandbox, &format!("[[webhook]]\nname = \"chat\"\nurl = \"{url}\"\n"));
    let secret = secret(&sandbox, "chat");
    assert!(secret.len() >= 64, "{secret}");
    let canary = sandbox.canary();
    let _command = sandbox.start(canary.arguments());
    let pending = sandbox.pending();
    for attempt in ["first", "second"] {
        let call = calls.recv_timeout(DEADLINE).expect(attempt);
        check(&call, &secret);
        assert_eq!(call.headers["airlock-request"], pending.id);
        let body: Value = serde_json::from_str(&call.body).expect("JSON");
        assert_eq!(body["requestId"].as_str(), Some(pending.id.as_str()));
        assert!(body.get("commandText").is_none() && body.get("cwd").is_none(), "{body}");
        assert!(!call.body.contains("touch"), "{body}");
    }
    canary.assert_absent();
    let mut search = sandbox.program("grep");
    search.args(["-r", "-l", &secret]).arg(sandbox.path("config"));
    assert!(search.output().expect("it starts").stdout.is_empty(), "no secret in the settings");
}

#[test]
fn a_webhook_is_told_the_command_where_somebody_asked_for_it() {
    let sandbox = Sandbox::new();
    let (url, calls) = listen(&["200 OK", "200 OK"]);
    let text = format!("[[webhook]]\nname = \"a\"\nurl = \"{url}\"\ncontent = true\n");
    configure(&sandbox, &text);
    let secret = secret(&sandbox, "a");
    let tried = sandbox.airlock(["approver", "webhook", "test", "a"]).output().expect("starts");
    assert!(tried.status.success(), "{tried:?}");
    let call = calls.recv_timeout(DEADLINE).expect("a test");
    check(&call, &secret);
    assert!(call.body.contains("\"event\":\"test\""), "{}", call.body);
    let canary = sandbox.canary();
    let _command = sandbox.start(canary.arguments());
    let call = calls.recv_timeout(DEADLINE).expect("a call");
    let body: Value = serde_json::from_str(&call.body).expect("JSON");
    assert!(body["commandText"].as_str().expect("a command").starts_with("touch "), "{body}");
    canary.assert_absent();
}

#[test]
fn a_webhook_without_a_secret_or_that_sends_us_on_is_not_told() {
    let sandbox = Sandbox::new();
    let (other, elsewhere) = listen(&["200 OK"]);
    let answer: &'static str = format!("302 Found\r\nlocation: {other}").leak();
    let (url, calls) = listen(Box::leak(Box::new([answer])));
    configure(&sandbox, &format!("[[webhook]]\nname = \"a\"\nurl = \"{url}\"\n"));
    let canary = sandbox.canary();
    let _first = sandbox.start(canary.arguments());
    eventually("a line in the log", || log(&sandbox).contains("has no secret").then_some(()));
    secret(&sandbox, "a");
    let tried = sandbox.airlock(["approver", "webhook", "test", "a"]).output().expect("starts");
    let error = String::from_utf8_lossy(&tried.stderr).into_owned();
    assert_eq!(tried.status.code(), Some(125), "{error}");
    assert!(error.contains("it answers 302"), "{error}");
    calls.recv_timeout(DEADLINE).expect("one call");
    assert!(elsewhere.try_recv().is_err(), "it was followed");
    canary.assert_absent();
}

/// A notification server, as a desktop has one.
struct Desktop {
    shown: Arc<Mutex<Vec<(String, String)>>>,
}

#[expect(clippy::too_many_arguments, clippy::unused_self, reason = "the specification has so many")]
#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Desktop {
    fn notify(
        &self,
        _app_name: &str,
        _replaces: u32,
        _icon: &str,
        summary: &str,
        body: &str,
        _actions: Vec<String>,
        _hints: HashMap<String, OwnedVariant>,
        _timeout: i32,
    ) -> u32 {
        let mut shown = self.shown.lock().expect("no panic");
        shown.push((summary.to_owned(), body.to_owned()));
        1
    }

    fn get_capabilities(&self) -> Vec<String> {
        vec!["body".to_owned(), "body-markup".to_owned()]
    }

    fn get_server_information(&self) -> (String, String, String, String) {
        let text = |text: &str| text.to_owned();
        (text("test"), text("test"), text("1"), text("1.2"))
    }
}

/// A bus of a session, ended with the test.
struct Bus {
    daemon: Child,
    address: String,
}

impl Bus {
    fn start(sandbox: &Sandbox) -> Self {
        let mut daemon = sandbox
            .program("dbus-daemon")
            .args(["--session", "--nofork", "--print-address"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("dbus-daemon is installed: see tests/run");
        let mut address = String::new();
        let output = daemon.stdout.take().expect("a pipe");
        BufReader::new(output).read_line(&mut address).expect("an address");
        Self { daemon, address: address.trim().to_owned() }
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_desktop_is_told_that_something_waits_and_not_what() {
    let sandbox = Sandbox::new();
    let bus = Bus::start(&sandbox);
    let shown = Arc::new(Mutex::new(Vec::new()));
    let _served = zbus::connection::Builder::address(bus.address.as_str())
        .name("org.freedesktop.Notifications")
        .serve_at("/org/freedesktop/Notifications", Desktop { shown: Arc::clone(&shown) })
        .build()
        .await
        .expect("on the bus");
    configure(&sandbox, "notifications = \"on\"\n");
    let canary = sandbox.canary();
    // A name that a server would take for markup, and an argument that is a secret.
    let program = sandbox.script("a<b>\u{202e}c", "touch \"$1\"");
    let mut command = sandbox.airlock(["--"]);
    command.arg(program).arg(canary.path()).arg("hunter2");
    command.env("DBUS_SESSION_BUS_ADDRESS", &bus.address);
    let command = support::Running::start(&mut command);
    let (summary, body) =
        eventually("a notice", || shown.lock().expect("no panic").first().cloned());
    let pending = sandbox.pending();
    let short = pending.details["shortId"].as_str().expect("a short id").to_owned();
    assert_eq!(summary, format!("A command waits: {short}"));
    assert!(body.starts_with("a&lt;b&gt;\\u{202E}c on "), "{body}");
    assert!(!body.contains("hunter2") && !body.contains("canary"), "{body}");
    canary.assert_absent();
    sandbox.approve(&pending);
    assert!(command.finish().status.success());
    canary.assert_present();
    assert_eq!(shown.lock().expect("no panic").len(), 1);
}
