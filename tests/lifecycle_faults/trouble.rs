//! What goes wrong, and what the calls that matter most do about it.

use crate::support::Fault;
use airlock_exec::process;
use jiff::SignedDuration;
use serde_json::json;
use std::time::Duration;

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    Cut,
    Reset,
    LostAnswer,
    Hang,
    Drip,
    DripBody,
    Truncated,
    Status(&'static str, &'static str),
    Body(&'static [u8]),
    Deep,
    Giant,
    Packed,
    Empty,
    NotBefore,
    WrongType,
}

use Trouble::{
    Body, Cut, Deep, Drip, DripBody, Empty, Giant, Hang, LostAnswer, NotBefore, Packed, Reset,
    Status, Truncated, WrongType,
};

/// Every fault of security 7.1, and the status of a command when it is done to
/// `submit`, and when it is done to `wait`.
pub(crate) const TROUBLES: [(Trouble, i32, i32); 35] = [
    (Cut, 124, 122),
    (Reset, 124, 122),
    (LostAnswer, 124, 122),
    (Hang, 124, 122),
    (Drip, 124, 122),
    (DripBody, 124, 122),
    (Truncated, 124, 122),
    (Status("400 Bad Request", "invalid_request"), 125, 125),
    (Status("401 Unauthorized", "unauthorized"), 124, 124),
    (Status("403 Forbidden", "forbidden"), 124, 124),
    (CONSENT_REQUIRED, 124, 124),
    (Status("403 Forbidden", "app_consent_denied"), 124, 124),
    (Status("403 Forbidden", "pairing_revoked"), 124, 124),
    (Status("404 Not Found", "not_found"), 124, 124),
    (Status("409 Conflict", "conflict"), 124, 124),
    (Status("410 Gone", "expired"), 122, 122),
    (Status("413 Content Too Large", "payload_too_large"), 125, 125),
    (Status("422 Unprocessable Content", "no_approver"), 124, 124),
    (Status("426 Upgrade Required", "upgrade"), 125, 125),
    (Status("429 Too Many Requests", "quota_exceeded"), 124, 124),
    (Status("429 Too Many Requests\r\nretry-after: 86400", "rate_limited"), 124, 124),
    (NotBefore, 124, 124),
    (Status("500 Internal Server Error", "internal_error"), 124, 122),
    (Status("501 Not Implemented", "unsupported"), 124, 124),
    (Status("505 HTTP Version Not Supported", "unsupported"), 124, 124),
    (Status("302 Found\r\nlocation: http://127.0.0.1:9/", "elsewhere"), 124, 124),
    (Body(b"<html>"), 124, 123),
    (Body(b"{\"msgType\":\"decision.del"), 124, 123),
    (Body(b"{\"msgType\":\"a\",\"msgType\":\"decision.deliver\"}"), 124, 123),
    (Body(b"\"\xff\""), 124, 123),
    (Deep, 124, 123),
    (Giant, 124, 123),
    (Packed, 124, 123),
    // A receipt of any type is one; then the gateway knows of no such exchange.
    (WrongType, 124, 123),
    (Empty, 124, 122),
];

/// What a person can mend while we wait.
pub(crate) const CONSENT_REQUIRED: Trouble = Status("403 Forbidden", "app_consent_required");

impl Trouble {
    pub(crate) fn fault(self) -> Fault {
        const OK: &str = "HTTP/1.1 200 OK";
        const PAUSE: Duration = Duration::from_millis(50);
        match self {
            Cut => Fault::Cut,
            Reset => Fault::Reset,
            LostAnswer => Fault::LoseAnswer,
            Hang => Fault::Hang,
            Drip => Fault::Drip(PAUSE),
            DripBody => Fault::DripBody(PAUSE),
            Truncated => Fault::Truncate,
            Status(line, code) => refusal(line, code),
            NotBefore => {
                let tomorrow = process::now() + SignedDuration::from_hours(24);
                let date = tomorrow.strftime("%a, %d %b %Y %H:%M:%S GMT");
                let line = format!("429 Too Many Requests\r\nretry-after: {date}");
                refusal(&line, "rate_limited")
            }
            Body(bytes) => Fault::Answer(OK, bytes.to_vec()),
            Deep => Fault::Answer(OK, [[b'['; 40], [b']'; 40]].concat()),
            Giant => Fault::Answer(OK, vec![b' '; 2 << 20]),
            // Nothing of ours is ever unpacked.
            Packed => {
                Fault::Answer("HTTP/1.1 200 OK\r\ncontent-encoding: gzip", b"\x1f\x8b\x08".to_vec())
            }
            Empty => Fault::Answer("HTTP/1.1 204 No Content", Vec::new()),
            WrongType => {
                let body = json!({"msgType": "decision.tomorrow", "requestId": "req-1",
                    "sender": {}, "body": {}});
                Fault::Answer(OK, body.to_string().into_bytes())
            }
        }
    }

    /// Tells whether a call without an answer was made all the same.
    pub(crate) fn takes_effect(self) -> bool {
        self == LostAnswer
    }

    /// Tells whether it is a success whose content is none.
    pub(crate) fn is_rubbish(self) -> bool {
        matches!(self, Body(_) | Deep | Giant | Packed | Empty | WrongType)
    }
}

/// Status lines live as long as the test.
fn refusal(line: &str, code: &str) -> Fault {
    let head = Box::leak(format!("HTTP/1.1 {line}").into_boxed_str());
    Fault::Answer(head, json!({"error": code, "message": "some words"}).to_string().into_bytes())
}
