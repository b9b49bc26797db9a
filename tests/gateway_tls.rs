//! A gateway that others than its own machine can reach: TLS, and who is believed.

mod support;

use nix::sys::signal::Signal;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    date_time_ymd,
};
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::{Duration, Instant};
use support::{Refused, Running, Sandbox, eventually, pairing_code};

/// A gateway with TLS, and a token for each side.
struct Secure {
    running: Running,
    url: String,
    certificate: String,
    enforcer: String,
    approver: PathBuf,
}

impl Secure {
    fn start(sandbox: &Sandbox, arguments: &[&str]) -> Self {
        let data = sandbox.path("own-gateway");
        let data = data.to_str().expect("UTF-8");
        let token = |role: &str| {
            let words = ["gateway", "token", "create", "--role", role, "--data", data];
            let output = sandbox.output(&words);
            assert!(output.status.success(), "{output:?}");
            String::from_utf8(output.stdout).expect("UTF-8").trim().to_owned()
        };
        let (enforcer, approver) = (token("enforcer"), token("approver"));
        let words = ["gateway", "--listen", "127.0.0.1:0", "--data", data];
        let running = sandbox.start(words.iter().chain(arguments));
        let (url, certificate) = eventually("address and certificate", || {
            let said = running.stdout();
            let mut lines = said.lines();
            let (url, second) = (lines.next()?.to_owned(), lines.next()?);
            Some((url, second.strip_prefix("certificate: ")?.to_owned()))
        });
        assert!(url.starts_with("https://127.0.0.1:"), "{url}");
        let path = sandbox.path("approver-token");
        private(&path, approver.as_bytes());
        Self { running, url, certificate, enforcer, approver: path }
    }

    /// Signs the enforcer in, which trusts what `trust` says in its `[gateway]`.
    fn sign_in(&self, sandbox: &Sandbox, trust: &str) -> Output {
        settings(sandbox, &self.url, trust);
        let mut sign_in = sandbox.airlock(["sign-in", "--pat"]);
        Running::start_with_input(&mut sign_in, self.enforcer.as_bytes()).finish()
    }

    /// Has the approver do something at this gateway.
    fn approver(&self, sandbox: &Sandbox, gateway: &str, words: &[&str]) -> Output {
        let file = self.approver.to_str().expect("UTF-8");
        let mut all = vec!["approver", "--token-file", file];
        if !gateway.is_empty() {
            all.extend(["--gateway", gateway]);
        }
        all.extend(words);
        sandbox.output(&all)
    }

    /// Pairs, asks about a command and approves it; all of it at this gateway.
    fn works(&self, sandbox: &Sandbox, gateway: &str) {
        let pairing = sandbox.start(["pair", "--yes"]);
        let code = pairing_code(&pairing);
        let paired = self.approver(sandbox, gateway, &["pair", &code]);
        assert!(paired.status.success(), "{paired:?}");
        let output = pairing.finish();
        assert!(output.status.success(), "{output:?}");
        self.decides(sandbox, gateway);
    }

    /// Asks about a command and approves it.
    fn decides(&self, sandbox: &Sandbox, gateway: &str) {
        let canary = sandbox.canary();
        let running = sandbox.start_canary(&canary, "60s");
        let id = eventually("a request", || {
            let listed = self.approver(sandbox, gateway, &["list", "--json"]);
            let listed: serde_json::Value = serde_json::from_slice(&listed.stdout).ok()?;
            listed[0]["requestId"].as_str().map(str::to_owned)
        });
        let approved = self.approver(sandbox, gateway, &["approve", &id]);
        assert!(approved.status.success(), "{approved:?}");
        let output = running.finish();
        assert!(output.status.success(), "{output:?}");
        canary.assert_present();
    }
}

fn private(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).expect("written");
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("private");
}

fn settings(sandbox: &Sandbox, url: &str, trust: &str) {
    let text = format!("mode = \"own\"\n[gateway]\nurl = \"{url}\"\n{trust}\n");
    fs::write(sandbox.path("config/airlock-exec/config.toml"), text).expect("settings");
}

/// Makes a certificate that an authority signed, and returns the files: the authority's,
/// the certificate's and the key's.
fn certificate(sandbox: &Sandbox, last_year: i32) -> [String; 3] {
    let key = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::new(Vec::new()).expect("parameters");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params.distinguished_name.push(DnType::CommonName, "Example Company CA");
    let authority = params.self_signed(&key).expect("a certificate").pem();
    let issuer = Issuer::new(params, key);
    let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).expect("parameters");
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(last_year, 1, 1);
    let key = KeyPair::generate().expect("a key");
    let own = params.signed_by(&key, &issuer).expect("a certificate").pem();
    [("ca.pem", authority), ("own.pem", own), ("key.pem", key.serialize_pem())].map(
        |(name, text)| {
            let path = sandbox.path(name);
            private(&path, text.as_bytes());
            path.to_str().expect("UTF-8").to_owned()
        },
    )
}

#[test]
fn a_certificate_of_its_own_making_is_pinned_by_both_sides() {
    let sandbox = Sandbox::new();
    let gateway = Secure::start(&sandbox, &["--tls"]);
    assert_eq!(gateway.certificate.len(), 64);
    for name in ["tls-key.pem", "tls-certificate.pem"] {
        let file = fs::metadata(sandbox.path("own-gateway").join(name)).expect("it is kept");
        assert_eq!(file.permissions().mode() & 0o777, 0o600, "{name}");
    }
    // No authority knows it.
    let output = gateway.sign_in(&sandbox, "");
    assert_eq!(output.status.code(), Some(124), "{output:?}");
    Refused::of_subcommand(&output).assert_says(&["cannot be believed", "certificate_sha256"]);
    let pin = format!("certificate_sha256 = \"{}\"", gateway.certificate);
    let output = gateway.sign_in(&sandbox, &pin);
    assert!(output.status.success(), "{output:?}");
    // The link that the enforcer shows is all that the approver needs.
    let pairing = sandbox.start(["pair", "--yes"]);
    pairing_code(&pairing);
    let link = eventually("a link", || {
        let said = pairing.stdout();
        said.lines().find_map(|line| line.strip_prefix("link: ").map(str::to_owned))
    });
    assert!(link.contains(&gateway.certificate) && link.starts_with(&gateway.url), "{link}");
    let paired = gateway.approver(&sandbox, "", &["pair", &link]);
    assert!(paired.status.success(), "{paired:?}");
    assert!(pairing.finish().status.success());
    // From then on the address is enough.
    let known = sandbox.path("state/airlock-exec/approver/gateways.json");
    assert_eq!(fs::metadata(&known).expect("kept").permissions().mode() & 0o777, 0o600);
    gateway.decides(&sandbox, &gateway.url);
    // Another certificate is not taken, and not remembered; one that a link names is.
    let other = format!("{}/#certificate={}", gateway.url, "ab".repeat(32));
    let listed = gateway.approver(&sandbox, &other, &["list"]);
    let said = String::from_utf8_lossy(&listed.stderr).into_owned();
    assert!(!listed.status.success() && said.contains("do not go on"), "{said}");
    assert!(gateway.approver(&sandbox, &gateway.url, &["list"]).status.success());
    fs::remove_file(&known).expect("it was there");
    assert!(!gateway.approver(&sandbox, &gateway.url, &["list"]).status.success());
    let gateway_link = format!("{}/#certificate={}", gateway.url, gateway.certificate);
    assert!(gateway.approver(&sandbox, &gateway_link, &["list"]).status.success());
    assert!(gateway.approver(&sandbox, &gateway.url, &["list"]).status.success());
    let doctor = sandbox.output(&["doctor"]);
    let said = String::from_utf8_lossy(&doctor.stdout).into_owned();
    assert!(!said.contains("cannot be believed"), "{said}");
}

#[test]
fn another_certificate_than_the_pinned_one_ends_a_command_at_once() {
    let sandbox = Sandbox::new();
    let gateway = Secure::start(&sandbox, &["--tls"]);
    let pin = format!("certificate_sha256 = \"{}\"", gateway.certificate);
    assert!(gateway.sign_in(&sandbox, &pin).status.success());
    let other = "ab".repeat(32);
    settings(&sandbox, &gateway.url, &format!("certificate_sha256 = \"{other}\""));
    let canary = sandbox.canary();
    let pair = sandbox.output(&["pair", "--yes"]);
    assert_eq!(pair.status.code(), Some(124), "{pair:?}");
    Refused::of_subcommand(&pair).assert_says(&["is pinned", &other, &gateway.certificate]);
    // Paired before, with the right one.
    settings(&sandbox, &gateway.url, &pin);
    let right = format!("{}/#certificate={}", gateway.url, gateway.certificate);
    gateway.works(&sandbox, &right);
    let link = format!("{}/#certificate={other}", gateway.url);
    let listed = gateway.approver(&sandbox, &link, &["list"]);
    assert!(!listed.status.success());
    assert!(String::from_utf8_lossy(&listed.stderr).contains("is pinned"), "{listed:?}");
    settings(&sandbox, &gateway.url, &format!("certificate_sha256 = \"{other}\""));
    let output = sandbox.start_canary(&canary, "20s").finish();
    let refused = Refused::with_status(&output, 124);
    refused.assert_says(&["is pinned", "do not go on"]);
    canary.assert_absent();
    // What an agent can write changes no pin.
    let mut command = sandbox.airlock(canary.arguments());
    command.env("AIRLOCK_EXEC_GATEWAY_CERTIFICATE_SHA256", &gateway.certificate);
    let output = Running::start(&mut command).finish();
    assert_eq!(output.status.code(), Some(125), "{output:?}");
    canary.assert_absent();
}

#[test]
fn a_certificate_of_an_authority_is_believed_until_it_expires() {
    let sandbox = Sandbox::new();
    let [ca, own, key] = certificate(&sandbox, 2049);
    let gateway = Secure::start(&sandbox, &["--tls-cert", &own, "--tls-key", &key]);
    let trust = format!("tls_roots = \"{ca}\"");
    let output = gateway.sign_in(&sandbox, &trust);
    assert!(output.status.success(), "{output:?}");
    let link = format!("{}/#certificate={}", gateway.url, gateway.certificate);
    gateway.works(&sandbox, &link);
    drop(gateway);
    let sandbox = Sandbox::new();
    let [ca, own, key] = certificate(&sandbox, 2021);
    let gateway = Secure::start(&sandbox, &["--tls-cert", &own, "--tls-key", &key]);
    for (trust, why) in [
        (format!("tls_roots = \"{ca}\""), "expired"),
        (format!("certificate_sha256 = \"{}\"", gateway.certificate), "it was good until"),
    ] {
        let output = gateway.sign_in(&sandbox, &trust);
        assert_eq!(output.status.code(), Some(124), "{output:?}");
        Refused::of_subcommand(&output).assert_says(&["cannot be believed", why]);
    }
}

#[test]
fn nothing_but_loopback_is_served_without_tls() {
    let sandbox = Sandbox::new();
    let data = sandbox.path("own-gateway");
    let data = data.to_str().expect("UTF-8");
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:8750"] {
        let output = sandbox.output(&["gateway", "--listen", address, "--data", data]);
        assert_eq!(output.status.code(), Some(125), "{output:?}");
        Refused::of_subcommand(&output).assert_says(&["needs TLS", "--tls", "ssh -L"]);
        assert!(output.stdout.is_empty(), "{output:?}");
    }
}

#[test]
fn refuses_a_certificate_that_cannot_be_shown() {
    let sandbox = Sandbox::new();
    let [_, own, key] = certificate(&sandbox, 2049);
    let data = sandbox.path("own-gateway");
    let gateway = |more: &[&str]| {
        let mut words = vec!["gateway", "--listen", "127.0.0.1:0", "--data"];
        words.push(data.to_str().expect("UTF-8"));
        words.extend(more);
        let output = sandbox.output(&words);
        assert_eq!(output.status.code(), Some(125), "{output:?}");
        output
    };
    let said = |output: Output| String::from_utf8(output.stderr).expect("UTF-8");
    assert!(said(gateway(&["--tls-cert", &own])).contains("--tls-key"));
    assert!(said(gateway(&["--tls-cert", &own, "--tls-key", &own])).contains("key"));
    assert!(said(gateway(&["--tls-cert", &key, "--tls-key", &key])).contains("no certificate"));
    assert!(said(gateway(&["--tls-cert", "/nowhere", "--tls-key", &key])).contains("/nowhere"));
    let old = key.replace("key.pem", "old-key.pem");
    fs::rename(&key, &old).expect("moved");
    let [_, _, other] = certificate(&sandbox, 2049);
    let refused = gateway(&["--tls-cert", &own, "--tls-key", &old]);
    Refused::of_subcommand(&refused).assert_says(&["cannot be used", "this certificate"]);
    fs::set_permissions(&other, fs::Permissions::from_mode(0o644)).expect("loosened");
    let refused = gateway(&["--tls-cert", &own, "--tls-key", &other]);
    Refused::of_subcommand(&refused).assert_says(&["chmod", "key.pem"]);
}

#[test]
fn a_certificate_is_read_again_when_somebody_says_so() {
    let sandbox = Sandbox::new();
    let [_, own, key] = certificate(&sandbox, 2048);
    let gateway = Secure::start(&sandbox, &["--tls-cert", &own, "--tls-key", &key]);
    let pin = |certificate: &str| format!("certificate_sha256 = \"{certificate}\"");
    assert!(gateway.sign_in(&sandbox, &pin(&gateway.certificate)).status.success());
    // A key of another certificate changes nothing.
    let before = fs::read(&own).expect("a certificate");
    certificate(&sandbox, 2049);
    let fresh = fs::read(&own).expect("a certificate");
    fs::write(&own, &before).expect("written");
    gateway.running.signal(Signal::SIGHUP);
    gateway.running.wait_for_stderr("the certificate before stays");
    assert!(gateway.sign_in(&sandbox, &pin(&gateway.certificate)).status.success());
    fs::write(&own, &fresh).expect("written");
    gateway.running.signal(Signal::SIGHUP);
    gateway.running.wait_for_stderr("certificate read again");
    let said = gateway.running.stderr();
    let (_, rest) = said.split_once("sha256=\"").expect("its digest");
    let new = rest[..64].to_owned();
    assert_ne!(new, gateway.certificate);
    assert!(gateway.sign_in(&sandbox, &pin(&new)).status.success());
    let output = gateway.sign_in(&sandbox, &pin(&gateway.certificate));
    assert_eq!(output.status.code(), Some(124), "{output:?}");
}

#[test]
fn a_restart_shows_the_same_certificate() {
    let sandbox = Sandbox::new();
    let first = Secure::start(&sandbox, &["--tls"]).certificate;
    let again = Secure::start(&sandbox, &["--tls", "--tls-name", "gateway.lan"]).certificate;
    assert_eq!(first, again);
}

#[test]
fn clients_that_speak_no_tls_or_only_begin_to_do_no_harm() {
    let sandbox = Sandbox::new();
    let gateway = Secure::start(&sandbox, &["--tls"]);
    let address = gateway.url.trim_start_matches("https://").to_owned();
    let connect = || {
        let stream = TcpStream::connect(&address).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_secs(25))).expect("a limit");
        stream
    };
    let mut plain = connect();
    plain.write_all(b"GET /echo HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n").expect("sent");
    let mut answer = Vec::new();
    let _ = plain.read_to_end(&mut answer);
    assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
    // RFC 8446 5.1: a record of a handshake that says it is longer than what comes.
    let mut half = connect();
    half.write_all(b"\x16\x03\x01\x02\x00\x01").expect("sent");
    let began = Instant::now();
    let closed = half
        .read(&mut [0; 64])
        .map_or_else(|error| error.kind() != std::io::ErrorKind::WouldBlock, |length| length == 0);
    assert!(closed && began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    let pin = format!("certificate_sha256 = \"{}\"", gateway.certificate);
    assert!(gateway.sign_in(&sandbox, &pin).status.success());
}
