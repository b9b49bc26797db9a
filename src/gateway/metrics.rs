//! Numbers for whoever watches the gateway. No label has a word that a caller chose.

use super::news::Audience;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use std::fmt;
use std::time::Duration;

/// Counters by one word of ours.
pub(super) type Counts = Family<[(&'static str, &'static str); 1], Counter>;

/// The upper bounds of the times that changes take, in seconds.
const CHANGE_SECONDS: [f64; 10] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1.0, 5.0];

/// What is counted at this node.
#[derive(Debug)]
pub(super) struct Metrics {
    registry: Registry,
    answers: Family<[(&'static str, String); 2], Counter>,
    change_seconds: Histogram,
    gauges: [Gauge; 7],
}

/// What is so at the moment of asking.
#[derive(Debug, Default)]
pub(super) struct Now {
    pub(super) requests: usize,
    pub(super) waits: usize,
    pub(super) follow_ups: usize,
    pub(super) streams: usize,
    pub(super) presences: usize,
    /// What waits for a decision in the store, if that can be reached.
    pub(super) pending: Option<i64>,
}

impl Metrics {
    /// Counts from nothing.
    pub(super) fn new(audience: &Audience) -> Self {
        let mut registry = Registry::with_prefix("airlock_gateway");
        let answers = Family::default();
        registry.register("answers", "Answers by route and status", answers.clone());
        let changes = audience.changes.clone();
        registry.register("exchanges", "What became of exchanges at this node", changes);
        let change_seconds = Histogram::new(CHANGE_SECONDS);
        let help = "How long submissions and decisions took until they were on disk, in seconds";
        registry.register("change_seconds", help, change_seconds.clone());
        let gauges = [
            ("open_requests", "Requests being answered, all that is open among them"),
            ("open_waits", "Enforcers that wait for a decision"),
            ("open_follow_ups", "Waits for what is told of a decided command, by either side"),
            ("open_streams", "Event streams of approvers"),
            ("open_presences", "Channels of enforcers that say that they are there"),
            ("pending_exchanges", "Exchanges in the store that wait for a decision"),
            ("store_up", "Whether the store can be reached"),
        ];
        let gauges = gauges.map(|(name, help)| {
            let gauge = Gauge::default();
            registry.register(name, help, gauge.clone());
            gauge
        });
        Self { registry, answers, change_seconds, gauges }
    }

    /// Counts an answer.
    pub(super) fn answered(&self, route: &str, status: u16) {
        let labels = [("route", route.to_owned()), ("status", status.to_string())];
        self.answers.get_or_create(&labels).inc();
    }

    /// Counts a change that is on disk.
    pub(super) fn changed(&self, took: Duration) {
        self.change_seconds.observe(took.as_secs_f64());
    }

    /// Writes everything, in the words of Prometheus.
    pub(super) fn write(&self, now: &Now) -> Result<String, fmt::Error> {
        let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        let values = [
            count(now.requests),
            count(now.waits),
            count(now.follow_ups),
            count(now.streams),
            count(now.presences),
            now.pending.unwrap_or_default(),
            i64::from(now.pending.is_some()),
        ];
        for (gauge, value) in self.gauges.iter().zip(values) {
            gauge.set(value);
        }
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}
