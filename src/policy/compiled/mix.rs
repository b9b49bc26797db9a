//! A checksum that tells damage.

/// A number that depends on everything mixed into it, in order.
///
/// Each step is a bijection of the number before, so two texts that differ in one
/// word of eight bytes never end in the same number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mix(u64);

impl Mix {
    /// Starts from a number.
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Mixes a number in.
    pub(super) const fn word(self, word: u64) -> Self {
        let mixed = (self.0 ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Self(mixed ^ mixed >> 32)
    }

    /// Mixes bytes in, and how many they are.
    #[expect(clippy::as_conversions, reason = "widening, where `From` is not const")]
    pub(super) const fn bytes(self, bytes: &[u8]) -> Self {
        let (mut whole, rest) = bytes.as_chunks::<8>();
        let mut mix = self;
        while let [first, others @ ..] = whole {
            mix = mix.word(u64::from_le_bytes(*first));
            whole = others;
        }
        let mut last = rest.len() as u64;
        let mut rest = rest;
        while let [first, others @ ..] = rest {
            last = last << 8 | *first as u64;
            rest = others;
        }
        mix.word(last).word(bytes.len() as u64)
    }

    /// Returns the number.
    pub(super) const fn finish(self) -> u64 {
        self.0
    }
}

/// What the compiled form depends on besides the sources: this code.
pub(super) const BUILD: u64 = Mix::new(0x6169_726c_6f63_6b01)
    .bytes(env!("CARGO_PKG_VERSION").as_bytes())
    .bytes(include_bytes!("../file/parse.rs"))
    .bytes(include_bytes!("../rule/mod.rs"))
    .bytes(include_bytes!("../rule/condition.rs"))
    .bytes(include_bytes!("../approvals.rs"))
    .bytes(include_bytes!("../danger/marked.rs"))
    .bytes(include_bytes!("../source.rs"))
    .bytes(include_bytes!("head.rs"))
    .bytes(include_bytes!("rule.rs"))
    .bytes(include_bytes!("table.rs"))
    .finish();

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_changed_byte_changes_it() {
        let text: Vec<u8> = (0..100).collect();
        let whole = Mix::new(1).bytes(&text);
        for at in 0..text.len() {
            for bit in 0..8 {
                let mut other = text.clone();
                other[at] ^= 1 << bit;
                assert_ne!(Mix::new(1).bytes(&other), whole, "{at}");
            }
        }
        assert_ne!(Mix::new(1).bytes(&text[..99]), whole);
        assert_ne!(Mix::new(2).bytes(&text), whole);
    }
}
