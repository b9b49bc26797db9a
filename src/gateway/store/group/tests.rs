//! What a commit of many keeps.

use super::*;
use crate::gateway::refusal::Refusal;
use crate::gateway::store::change::Writer;
use crate::gateway::store::{Claim, Completion, Route, Store, Submitted};
use crate::gateway::token::Role;
use std::collections::HashMap;

/// A store with two pairings of one approver.
struct Paired {
    store: Arc<Store>,
    token_id: i64,
    routes: HashMap<&'static str, String>,
    now: i64,
    _directory: tempfile::TempDir,
}

impl Paired {
    async fn make() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let store = Store::open(directory.path()).await.expect("a store");
        let now = 1_800_000_000_000;
        for (digest, role) in [([1; 32], Role::Enforcer), ([2; 32], Role::Approver)] {
            assert!(store.add_token(&digest, role, None, now).await.expect("added"));
        }
        let token = async |digest| {
            store.principal(&[digest; 32]).await.expect("read").expect("a token").token_id
        };
        let (token_id, approver) = (token(1).await, token(2).await);
        let mut routes = HashMap::new();
        for enforcer_id in ["enf-1", "enf-2"] {
            let claim = Claim {
                enforcer_id: enforcer_id.to_owned(),
                device_id: "dev-1".to_owned(),
                enforcer_label: None,
                workspace_name: None,
                gateway_url: None,
                x25519_public_key: None,
            };
            let nonce = store.initiate(token_id, claim, now).await.expect("begun").nonce;
            let approver_id = "apr-1".to_owned();
            let completion = Completion { nonce, approver_id, response_json: "{}".to_owned() };
            let paired = store.complete(approver, completion, now).await.expect("paired");
            store.settle(&paired.nonce, now).await.expect("used before");
            routes.insert(enforcer_id, paired.routing_token.expect("it is whole"));
        }
        Self { store: Arc::new(store), token_id, routes, now, _directory: directory }
    }

    fn submission(&self, enforcer_id: &str, request_id: &str) -> Submission {
        Submission {
            token_id: self.token_id,
            request_id: request_id.to_owned(),
            artifact_hash: "a".repeat(64),
            artifact_type: "command.review".to_owned(),
            ciphertext: "{}".to_owned(),
            metadata: "{}".to_owned(),
            enforcer_id: enforcer_id.to_owned(),
            route: Route {
                routing_token: self.routes.get(enforcer_id).cloned(),
                approver_id: None,
            },
            created_at: self.now,
            expires_at: self.now + 600_000,
        }
    }

    /// Waits until that many are in the queue.
    async fn queued(&self, count: usize) {
        let Writer::Group(group) = &self.store.writer else { panic!("one writer") };
        while QUEUE - group.queue.capacity() != count {
            tokio::task::yield_now().await;
        }
    }

    async fn kept(&self) -> Vec<String> {
        sqlx::query_scalar(
            "SELECT request_id FROM exchanges
             UNION ALL SELECT label FROM tokens WHERE label IS NOT NULL ORDER BY 1",
        )
        .fetch_all(&self.store.readers)
        .await
        .expect("read")
    }
}

/// Writes down that this change was made.
async fn note(lease: &mut Lease, word: &str) {
    sqlx::query("INSERT INTO tokens (digest, role, label, created_at) VALUES ($1, $2, $3, 0)")
        .bind(format!("{word:<32}").as_bytes())
        .bind(Role::Enforcer.name())
        .bind(word)
        .execute(lease.connection_mut())
        .await
        .expect("written");
}

/// All of these come while the first has the connection, so they are one group.
#[tokio::test]
async fn a_change_that_is_given_up_takes_nothing_along_that_was_acknowledged() {
    let made = Arc::new(Paired::make().await);
    let Writer::Group(group) = &made.store.writer else { panic!("one writer") };
    let mut first = group.lease().await.expect("the connection");
    note(&mut first, "kept first").await;
    let mut others = Vec::new();
    for (place, word) in
        ["req-1", "given up", "req-2", "req-3", "kept", "given up again"].iter().enumerate()
    {
        let (paired, submission) = (Arc::clone(&made), made.submission("enf-1", word));
        others.push(tokio::spawn(async move {
            let Writer::Group(group) = &paired.store.writer else { panic!("one writer") };
            if word.starts_with("req-") {
                let submitted = paired.store.submit(submission).await;
                assert!(matches!(submitted, Ok(Submitted::New)), "{submitted:?}");
                return;
            }
            let mut lease = group.lease().await.expect("the connection");
            note(&mut lease, word).await;
            if *word == "kept" {
                lease.commit().await.expect("on disk");
            }
        }));
        made.queued(place + 1).await;
    }
    first.commit().await.expect("on disk");
    for other in others {
        other.await.expect("it was acknowledged, or given up");
    }
    assert_eq!(made.kept().await, ["kept", "kept first", "req-1", "req-2", "req-3"]);
    made.store.close().await;
}

/// All of these are in the queue when the first lets go: some share a statement.
#[tokio::test]
async fn submissions_that_come_together_are_each_judged_alone() {
    let made = Arc::new(Paired::make().await);
    let Writer::Group(group) = &made.store.writer else { panic!("one writer") };
    let first = group.lease().await.expect("the connection");
    let mut over = made.submission("enf-2", "req-over");
    over.expires_at = over.created_at;
    let mut lost = made.submission("enf-1", "req-lost");
    lost.route.routing_token = Some("nobody's".to_owned());
    let mut foreign = made.submission("enf-1", "req-foreign");
    foreign.token_id += 1;
    let all = [
        made.submission("enf-1", "req-1"),
        made.submission("enf-2", "req-2"),
        over,
        lost,
        made.submission("enf-2", "req-2"),
        foreign,
        made.submission("enf-1", "req-3"),
    ];
    let mut answers = Vec::new();
    for (place, submission) in all.into_iter().enumerate() {
        let paired = Arc::clone(&made);
        answers.push(tokio::spawn(async move { paired.store.submit(submission).await }));
        made.queued(place + 1).await;
    }
    drop(first);
    let mut told = Vec::new();
    for answer in answers {
        told.push(match answer.await.expect("it ends") {
            Ok(submitted) => format!("{submitted:?}"),
            Err(refusal) => refusal.to_string(),
        });
    }
    let refused = |refusal: Refusal| refusal.to_string();
    let expected = [
        "New".to_owned(),
        "New".to_owned(),
        refused(Refusal::ExpiredOnArrival),
        refused(Refusal::NoApprover),
        "Again".to_owned(),
        refused(Refusal::ForeignIdentifier),
        "New".to_owned(),
    ];
    assert_eq!(told, expected);
    assert_eq!(made.kept().await, ["req-1", "req-2", "req-3"]);
    made.store.close().await;
}
