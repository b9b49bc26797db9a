//! The calls an enforcer makes. Protocol section 3.

use super::budget::CallBudget;
use super::transport::{Answer, Transport};
use super::transport_error::TransportError;
use crate::process;
use crate::protocol::consent::ConsentStatus;
use crate::protocol::dnd::DndPolicy;
use crate::protocol::exchange::{AckBody, AckStatus, StatusBody, SubmitBody};
use crate::protocol::follow::{FollowBody, FollowPage, Sealed};
use crate::protocol::pairing::{
    ClaimRequest, ClaimResponse, InitiateRequest, InitiateResponse, KeptRequest, RevokeRequest,
    StatusResponse,
};
use crate::protocol::presence::Heartbeat;
use crate::protocol::{
    EnforcerId, Envelope, MessageId, MessageType, PairingNonce, Party, RequestId, RoutingToken,
    SessionId, Stage, attention, json,
};
use reqwest::Upgraded;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::time::Duration;
use tokio_tungstenite::WebSocketStream;

/// The answer with the policies, each unread: see [`crate::protocol::dnd`].
#[derive(Deserialize)]
struct ListedPolicies {
    body: Vec<Value>,
}

/// Whether a gateway tells that an approver has fetched and shown a request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Notices {
    /// It said so.
    Offered,
    /// It did not.
    #[default]
    Unknown,
}

/// An enforcer's view of a gateway.
#[derive(Debug, Clone)]
pub struct Enforcer {
    transport: Transport,
}

impl Enforcer {
    /// Calls through that transport.
    #[must_use]
    pub fn new(transport: Transport) -> Self {
        Self { transport }
    }

    /// Makes no more calls than that, together with all other processes.
    #[must_use]
    pub fn counted(self, budget: CallBudget) -> Self {
        Self { transport: self.transport.counted(budget) }
    }

    /// Gives every call no more time than that; a wait gets it besides its own.
    #[must_use]
    pub fn within(self, patience: Duration) -> Self {
        Self { transport: self.transport.within(patience) }
    }

    /// Returns how many seconds our clock was ahead of the gateway's when it first said
    /// what time it is there.
    #[must_use]
    pub fn seconds_ahead(&self) -> Option<i64> {
        self.transport.seconds_ahead()
    }

    /// Starts a pairing: `POST /v1/pairing/initiate`.
    ///
    /// # Errors
    ///
    /// [`TransportError`].
    pub async fn initiate_pairing(
        &self,
        body: &InitiateRequest,
    ) -> Result<InitiateResponse, TransportError> {
        let answer = self.transport.post("/v1/pairing/initiate", body).await?;
        self.read(answer)
    }

    /// Uses a code that an approver made: `POST /v1/pairing/claim`.
    ///
    /// # Errors
    ///
    /// [`TransportError`]; 404 when the code is unknown, 409 when it was used.
    pub async fn claim_pairing(
        &self,
        body: &ClaimRequest,
    ) -> Result<ClaimResponse, TransportError> {
        let answer = self.transport.post("/v1/pairing/claim", body).await?;
        self.read(answer)
    }

    /// Ends a pairing at the gateway: `POST /v1/pairing/revoke`.
    ///
    /// # Errors
    ///
    /// [`TransportError`]; 404 when the gateway does not know it.
    pub async fn revoke_pairing(&self, token: &RoutingToken) -> Result<(), TransportError> {
        let body = RevokeRequest { routing_token: Some(token.clone()), pairing_nonce: None };
        self.transport.post("/v1/pairing/revoke", &body).await.map(drop)
    }

    /// Says that a pairing is stored here: `POST /v1/pairing/kept`, which ours alone has. The
    /// older ones that it replaces are over then.
    ///
    /// # Errors
    ///
    /// [`TransportError`].
    pub async fn keep_pairing(&self, token: &RoutingToken) -> Result<(), TransportError> {
        let body = KeptRequest { routing_token: token.clone() };
        self.transport.post("/v1/pairing/kept", &body).await.map(drop)
    }

    /// Asks how far a pairing is: `GET /v1/pairing/{nonce}/status`.
    ///
    /// # Errors
    ///
    /// [`TransportError`].
    pub async fn pairing_status(
        &self,
        nonce: &PairingNonce,
    ) -> Result<StatusResponse, TransportError> {
        let answer = self.transport.get(&format!("/v1/pairing/{nonce}/status")).await?;
        self.read(answer)
    }

    /// Asks whether the user lets this app act: `GET /v1/consents/check` as the guide
    /// has it, or where there is none `GET /v1/consent/status` as the clients have it.
    ///
    /// # Errors
    ///
    /// [`TransportError`]; 403 with a code that says what is missing.
    pub async fn consent(&self) -> Result<ConsentStatus, TransportError> {
        let answer = match self.transport.get("/v1/consents/check").await {
            Err(error) if error.status() == Some(404) => {
                self.transport.get("/v1/consent/status").await
            }
            answer => answer,
        };
        self.read(answer?)
    }

    /// Asks which do-not-disturb policies hold: `GET /v1/policy/dnd/effective`.
    ///
    /// One that cannot be read is left out: it must not hide the others.
    ///
    /// # Errors
    ///
    /// [`TransportError`].
    pub async fn dnd_policies(
        &self,
        enforcer: &EnforcerId,
        workspace: &str,
        session: Option<&SessionId>,
    ) -> Result<Vec<DndPolicy>, TransportError> {
        let mut query = vec![("enforcerId", enforcer.as_str()), ("workspaceId", workspace)];
        query.extend(session.map(|session| ("sessionId", session.as_str())));
        let answer = self.transport.get_with("/v1/policy/dnd/effective", &query).await?;
        let listed: ListedPolicies = self.read(answer)?;
        let read = |policy| json::from_value(policy).ok();
        Ok(listed.body.into_iter().filter_map(read).collect())
    }

    /// Says that this enforcer is there: `POST /v1/presence/heartbeat`.
    ///
    /// # Errors
    ///
    /// [`TransportError`], which changes nothing.
    pub async fn heartbeat(&self, sign: &Heartbeat) -> Result<(), TransportError> {
        self.transport.post("/v1/presence/heartbeat", sign).await.map(drop)
    }

    /// Opens the presence channel: `GET /v1/ws?role=enforcer&id=`.
    ///
    /// # Errors
    ///
    /// [`TransportError`]; a gateway may have none.
    pub(super) async fn channel(
        &self,
        enforcer: &EnforcerId,
    ) -> Result<WebSocketStream<Upgraded>, TransportError> {
        let query = [("role", "enforcer"), ("id", enforcer.as_str())];
        self.transport.web_socket("/v1/ws", &query).await
    }

    /// Submits an artifact: `POST /v1/artifacts`.
    ///
    /// # Errors
    ///
    /// [`TransportError`]; 409 when the request id was used.
    pub async fn submit(&self, envelope: &Envelope<SubmitBody>) -> Result<Notices, TransportError> {
        let answer = self.transport.post("/v1/artifacts", envelope).await?;
        let extensions = answer.body.as_ref().and_then(|body| body["extensions"].as_array());
        let offered = extensions.is_some_and(|all| all.contains(&attention::EXTENSION.into()));
        Ok(if offered { Notices::Offered } else { Notices::Unknown })
    }

    /// Waits for a decision: `GET /v1/exchanges/{id}/wait`; `None` when there is none yet.
    ///
    /// The answer is returned as it came: only `review` can tell what it is worth. A
    /// gateway that is told what is known of the approver's attention may say more of it.
    ///
    /// # Errors
    ///
    /// [`TransportError`]; 404 when the exchange is unknown, 410 when it ended.
    pub async fn wait(
        &self,
        request: &RequestId,
        held: Duration,
        known: Option<Stage>,
    ) -> Result<Option<Value>, TransportError> {
        // Protocol section 3: seconds, 1 to 60.
        let seconds = held.as_secs().clamp(1, 60);
        let known = known.map_or_else(String::new, |stage| format!("&attention={}", stage.name()));
        let path = format!("/v1/exchanges/{request}/wait?timeout={seconds}{known}");
        let answer = self.transport.long_poll(&path, Duration::from_secs(seconds)).await?;
        Ok(if answer.status == 204 { None } else { Some(answer.body.unwrap_or(Value::Null)) })
    }

    /// Asks how far an exchange is: `GET /v1/exchanges/{id}`.
    ///
    /// # Errors
    ///
    /// [`TransportError`].
    pub async fn status(&self, request: &RequestId) -> Result<StatusBody, TransportError> {
        let answer = self.transport.get(&format!("/v1/exchanges/{request}")).await?;
        self.read::<Envelope<StatusBody>>(answer).map(|envelope| envelope.body)
    }

    /// Returns the error of a gateway that did not answer in the time it was given.
    #[must_use]
    pub fn silence(&self) -> TransportError {
        TransportError::TimedOut { url: self.transport.base().to_owned() }
    }

    /// Takes a request back: `POST /v1/exchanges/{id}/withdraw`.
    ///
    /// # Errors
    ///
    /// [`TransportError`]; 409 when it was decided already.
    pub async fn withdraw(&self, request: &RequestId) -> Result<(), TransportError> {
        let path = format!("/v1/exchanges/{request}/withdraw");
        self.transport.post_at_last(&path, &Value::Null).await.map(drop)
    }

    /// Tells that a decision arrived: `POST /v1/acks`.
    ///
    /// That it cannot changes nothing, and is only said to who reads our diagnostics.
    pub async fn acknowledge(
        &self,
        message: MessageId,
        request: &RequestId,
        enforcer: &EnforcerId,
    ) {
        let now = process::now();
        let body = AckBody { message_id: message, status: AckStatus::Delivered, ack_at: Some(now) };
        let sender = Party::enforcer(enforcer.clone());
        let told = async {
            let envelope =
                Envelope::new(MessageType::AckSubmit, request.clone(), sender, now, body)
                    .map_err(|error| TransportError::Setup { what: error.to_string() })?;
            self.transport.post("/v1/acks", &envelope).await
        };
        if let Err(error) = told.await {
            tracing::warn!(%error, %request, "the acknowledgement was refused");
        }
    }

    /// Tells what became of a command: `POST /v1/exchanges/{id}/follow-ups`.
    ///
    /// # Errors
    ///
    /// [`TransportError`]; 404 when the gateway has no such call.
    pub async fn follow_up(&self, envelope: &Envelope<FollowBody>) -> Result<(), TransportError> {
        let path = format!("/v1/exchanges/{}/follow-ups", envelope.request_id);
        self.transport.post(&path, envelope).await.map(drop)
    }

    /// Waits for what the approver wants of a command: `GET /v1/exchanges/{id}/controls`.
    ///
    /// # Errors
    ///
    /// [`TransportError`]; 404 when the gateway has no such call.
    pub async fn controls(
        &self,
        request: &RequestId,
        after: u64,
        held: Duration,
    ) -> Result<Vec<Sealed>, TransportError> {
        let seconds = held.as_secs().clamp(1, 60);
        let path = format!("/v1/exchanges/{request}/controls?after={after}&timeout={seconds}");
        let answer = self.transport.long_poll(&path, Duration::from_secs(seconds)).await?;
        if answer.status == 204 {
            return Ok(Vec::new());
        }
        self.read::<Envelope<FollowPage>>(answer).map(|page| page.body.items)
    }

    fn read<T: DeserializeOwned>(&self, answer: Answer) -> Result<T, TransportError> {
        json::from_value(answer.body.unwrap_or(Value::Null)).map_err(|error| {
            TransportError::Unreadable {
                url: self.transport.base().to_owned(),
                what: error.to_string(),
            }
        })
    }
}
