//! Which machine this is, which run of it, and which processes we come from.
//!
//! What the kernel says about our ancestors cannot be set by the caller, as a
//! variable can. Linux only: elsewhere nothing is known, and nothing rests on it.

use super::Environment;
use nix::unistd::{getpid, getppid};
use serde::{Deserialize, Serialize};
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs::{self, File};
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::OnceLock;
use thiserror::Error;

/// A process, told from others that had or will have its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ancestor {
    /// Its number.
    pub process: i32,
    /// When it started, in clock ticks since the machine did.
    pub started: u64,
    /// What it calls itself: its own word.
    pub name: String,
    parent: i32,
    session: i32,
}

/// One run of a program, told from others that had or will have its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    number: i32,
    started: u64,
}

impl Process {
    /// Returns this process; `None` when the system does not tell.
    #[must_use]
    pub fn own() -> Option<Self> {
        let number = getpid().as_raw();
        Some(Self { number, started: started_at(number)? })
    }

    /// Tells whether it still runs.
    #[must_use]
    pub fn runs(self) -> bool {
        started_at(self.number) == Some(self.started)
    }

    /// Tells whether this process comes from it, or is it.
    #[must_use]
    pub fn is_around_us(self) -> bool {
        lineage().iter().any(|each| Self::from(each) == self)
    }
}

impl From<&Ancestor> for Process {
    fn from(ancestor: &Ancestor) -> Self {
        Self { number: ancestor.process, started: ancestor.started }
    }
}

/// `NUMBER-STARTED`.
impl fmt::Display for Process {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}-{}", self.number, self.started)
    }
}

/// It is not `NUMBER-STARTED`.
#[derive(Debug, Error)]
#[error("not a process")]
pub struct NotAProcess;

impl FromStr for Process {
    type Err = NotAProcess;

    fn from_str(text: &str) -> Result<Self, NotAProcess> {
        let (number, started) = text.split_once('-').ok_or(NotAProcess)?;
        let number = number.parse().map_err(|_| NotAProcess)?;
        Ok(Self { number, started: started.parse().map_err(|_| NotAProcess)? })
    }
}

/// Shells, which stand between an agent and each of its commands.
const SHELLS: &[&str] = &["sh", "bash", "dash", "zsh", "ksh", "mksh", "fish", "ash", "busybox"];
/// More ancestors than these are not looked at.
const MOST: usize = 64;

/// Returns the processes we come from, the nearest first, without the first process.
#[must_use]
pub fn ancestors() -> Vec<Ancestor> {
    let mut found: Vec<Ancestor> = Vec::new();
    let mut next = getppid().as_raw();
    while next > 1 && found.len() < MOST {
        let Some(ancestor) = look_at(next) else { break };
        next = ancestor.parent;
        found.push(ancestor);
    }
    found
}

/// Returns this process and those it comes from, the nearest first.
#[must_use]
pub fn lineage() -> Vec<Ancestor> {
    let own = look_at(getpid().as_raw());
    own.into_iter().chain(ancestors()).collect()
}

/// Returns the nearest ancestor that outlives one command: an agent, or the shell a
/// person types into.
///
/// A shell counts only when it leads its session and was not started for one text.
#[must_use]
pub fn session_process() -> Option<Ancestor> {
    ancestors().into_iter().find(|each| {
        let is_shell = is_shell(each.name.trim_start_matches('-'));
        !is_shell || each.session == each.process && !runs_one_text(each.process)
    })
}

/// Tells whether a program of that name is a shell.
#[must_use]
pub fn is_shell(name: &str) -> bool {
    SHELLS.contains(&name)
}

/// Returns when a process started, in clock ticks since the machine did; `None` when it
/// is gone, or the system does not tell.
#[must_use]
pub fn started_at(process: i32) -> Option<u64> {
    static OURS: OnceLock<(i32, Option<u64>)> = OnceLock::new();
    let find = || look_at(process).map(|found| found.started);
    if process != getpid().as_raw() {
        return find();
    }
    // A fork of the one that asked first is another.
    let (of, started) = OURS.get_or_init(|| (process, find()));
    if *of == process { *started } else { find() }
}

/// Returns what tells this run of the machine from others.
#[must_use]
pub fn boot_id() -> Option<String> {
    static BOOT_ID: OnceLock<Option<String>> = OnceLock::new();
    BOOT_ID.get_or_init(|| line_of("/proc/sys/kernel/random/boot_id")).clone()
}

/// Returns what tells this machine from others, a secret of it that must be hashed.
#[must_use]
pub fn machine_id() -> Option<String> {
    line_of("/etc/machine-id").or_else(|| line_of("/var/lib/dbus/machine-id"))
}

fn line_of(path: &str) -> Option<String> {
    let text = kernel_text(path)?;
    let line = text.trim();
    (!line.is_empty()).then(|| line.to_owned())
}

/// Reads a short text that the kernel makes: it has no length before it is read.
fn kernel_text(path: &str) -> Option<String> {
    let mut text = String::with_capacity(1024);
    File::open(path).ok()?.take(64 << 10).read_to_string(&mut text).ok()?;
    Some(text)
}

/// Reads `/proc/PID/stat`. Spec: proc(5).
fn look_at(process: i32) -> Option<Ancestor> {
    let text = kernel_text(&format!("/proc/{process}/stat"))?;
    // The name stands in parentheses and may hold any character, also those.
    let (head, tail) = text.rsplit_once(')')?;
    let (_, name) = head.split_once('(')?;
    let fields: Vec<&str> = tail.split_ascii_whitespace().collect();
    // Field 3, the state, is the first behind the name.
    let field = |number: usize| fields.get(number - 3);
    Some(Ancestor {
        process,
        name: name.to_owned(),
        parent: field(4)?.parse().ok()?,
        session: field(6)?.parse().ok()?,
        started: field(22)?.parse().ok()?,
    })
}

/// Returns the words a process was started with, as it says itself.
///
/// A process, and whoever may trace it, can write there what it likes: by itself this
/// proves nothing.
#[must_use]
pub fn words_of(process: &Ancestor) -> Vec<OsString> {
    let mut words = command_line(process.process);
    if words.last() == Some(&0) {
        words.pop();
    }
    words.split(|byte| *byte == 0).map(|word| OsStr::from_bytes(word).to_owned()).collect()
}

/// Returns the environment a process was started with; `None` when it is not ours to see.
///
/// A process can change what is read there, as with its words; the kernel shows what lies
/// where it put them at the start.
#[must_use]
pub fn environment_of(process: &Ancestor) -> Option<Environment> {
    let entries = fs::read(format!("/proc/{}/environ", process.process)).ok()?;
    let variables = entries.split(|byte| *byte == 0).filter_map(|entry| {
        let end = entry.iter().position(|byte| *byte == b'=')?;
        let text = |bytes: &[u8]| OsStr::from_bytes(bytes).to_owned();
        Some((text(&entry[..end]), text(&entry[end + 1..])))
    });
    Some(variables.collect())
}

/// Returns where a process is, as the kernel knows it.
#[must_use]
pub fn directory_of(process: &Ancestor) -> Option<PathBuf> {
    fs::read_link(format!("/proc/{}/cwd", process.process)).ok()
}

fn command_line(process: i32) -> Vec<u8> {
    fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default()
}

fn runs_one_text(process: i32) -> bool {
    command_line(process)
        .split(|byte| *byte == 0)
        .skip(1)
        .take_while(|word| word.starts_with(b"-"))
        .any(|word| !word.starts_with(b"--") && word.contains(&b'c'))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn knows_where_we_come_from() {
        let found = ancestors();
        assert_eq!(found.first().map(|each| each.process), Some(getppid().as_raw()));
        assert!(found.iter().all(|each| each.started > 0));
        assert_eq!(found, ancestors(), "nothing about it changes");
        assert!(boot_id().is_some());
    }

    #[test]
    fn a_process_is_told_by_its_number_and_when_it_started() {
        let own = Process::own().expect("this process");
        assert!(own.is_around_us() && own.runs());
        assert_eq!(own.to_string().parse::<Process>().expect("a process"), own);
        let parent = ancestors().first().map(Process::from).expect("a parent");
        assert!(parent.is_around_us() && parent != own);
        let later = Process { started: parent.started + 1, ..parent };
        assert!(!later.is_around_us() && !later.runs());
        for bad in ["", "1", "-", "1-", "1-x", "x-1", "1-2-3"] {
            assert!(bad.parse::<Process>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_name_with_parentheses_is_read_to_its_end() {
        assert!(look_at(i32::try_from(std::process::id()).expect("a number")).is_some());
        assert!(look_at(0).is_none());
    }
}
