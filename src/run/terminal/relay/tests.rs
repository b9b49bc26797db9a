//! The relay between a pty and a pipe that is read slowly.

use super::*;
use nix::fcntl::{FcntlArg, fcntl};
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::thread;

const SIZE: Winsize = Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 };

/// What is in the pipe before the relay writes: all it holds.
const FULL: [u8; 4096] = [b'.'; 4096];

/// Opens a pty that changes nothing, and a relay from it to a pipe that is full.
fn relay(shared: &SharedWord) -> (Relay<'_>, File, File) {
    let inner = Inner::open(SIZE, None).unwrap();
    let mut raw = inner.settings().unwrap();
    nix::sys::termios::cfmakeraw(&mut raw);
    inner.set_settings(&raw);
    let writer = File::from(inner.side().try_clone_to_owned().unwrap());
    let (reader, output) = nix::unistd::pipe().unwrap();
    fcntl(&output, FcntlArg::F_SETPIPE_SZ(4096)).unwrap();
    assert_eq!(nix::unistd::write(&output, &FULL), Ok(FULL.len()));
    let input = OwnedFd::from(File::open("/dev/null").unwrap());
    let outer = Outer::between(input, output, raw);
    (Relay::new(outer, inner, SIZE, shared), writer, File::from(reader))
}

fn numbered(length: u32) -> Vec<u8> {
    (0..length / 4).flat_map(u32::to_le_bytes).collect()
}

#[test]
fn all_is_carried_at_the_end_from_a_full_buffer() {
    let shared = SharedWord::new().unwrap();
    let (mut relay, mut writer, mut reader) = relay(&shared);
    // As much as buffer and pty hold, because nobody reads yet.
    let sent = numbered(65_536 + 4096);
    let wanted = [&FULL, sent.as_slice()].concat();
    let writing = thread::spawn(move || writer.write_all(&sent));
    while !writing.is_finished() {
        relay.carry_output();
    }
    writing.join().unwrap().unwrap();
    while relay.carry_output() != Transfer::Full {}
    let reading = thread::spawn(move || {
        let mut read = Vec::new();
        reader.read_to_end(&mut read).map(|_| read)
    });
    relay.carry_all(&SignalDescriptor::new().unwrap());
    drop(relay);
    let read = reading.join().unwrap().unwrap();
    assert!(read == wanted, "{} of {} bytes", read.len(), wanted.len());
}
