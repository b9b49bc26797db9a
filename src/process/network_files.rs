//! Directories that lie on another machine.

use std::path::Path;

/// Network file systems by the number that statfs(2) gives: several machines may see
/// the same files, and not every one of them keeps locks or writes when asked to.
#[cfg(target_os = "linux")]
const NAMES: [(u32, &str); 8] = [
    (0x0000_6969, "NFS"),
    (0x0000_517b, "SMB"),
    (0xfe53_4d42, "SMB"),
    (0xff53_4d42, "CIFS"),
    (0x00c3_6400, "Ceph"),
    (0x5346_414f, "AFS"),
    (0x0bd0_0bd0, "Lustre"),
    (0x7375_7245, "Coda"),
];

/// Returns the name of the network file system a file lies on, if it lies on one.
#[cfg(target_os = "linux")]
#[must_use]
pub fn network_of(path: &Path) -> Option<&'static str> {
    name_of(nix::sys::statfs::statfs(path).ok()?.filesystem_type())
}

/// Elsewhere nobody is asked.
#[cfg(not(target_os = "linux"))]
#[must_use]
pub fn network_of(_path: &Path) -> Option<&'static str> {
    None
}

#[cfg(target_os = "linux")]
fn name_of(found: nix::sys::statfs::FsType) -> Option<&'static str> {
    // The number has 32 bits, and some systems keep it in a signed one.
    let bytes = found.0.to_le_bytes();
    let number = bytes.first_chunk::<4>().map(|bytes| u32::from_le_bytes(*bytes))?;
    NAMES.iter().find(|(magic, _)| *magic == number).map(|(_, name)| *name)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use nix::sys::statfs::{FsType, NFS_SUPER_MAGIC, PROC_SUPER_MAGIC, SMB_SUPER_MAGIC};

    #[test]
    fn knows_a_network_from_a_disk() {
        assert_eq!(name_of(NFS_SUPER_MAGIC), Some("NFS"));
        assert_eq!(name_of(SMB_SUPER_MAGIC), Some("SMB"));
        assert_eq!(name_of(FsType(0xff53_4d42)), Some("CIFS"));
        assert_eq!(name_of(PROC_SUPER_MAGIC), None);
        assert_eq!(network_of(Path::new("/proc")), None);
        assert_eq!(network_of(Path::new("/absent")), None);
    }
}
