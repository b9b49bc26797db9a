//! Secrets in the desktop's keyring: the Secret Service, by libsecret's `secret-tool`.
//!
//! A program of the system speaks for us, because a D-Bus client of our own would bring
//! forty crates and threads into every command. It is given the secret on a pipe, never
//! in its arguments; an environment of its own, since the one we have is the agent's;
//! and only so much time. It is taken from one place that only the administrator writes.

use crate::process::Deadline;
use std::io::{self, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;
use thiserror::Error;
use zeroize::Zeroizing;

const PROGRAM: &str = "/usr/bin/secret-tool";
/// What it needs to find the keyring of this session.
const VARIABLES: [&str; 3] = ["DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "HOME"];
/// How long a person may take to unlock the keyring.
const PATIENCE: Duration = Duration::from_mins(1);
const PAUSE: Duration = Duration::from_millis(2);
/// The most bytes of a secret.
const LARGEST: u64 = 64 << 10;

/// Why the keyring does not give or take a secret.
#[derive(Debug, Error)]
pub enum KeyringError {
    /// The program that speaks to it is not there, or does not start.
    #[error("the keyring cannot be used: {PROGRAM}: {0}")]
    Program(#[from] io::Error),
    /// It refused, or there is none.
    #[error("the keyring does not answer: {0}")]
    Refused(String),
    /// Nobody unlocked it in time.
    #[error("the keyring was not unlocked in time")]
    Locked,
    /// It holds nothing under our name.
    #[error("the keyring no longer holds the sign-in")]
    Gone,
}

impl KeyringError {
    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> String {
        let words = match self {
            Self::Program(_) => {
                "install libsecret-tools, or keep sign-ins in a file: \
                 airlock-exec config set credentials.store file, then sign in again"
            }
            Self::Refused(_) | Self::Locked => {
                "unlock the keyring of your desktop and run it in that session; or keep sign-ins \
                 in a file: airlock-exec config set credentials.store file, then sign in again"
            }
            Self::Gone => "sign in again: airlock-exec sign-in",
        };
        words.to_owned()
    }
}

/// Tells whether this is a session of a desktop, where a person can unlock a keyring.
pub(super) fn is_offered() -> bool {
    let is_set = |name| crate::process::variable(name).is_some_and(|value| !value.is_empty());
    (is_set("WAYLAND_DISPLAY") || is_set("DISPLAY"))
        && is_set("DBUS_SESSION_BUS_ADDRESS")
        && Path::new(PROGRAM).exists()
}

/// Returns a secret.
///
/// # Errors
///
/// [`KeyringError`].
pub(super) fn lookup(name: &str) -> Result<Zeroizing<Vec<u8>>, KeyringError> {
    let answer = run("lookup", &[], name, &[])?;
    if answer.is_empty() { Err(KeyringError::Gone) } else { Ok(answer) }
}

/// Puts a secret in the place of the one before.
///
/// # Errors
///
/// [`KeyringError`].
pub(super) fn store(name: &str, secret: &[u8]) -> Result<(), KeyringError> {
    run("store", &["--label=airlock-exec"], name, secret).map(drop)
}

/// Forgets a secret.
///
/// # Errors
///
/// [`KeyringError`].
pub(super) fn clear(name: &str) -> Result<(), KeyringError> {
    match run("clear", &[], name, &[]) {
        Err(KeyringError::Gone) => Ok(()),
        cleared => cleared.map(drop),
    }
}

#[expect(clippy::disallowed_methods, reason = "speaks to the keyring, runs no user's command")]
fn run(
    action: &str,
    options: &[&str],
    name: &str,
    input: &[u8],
) -> Result<Zeroizing<Vec<u8>>, KeyringError> {
    let environment = VARIABLES.map(|name| (name, crate::process::variable(name)));
    let environment = environment.into_iter().filter_map(|(name, value)| Some((name, value?)));
    let mut child = Command::new(PROGRAM)
        .arg(action)
        .args(options)
        .args(["service", "airlock-exec", "name", name])
        .env_clear()
        .envs(environment)
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    // Shorter than a pipe holds, so that nobody waits for the other.
    let told = child.stdin.take().map_or(Ok(()), |mut pipe| pipe.write_all(input));
    let succeeded = wait(&mut child)?;
    let mut answer = Zeroizing::new(Vec::new());
    let mut complaint = String::new();
    if let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) {
        stdout.take(LARGEST).read_to_end(&mut answer)?;
        let _ = stderr.take(LARGEST).read_to_string(&mut complaint);
    }
    match complaint.lines().next() {
        _ if succeeded => told.map(|()| answer).map_err(KeyringError::Program),
        Some(line) => Err(KeyringError::Refused(line.escape_debug().to_string())),
        // It says nothing when there is nothing.
        None => Err(KeyringError::Gone),
    }
}

/// Waits for its end, and ends it when it takes too long.
fn wait(child: &mut Child) -> Result<bool, KeyringError> {
    let deadline = Deadline::after(PATIENCE);
    while !deadline.has_passed() {
        if let Some(status) = child.try_wait()? {
            return Ok(status.success());
        }
        thread::sleep(PAUSE);
    }
    child.kill()?;
    child.wait()?;
    Err(KeyringError::Locked)
}
