//! The end of what a command wrote, cut at lines.

/// Returns the last so many lines; what was cut off before does not count as one.
pub(super) fn last(bytes: &[u8], lines: usize) -> &[u8] {
    let body = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let starts = body.iter().enumerate().rev().filter(|(_, byte)| **byte == b'\n');
    match starts.map(|(at, _)| at + 1).nth(lines.saturating_sub(1)) {
        _ if lines == 0 => &[],
        Some(start) => bytes.get(start..).unwrap_or_default(),
        None => bytes,
    }
}

#[cfg(test)]
mod tests {
    use super::last;

    #[test]
    fn takes_whole_lines_from_the_end() {
        assert_eq!(last(b"a\nb\nc\n", 2), b"b\nc\n");
        assert_eq!(last(b"a\nb\nc", 2), b"b\nc");
        assert_eq!(last(b"a\nb\n", 9), b"a\nb\n");
        assert_eq!(last(b"a\nb\n", 0), b"");
        assert_eq!(last(b"no newline", 1), b"no newline");
        assert_eq!(last(b"", 3), b"");
        assert_eq!(last(b"\n\n\n", 1), b"\n");
    }
}
