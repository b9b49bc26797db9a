//! Word that an approver has looked: for whoever waits to read, and for nothing else.

use super::watcher::Notice;
use crate::protocol::exchange::StatusBody;
use crate::protocol::{Envelope, MessageType, RequestId, Stage, json};
use serde_json::Value;
use std::time::Duration;

/// Reads how far a request came, if an answer to a wait says that it came farther.
///
/// Each stage is told once, so that a gateway cannot keep us busy with it.
pub(super) fn farther(
    answer: &Value,
    request: &RequestId,
    known: Stage,
    approver: &str,
) -> Option<Notice> {
    if answer.get("msgType").and_then(Value::as_str) != Some(MessageType::ExchangeStatus.name()) {
        return None;
    }
    let envelope: Envelope<StatusBody> = json::from_value(answer.clone()).ok()?;
    let stage = envelope.body.attention.stage();
    if envelope.request_id != *request || stage <= known {
        return None;
    }
    // Both by the gateway's clock: that ours differs does not matter.
    let since = envelope.body.attention.since();
    let ago = envelope.created_at.zip(since).map(|(now, since)| now.duration_since(since));
    let ago = ago.and_then(|ago| Duration::try_from(ago).ok()).unwrap_or_default();
    Some(Notice { approver: approver.to_owned(), stage, ago })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn status(request: &str, attention: &Value) -> Value {
        json!({"msgId": "msg-1", "msgType": "exchange.status", "requestId": request,
            "createdAt": "2026-01-01T00:00:12Z", "sender": {"gatewayId": "gw-1"},
            "body": {"requestId": request, "state": "pendingApproval", "attention": attention}})
    }

    #[test]
    fn tells_each_stage_once_and_of_this_request_only() {
        let request: RequestId = "req-1".parse().expect("an id");
        let seen = json!({"deliveredAt": "2026-01-01T00:00:00Z", "seenAt": "2026-01-01T00:00:02Z"});
        let notice = farther(&status("req-1", &seen), &request, Stage::Delivered, "phone");
        let notice = notice.expect("it was seen");
        assert_eq!((notice.stage, notice.ago), (Stage::Seen, Duration::from_secs(10)));
        assert_eq!(farther(&status("req-1", &seen), &request, Stage::Seen, "phone"), None);
        assert_eq!(farther(&status("req-2", &seen), &request, Stage::None, "phone"), None);
        assert_eq!(farther(&status("req-1", &json!({})), &request, Stage::None, "phone"), None);
        let later = json!({"seenAt": "2026-01-01T01:00:00Z"});
        let notice = farther(&status("req-1", &later), &request, Stage::None, "phone");
        assert_eq!(notice.expect("it was seen").ago, Duration::ZERO);
    }
}
