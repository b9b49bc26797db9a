//! An approver's event stream.

use super::Api;
use reqwest::Response;
use serde_json::Value;
use std::collections::VecDeque;
use std::time::Duration;

/// An open event stream.
pub(crate) struct Events {
    response: Response,
    text: String,
    ready: VecDeque<(String, Value)>,
}

impl Events {
    /// Opens the stream of `apr-1`.
    pub(crate) async fn open(approver: &Api) -> Self {
        let response = approver.stream("/v1/sse/approvers/apr-1").await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { response, text: String::new(), ready: VecDeque::new() }
    }

    /// Returns name and data of the next event, `None` at the end of the stream.
    pub(crate) async fn next(&mut self) -> Option<(String, Value)> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            let chunk = tokio::time::timeout(Duration::from_secs(30), self.response.chunk());
            let bytes = chunk.await.expect("an event in time").expect("a stream")?;
            self.text.push_str(std::str::from_utf8(&bytes).expect("UTF-8"));
            while let Some((event, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| {
                    event.lines().find_map(|line| line.strip_prefix(name)).map(str::trim)
                };
                let data = field("data:").expect("data");
                let name = field("event:").expect("a name").to_owned();
                self.ready.push_back((name, serde_json::from_str(data).expect("JSON")));
                self.text = String::from(rest);
            }
        }
    }
}
