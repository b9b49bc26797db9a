//! A command in the background, and the end of whatever a sandbox started.

use super::wait::{DEADLINE, eventually_or_show};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::{fs, thread};

/// A command that runs on pipes, as an agent runs one.
pub(crate) struct Running {
    child: Child,
    stdout: Stream,
    stderr: Stream,
}

impl Running {
    /// Starts the command with an empty standard input.
    pub(crate) fn start(command: &mut Command) -> Self {
        Self::start_with_input(command, &[])
    }

    /// Starts the command and writes these bytes to its standard input.
    pub(crate) fn start_with_input(command: &mut Command, input: &[u8]) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the command starts");
        let mut stdin = child.stdin.take().expect("a pipe");
        let input = input.to_vec();
        // A command that does not read its input closes the pipe: no fault.
        thread::spawn(move || drop(stdin.write_all(&input)));
        let stdout = Stream::read(child.stdout.take().expect("a pipe"));
        let stderr = Stream::read(child.stderr.take().expect("a pipe"));
        Self { child, stdout, stderr }
    }

    /// Returns its process number.
    pub(crate) fn pid(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.child.id()).expect("a process number"))
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        kill(self.pid(), signal).expect("the process is ours");
    }

    /// Returns what it wrote to standard output so far.
    pub(crate) fn stdout(&self) -> String {
        self.stdout.text()
    }

    /// Returns what it wrote to standard error so far.
    pub(crate) fn stderr(&self) -> String {
        self.stderr.text()
    }

    /// Waits until standard error holds that text.
    pub(crate) fn wait_for_stderr(&self, text: &str) {
        let ask = || self.stderr().contains(text).then_some(());
        eventually_or_show(&format!("{text:?} on standard error"), ask, || self.stderr());
    }

    /// Waits until standard output holds that text.
    pub(crate) fn wait_for_stdout(&self, text: &str) {
        let ask = || self.stdout().contains(text).then_some(());
        eventually_or_show(&format!("{text:?} on standard output"), ask, || self.stderr());
    }

    /// Tells whether it has ended.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().expect("the child is ours").is_some()
    }

    /// Waits for the end, and for both pipes to be closed by everybody.
    ///
    /// A background process of ours that kept a pipe open would hang the agent
    /// that reads it, so that is a failure here.
    pub(crate) fn finish(mut self) -> Output {
        let ask = || self.child.try_wait().ok().flatten();
        let show = || format!("{}{}", self.stdout.text(), self.stderr.text());
        let status = eventually_or_show("the command to end", ask, show);
        Output { status, stdout: self.stdout.whole(), stderr: self.stderr.whole() }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

struct Stream {
    bytes: Arc<Mutex<Vec<u8>>>,
    closed: Receiver<()>,
}

impl Stream {
    fn read(mut pipe: impl Read + Send + 'static) -> Self {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let (sender, closed) = channel();
        let shared = Arc::clone(&bytes);
        thread::spawn(move || {
            let mut buffer = [0; 8192];
            while let Ok(length @ 1..) = pipe.read(&mut buffer) {
                shared.lock().expect("no reader panics").extend_from_slice(&buffer[..length]);
            }
            let _ = sender.send(());
        });
        Self { bytes, closed }
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes.lock().expect("no reader panics")).into_owned()
    }

    fn whole(&self) -> Vec<u8> {
        let closed = self.closed.recv_timeout(DEADLINE);
        assert!(
            closed.is_ok(),
            "the command ended, but somebody still holds its pipe: {}",
            self.text()
        );
        self.bytes.lock().expect("no reader panics").clone()
    }
}

/// Ends every process whose HOME is below that directory: those of one sandbox.
///
/// One of them may start another while the list is read, so it is read until none is left.
pub(crate) fn end_all_below(root: &Path) {
    let home = [b"HOME=", root.as_os_str().as_encoded_bytes(), b"/"].concat();
    while end_each_with(&home) {
        std::thread::yield_now();
    }
}

/// Ends the processes that have that variable, and tells whether there were any.
fn end_each_with(home: &[u8]) -> bool {
    let Ok(processes) = fs::read_dir("/proc") else { return false };
    let mut found = false;
    for entry in processes.filter_map(Result::ok) {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        // Nothing can be read of one that has ended and was not waited for.
        let environment = fs::read(entry.path().join("environ")).unwrap_or_default();
        if environment.split(|byte| *byte == 0).any(|variable| variable.starts_with(home)) {
            found |= kill(Pid::from_raw(pid), Signal::SIGKILL).is_ok();
        }
    }
    found
}
