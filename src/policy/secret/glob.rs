//! Which names of secrets a glob could match.

use super::{FILES, NAMES, PARTS};

/// Tells whether a part of a path that is a glob could match a name of secrets.
pub(super) fn matches_secret(path: &[u8]) -> bool {
    let parts: Vec<Pattern> = path.split(|byte| *byte == b'/').map(Pattern::new).collect();
    let is_of_system = path.starts_with(b"/etc/") || path.starts_with(b"/proc/");
    let last = parts.len().saturating_sub(1);
    let names = || PARTS.iter().chain(NAMES).map(|name| name.as_bytes());
    let mut globs = parts.iter().enumerate().filter(|(_, part)| !part.is_kind_of_file());
    globs.any(|(at, part)| {
        names().any(|name| {
            let means = part.letters() * 2 >= name.len() || is_of_system && at == last;
            means && part.matches(name)
        })
    }) || parts.windows(2).any(|pair| {
        FILES.iter().any(|file| {
            let [directory, name] = file.map(str::as_bytes);
            let letters = pair[0].letters() + pair[1].letters();
            letters * 2 >= directory.len() + name.len()
                && pair[0].matches(directory)
                && pair[1].matches(name)
        })
    })
}

/// What a part of a path matches.
struct Pattern(Vec<Token>);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Token {
    Letter(u8),
    One,
    Many,
}

impl Pattern {
    fn new(mut text: &[u8]) -> Self {
        let mut tokens = Vec::new();
        while let [first, rest @ ..] = text {
            let (token, length) = match first {
                b'*' => (Token::Many, 1),
                b'?' => (Token::One, 1),
                b'[' => class(rest)
                    .map_or((Token::Letter(b'['), 1), |(token, length)| (token, length + 1)),
                letter => (Token::Letter(*letter), 1),
            };
            tokens.push(token);
            text = &text[length..];
        }
        Self(tokens)
    }

    /// Returns how many letters of a name it says.
    fn letters(&self) -> usize {
        self.0.iter().filter(|token| matches!(token, Token::Letter(_))).count()
    }

    /// Tells whether it is any file of a kind: `*.json`.
    fn is_kind_of_file(&self) -> bool {
        let [Token::Many, Token::Letter(b'.'), ending @ ..] = &self.0[..] else { return false };
        ending.iter().all(|token| matches!(token, Token::Letter(_)))
    }

    fn matches(&self, name: &[u8]) -> bool {
        // A hidden file is matched by a dot alone.
        if name.starts_with(b".") && self.0.first() != Some(&Token::Letter(b'.')) {
            return false;
        }
        let (mut at, mut read) = (0, 0);
        // The last star, and how much of the name it takes.
        let mut star: Option<(usize, usize)> = None;
        while read < name.len() {
            match self.0.get(at) {
                Some(Token::Many) => {
                    star = Some((at, read));
                    at += 1;
                }
                Some(Token::One) => (at, read) = (at + 1, read + 1),
                Some(Token::Letter(known)) if *known == name[read] => {
                    (at, read) = (at + 1, read + 1);
                }
                _ => {
                    let Some((many, end)) = star else { return false };
                    star = Some((many, end + 1));
                    (at, read) = (many + 1, end + 1);
                }
            }
        }
        self.0[at..].iter().all(|token| *token == Token::Many)
    }
}

/// Reads what stands behind `[`, and its length; `None` when nothing closes it.
///
/// Whatever is in it, it could be any letter, but for a single one.
fn class(text: &[u8]) -> Option<(Token, usize)> {
    let mut at = usize::from(matches!(text.first(), Some(b'!' | b'^')));
    let start = at;
    loop {
        match text.get(at)? {
            b']' if at > start => break,
            // `[:alpha:]`, `[.a.]` and `[=a=]` have a bracket of their own.
            b'[' if matches!(text.get(at + 1), Some(b':' | b'.' | b'=')) => {
                let mark = text[at + 1];
                let end = text[at + 2..].windows(2).position(|pair| pair == [mark, b']']);
                at += end.map_or(1, |end| end + 4);
            }
            _ => at += 1,
        }
    }
    match &text[..at] {
        [only] => Some((Token::Letter(*only), at + 1)),
        _ => Some((Token::One, at + 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_as_a_shell_does() {
        for (pattern, name) in [
            ("*", "shadow"),
            ("s*w", "shadow"),
            ("*a*o*", "shadow"),
            ("[s]hadow", "shadow"),
            ("[!x]hadow", "shadow"),
            ("[]s]hadow", "shadow"),
            ("[[:alpha:]s]hadow", "shadow"),
            (".[a-z]nv", ".env"),
            ("a[", "a["),
        ] {
            assert!(Pattern::new(pattern.as_bytes()).matches(name.as_bytes()), "{pattern}");
        }
        for (pattern, name) in
            [("*x", "shadow"), ("?", "shadow"), ("[x]hadow", "shadow"), ("*env", ".env")]
        {
            assert!(!Pattern::new(pattern.as_bytes()).matches(name.as_bytes()), "{pattern}");
        }
    }
}
