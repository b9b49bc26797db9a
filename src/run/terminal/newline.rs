//! Takes back the carriage returns of the command's terminal where the caller's
//! adds its own.
//!
//! While the caller's terminal is not held, because others use it too, it makes
//! CR LF of LF, and the command's terminal has done so already. What is written
//! must come out as if there were one terminal, so one CR goes before each LF.

/// Removes one CR before each LF in place; returns the new length, and whether a CR
/// at the very end was left out.
///
/// A read may end between the two. The CR then goes before what is read next, unless
/// there is nothing: the kernel wrote the pair in one piece.
pub(super) fn unreturn(bytes: &mut [u8]) -> (usize, Last) {
    let mut kept = 0;
    for at in 0..bytes.len() {
        let pair = (bytes.get(at).copied(), bytes.get(at + 1).copied());
        if pair != (Some(b'\r'), Some(b'\n')) {
            bytes.swap(kept, at);
            kept += 1;
        }
    }
    match kept.checked_sub(1) {
        Some(last) if bytes.get(last) == Some(&b'\r') => (last, Last::Return),
        _ => (kept, Last::Whole),
    }
}

/// What a read ended with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Last {
    /// Nothing is missing of it.
    #[default]
    Whole,
    /// A CR, left out until it is known what follows.
    Return,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(text: &[u8]) -> Vec<u8> {
        let mut bytes = text.to_vec();
        let (length, last) = unreturn(&mut bytes);
        bytes.truncate(length);
        if last == Last::Return {
            bytes.push(b'\r');
        }
        bytes
    }

    #[test]
    fn takes_one_carriage_return_before_each_newline() {
        assert_eq!(applied(b"one\r\ntwo\r\n"), b"one\ntwo\n");
        assert_eq!(applied(b"dos\r\r\n"), b"dos\r\n");
        assert_eq!(applied(b"50%\r100%\r"), b"50%\r100%\r");
        assert_eq!(applied(b"\n\r\n"), b"\n\n");
    }

    #[test]
    fn leaves_out_the_half_of_a_pair_until_the_other_comes() {
        let mut torn = b"one\r".to_vec();
        assert_eq!(unreturn(&mut torn), (3, Last::Return));
        assert_eq!(unreturn(&mut b"one\r\n".to_vec()), (4, Last::Whole));
        assert_eq!(unreturn(&mut []), (0, Last::Whole));
    }
}
