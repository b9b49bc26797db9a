//! Bytes of a terminal as the text of JSON.

/// A character that is not whole yet waits for the next bytes.
#[derive(Debug, Default)]
pub(super) struct Text {
    begun: Vec<u8>,
}

impl Text {
    /// Returns what is whole; bytes that are no UTF-8 become U+FFFD.
    pub(super) fn take(&mut self, bytes: &[u8]) -> String {
        let joined;
        let mut rest = if self.begun.is_empty() {
            bytes
        } else {
            joined = [&std::mem::take(&mut self.begun)[..], bytes].concat();
            &joined
        };
        let mut text = String::with_capacity(rest.len());
        loop {
            match std::str::from_utf8(rest) {
                Ok(whole) => {
                    text.push_str(whole);
                    return text;
                }
                Err(error) => {
                    let (whole, after) = rest.split_at(error.valid_up_to());
                    text.push_str(&String::from_utf8_lossy(whole));
                    let Some(bad) = error.error_len() else {
                        self.begun = after.to_vec();
                        return text;
                    };
                    text.push('\u{fffd}');
                    rest = after.get(bad..).unwrap_or_default();
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_may_come_in_pieces() {
        let all = "a\u{20ac}\u{1f600}b";
        for cut in 0..all.len() {
            let mut text = Text::default();
            let (one, other) = all.as_bytes().split_at(cut);
            assert_eq!(text.take(one) + &text.take(other), all, "cut at {cut}");
        }
    }

    #[test]
    fn what_is_no_text_is_marked_and_hides_nothing() {
        let mut text = Text::default();
        assert_eq!(text.take(b"a\xffb\xe2\x82c\xc3"), "a\u{fffd}b\u{fffd}c");
        assert_eq!(text.take(b"\xa4"), "\u{e4}");
    }
}
