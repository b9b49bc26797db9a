//! Starts the gateway of local mode when none answers.

use super::first_word::FirstWord;
use super::{Endpoint, LocalError, Role, access};
use crate::client::Transport;
use crate::config::Paths;
use crate::process::{Deadline, FileLock, PrivateDir, own_binary};
use std::io::BufReader;
use std::process::{Command, Stdio};
use std::time::Duration;

/// One starter at a time; the others wait for what it starts.
const START_LOCK: &str = "start.lock";
/// Before it is looked again whether the gateway that somebody else starts is up.
const PAUSE: Duration = Duration::from_millis(5);
/// How long a gateway may take to come up on a busy machine.
const PATIENCE: Duration = Duration::from_secs(15);

/// Connects to the local gateway in that role, starting it when none runs.
///
/// # Errors
///
/// [`LocalError`] by what is missing.
pub(in crate::cli) fn connect(
    paths: &Paths,
    role: Role,
) -> Result<(Endpoint, Transport), LocalError> {
    let endpoint = running(paths)?;
    let token = access::token(paths, role, &endpoint)?;
    let transport = Transport::new(&endpoint.url, Some(&token))?;
    Ok((endpoint, transport))
}

fn running(paths: &Paths) -> Result<Endpoint, LocalError> {
    if let Some(endpoint) = Endpoint::of_running(paths)? {
        return Ok(endpoint);
    }
    let directory = PrivateDir::open(paths.runtime())?;
    let lock = directory.append(START_LOCK)?;
    let _starting = FileLock::take_within(&lock, PATIENCE).map_err(LocalError::Lock)?;
    let deadline = Deadline::after(PATIENCE);
    while !deadline.has_passed() {
        // Somebody else may have started it, or ours may be up by now.
        if let Some(endpoint) = Endpoint::of_running(paths)? {
            return Ok(endpoint);
        }
        start(paths)?;
        std::thread::sleep(PAUSE);
    }
    Err(LocalError::NoGateway { log: paths.state().join("gateway.log") })
}

/// Starts the gateway and waits until it listens or gave up.
///
/// What we start only starts the server and ends, so that the server is nobody's
/// child: a command that takes our place must not find a child it never had.
#[expect(clippy::disallowed_methods, reason = "starts our own binary, not a user's command")]
fn start(paths: &Paths) -> Result<(), LocalError> {
    let log = PrivateDir::open(paths.state())?.append("gateway.log")?;
    let binary = own_binary().map_err(LocalError::Start)?;
    let mut starter = Command::new(binary)
        .arg("local-gateway")
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(log)
        .spawn()
        .map_err(LocalError::Start)?;
    let heard =
        starter.stdout.take().map_or(Ok(()), |output| FirstWord::wait(BufReader::new(output)));
    starter.wait().map_err(LocalError::Start)?;
    heard
}
