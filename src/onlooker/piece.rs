//! The newest bytes of what came, and how many before them are gone.

/// At most so many bytes, the newest.
#[derive(Debug)]
pub(super) struct Piece {
    most: usize,
    bytes: Vec<u8>,
    skipped: u64,
}

impl Piece {
    /// Keeps that many.
    pub(super) fn of(most: usize) -> Self {
        Self { most, bytes: Vec::new(), skipped: 0 }
    }

    /// Adds bytes; old ones make room.
    pub(super) fn push(&mut self, new: &[u8]) {
        let kept = new.get(new.len().saturating_sub(self.most)..).unwrap_or_default();
        let over = (self.bytes.len() + kept.len()).saturating_sub(self.most);
        self.bytes.drain(..over.min(self.bytes.len()));
        self.bytes.extend_from_slice(kept);
        let gone = over + (new.len() - kept.len());
        self.skipped = self.skipped.saturating_add(u64::try_from(gone).unwrap_or(u64::MAX));
    }

    /// Returns them.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns how many came before them and are gone.
    pub(super) fn skipped(&self) -> u64 {
        self.skipped
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.skipped = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_newest_and_counts_the_rest() {
        let mut piece = Piece::of(4);
        piece.push(b"abc");
        assert_eq!((piece.bytes(), piece.skipped()), (&b"abc"[..], 0));
        piece.push(b"def");
        assert_eq!((piece.bytes(), piece.skipped()), (&b"cdef"[..], 2));
        piece.push(b"0123456789");
        assert_eq!((piece.bytes(), piece.skipped()), (&b"6789"[..], 12));
        piece.clear();
        assert_eq!((piece.bytes(), piece.skipped()), (&b""[..], 0));
    }
}
