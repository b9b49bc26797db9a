//! How much a gateway carries, with the client on the same machine: durable submissions
//! a second, memory of a command that waits, time from a decision to its wake-up.
//!
//! ```sh
//! cargo bench --bench load            # a minute or so; results in RESULTS-gateway.md
//! cargo bench --bench load -- 2000    # fewer submissions
//! ```
//!
//! It starts the gateway as it comes, on a directory of its own below `TMPDIR`, and
//! speaks only to it.
#![expect(clippy::print_stdout, reason = "a program that prints its measurements")]
#![expect(clippy::unwrap_used, reason = "a measurement that fails may say so by ending")]

mod client;
mod gateway;
mod pairs;

use client::Connection;
use gateway::Gateway;
use pairs::{Pair, pairs};
use std::fs;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

/// How many submissions are made when nobody says.
const SUBMISSIONS: usize = 80_000;
/// How many connections submit at once.
const SUBMITTING: usize = 64;
/// How many may wait for a decision in one pairing.
const IN_PAIRING: usize = 100;
/// How many commands wait while their memory is measured.
const WAITING: usize = 5_000;
/// How many commands wait while decisions are timed.
const WOKEN: usize = 1_000;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let number = std::env::args().skip(1).find_map(|argument| argument.parse().ok());
    let submissions: usize = number.unwrap_or(SUBMISSIONS);
    println!("load average before: {}", load_average());
    let mut gateway = Gateway::start();
    let needed = submissions.div_ceil(IN_PAIRING).max(WAITING / IN_PAIRING);
    let pairs = Arc::new(pairs(&gateway, needed).await);
    println!("paired: {} enforcers", pairs.len());

    let (accepted, took, times) = submit(&gateway.address, &pairs, submissions).await;
    println!("submissions: {accepted} in {took:.2?}: {:.0}/s", rate(accepted, took));
    println!("  until acknowledged: {}", percentiles(times));
    gateway.kill_and_start_again();
    let kept = gateway.pending().await;
    println!("after SIGKILL: {kept} of {accepted} acknowledged are there");
    assert_eq!(kept, accepted, "an acknowledged submission was lost");

    let count = WAITING.min(accepted);
    let before = gateway.resident_kib();
    let held = hold(&gateway, &pairs, count).await;
    let used = gateway.resident_kib() - before;
    println!("waiting: {count}; {:.1} KiB each", kib_each(used, count));
    drop(held);
    gateway.waits_are(0).await;

    let count = WOKEN.min(accepted);
    let times = wake(&gateway, &pairs, count).await;
    println!("decision to wake-up at {count} waiting: {}", percentiles(times));
    println!("load average after: {}", load_average());
}

/// Submits that many, and returns how many were taken, in what time, and how long each
/// took.
async fn submit(
    address: &str,
    pairs: &Arc<Vec<Pair>>,
    submissions: usize,
) -> (usize, Duration, Vec<Duration>) {
    let began = Instant::now();
    let submitting: Vec<_> = (0..SUBMITTING)
        .map(|lane| {
            let (address, pairs) = (address.to_owned(), Arc::clone(pairs));
            tokio::spawn(async move {
                let mut connection = Connection::open(&address).await;
                let mut times = Vec::new();
                for number in (lane..submissions).step_by(SUBMITTING) {
                    let request = pairs[number % pairs.len()].submission(number);
                    let sent = Instant::now();
                    let answer = connection.call(&request).await;
                    assert_eq!(answer.status, 202, "{}", answer.text());
                    times.push(sent.elapsed());
                }
                times
            })
        })
        .collect();
    let mut times = Vec::new();
    for lane in submitting {
        times.append(&mut lane.await.unwrap());
    }
    (times.len(), began.elapsed(), times)
}

/// Waits for that many decisions, each on a connection of its own.
async fn hold(gateway: &Gateway, pairs: &[Pair], count: usize) -> Vec<Connection> {
    let mut held = Vec::new();
    for number in 0..count {
        let mut connection = Connection::open(&gateway.address).await;
        connection.send(&pairs[number % pairs.len()].wait(number)).await;
        held.push(connection);
    }
    gateway.waits_are(count).await;
    held
}

/// Decides what that many wait for, some at a time, and returns how long it took from
/// sending each decision until whoever waited had it.
async fn wake(gateway: &Gateway, pairs: &Arc<Vec<Pair>>, count: usize) -> Vec<Duration> {
    let held = hold(gateway, pairs, count).await;
    let deciding = Arc::new(Semaphore::new(4));
    let woken: Vec<_> = held
        .into_iter()
        .enumerate()
        .map(|(number, mut waiting)| {
            let (address, pairs) = (gateway.address.clone(), Arc::clone(pairs));
            let deciding = Arc::clone(&deciding);
            tokio::spawn(async move {
                let mut decider = {
                    let _turn = deciding.acquire().await.unwrap();
                    Connection::open(&address).await
                };
                let turn = deciding.acquire().await.unwrap();
                let sent = Instant::now();
                let decision = pairs[number % pairs.len()].decision(number);
                let (taken, answer) = tokio::join!(decider.call(&decision), async {
                    let answer = waiting.receive().await;
                    (answer, sent.elapsed())
                });
                drop(turn);
                assert_eq!(taken.status, 200, "{}", taken.text());
                assert_eq!(answer.0.status, 200, "{}", answer.0.text());
                answer.1
            })
        })
        .collect();
    let mut times = Vec::new();
    for each in woken {
        times.push(each.await.unwrap());
    }
    times
}

#[expect(clippy::cast_precision_loss, clippy::as_conversions, reason = "shown, and small")]
fn rate(count: usize, took: Duration) -> f64 {
    count as f64 / took.as_secs_f64()
}

#[expect(clippy::cast_precision_loss, clippy::as_conversions, reason = "shown, and small")]
fn kib_each(kib: usize, count: usize) -> f64 {
    kib as f64 / count as f64
}

fn percentiles(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let at = |percent: usize| times[(times.len() - 1) * percent / 100];
    format!("p50 {:.2?}, p90 {:.2?}, p99 {:.2?}, longest {:.2?}", at(50), at(90), at(99), at(100))
}

fn load_average() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').take(3).collect::<Vec<_>>().join(" ")
}
