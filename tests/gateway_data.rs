//! The data directory of a gateway, in good order and not.

mod gateway_support;

use airlock_exec::gateway::{Gateway, GatewayOptions, OpenError, Role, StoreAddress, create_token};
use airlock_exec::process;
use gateway_support::{Scene, Server};
use secrecy::ExposeSecret as _;
use sqlx::Connection as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use tempfile::TempDir;

fn options(directory: &TempDir) -> GatewayOptions {
    GatewayOptions {
        store: StoreAddress::Directory(directory.path().join("gateway")),
        clock: process::now,
    }
}

/// Makes a database of ours in a directory and leaves it.
async fn used() -> TempDir {
    let directory = tempfile::tempdir().expect("a temporary directory");
    create_token(&options(&directory), Role::Enforcer, None).await.expect("a token");
    directory
}

async fn connect(directory: &TempDir) -> SqliteConnection {
    let path = directory.path().join("gateway/gateway.db");
    let options = SqliteConnectOptions::new().filename(path);
    SqliteConnection::connect_with(&options).await.expect("the database")
}

async fn refused(directory: &TempDir) -> OpenError {
    let error = Gateway::open(options(directory)).await.expect_err("refused");
    assert!(!error.hint().is_empty());
    error
}

#[tokio::test]
async fn refuses_a_database_that_is_newer() {
    let directory = used().await;
    let mut database = connect(&directory).await;
    sqlx::query(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (9999, 'from the future', 1, x'00', 0)",
    )
    .execute(&mut database)
    .await
    .expect("written");
    database.close().await.expect("closed");
    let error = refused(&directory).await;
    assert!(matches!(error, OpenError::Newer { step: 9999, .. }), "{error}");
    assert!(error.to_string().contains("gateway.db is from a newer airlock-exec"), "{error}");
}

#[tokio::test]
async fn refuses_a_database_that_somebody_holds() {
    let directory = used().await;
    let mut database = connect(&directory).await;
    sqlx::query("BEGIN IMMEDIATE").execute(&mut database).await.expect("locked");
    let error = refused(&directory).await;
    assert!(matches!(error, OpenError::Locked { .. }), "{error}");
    sqlx::query("ROLLBACK").execute(&mut database).await.expect("let go");
    Gateway::open(options(&directory)).await.expect("opens again");
}

#[tokio::test]
async fn refuses_what_is_no_database() {
    let directory = used().await;
    let path = directory.path().join("gateway/gateway.db");
    fs::write(&path, "this is not a database, and long enough to tell".repeat(100))
        .expect("written");
    let error = refused(&directory).await;
    assert!(matches!(error, OpenError::Corrupt { .. }), "{error:?}");
    assert!(fs::read_to_string(&path).expect("kept").starts_with("this is not"), "left alone");
}

#[tokio::test]
async fn refuses_a_directory_that_another_gateway_uses() {
    let server = Server::start().await;
    let error = Gateway::open(server.options().clone()).await.expect_err("refused");
    assert!(matches!(error, OpenError::InUse { .. }), "{error}");
    let options = server.options().clone();
    let _place = server.stop().await;
    Gateway::open(options).await.expect("free again");
}

#[tokio::test]
async fn keeps_tokens_as_digests_in_files_of_the_owner() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let token = create_token(&options(&directory), Role::Approver, Some("phone")).await;
    let token = token.expect("a token");
    let text = token.expose_secret();
    let secret = text.strip_prefix("airpat_").expect("the usual prefix").as_bytes();
    for entry in fs::read_dir(directory.path().join("gateway")).expect("a directory") {
        let path = entry.expect("an entry").path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        let bytes = fs::read(&path).expect("readable");
        let found = bytes.windows(secret.len()).any(|window| window == secret);
        assert!(!found, "the token is in {}", path.display());
    }
    assert_eq!(mode(&directory.path().join("gateway")), 0o700);
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("there").permissions().mode() & 0o777
}

#[tokio::test]
async fn the_routing_metadata_of_an_artifact_is_not_kept() {
    let scene = Scene::paired().await;
    scene.submit("req-1").await;
    let place = scene.server.stop().await;
    let mut database = connect(place.directory()).await;
    let metadata: String = sqlx::query_scalar("SELECT metadata FROM exchanges")
        .fetch_one(&mut database)
        .await
        .expect("one exchange");
    assert_eq!(metadata, "{\"workspaceName\":\"a workspace\"}");
}
