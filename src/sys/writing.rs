//! A file that is on its way to the disk.

use std::fs::File;

/// Has the system begin to write what a file holds to the disk, and does not wait.
///
/// Whoever waits for the disk later waits less. Nothing is durable by it: what failed is
/// said by `fdatasync`, which must follow.
#[cfg(target_os = "linux")]
pub fn begin_writing(file: &File) {
    use nix::libc;
    use std::os::fd::AsRawFd as _;
    const ALL: libc::off64_t = 0;
    // SAFETY: an open descriptor and numbers.
    let _ =
        unsafe { libc::sync_file_range(file.as_raw_fd(), ALL, ALL, libc::SYNC_FILE_RANGE_WRITE) };
}

/// Elsewhere there is no such call.
#[cfg(not(target_os = "linux"))]
pub fn begin_writing(_: &File) {}
