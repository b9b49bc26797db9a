//! What a file held when it was digested, and whether it still does.

use crate::crypto::Sha256Digest;
use crate::process::FileState;
use nix::unistd::Uid;
use std::fs::{File, Metadata};
use std::io::{self, Read, Seek};
use std::os::unix::fs::MetadataExt;

/// The digest of a file's content and the state the system said it was in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Content {
    pub(super) digest: Sha256Digest,
    pub(super) state: FileState,
}

/// How closely something is compared with what it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Care {
    /// By what the system says of a file; it is read only where that changed. For a
    /// first look, before an approval is spent.
    State,
    /// By content, of every file that we or anybody but its owner could have changed.
    /// Right before the command starts.
    Content,
}

/// How the content behind a descriptor compares with what it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    /// Byte for byte what it was.
    Same,
    /// Another file with the same bytes.
    OtherFile,
    /// Other bytes.
    Other(Sha256Digest),
}

impl Content {
    /// Digests what the descriptor leads to, from its start.
    pub(super) fn of(file: &File) -> io::Result<Self> {
        // The state is from before: a change while we read makes it differ later.
        let state = FileState::of(file)?;
        Ok(Self { digest: digest(file)?, state })
    }

    /// Compares; reads the content again unless nobody of ours could change it.
    ///
    /// Whoever may write a file may also make its times look untouched (a shared
    /// mapping written to late), so times only count where we may not write.
    pub(super) fn compare(&self, file: &File, care: Care) -> io::Result<Comparison> {
        let metadata = file.metadata()?;
        let state = FileState::of_metadata(&metadata);
        if state == self.state && (care == Care::State || !may_be_changed_by_us(&metadata)) {
            return Ok(Comparison::Same);
        }
        let found = digest(file)?;
        Ok(if found != self.digest {
            Comparison::Other(found)
        } else if state.is_of_same_file(&self.state) {
            Comparison::Same
        } else {
            Comparison::OtherFile
        })
    }
}

/// Tells whether the user who runs us may write the file, or give himself leave to.
fn may_be_changed_by_us(found: &Metadata) -> bool {
    let user = Uid::effective();
    user.is_root() || found.uid() == user.as_raw() || found.mode() & 0o022 != 0
}

/// Returns the start of a text, at most so many bytes; `None` when it is no text.
pub(super) fn preview(mut file: &File, limit: usize) -> io::Result<Option<String>> {
    file.rewind()?;
    let mut start = Vec::with_capacity(limit.min(4096));
    let length = u64::try_from(limit).unwrap_or(u64::MAX);
    file.take(length).read_to_end(&mut start)?;
    Ok(text(start, limit))
}

/// Takes bytes that were cut at the limit as text; a character cut in two is left out.
pub(super) fn text(mut bytes: Vec<u8>, limit: usize) -> Option<String> {
    let was_cut = bytes.len() >= limit;
    bytes.truncate(limit);
    if bytes.contains(&0) {
        return None;
    }
    match String::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) if was_cut && error.utf8_error().error_len().is_none() => {
            let end = error.utf8_error().valid_up_to();
            let mut bytes = error.into_bytes();
            bytes.truncate(end);
            String::from_utf8(bytes).ok()
        }
        Err(_) => None,
    }
}

fn digest(mut file: &File) -> io::Result<Sha256Digest> {
    file.rewind()?;
    Sha256Digest::of_reader(&mut file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_other_bytes_and_other_files_from_the_same() {
        let place = tempfile::tempdir().unwrap();
        let (one, two) = (place.path().join("one"), place.path().join("two"));
        std::fs::write(&one, "content").unwrap();
        std::fs::write(&two, "content").unwrap();
        let content = Content::of(&File::open(&one).unwrap()).unwrap();
        let compared = |path| content.compare(&File::open(path).unwrap(), Care::Content).unwrap();
        assert_eq!(compared(&one), Comparison::Same);
        assert_eq!(compared(&two), Comparison::OtherFile);
        std::fs::write(&one, "CONTENT").unwrap();
        assert_eq!(compared(&one), Comparison::Other(Sha256Digest::of(b"CONTENT")));
    }

    #[test]
    fn a_first_look_sees_what_the_system_says_of_a_file() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("file");
        std::fs::write(&path, "content").unwrap();
        let file = File::open(&path).unwrap();
        let mut content = Content::of(&file).unwrap();
        assert_eq!(content.compare(&file, Care::State).unwrap(), Comparison::Same);
        // As if it had been changed and its state made to look untouched.
        content.digest = Sha256Digest::of(b"reviewed");
        assert_eq!(content.compare(&file, Care::State).unwrap(), Comparison::Same);
        assert_ne!(content.compare(&file, Care::Content).unwrap(), Comparison::Same);
        std::fs::write(&path, "CONTENT").unwrap();
        assert_ne!(content.compare(&file, Care::State).unwrap(), Comparison::Same);
    }

    #[test]
    fn cuts_a_text_between_characters() {
        assert_eq!(text("aé".into(), 2).as_deref(), Some("a"));
        assert_eq!(text("aé".into(), 3).as_deref(), Some("aé"));
        assert_eq!(text(b"a\xff".to_vec(), 9), None);
        assert_eq!(text(b"a\xc3".to_vec(), 9), None);
        assert_eq!(text(b"a\0b".to_vec(), 9), None);
    }
}
