//! Codes, challenges and sessions by a clock of our own.

use super::*;
use crate::gateway::token::Role;

const START: i64 = 1_800_000_000_000;

/// A store with a token, and the number of that token.
async fn store() -> (tempfile::TempDir, Store, i64) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let store = Store::open(directory.path()).await.expect("a store");
    assert!(store.add_token(&[1; 32], Role::Approver, None, START).await.expect("added"));
    let token = store.principal(&[1; 32]).await.expect("read").expect("there").token_id;
    (directory, store, token)
}

/// A digest that no other number has.
fn digest(number: u8) -> TokenDigest {
    [number; 32]
}

#[tokio::test]
async fn a_code_is_good_once_and_not_for_ever() {
    let (_directory, store, host) = store().await;
    for number in 1..=3 {
        store.give_code(&digest(number), host, START).await.expect("given");
    }
    let take = async |number, after| {
        store.take_code(&digest(number), START + after).await.expect("looked")
    };
    assert_eq!(take(1, 0).await, Some(host));
    assert_eq!(take(1, 0).await, None, "used");
    assert_eq!(take(2, PAGE_CODE_MS).await, None, "too late");
    assert_eq!(take(2, 0).await, None, "and used by that");
    assert_eq!(take(9, 0).await, None, "nobody gave it");
    assert!(!store.take_challenge(&digest(3), START).await.expect("looked"), "no challenge");
    assert!(store.revoke_token(host, START).await.expect("revoked"));
    assert_eq!(take(3, 0).await, None, "whoever asked for it may not come either");
}

#[tokio::test]
async fn a_challenge_is_good_once_and_not_for_ever() {
    let (_directory, store, host) = store().await;
    for number in 1..=3 {
        store.give_challenge(&digest(number), START).await.expect("given");
    }
    let take = async |number, after| {
        store.take_challenge(&digest(number), START + after).await.expect("looked")
    };
    assert!(take(1, 0).await);
    assert!(!take(1, 0).await, "used");
    assert!(!take(2, PAGE_CHALLENGE_MS).await, "too late");
    assert_eq!(store.take_code(&digest(3), START).await.expect("looked"), None, "no code");
    store.give_code(&digest(4), host, START).await.expect("given");
    assert!(!take(4, 0).await, "a code is no challenge");
}

#[tokio::test]
async fn there_are_never_more_than_a_few_open() {
    let (_directory, store, host) = store().await;
    let most = u8::try_from(PAGE_CODES).expect("few");
    for number in 0..most {
        store.give_code(&digest(number), host, START).await.expect("given");
    }
    assert!(store.give_code(&digest(most), host, START).await.is_err());
    store.give_code(&digest(most), host, START + PAGE_CODE_MS).await.expect("the rest is over");
}

/// Lets a browser in, and returns its number.
async fn browser(store: &Store, host: i64, key: &str) -> i64 {
    let key = key.repeat(43);
    store.admit_browser(host, &key, None, START).await.expect("let in").token_id
}

#[tokio::test]
async fn a_session_ends_when_idle_and_when_old() {
    let (_directory, store, host) = store().await;
    let browser = browser(&store, host, "A").await;
    for number in [1, 2] {
        store.open_page_session(&digest(number), browser, START).await.expect("open");
    }
    let holder = async |number, after| {
        store.page_session(&digest(number), START + after).await.expect("looked")
    };
    let mut after = 0;
    while after + PAGE_SESSION_IDLE_MS - 1 < PAGE_SESSION_MS {
        after += PAGE_SESSION_IDLE_MS - 1;
        assert_eq!(holder(1, after).await, Some(browser), "used often enough");
    }
    assert_eq!(holder(1, PAGE_SESSION_MS).await, None, "too old");
    assert_eq!(holder(2, PAGE_SESSION_IDLE_MS).await, None, "idle");
}

#[tokio::test]
async fn a_browser_has_a_few_sessions_and_they_end_together() {
    let (_directory, store, host) = store().await;
    let (one, other) = (browser(&store, host, "A").await, browser(&store, host, "B").await);
    for number in 0..9 {
        let at = START + i64::from(number);
        store.open_page_session(&digest(number), one, at).await.expect("open");
    }
    store.open_page_session(&digest(9), other, START).await.expect("open");
    let holders = async || {
        let mut holders = Vec::new();
        for number in 0..10 {
            holders.push(store.page_session(&digest(number), START + 10).await.expect("looked"));
        }
        holders
    };
    let mut expected = vec![Some(one); 10];
    (expected[0], expected[9]) = (None, Some(other));
    assert_eq!(holders().await, expected, "the first made room");
    let caller = store.principal(&[1; 32]).await.expect("read").expect("there");
    store.revoke_browser(caller, one, START + 10).await.expect("revoked");
    expected[..9].fill(None);
    assert_eq!(holders().await, expected);
    // The token that nobody holds can be revoked like any other.
    assert!(store.revoke_token(other, START + 10).await.expect("revoked"));
    assert_eq!(holders().await, vec![None; 10]);
    let again = store.admit_browser(host, &"B".repeat(43), None, START + 10).await;
    assert!(matches!(again, Err(Refusal::UnknownBrowser)), "{again:?}");
    let back = store.browser(&"B".repeat(43), START + 10).await.expect("looked");
    assert!(back.is_none(), "it does not come back either");
}
