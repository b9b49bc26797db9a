//! sed: scripts that print and substitute, without `e`, `w`, `r`, `i` and files.

use super::Operands::Any;
use super::{Seen, Tool, reads, tool};

const SED: &str = "-n -E -r -e= -z -u -s --quiet --silent --regexp-extended --expression= --null-data \
    --separate --unbuffered --posix --sandbox --version --help";

pub(super) const TOOLS: &[Tool] =
    &[tool(&["sed", "gsed"], &[reads(&[], SED, Any).checked(harmless_scripts)])];

const REFUSED: &str = "the script does more than print and substitute";

fn harmless_scripts(seen: &Seen<'_>) -> Result<(), &'static str> {
    let mut scripts: Vec<&[u8]> = seen.values("-e").chain(seen.values("--expression")).collect();
    if seen.is_mixed && !scripts.is_empty() {
        return Err("behind an operand some versions take -e for a file, and that for the script");
    }
    if scripts.is_empty() && !seen.has("--version") && !seen.has("--help") {
        scripts.push(seen.operands.first().and_then(|word| word.known()).ok_or(REFUSED)?);
    }
    if scripts.into_iter().all(|script| is_harmless(script).is_some()) {
        return Ok(());
    }
    Err(REFUSED)
}

/// Goes through a script; `None` when anything in it is not understood.
fn is_harmless(script: &[u8]) -> Option<()> {
    let mut rest = script;
    loop {
        rest = skip(rest, b" \t\n;{}");
        if rest.is_empty() {
            return Some(());
        }
        rest = address(rest)?;
        rest = skip(rest, b" \t");
        if let [b',', tail @ ..] = rest {
            rest = address(skip(tail, b" \t+~"))?;
        }
        rest = skip(rest, b" \t!");
        rest = command(rest)?;
    }
}

fn command(rest: &[u8]) -> Option<&[u8]> {
    let (name, rest) = rest.split_first()?;
    let behind = match name {
        b'{' => return Some(rest),
        b'p' | b'P' | b'=' | b'd' | b'D' | b'h' | b'H' | b'g' | b'G' | b'x' | b'n' | b'N' => rest,
        b'q' | b'Q' | b'l' => skip(rest, b" 0123456789"),
        b's' => {
            let (delimiter, rest) = rest.split_first()?;
            let rest = delimited(rest, *delimiter)?;
            skip(delimited(rest, *delimiter)?, b"gpiImM0123456789")
        }
        b'y' => {
            let (delimiter, rest) = rest.split_first()?;
            delimited(delimited(rest, *delimiter)?, *delimiter)?
        }
        _ => return None,
    };
    let behind = skip(behind, b" \t");
    match behind.first() {
        None | Some(b';' | b'\n' | b'}') => Some(behind),
        Some(_) => None,
    }
}

fn address(rest: &[u8]) -> Option<&[u8]> {
    match rest.first()? {
        b'$' => Some(&rest[1..]),
        b'0'..=b'9' => Some(skip(rest, b"0123456789~")),
        b'/' => Some(skip(delimited(&rest[1..], b'/')?, b"IM")),
        _ => Some(rest),
    }
}

/// Returns what is behind the next delimiter that no backslash escapes.
///
/// Versions of sed differ about a delimiter in brackets, so one there is refused, and so
/// are brackets about whose end two of them could differ.
fn delimited(text: &[u8], delimiter: u8) -> Option<&[u8]> {
    if delimiter.is_ascii_alphanumeric() || matches!(delimiter, b'\\' | b'\n' | b' ' | b'[' | b']')
    {
        return None;
    }
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        match byte {
            b'\\' => at += 1,
            b'[' => at += 1 + bracket(&text[at + 1..], delimiter)?,
            byte if *byte == delimiter => return Some(&text[at + 1..]),
            _ => {}
        }
        at += 1;
    }
    None
}

/// Returns how far the `]` is behind a `[`.
///
/// A `]` that comes first is one of the characters, and one behind a backslash may be.
fn bracket(text: &[u8], delimiter: u8) -> Option<usize> {
    let mut at = usize::from(text.first() == Some(&b'^'));
    at += usize::from(text.get(at) == Some(&b']'));
    let mut may_have_ended = false;
    loop {
        match (text.get(at)?, text.get(at + 1)) {
            (byte, _) if *byte == delimiter => return None,
            (b']', _) => return Some(at),
            (b'\\', Some(next)) => {
                let opens = |byte: &u8| b":.=".contains(byte);
                if *next == b'[' && text.get(at + 2).is_some_and(opens) {
                    return None;
                }
                may_have_ended |= *next == b']';
                at += 1;
            }
            (b'[', Some(b':')) if !may_have_ended && delimiter != b':' => {
                let name = text[at + 2..].iter().take_while(|byte| byte.is_ascii_alphabetic());
                at += 2 + name.count();
                if text.get(at..at + 2) != Some(b":]") {
                    return None;
                }
                at += 1;
            }
            (b'[', Some(b':' | b'.' | b'=')) => return None,
            (b'[', _) if may_have_ended => return None,
            _ => {}
        }
        at += 1;
    }
}

fn skip<'a>(text: &'a [u8], what: &[u8]) -> &'a [u8] {
    let end = text.iter().position(|byte| !what.contains(byte)).unwrap_or(text.len());
    &text[end..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn understands_scripts_that_print_and_substitute() {
        for good in [
            "1,20p",
            "5p",
            "$p",
            "/a/,/b/p",
            "s/a/b/g",
            "/x/!d",
            "1{p;q}",
            "s|a/b|c|;s/[0-9]*//2p",
            "y/abc/xyz/",
            "$!N",
            "0~3p",
            "/a/I{s/x/y/;p}",
            "10q",
            "s/[^/]*$//",
            "s/[[:space:]]*$//;/[^[:alnum:]_]/p",
            "s|[[]x[]^a]||;s/[][]//g;s/[^]]*//",
            "s/[\\[\\]]//g;s/[a\\/]b[^,]//",
        ] {
            let ambiguous = good.contains("[^/]");
            assert_eq!(is_harmless(good.as_bytes()).is_some(), !ambiguous, "{good}");
        }
    }

    #[test]
    fn refuses_what_runs_reads_or_writes() {
        for bad in [
            "1e id",
            "e",
            "s/x/id/e",
            "s/x/y/w f",
            "w f",
            "1W f",
            "r /etc/passwd",
            "p;1e id",
            "a\\\nx",
            "s/a/b",
            "bx",
            ":x",
            "i hello",
            "{e}",
            "1!e id",
            "s/a/b/ge",
            "p e",
            "s\ne\nid\n",
            "F",
            "R x",
            "v",
            "/x/e",
            "\\,x,e",
            "1,e id",
            "s|[^]|a|;s,]*|./evil|e;#,q,",
            "s|[]|a|;s,]*|./evil|e;#,q,",
            "s|[[:digit:]|a|;s,]*|./evil|e;#,q,",
            "s|[[.].]|a|;s,]*|./evil|e;#,q,",
            "s|[\\][^]|a|;s,]*|./evil|e;#,q,",
            "s|[\\[:x:]|a|;s,]*|./evil|e;#,q,",
            "s:[[:x:]]:a:",
            "/[^]/;s/]/x/w f",
        ] {
            assert!(is_harmless(bad.as_bytes()).is_none(), "{bad}");
        }
    }
}
