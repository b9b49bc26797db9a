//! What is known of streams that a command was handed: kinds, and what a file holds.

use crate::crypto::RunningDigest;
use crate::display::counted;
use crate::process::{Handed, Stream, handed_streams};
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};

/// The standard streams of a command, looked at before it starts.
#[derive(Debug)]
pub struct Streams {
    all: [(Stream, Handed); 3],
    /// A file with more bytes than this gets no digest: somebody waits for us to end.
    largest: u64,
}

impl Streams {
    /// Looks at our own, which the command is handed.
    #[must_use]
    pub fn look(largest: u64) -> Self {
        Self { all: handed_streams(), largest }
    }

    /// Tells whether one of them is a terminal.
    pub(super) fn has_terminal(&self) -> bool {
        self.all.iter().any(|(_, handed)| matches!(handed, Handed::Terminal))
    }

    /// Says of each what is known once the command has ended; of a terminal only where
    /// nothing that goes over it is recorded.
    pub(super) fn words(self, terminal_is_recorded: bool) -> Vec<String> {
        let largest = self.largest;
        let known = |(stream, handed)| {
            let what = match handed {
                Handed::Terminal if terminal_is_recorded => return None,
                Handed::Terminal => "a terminal, handed over and not counted".to_owned(),
                Handed::Pipe => "a pipe, handed over and not counted".to_owned(),
                Handed::Socket => "a socket, handed over and not counted".to_owned(),
                Handed::Null => "/dev/null".to_owned(),
                Handed::File { file: Some(file), from } => content(file, from, largest)
                    .unwrap_or_else(|error| format!("a file that cannot be read: {error}")),
                Handed::File { file: None, .. } => "a file that cannot be read".to_owned(),
                Handed::Other => "a device, handed over and not counted".to_owned(),
            };
            Some(format!("{}: {what}", name(stream)))
        };
        self.all.into_iter().filter_map(known).collect()
    }
}

fn name(stream: Stream) -> &'static str {
    match stream {
        Stream::Input => "standard input",
        Stream::Output => "standard output",
        Stream::Error => "standard error",
    }
}

/// Says how much a file holds from there on, and its digest.
fn content(mut file: File, from: u64, largest: u64) -> io::Result<String> {
    let size = file.metadata()?.len();
    // It was made shorter meanwhile: all of it is new.
    let from = if from > size { 0 } else { from };
    let bytes = size - from;
    if bytes > largest {
        return Ok(format!("a file, {}, too many for a digest", counted(bytes, "byte")));
    }
    file.seek(SeekFrom::Start(from))?;
    let mut digest = RunningDigest::default();
    let mut left = file.take(bytes);
    let mut buffer = vec![0; 64 << 10];
    let mut read = 0;
    loop {
        let count = left.read(&mut buffer)?;
        if count == 0 {
            return Ok(format!("a file, {}, sha256 {}", counted(read, "byte"), digest.finish()));
        }
        digest.add(&buffer[..count]);
        read += count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::Sha256Digest;
    use std::io::Write as _;

    #[test]
    fn of_a_file_what_came_behind_the_beginning_is_digested() {
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(b"before|after").expect("written");
        let digest = Sha256Digest::of(b"after");
        let again = || file.try_clone().expect("a descriptor");
        let said = content(again(), 7, 5).expect("read");
        assert_eq!(said, format!("a file, 5 bytes, sha256 {digest}"));
        assert_eq!(content(again(), 7, 4).expect("read"), "a file, 5 bytes, too many for a digest");
        let whole = content(again(), 900, 100).expect("read");
        assert!(whole.starts_with("a file, 12 bytes, sha256 "), "{whole}");
    }
}
