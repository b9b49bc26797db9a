//! Takes back the carriage returns of the command's terminal where the caller's
//! adds its own.
//!
//! While the caller's terminal is not held, because others use it too, it makes
//! CR LF of LF, and the command's terminal has done so already. What is written
//! must come out as if there were one terminal, so one CR goes before each LF.

/// Removes one CR before each LF in place; returns the new length.
///
/// The kernel writes the pair in one piece and a read takes it whole unless it
/// filled its buffer, so a CR at the very end stands alone.
pub(super) fn unreturn(bytes: &mut [u8]) -> usize {
    let mut kept = 0;
    for at in 0..bytes.len() {
        let pair = (bytes.get(at).copied(), bytes.get(at + 1).copied());
        if pair != (Some(b'\r'), Some(b'\n')) {
            bytes.swap(kept, at);
            kept += 1;
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(text: &[u8]) -> Vec<u8> {
        let mut bytes = text.to_vec();
        let length = unreturn(&mut bytes);
        bytes.truncate(length);
        bytes
    }

    #[test]
    fn takes_one_carriage_return_before_each_newline() {
        assert_eq!(applied(b"one\r\ntwo\r\n"), b"one\ntwo\n");
        assert_eq!(applied(b"dos\r\r\n"), b"dos\r\n");
        assert_eq!(applied(b"50%\r100%\r"), b"50%\r100%\r");
        assert_eq!(applied(b"\n\r\n"), b"\n\n");
    }
}
