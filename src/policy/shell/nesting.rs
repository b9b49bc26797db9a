//! Bounds how deep a text can nest, before anything recurses over it.

/// Deeper than anyone writes by hand.
const DEEPEST: usize = 48;

/// Tells whether a text could nest deeper than the parser is to go.
///
/// Counts brackets and words that open, also in quotes and comments: too careful, and
/// only for texts that no person would want to review.
pub(super) fn is_too_deep(text: &str) -> bool {
    let mut depth = 0_usize;
    let mut deepest = 0;
    for byte in text.bytes() {
        match byte {
            b'(' | b'{' | b'[' => depth += 1,
            b')' | b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    let opens =
        |word: &&str| matches!(*word, "if" | "while" | "until" | "for" | "case" | "do" | "!");
    let words = text.split_ascii_whitespace().filter(opens).count();
    deepest > DEEPEST || words > 8 * DEEPEST
}
