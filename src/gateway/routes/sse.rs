//! An approver is told what happens, as server-sent events.
//!
//! A stream begins with everything that waits, so that a reconnecting client has
//! missed nothing. A client too slow to follow is cut off and begins again.
//!
//! Spec: HTML 9.2, server-sent events; protocol.md section 3.

use super::extract::Segment;
use super::messages::{from_gateway, inbox_item, status_body};
use crate::gateway::activity::Busy;
use crate::gateway::hints::{Happening, Hint};
use crate::gateway::limits::{PAGE_STREAM_TIME, PAGE_STREAMS, PING_EVERY, STREAMS_PER_TOKEN};
use crate::gateway::principal::{Approver, Principal};
use crate::gateway::quota::Held;
use crate::gateway::refusal::{Refusal, Refused};
use crate::gateway::relay::Relay;
use crate::gateway::store::{Exchange, Folder};
use crate::protocol::{ApproverId, ExchangeState, MessageType};
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::Stream;
use futures_util::stream::unfold;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use tokio::sync::broadcast::Receiver;

/// How many waiting exchanges are read at once.
const AT_ONCE: i64 = 8;

/// `GET /v1/sse/approvers/{id}`.
pub(super) async fn stream(
    State(relay): State<Arc<Relay>>,
    Approver(caller): Approver,
    Segment(approver_id): Segment<ApproverId>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Refused> {
    relay.store.use_approver(caller.token_id, approver_id.as_str()).await?;
    let most = if caller.is_browser() { PAGE_STREAMS } else { STREAMS_PER_TOKEN };
    let following = Following {
        _open: relay.streams.take_within(caller.token_id, most, &relay.lasting.streams)?,
        left: relay.audience.left.subscribe(),
        over: tokio::time::Instant::now() + PAGE_STREAM_TIME,
        _busy: relay.activity.begin(),
        hints: relay.audience.hints.listen(approver_id.as_str()),
        waiting: VecDeque::new(),
        after: Some(0),
        seen: 0,
        caller,
        approver_id,
        relay,
    };
    let events = unfold(following, |mut following| async move {
        let event = following.next().await?;
        Some((Ok(event), following))
    });
    let ping =
        KeepAlive::new().interval(PING_EVERY).event(Event::default().event("ping").data("{}"));
    Ok(Sse::new(events).keep_alive(ping))
}

/// One stream: first what waits, then what happens.
struct Following {
    relay: Arc<Relay>,
    caller: Principal,
    approver_id: ApproverId,
    hints: Receiver<Hint>,
    waiting: VecDeque<Exchange>,
    /// Where to read on among what waits; `None` once all was read.
    after: Option<i64>,
    /// The last position that was sent, which a hint may name again.
    seen: i64,
    /// Who is let in no more.
    left: Receiver<i64>,
    /// When a browser has to come back and begin again.
    over: tokio::time::Instant,
    _open: Held,
    _busy: Busy,
}

impl Following {
    /// Returns the next event, or `None` when the stream is over.
    async fn next(&mut self) -> Option<Event> {
        loop {
            match self.try_next().await {
                Ok(Some(event)) => return event,
                Ok(None) => {}
                Err(error) => {
                    tracing::error!(?error, "event stream ends");
                    return None;
                }
            }
        }
    }

    /// Goes one step: `Some(None)` ends the stream, `None` was no event.
    async fn try_next(&mut self) -> Result<Option<Option<Event>>, Refusal> {
        if let Some(exchange) = self.waiting.pop_front() {
            self.seen = exchange.position;
            self.relay.hand_out(std::slice::from_ref(&exchange)).await;
            return self.event(Happening::Request, &exchange).map(|event| Some(Some(event)));
        }
        if let Some(after) = self.after {
            let approver_id = self.approver_id.as_str();
            let now = self.relay.now();
            let page =
                self.relay.store.inbox(approver_id, Folder::Pending, after, AT_ONCE, now).await?;
            self.waiting = page.items.into();
            self.after = page.next;
            return Ok(None);
        }
        let hint = tokio::select! {
            hint = self.hints.recv() => hint.ok(),
            () = self.relay.closed() => None,
            () = browser_is_out(self.caller, &mut self.left, self.over) => None,
        };
        let Some(hint) = hint else { return Ok(Some(None)) };
        let exchange = self.relay.store.exchange(self.caller, &hint.request_id).await?;
        let stale = hint.happening == Happening::Request
            && (exchange.position <= self.seen
                || exchange.state.0 != ExchangeState::PendingApproval);
        if stale {
            return Ok(None);
        }
        if hint.happening == Happening::Request {
            self.relay.hand_out(std::slice::from_ref(&exchange)).await;
        }
        self.event(hint.happening, &exchange).map(|event| Some(Some(event)))
    }

    fn event(&self, happening: Happening, exchange: &Exchange) -> Result<Event, Refusal> {
        let request_id = super::messages::stored(&exchange.request_id)?;
        let name = MessageType::from(happening.event());
        let data = match happening {
            Happening::Request => {
                let body = inbox_item(exchange)?;
                serde_json::to_string(&from_gateway(&self.relay, name, request_id, body)?)
            }
            Happening::Decided
            | Happening::Withdrawn
            | Happening::Expired
            | Happening::FollowUp => {
                let body = status_body(exchange)?;
                serde_json::to_string(&from_gateway(&self.relay, name, request_id, body)?)
            }
        };
        let data = data.map_err(|_| Refusal::Stored)?;
        Ok(Event::default().event(happening.event()).id(&exchange.request_id).data(data))
    }
}

/// Waits until the caller is a browser that may follow no longer.
async fn browser_is_out(caller: Principal, left: &mut Receiver<i64>, over: tokio::time::Instant) {
    if !caller.is_browser() {
        return std::future::pending().await;
    }
    let revoked = async {
        // Whoever cannot follow is let go as well.
        while left.recv().await.is_ok_and(|token_id| token_id != caller.token_id) {}
    };
    tokio::select! {
        () = revoked => {}
        () = tokio::time::sleep_until(over) => {}
    }
}
