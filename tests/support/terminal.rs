//! A command on a real terminal, with somebody who reads and types.

use super::sandbox::{BINARY, Sandbox};
use super::wait::{eventually, eventually_or_show};
use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};
use std::ffi::OsStr;
use std::io::{Read, Write};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// A pty of 80 columns and 24 rows with one command as its session leader.
pub(crate) struct Terminal {
    master: Box<dyn MasterPty + Send>,
    keyboard: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    output: Arc<Mutex<Vec<u8>>>,
    reader: JoinHandle<()>,
    seen: usize,
}

impl Terminal {
    /// Starts `airlock-exec` on a terminal of its own.
    pub(crate) fn airlock<S: AsRef<OsStr>>(
        sandbox: &Sandbox,
        arguments: impl IntoIterator<Item = S>,
    ) -> Self {
        Self::program(sandbox, BINARY, arguments)
    }

    /// Starts any program on a terminal of its own.
    pub(crate) fn program<S: AsRef<OsStr>>(
        sandbox: &Sandbox,
        program: &str,
        arguments: impl IntoIterator<Item = S>,
    ) -> Self {
        let pair = native_pty_system().openpty(size(80, 24)).expect("a pty");
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        command.env_clear();
        for (name, value) in sandbox.environment() {
            command.env(name, value);
        }
        command.cwd(sandbox.work());
        let child = pair.slave.spawn_command(command).expect("the command starts");
        drop(pair.slave);
        let output = Arc::default();
        let reader = collect(pair.master.try_clone_reader().expect("a reader"), &output);
        let keyboard = pair.master.take_writer().expect("a writer");
        Self { master: pair.master, keyboard, child, output, reader, seen: 0 }
    }

    /// Types these bytes.
    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.keyboard.write_all(bytes.as_ref()).expect("the terminal takes input");
        self.keyboard.flush().expect("the terminal takes input");
    }

    /// Waits for that text after the last one waited for.
    pub(crate) fn expect(&mut self, text: &str) {
        let ask = || {
            let bytes = self.output.lock().expect("no reader panics");
            let new = &bytes[self.seen..];
            let found = new.windows(text.len()).position(|window| window == text.as_bytes())?;
            Some(self.seen + found + text.len())
        };
        let what = format!("{text:?} on the terminal");
        self.seen = eventually_or_show(&what, ask, || format!("{:?}", self.output()));
    }

    /// Gives the terminal another size.
    pub(crate) fn resize(&self, columns: u16, rows: u16) {
        self.master.resize(size(columns, rows)).expect("the size changes");
    }

    /// Returns everything that was written to the terminal so far.
    pub(crate) fn output(&self) -> String {
        String::from_utf8_lossy(&self.output.lock().expect("no reader panics")).into_owned()
    }

    /// Waits for the command to end.
    pub(crate) fn ended(&mut self) -> ExitStatus {
        eventually("the command on the terminal to end", || {
            self.child.try_wait().expect("the child is ours")
        })
    }

    /// Waits for the command to end, and for what it wrote to be read.
    pub(crate) fn finish(mut self) -> (ExitStatus, String) {
        let status = self.ended();
        // Somebody it left behind may hold the terminal for longer.
        for _ in 0..50 {
            if self.reader.is_finished() {
                break;
            }
            thread::sleep(Duration::from_millis(10));
        }
        (status, self.output())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn size(cols: u16, rows: u16) -> PtySize {
    PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }
}

fn collect(mut reader: Box<dyn Read + Send>, output: &Arc<Mutex<Vec<u8>>>) -> JoinHandle<()> {
    let shared = Arc::clone(output);
    thread::spawn(move || {
        let mut buffer = [0; 8192];
        while let Ok(length @ 1..) = reader.read(&mut buffer) {
            shared.lock().expect("no reader panics").extend_from_slice(&buffer[..length]);
        }
    })
}
