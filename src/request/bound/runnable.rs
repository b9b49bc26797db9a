//! Files that look as if they could be run.
//!
//! What a program does with a file that its words name is rarely known. Data may change while
//! somebody is asked, as a log or a database does, and nobody could ever approve a command
//! that names it if it were compared; what can be run must not.

use crate::process::WorkingDirectory;
use nix::sys::stat::Mode;
use std::io::Read;
use std::os::fd::IntoRawFd;
use std::path::Path;

/// The largest file that is compared, in bytes.
const LARGEST: u64 = 64 << 20;
/// The most bytes of all such files of a command.
const MOST_BYTES: u64 = 256 << 20;
/// The most such files of a command.
const MOST_FILES: usize = 48;
/// The most files whose beginning is read.
const MOST_STARTS: usize = 64;

/// How the names of files end that a language or a loader takes.
const ENDS: &[&str] = &[
    "awk", "bash", "cjs", "class", "dll", "dylib", "el", "fish", "groovy", "jar", "js", "lua",
    "mjs", "php", "pl", "pm", "ps1", "py", "pyc", "rb", "sed", "sh", "so", "tcl", "ts", "vim",
    "wasm", "zsh",
];
/// How programs and scripts begin.
const STARTS: [&[u8]; 2] = [b"#!", b"\x7fELF"];

/// How much of what words name may still be bound.
#[derive(Debug)]
pub(super) struct Room {
    files: usize,
    bytes: u64,
    starts: usize,
}

/// What becomes of a file that words name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// It does not look like it could be run.
    Data,
    /// It does, and is bound.
    Runnable,
    /// It does, and reading it would take too long.
    TooLarge,
    /// It does, and there are too many of them.
    TooMany,
}

impl Room {
    pub(super) fn new() -> Self {
        Self { files: MOST_FILES, bytes: MOST_BYTES, starts: MOST_STARTS }
    }

    /// Looks at a regular file, and takes room for it if it is to be bound.
    pub(super) fn take(&mut self, path: &Path, directory: &WorkingDirectory) -> Found {
        let Ok(state) = directory.state_of(path) else { return Found::Data };
        let executable = Mode::S_IXUSR | Mode::S_IXGRP | Mode::S_IXOTH;
        let may_be_executed = Mode::from_bits_truncate(state.st_mode).intersects(executable);
        if !(may_be_executed || has_end(path)) {
            let Some(starts) = self.starts.checked_sub(1) else { return Found::TooMany };
            self.starts = starts;
            if !has_start(path, directory) {
                return Found::Data;
            }
        }
        let size = u64::try_from(state.st_size).unwrap_or(u64::MAX);
        if size > LARGEST.min(self.bytes) {
            return Found::TooLarge;
        }
        let Some(files) = self.files.checked_sub(1) else { return Found::TooMany };
        (self.files, self.bytes) = (files, self.bytes - size);
        Found::Runnable
    }
}

fn has_end(path: &Path) -> bool {
    let end = path.extension().and_then(|end| end.to_str());
    // A library may have a version behind its end.
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let is_library = stem.ends_with(".so") || stem.contains(".so.");
    is_library || end.is_some_and(|end| ENDS.contains(&end))
}

fn has_start(path: &Path, directory: &WorkingDirectory) -> bool {
    let mut start = [0; 4];
    let Ok(mut file) = directory.open(path) else { return false };
    let length = file.read(&mut start).unwrap_or(0);
    // A record lock that our caller holds on it ends with the first descriptor of ours that is
    // closed (fcntl(2)); it is to be held as long as the command runs.
    let _ends_with_us = file.into_raw_fd();
    STARTS.iter().any(|known| start[..length].starts_with(known))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn tells_what_looks_like_it_could_be_run() {
        let root = tempfile::tempdir().expect("a directory");
        let here = WorkingDirectory::capture().expect("a directory");
        let found = |name: &str, text: &str, mode: u32| {
            let path = root.path().join(name);
            fs::write(&path, text).expect("a file");
            fs::set_permissions(&path, Permissions::from_mode(mode)).expect("a mode");
            Room::new().take(&path, &here)
        };
        for (name, text, mode) in [
            ("a", "x", 0o755),
            ("b", "#!/bin/sh", 0o644),
            ("c.py", "x", 0o644),
            ("d.so.1", "", 0o644),
        ] {
            assert_eq!(found(name, text, mode), Found::Runnable, "{name}");
        }
        for (name, text) in [("e", "x"), ("f.sorted.csv", ""), ("g.db", "# !")] {
            assert_eq!(found(name, text, 0o644), Found::Data, "{name}");
        }
    }

    #[test]
    fn there_is_room_for_so_much() {
        let place = tempfile::tempdir().expect("a directory");
        let here = WorkingDirectory::capture().expect("a directory");
        let path = place.path().join("a.sh");
        fs::write(&path, "x").expect("a file");
        let mut room = Room::new();
        for _ in 0..MOST_FILES {
            assert_eq!(room.take(&path, &here), Found::Runnable);
        }
        assert_eq!(room.take(&path, &here), Found::TooMany);
        let long = fs::File::options().write(true).open(&path).expect("a file");
        long.set_len(LARGEST + 1).expect("long");
        assert_eq!(Room::new().take(&path, &here), Found::TooLarge);
        let data = place.path().join("data");
        fs::write(&data, "x").expect("a file");
        let mut room = Room::new();
        for _ in 0..MOST_STARTS {
            assert_eq!(room.take(&data, &here), Found::Data);
        }
        assert_eq!(room.take(&data, &here), Found::TooMany);
    }
}
