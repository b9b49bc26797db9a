//! Looking after a gateway from the command line, while it runs and while it does not.

mod gateway_support;
#[path = "gateway_support/process.rs"]
mod process;
mod support;

use gateway_support::{Api, decision, eventually_open, pair, submission};
use process::{Process, administer, data, refused, token};
use serde_json::Value;
use sqlx::Connection as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, Instant};
use support::Sandbox;

fn json(text: &str) -> Value {
    assert_eq!(text.lines().count(), 1, "{text}");
    serde_json::from_str(text).expect(text)
}

/// A gateway process, and an enforcer and an approver who are paired.
struct Office {
    process: Process,
    enforcer: Api,
    approver: Api,
}

impl Office {
    async fn open(sandbox: &Sandbox) -> Self {
        let process = Process::start(sandbox);
        let enforcer = Api::new(&process.url, Some(&token(sandbox, "enforcer")));
        let approver = Api::new(&process.url, Some(&token(sandbox, "approver")));
        pair(&enforcer, "enf-1", &approver, "apr-1").await;
        Self { process, enforcer, approver }
    }

    async fn submit(&self, request_id: &str) {
        let body = submission("enf-1", request_id, None);
        self.enforcer.post("/v1/artifacts", &body).await.has(202);
    }

    async fn waiting(&self, request_id: &str) -> tokio::task::JoinHandle<gateway_support::Answer> {
        let enforcer = self.enforcer.clone();
        let path = format!("/v1/exchanges/{request_id}/wait?timeout=60");
        let waiting = tokio::spawn(async move { enforcer.get(&path).await });
        eventually_open(&self.process.url, "waits", 1).await;
        waiting
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_listed_without_itself_and_refused_once_revoked() {
    let sandbox = Sandbox::new();
    let office = Office::open(&sandbox).await;
    office.submit("req-1").await;
    let waiting = office.waiting("req-1").await;
    let listed = json(&administer(&sandbox, &["token", "list", "--json"]));
    assert_eq!(listed[0]["role"], "enforcer");
    assert_eq!(listed[0]["identifiers"], 1);
    assert!(!listed.to_string().contains("airpat_"), "{listed}");
    let text = administer(&sandbox, &["token", "list"]);
    assert!(text.starts_with("   1  enforcer  no label  1 enforcer  since "), "{text}");
    let said = administer(&sandbox, &["token", "revoke", "1"]);
    assert_eq!(said, "token 1 is refused from now on\n");
    // Another process did it, and still whoever waits is told.
    let began = Instant::now();
    waiting.await.expect("waits").is_refused(404, "not_found");
    assert!(began.elapsed() < Duration::from_secs(20), "it was not woken");
    let deadline = Instant::now() + Duration::from_secs(10);
    while office.enforcer.get("/v1/consents/check").await.status != 401 {
        assert!(Instant::now() < deadline, "the token is still good");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    office.approver.get("/v1/consents/check").await.has(200);
    let (_, said) = refused(&sandbox, &["token", "revoke", "1", "--data", &data(&sandbox)]);
    assert!(said.contains("token 1") && said.contains("token list"), "{said}");
    let left = json(&administer(&sandbox, &["token", "list", "--json"]));
    assert_eq!(left.as_array().map(Vec::len), Some(1));
    let all = json(&administer(&sandbox, &["token", "list", "--all", "--json"]));
    assert!(all[0]["revokedAt"].is_string(), "{all}");
    let made =
        administer(&sandbox, &["token", "create", "--role", "approver", "--json", "--label", "x"]);
    assert!(json(&made)["token"].as_str().is_some_and(|token| token.starts_with("airpat_")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pairing_is_listed_and_revoked_with_what_waits_in_it() {
    let sandbox = Sandbox::new();
    let office = Office::open(&sandbox).await;
    office.submit("req-1").await;
    let waiting = office.waiting("req-1").await;
    let listed = json(&administer(&sandbox, &["pairings", "--json"]));
    assert_eq!(listed[0]["enforcerId"], "enf-1");
    assert_eq!(listed[0]["pending"], 1);
    let nonce = listed[0]["pairingNonce"].as_str().expect("a nonce").to_owned();
    let text = administer(&sandbox, &["pairings", "list"]);
    assert!(text.contains("a laptop (a workspace) asks apr-1  1 waiting  since "), "{text}");
    let shown = text.split_whitespace().next().expect("a word");
    let said = administer(&sandbox, &["pairings", "revoke", shown]);
    assert!(said.contains(&nonce), "{said}");
    let began = Instant::now();
    waiting.await.expect("waits").is_refused(410, "cancelled");
    assert!(began.elapsed() < Duration::from_secs(20), "it was not woken");
    let next = submission("enf-1", "req-2", None);
    office.enforcer.post("/v1/artifacts", &next).await.is_refused(422, "no_approver");
    assert_eq!(administer(&sandbox, &["pairings"]), "nobody is paired at this gateway\n");
    let all = json(&administer(&sandbox, &["pairings", "list", "--all", "--json"]));
    assert!(all[0]["revokedAt"].is_string(), "{all}");
    let (_, said) = refused(&sandbox, &["pairings", "revoke", "nobody", "--data", &data(&sandbox)]);
    assert!(said.contains("pairings list"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pairing_is_revoked_whatever_its_nonce_begins_with() {
    let sandbox = Sandbox::new();
    let office = Office::open(&sandbox).await;
    office.process.kill();
    let path = sandbox.path("gateway/gateway.db");
    let options = SqliteConnectOptions::new().filename(path);
    for nonce in ["-L4nV7r_0bYw", "--list-Q9_x", "-hV2k-3PmTzA"] {
        let mut database = SqliteConnection::connect_with(&options).await.expect("opens");
        let again = "UPDATE pairings SET nonce = ?, revoked_at = NULL";
        sqlx::query(again).bind(nonce).execute(&mut database).await.expect("written");
        database.close().await.expect("closed");
        let listed = json(&administer(&sandbox, &["pairings", "--json"]));
        assert_eq!(listed[0]["pairingNonce"], nonce);
        let said = json(&administer(&sandbox, &["pairings", "revoke", &nonce[..8], "--json"]));
        assert_eq!(said["pairingNonce"], nonce);
    }
    assert_eq!(administer(&sandbox, &["pairings"]), "nobody is paired at this gateway\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_a_running_gateway_is_brought_back_and_what_waited_is_cancelled() {
    let sandbox = Sandbox::new();
    let office = Office::open(&sandbox).await;
    office.submit("req-decided").await;
    office.approver.post("/v1/decisions", &decision("req-decided", "reject")).await.has(200);
    office.submit("req-waits").await;
    let file = sandbox.path("copy.db");
    let path = file.to_str().expect("UTF-8");
    administer(&sandbox, &["backup", path]);
    assert_eq!(fs::metadata(&file).expect("there").permissions().mode() & 0o777, 0o600);
    let (_, said) = refused(&sandbox, &["backup", path, "--data", &data(&sandbox)]);
    assert!(said.contains("exists already"), "{said}");
    // It is decided after the copy was made, and must not be decided again.
    office.approver.post("/v1/decisions", &decision("req-waits", "approve")).await.has(200);
    office.submit("req-later").await;
    let (_, said) = refused(&sandbox, &["restore", path, "--data", &data(&sandbox)]);
    assert!(said.contains("another gateway is using"), "{said}");
    office.process.kill();

    let said = json(&administer(&sandbox, &["restore", path, "--json"]));
    assert_eq!((said["status"].as_str(), said["cancelled"].as_u64()), (Some("restored"), Some(1)));
    let kept = said["kept"].as_str().expect("a path");
    assert!(fs::exists(kept).expect("known"), "{kept}");
    let process = Process::start(&sandbox);
    let (enforcer, approver) = (office.enforcer.at(&process.url), office.approver.at(&process.url));
    let decided = enforcer.get("/v1/exchanges/req-decided").await.has(200);
    assert_eq!(decided["body"]["decision"]["decision"], "reject");
    enforcer.get("/v1/exchanges/req-waits/wait?timeout=1").await.is_refused(410, "cancelled");
    let again = approver.post("/v1/decisions", &decision("req-waits", "approve")).await;
    again.is_refused(409, "conflict");
    enforcer.get("/v1/exchanges/req-later").await.is_refused(404, "not_found");
    process.kill();
}

#[test]
fn what_is_no_backup_is_not_brought_back() {
    let sandbox = Sandbox::new();
    let before = administer(&sandbox, &["token", "create", "--role", "enforcer"]);
    assert!(before.starts_with("airpat_"));
    let file = sandbox.path("copy.db");
    let path = file.to_str().expect("UTF-8");
    administer(&sandbox, &["backup", path]);
    let whole = fs::read(&file).expect("readable");
    let mut damaged = whole.clone();
    // What stands at the beginning of each page but the first.
    for page in damaged.chunks_mut(4096).skip(1) {
        page[..8].fill(0xa5);
    }
    for (bytes, word) in [(&b"nothing of ours"[..], "copy.db"), (&damaged, "copy.db")] {
        fs::write(&file, bytes).expect("written");
        let (_, said) = refused(&sandbox, &["restore", path, "--data", &data(&sandbox)]);
        assert!(said.contains(word) && said.contains("not a readable"), "{said}");
    }
    let missing = sandbox.path("missing.db");
    let missing = missing.to_str().expect("UTF-8");
    let (_, said) = refused(&sandbox, &["restore", missing, "--data", &data(&sandbox)]);
    assert!(said.contains(missing), "{said}");
    let listed = json(&administer(&sandbox, &["token", "list", "--json"]));
    assert_eq!(listed.as_array().map(Vec::len), Some(1), "what was there is there");
    let left = fs::read_dir(sandbox.path("gateway")).expect("a directory");
    let names = left.map(|entry| entry.expect("an entry").file_name().into_string().expect("text"));
    let odd: Vec<_> = names.filter(|name| !name.starts_with("gateway.")).collect();
    assert!(odd.is_empty(), "left behind: {odd:?}");
    for url in ["postgres://airlock:x@127.0.0.1:1/airlock", "postgres://127.0.0.1:1/a?password=x"] {
        let (_, said) = refused(&sandbox, &["token", "list", "--store", url]);
        assert!(said.contains("cannot take a password in --store"), "{said}");
    }
    let arguments = ["backup", path, "--store", "postgres://airlock@127.0.0.1:1/airlock"];
    let (_, said) = refused(&sandbox, &arguments);
    assert!(said.contains("pg_dump"), "{said}");
}
