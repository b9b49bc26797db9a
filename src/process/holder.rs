//! Who holds a lock that we wait for.

use std::fs::{File, read_to_string};
use std::os::unix::fs::MetadataExt;

/// Returns the process that holds a `flock` on that file, in words: its name, as far as that
/// is plain, and its number. `None` where the system does not say.
pub(super) fn holder_of(file: &File) -> Option<String> {
    let inode = file.metadata().ok()?.ino().to_string();
    let locks = read_to_string("/proc/locks").ok()?;
    let process = locks.lines().find_map(|line| holder_in(line, &inode))?;
    let name = read_to_string(format!("/proc/{process}/comm")).unwrap_or_default();
    let name: String = name.chars().filter(|each| is_plain(*each)).collect();
    let process = format!("process {process}");
    Some(if name.is_empty() { process } else { format!("{name}, {process}") })
}

/// Reads a line: `3: FLOCK  ADVISORY  WRITE 11660 fe:00:5603647 0 EOF`. One of a process that
/// waits for the lock has an arrow behind the number.
fn holder_in(line: &str, inode: &str) -> Option<u32> {
    let fields: Vec<&str> = line.split_ascii_whitespace().collect();
    let [_, "FLOCK", _, _, process, file, ..] = fields[..] else { return None };
    let (_, found) = file.rsplit_once(':')?;
    // Those of processes that we cannot see have no number.
    (found == inode).then(|| process.parse().ok().filter(|process| *process > 0))?
}

fn is_plain(each: char) -> bool {
    each.is_ascii_alphanumeric() || matches!(each, '-' | '_' | '.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_who_holds_a_lock_and_not_who_waits() {
        let line = "3: FLOCK  ADVISORY  WRITE 11660 fe:00:5603647 0 EOF";
        assert_eq!(holder_in(line, "5603647"), Some(11660));
        for other in [
            "3: -> FLOCK  ADVISORY  WRITE 11660 fe:00:5603647 0 EOF",
            "3: POSIX  ADVISORY  WRITE 11660 fe:00:5603647 0 EOF",
            "3: FLOCK  ADVISORY  WRITE 11660 fe:00:56036 0 EOF",
            "3: FLOCK  ADVISORY  WRITE 0 fe:00:5603647 0 EOF",
            "",
        ] {
            assert_eq!(holder_in(other, "5603647"), None, "{other}");
        }
    }
}
