//! What a command says that did not run.

use super::running::Running;
use super::sandbox::{Canary, Sandbox};
use super::wait::eventually;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use std::ffi::OsString;
use std::fs::{self, File};
use std::os::unix::process::ExitStatusExt;
use std::process::Output;

/// The last lines of a refusal: what happened, why in the approver's words, what next.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) what: String,
    pub(crate) why: Option<String>,
    pub(crate) next: String,
}

impl Refused {
    /// Reads the refusal of a command, which must have this exit status.
    #[track_caller]
    pub(crate) fn with_status(output: &Output, status: i32) -> Self {
        assert_eq!(output.status.code(), Some(status), "{}", said(output));
        Self::read(output)
    }

    /// Reads the refusal of a command, which must have died of this signal.
    #[track_caller]
    pub(crate) fn by_signal(output: &Output, signal: Signal) -> Self {
        let died = output.status.signal().and_then(|number| Signal::try_from(number).ok());
        assert_eq!(died, Some(signal), "{:?} {}", output.status, said(output));
        Self::read(output)
    }

    #[track_caller]
    fn read(output: &Output) -> Self {
        let refused = Self::of_subcommand(output);
        assert!(refused.what.ends_with("; nothing was executed"), "{}", said(output));
        refused
    }

    /// Reads what a subcommand says that failed.
    #[track_caller]
    pub(crate) fn of_subcommand(output: &Output) -> Self {
        let text = said(output);
        assert!(output.stdout.is_empty(), "standard output is the command's: {output:?}");
        let mut lines: Vec<&str> = text.lines().collect();
        let next = lines.pop().and_then(|line| line.strip_prefix("  next: ")).map(str::to_owned);
        let why = lines.last().and_then(|line| line.strip_prefix("  why: ")).map(str::to_owned);
        if why.is_some() {
            lines.pop();
        }
        let what = lines.pop().and_then(|line| line.strip_prefix("airlock-exec: "));
        let (Some(what), Some(next)) = (what, next) else { panic!("not three lines: {text}") };
        Self { what: what.to_owned(), why, next }
    }

    /// Fails unless it says all of these.
    #[track_caller]
    pub(crate) fn assert_says(&self, words: &[&str]) {
        let whole = format!("{}\n{}\n{}", self.what, self.why.as_deref().unwrap_or(""), self.next);
        for word in words {
            assert!(whole.contains(word), "{word:?} is not in: {whole}");
        }
    }
}

/// Fails unless nothing ran and the refusal has this status and these words.
#[track_caller]
pub(crate) fn assert_refused(output: &Output, canary: &Canary, status: i32, words: &[&str]) {
    Refused::with_status(output, status).assert_says(words);
    canary.assert_absent();
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("we write UTF-8")
}

impl Sandbox {
    /// Starts a canary command that waits at most so long.
    pub(crate) fn start_canary(&self, canary: &Canary, wait: &str) -> Running {
        let arguments = ["--wait".into(), OsString::from(wait)];
        self.start(arguments.into_iter().chain(canary.arguments()))
    }

    /// Has one command approved, so that a gateway runs and an approver is paired.
    pub(crate) fn warm_up(&self) {
        let first = self.start(["--", "true"]);
        self.approve(&self.pending());
        assert!(first.finish().status.success());
    }

    /// Returns the process of the local gateway that runs.
    pub(crate) fn gateway_pid(&self) -> i32 {
        let path = self.path("run/airlock-exec/gateway.json");
        let endpoint: Value =
            serde_json::from_slice(&fs::read(path).expect("an endpoint")).expect("JSON");
        endpoint["pid"].as_i64().and_then(|pid| i32::try_from(pid).ok()).expect("a process")
    }

    /// Ends the local gateway with SIGKILL and waits until it is gone.
    ///
    /// What still tells an approver how a command ended would start it again.
    pub(crate) fn kill_gateway(&self) {
        eventually("nobody to tell an approver anything", || {
            (!self.tells_an_approver()).then_some(())
        });
        let pid = Pid::from_raw(self.gateway_pid());
        kill(pid, Signal::SIGKILL).expect("the gateway is ours");
        let lock = self.path("run/airlock-exec/gateway.lock");
        eventually("the gateway to be gone", || {
            let file = File::options().append(true).open(&lock).expect("a lock");
            file.try_lock().is_ok().then_some(())
        });
    }

    /// Tells whether a process of this sandbox tells an approver something.
    fn tells_an_approver(&self) -> bool {
        let root = self.path("");
        let root = root.as_os_str().as_encoded_bytes();
        let has = |text: &[u8], part: &[u8]| text.windows(part.len()).any(|found| found == part);
        let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
        let mut processes = entries.map(|entry| entry.path());
        processes.any(|process| {
            let read = |name: &str| fs::read(process.join(name)).unwrap_or_default();
            has(&read("cmdline"), b"tell-approver") && has(&read("environ"), root)
        })
    }
}
