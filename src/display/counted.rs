//! How many there are, in words.

use std::fmt::Display;

/// Writes a number and what it counts, which gets an `s` unless there is one.
#[must_use]
pub fn counted<N>(number: N, what: &str) -> String
where
    N: Display + PartialEq + From<u8> + Copy,
{
    if number == N::from(1) { format!("1 {what}") } else { format!("{number} {what}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_no_plural() {
        assert_eq!(counted(0_u64, "record"), "0 records");
        assert_eq!(counted(1_usize, "record"), "1 record");
        assert_eq!(counted(-1_i64, "second"), "-1 seconds");
        assert_eq!(counted(21_u32, "record"), "21 records");
    }
}
