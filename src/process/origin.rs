//! Which machine this is, which run of it, and which processes we come from.
//!
//! What the kernel says about our ancestors cannot be set by the caller, as a
//! variable can. Linux only: elsewhere nothing is known, and nothing rests on it.

use super::Environment;
use nix::unistd::getppid;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::sync::OnceLock;

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
    let own = look_at(nix::unistd::getpid().as_raw());
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
    look_at(process).map(|found| found.started)
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
    fn a_name_with_parentheses_is_read_to_its_end() {
        assert!(look_at(i32::try_from(std::process::id()).expect("a number")).is_some());
        assert!(look_at(0).is_none());
    }
}
