//! A sandbox behind a proxy that does one thing to one kind of call.

use super::trouble::{TROUBLES, Trouble};
use crate::support::{Call, Fault, Proxy, Refused, Sandbox};
use serde_json::Value;
use std::fs;
use std::path::PathBuf;
use std::process::Output;
use std::sync::{Arc, Mutex};
use std::thread;

/// The trouble of the moment.
pub(crate) type Current = Arc<Mutex<Option<Trouble>>>;

/// Returns what to do to a call while there may be trouble.
pub(crate) fn fault(current: &Current, is_hit: bool) -> Option<Fault> {
    let trouble = *current.lock().expect("no holder panics");
    trouble.filter(|_| is_hit).map(Trouble::fault)
}

/// Does something while that trouble lasts.
pub(crate) fn during<T>(current: &Current, trouble: Trouble, act: impl FnOnce() -> T) -> T {
    *current.lock().expect("no holder panics") = Some(trouble);
    let done = act();
    *current.lock().expect("no holder panics") = None;
    done
}

/// Fails when a secret was printed.
#[track_caller]
pub(crate) fn assert_silent(secrets: &[String], trouble: Trouble, output: &Output) {
    let printed = [&output.stdout[..], &output.stderr].concat();
    let printed = String::from_utf8_lossy(&printed);
    for secret in secrets {
        assert!(!printed.contains(secret.as_str()), "{trouble:?}: {printed}");
    }
}

/// Does every trouble, in as many threads as there are groups.
pub(crate) fn with_every_trouble<S>(
    stage: impl Fn() -> S + Sync,
    try_one: impl Fn(&S, Trouble, i32, i32) + Sync,
) {
    const GROUP: usize = 5;
    let (stage, try_one) = (&stage, &try_one);
    thread::scope(|scope| {
        for group in TROUBLES.chunks(GROUP) {
            scope.spawn(move || {
                let stage = stage();
                for (trouble, at_submit, at_wait) in group {
                    try_one(&stage, *trouble, *at_submit, *at_wait);
                }
            });
        }
    });
}

/// A sandbox of local mode behind a proxy.
pub(crate) struct Stage {
    pub(crate) sandbox: Sandbox,
    pub(crate) proxy: Proxy,
    current: Current,
    secrets: Vec<String>,
    pairings: Vec<u8>,
}

impl Stage {
    /// Makes one whose trouble is at such calls.
    pub(crate) fn with_trouble_at(is_hit: fn(&Call) -> bool) -> Self {
        Self::with(move |call, current| fault(current, is_hit(call)).unwrap_or(Fault::Pass))
    }

    /// Makes one whose proxy does that.
    pub(crate) fn with(handler: impl Fn(&Call, &Current) -> Fault + Send + Sync + 'static) -> Self {
        let sandbox = Sandbox::new();
        let config = sandbox.path("config/airlock-exec/config.toml");
        fs::write(config, "[timeouts]\nconnect = \"1s\"\n").expect("written");
        let current = Current::default();
        let shared = Arc::clone(&current);
        let proxy = Proxy::before(&sandbox, move |call: &Call| handler(call, &shared));
        let pairings = fs::read(Self::store(&sandbox)).expect("a pairing");
        let mut stage = Self { sandbox, proxy, current, secrets: Vec::new(), pairings };
        stage.learn_secrets();
        stage
    }

    fn store(sandbox: &Sandbox) -> PathBuf {
        sandbox.path("state/airlock-exec/enforcer/pairings.json")
    }

    fn learn_secrets(&mut self) {
        let access = self.sandbox.path("state/airlock-exec/enforcer/local-access.json");
        let access: Value =
            serde_json::from_slice(&fs::read(access).expect("a token")).expect("JSON");
        let pairing = &self.sandbox.stored_pairings()[0];
        for value in [&access["token"], &pairing["secret"], &pairing["routingToken"]] {
            self.secrets.push(value.as_str().expect("a secret").to_owned());
        }
    }

    /// Does something while that trouble lasts, from the same start each time.
    pub(crate) fn during<T>(&self, trouble: Trouble, act: impl FnOnce(&Sandbox) -> T) -> T {
        fs::write(Self::store(&self.sandbox), &self.pairings).expect("written");
        during(&self.current, trouble, || act(&self.sandbox))
    }

    #[track_caller]
    pub(crate) fn assert_silent(&self, trouble: Trouble, output: &Output) {
        assert_silent(&self.secrets, trouble, output);
    }

    /// Asks for a command, which must not run.
    #[track_caller]
    pub(crate) fn refuses(&self, trouble: Trouble, arguments: &[&str], status: i32) {
        let canary = self.sandbox.canary();
        let words = arguments.iter().map(std::ffi::OsString::from).chain(canary.arguments());
        let output = self.during(trouble, |sandbox| sandbox.start(words).finish());
        canary.assert_absent();
        assert_eq!(output.status.code(), Some(status), "{trouble:?}: {output:?}");
        let refused = Refused::with_status(&output, status);
        assert!(!refused.next.is_empty(), "{trouble:?}: {refused:?}");
        self.assert_silent(trouble, &output);
    }
}
