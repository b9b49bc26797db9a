//! The processes that came from one, as far as the system tells.

use std::fs;

/// More than these are not looked for.
const MOST: usize = 4096;

/// Returns a process and all that it started, directly or not, and that still have a
/// parent among them. Linux only: elsewhere the process alone.
#[must_use]
pub fn with_descendants(process: i32) -> Vec<i32> {
    let mut found = vec![process];
    let mut next = 0;
    while let Some(parent) = found.get(next).copied() {
        next += 1;
        for child in children_of(parent) {
            if found.len() < MOST && !found.contains(&child) {
                found.push(child);
            }
        }
    }
    found
}

/// Reads `/proc/PID/task/*/children`: a thread has those that it started. Spec: proc(5).
fn children_of(process: i32) -> Vec<i32> {
    let Ok(threads) = fs::read_dir(format!("/proc/{process}/task")) else { return Vec::new() };
    let of_thread = |thread: fs::DirEntry| fs::read_to_string(thread.path().join("children")).ok();
    let texts: Vec<String> = threads.flatten().filter_map(of_thread).collect();
    texts.iter().flat_map(|text| text.split_ascii_whitespace()).flat_map(str::parse).collect()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::process::{Command, Stdio};

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a process is what this is about")]
    fn finds_children_of_children() {
        let mut shell = Command::new("sh")
            .args(["-c", "sleep 60 & wait"])
            .stdin(Stdio::null())
            .spawn()
            .expect("a shell");
        let pid = i32::try_from(shell.id()).expect("a number");
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
        while with_descendants(pid).len() < 2 && std::time::Instant::now() < deadline {
            std::thread::yield_now();
        }
        let found = with_descendants(pid);
        assert_eq!(found.len(), 2);
        let sleep = nix::unistd::Pid::from_raw(found[1]);
        nix::sys::signal::kill(sleep, nix::sys::signal::Signal::SIGKILL).expect("ours");
        shell.kill().expect("ended");
        shell.wait().expect("a status");
        assert_eq!(with_descendants(pid), [pid]);
    }
}
