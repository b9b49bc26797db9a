//! What a person typed after a card.

/// What an answer means.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Run it.
    Approve,
    /// Do not run it; the words say why.
    Reject(Option<String>),
    /// Leave it waiting.
    Skip,
    /// Show all of it.
    Full,
    /// Nothing that was asked for: ask again.
    Unclear,
}

/// Shorter words that mean nothing are slips of the finger, not reasons.
const SHORTEST_REASON: usize = 8;

impl Answer {
    /// Reads a line. An empty one never decides, and only `y` or `yes` approves.
    pub(crate) fn read(line: &str) -> Self {
        let line = line.trim();
        match line.to_ascii_lowercase().as_str() {
            "y" | "yes" => Self::Approve,
            "n" | "no" => Self::Reject(None),
            "s" | "skip" => Self::Skip,
            "f" | "full" => Self::Full,
            _ if line.chars().count() >= SHORTEST_REASON => Self::Reject(Some(line.to_owned())),
            _ => Self::Unclear,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_yes_approves() {
        for line in ["y", "Y", " yes ", "YES"] {
            assert_eq!(Answer::read(line), Answer::Approve, "{line:?}");
        }
        for line in ["", " ", "\n", "yy", "ye", "ok", "\u{1b}[A", "yes please do", "y\u{0}"] {
            assert_ne!(Answer::read(line), Answer::Approve, "{line:?}");
        }
    }

    #[test]
    fn a_sentence_is_a_reason_and_a_slip_is_asked_again() {
        assert_eq!(
            Answer::read(" not to main, open a branch "),
            Answer::Reject(Some("not to main, open a branch".to_owned()))
        );
        assert_eq!(Answer::read("n"), Answer::Reject(None));
        assert_eq!(Answer::read("nno"), Answer::Unclear);
        assert_eq!(Answer::read(""), Answer::Unclear);
    }
}
