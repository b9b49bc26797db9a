//! The page's files, and the calls by which a browser comes and goes.

use super::Doors;
use super::guard::{is_own, origin};
use super::proof::{is_key, message};
use crate::gateway::limits::PAGE_CODE_MS;
use crate::gateway::principal::{Approver, Principal};
use crate::gateway::refusal::{Refusal, Refused};
use crate::gateway::relay::Relay;
use crate::gateway::routes::{Body, name};
use crate::gateway::store::Browser;
use crate::gateway::token;
use axum::extract::{Path, Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Instant;

/// The files: there for everybody, since there is nothing in them.
pub(in crate::gateway) fn assets() -> Router<Arc<Relay>> {
    Router::new()
        .route("/", get(index))
        .route("/page/{name}", get(asset))
        .route("/favicon.ico", get(async || StatusCode::NO_CONTENT))
}

/// What a browser calls before it is let in.
pub(in crate::gateway) fn entrance(relay: &Arc<Relay>) -> Router<Arc<Relay>> {
    Router::new()
        .route("/v1/page/enter", post(enter))
        .route("/v1/page/challenge", post(challenge))
        .route("/v1/page/return", post(come_back))
        .layer(from_fn_with_state(Arc::clone(relay), own_only))
}

/// What an approver calls, by token or from the page.
pub(in crate::gateway) fn inside() -> Router<Arc<Relay>> {
    Router::new()
        .route("/v1/page/codes", post(code))
        .route("/v1/page/browsers", get(browsers))
        .route("/v1/page/browsers/revoke", post(revoke))
}

async fn own_only(
    State(relay): State<Arc<Relay>>,
    mut request: Request,
    next: Next,
) -> Result<Response, Refused> {
    is_own(&mut request)?;
    let _place = doors(&relay)?.places.try_acquire().map_err(|_| Refusal::TooManyOpen)?;
    Ok(next.run(request).await)
}

fn doors(relay: &Relay) -> Result<&Doors, Refusal> {
    relay.doors.get().ok_or(Refusal::UnknownPath)
}

async fn index(State(relay): State<Arc<Relay>>, headers: HeaderMap) -> Result<Response, Refused> {
    file(&relay, "index.html", &headers)
}

async fn asset(
    State(relay): State<Arc<Relay>>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    file(&relay, &name, &headers)
}

fn file(relay: &Relay, name: &str, headers: &HeaderMap) -> Result<Response, Refused> {
    // Nobody else has a use for our scripts; a link to the page may be anywhere.
    let said = |name| headers.get(HeaderName::from_static(name)).map(HeaderValue::as_bytes);
    let ours = matches!(said("sec-fetch-site"), None | Some(b"same-origin" | b"none"));
    let opened = said("sec-fetch-dest") == Some(b"document");
    if !ours && !opened {
        return Err(Refusal::ForeignOrigin.into());
    }
    let found = doors(relay)?.page.assets.iter().find(|asset| asset.name == name);
    let asset = found.ok_or(Refusal::UnknownPath)?;
    let media_type = HeaderValue::from_static(asset.media_type);
    Ok(([(CONTENT_TYPE, media_type)], asset.bytes).into_response())
}

/// `POST /v1/page/codes`: a code that lets one browser in.
async fn code(
    State(relay): State<Arc<Relay>>,
    Approver(caller): Approver,
) -> Result<Json<Value>, Refused> {
    if caller.is_browser() {
        // A browser cannot let others in.
        return Err(Refusal::ForeignIdentifier.into());
    }
    doors(&relay)?;
    let code = token::random_text::<32>().map_err(|_| Refusal::Random)?;
    relay.store.give_code(&token::digest(&code), caller.token_id, relay.now()).await?;
    tracing::info!("code for a browser made");
    Ok(Json(json!({ "code": code, "expiresInSeconds": PAGE_CODE_MS / 1000 })))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    code: String,
    key: String,
    signature: String,
    label: Option<String>,
}

/// `POST /v1/page/enter`: with a code, and a key that is let in from then on.
async fn enter(
    State(relay): State<Arc<Relay>>,
    headers: HeaderMap,
    Body(entry): Body<Entry>,
) -> Result<Json<Value>, Refused> {
    let doors = doors(&relay)?;
    let now = Instant::now();
    doors.failed.check(now)?;
    let label = name("label", entry.label)?;
    let holds = proves(doors, &headers, &entry.key, &entry.code, &entry.signature);
    let host = if holds {
        relay.store.take_code(&token::digest(&entry.code), relay.now()).await?
    } else {
        None
    };
    let Some(host) = host else {
        doors.failed.failed_at(now);
        return Err(Refusal::WrongCode.into());
    };
    let browser = relay.store.admit_browser(host, &entry.key, label, relay.now()).await?;
    doors.failed.succeeded();
    tracing::info!(browser = browser.token_id, "browser let in");
    welcome(&relay, &browser).await
}

/// `POST /v1/page/challenge`: a text to sign and come back with.
async fn challenge(State(relay): State<Arc<Relay>>) -> Result<Json<Value>, Refused> {
    doors(&relay)?;
    let challenge = token::random_text::<32>().map_err(|_| Refusal::Random)?;
    relay.store.give_challenge(&token::digest(&challenge), relay.now()).await?;
    Ok(Json(json!({ "challenge": challenge })))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Return {
    challenge: String,
    key: String,
    signature: String,
}

/// `POST /v1/page/return`: with a key that was let in before.
async fn come_back(
    State(relay): State<Arc<Relay>>,
    headers: HeaderMap,
    Body(back): Body<Return>,
) -> Result<Json<Value>, Refused> {
    let doors = doors(&relay)?;
    let now = Instant::now();
    doors.failed.check(now)?;
    let good = proves(doors, &headers, &back.key, &back.challenge, &back.signature)
        && relay.store.take_challenge(&token::digest(&back.challenge), relay.now()).await?;
    if !good {
        doors.failed.failed_at(now);
        return Err(Refusal::WrongCode.into());
    }
    // Whoever holds a key that is unknown or too old guessed nothing.
    let browser = relay.store.browser(&back.key, relay.now()).await?;
    welcome(&relay, &browser.ok_or(Refusal::UnknownBrowser)?).await
}

fn proves(doors: &Doors, headers: &HeaderMap, key: &str, given: &str, signature: &str) -> bool {
    let Some(origin) = origin(headers) else { return false };
    is_key(key) && (doors.page.proves)(key, &message(&origin, given), signature)
}

async fn welcome(relay: &Relay, browser: &Browser) -> Result<Json<Value>, Refused> {
    let bearer = token::draw_page_bearer().map_err(|_| Refusal::Random)?;
    let digest = token::digest(&bearer);
    relay.store.open_page_session(&digest, browser.token_id, relay.now()).await?;
    let browser = told(browser)?;
    Ok(Json(json!({
        "bearer": bearer, "browser": browser, "gatewayId": relay.store.gateway_id(),
    })))
}

/// `GET /v1/page/browsers`: those that this token let in; for a browser, itself.
async fn browsers(
    State(relay): State<Arc<Relay>>,
    Approver(caller): Approver,
) -> Result<Json<Value>, Refused> {
    let found = relay.store.browsers(caller, relay.now()).await?;
    let told: Result<Vec<Value>, Refusal> = found.iter().map(told).collect();
    Ok(Json(json!({ "browsers": told? })))
}

fn told(browser: &Browser) -> Result<Value, Refusal> {
    use crate::gateway::routes::time;
    Ok(json!({
        "id": browser.token_id,
        "label": browser.label,
        "admittedAt": time(browser.admitted_at)?,
        "seenAt": time(browser.seen_at)?,
        "expiresAt": time(browser.expires_at())?,
    }))
}

#[derive(Deserialize)]
struct Revoke {
    id: i64,
}

/// `POST /v1/page/browsers/revoke`: it comes in no more, and what it has open ends.
async fn revoke(
    State(relay): State<Arc<Relay>>,
    caller: Principal,
    Body(revoke): Body<Revoke>,
) -> Result<Json<Value>, Refused> {
    relay.revoke_browser(caller, revoke.id).await?;
    tracing::info!(browser = revoke.id, "browser revoked");
    Ok(Json(json!({ "id": revoke.id, "status": "revoked" })))
}
