//! Whether an index has directories that are repositories of their own.
//!
//! git looks into each of them, by their own configuration, to tell whether it changed.

/// What the bits of a mode say that are no permissions.
const FILE: u32 = 0o10;
const LINK: u32 = 0o12;
const DIRECTORY: u32 = 0o4;
const REPOSITORY: u32 = 0o16;

/// What stands before the hash of an entry: times, numbers, mode, owner, size.
const BEFORE_HASH: usize = 40;
const MODE: usize = 24;

/// The hash of a repository's objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hash {
    Sha1,
    Sha256,
}

impl Hash {
    fn length(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }
}

/// Tells whether an index has another repository; `None` when it cannot be read.
///
/// Source: gitformat-index(5), versions 2 to 4.
pub(super) fn has_repository(index: &[u8], hash: Hash) -> Option<bool> {
    let version = number(index, 4).filter(|version| (2..=4).contains(version))?;
    let count = number(index, 8).filter(|_| index.starts_with(b"DIRC"))?;
    let mut found = false;
    let mut start = 12;
    for _ in 0..count {
        match number(index, start + MODE)? >> 12 {
            FILE | LINK | DIRECTORY => {}
            REPOSITORY => found = true,
            _ => return None,
        }
        let flags = start + BEFORE_HASH + hash.length();
        let is_extended = index.get(flags)? & 0x40 != 0;
        let mut name = flags + if is_extended { 4 } else { 2 };
        if version == 4 {
            // How much of the name before is cut off.
            name += index.get(name..)?.iter().position(|byte| byte & 0x80 == 0)? + 1;
        }
        let end = name + index.get(name..)?.iter().position(|byte| *byte == 0)?;
        start = match version {
            4 => end + 1,
            _ => start + (end - start + 8) / 8 * 8,
        };
    }
    (index.len() >= start + hash.length()).then_some(found)
}

fn number(index: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(index.get(at..at + 4)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(version: u32, hash: Hash, entries: &[(u32, &str)]) -> Vec<u8> {
        let mut made = b"DIRC".to_vec();
        made.extend(version.to_be_bytes());
        made.extend(u32::try_from(entries.len()).expect("few").to_be_bytes());
        for (mode, name) in entries {
            let start = made.len();
            // A size or a time may look like the mode of a repository.
            made.extend([0, 0, 0xe0, 0].repeat(6));
            made.extend(mode.to_be_bytes());
            made.extend([0, 0, 0xe0, 0].repeat(3));
            made.extend(vec![0xe0; hash.length()]);
            made.extend([0, u8::try_from(name.len()).expect("short")]);
            if version == 4 {
                made.push(0);
            }
            made.extend(name.bytes());
            made.push(0);
            while version < 4 && !(made.len() - start).is_multiple_of(8) {
                made.push(0);
            }
        }
        made.extend(vec![7; hash.length()]);
        made
    }

    #[test]
    fn a_repository_among_files_is_found() {
        let files = [(0o100_644, "a"), (0o120_000, "long/name.rs"), (0o100_755, "seven77")];
        for version in 2..=4 {
            for hash in [Hash::Sha1, Hash::Sha256] {
                assert_eq!(has_repository(&index(version, hash, &files), hash), Some(false));
                assert_eq!(has_repository(&index(version, hash, &[]), hash), Some(false));
                let more = [&files[..], &[(0o160_000, "nested")]].concat();
                assert_eq!(has_repository(&index(version, hash, &more), hash), Some(true));
                let cut = index(version, hash, &more);
                assert_eq!(has_repository(&cut[..cut.len() - hash.length() - 1], hash), None);
            }
        }
        for odd in [&b""[..], b"DIRC", b"DIRC\0\0\0\x05\0\0\0\0", b"\0\0\0\0\0\0\0\x02\0\0\0\0"] {
            assert_eq!(has_repository(odd, Hash::Sha1), None);
        }
    }
}
