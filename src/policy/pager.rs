//! What a pager could start or write.

/// Tells whether a variable makes a program show its output with an unusual pager.
pub(super) fn disturbs(variable: &[u8], value: &[u8]) -> bool {
    matches!(variable, b"PAGER" | b"GH_PAGER") && !is_plain(value)
}

/// Tells whether a variable makes a usual pager start a program or write a file.
pub(super) fn disturbs_itself(variable: &[u8], value: &[u8]) -> bool {
    match variable {
        b"LESS" => !value.split(|byte| *byte == b' ').all(is_flags),
        b"LESSOPEN" | b"LESSCLOSE" => !is_usual_filter(value),
        b"DELTA_PAGER" | b"BAT_PAGER" => !is_plain(value),
        _ => variable.starts_with(b"LESSKEY") || variable == b"LESSEDIT",
    }
}

/// Tells whether a pager is one of the usual programs with nothing but flags.
pub(super) fn is_plain(value: &[u8]) -> bool {
    let mut words = value.split(|byte| *byte == b' ').filter(|word| !word.is_empty());
    let Some(program) = words.next() else { return true };
    let usual: [&[u8]; 5] = [b"less", b"more", b"cat", b"/usr/bin/less", b"delta"];
    usual.contains(&program) && words.all(|word| word.starts_with(b"-") && is_flags(word))
}

/// Letters of `less` that say how text looks, and numbers behind them.
///
/// `-o` and `-O` write a file, `-k` and `-t` read one, `-p` takes commands.
fn is_flags(word: &[u8]) -> bool {
    word.iter().all(|byte| b"aAbcCdeEfFgGhiIjJKLmMnNqQrRsSuUvVwWxXyz0123456789-".contains(byte))
}

/// Tells whether it is the filter that comes with `less`, as distributions set it.
fn is_usual_filter(value: &[u8]) -> bool {
    const FILTERS: [&[u8]; 3] =
        [b"/usr/bin/lesspipe", b"/usr/bin/lesspipe.sh", b"/usr/bin/lessfile"];
    let start = value.iter().position(|byte| !b"|- ".contains(byte)).unwrap_or(value.len());
    let mut words = value[start..].split(|byte| *byte == b' ');
    value.is_empty()
        || words.next().is_some_and(|program| FILTERS.contains(&program))
            && words.all(|word| word == b"%s")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pager_is_plain_with_flags_that_start_and_write_nothing() {
        for odd in [
            "less -Olessfile",
            "less -ologfile",
            "less -kkeys",
            "less -ttag",
            "less -FRXpx",
            "less +!id",
            "less FRX",
            "sh -c id",
        ] {
            assert!(disturbs(b"PAGER", odd.as_bytes()), "{odd}");
        }
        for plain in ["less -FRSXiKMQ", "less -x4", "cat", ""] {
            assert!(!disturbs(b"PAGER", plain.as_bytes()), "{plain}");
        }
    }

    #[test]
    fn variables_of_a_pager_that_start_and_write_nothing_are_left_alone() {
        for (variable, value) in [
            ("LESS", "+!./evil"),
            ("LESS", "-R -olog"),
            ("LESSOPEN", "|-/home/me/evil %s"),
            ("LESSOPEN", "|/usr/bin/sh %s"),
            ("LESSOPEN", "|/usr/bin/lesspipe %s; id"),
            ("LESSCLOSE", "./evil"),
            ("LESSKEYIN", "keys"),
            ("LESSEDIT", "./evil"),
            ("DELTA_PAGER", "./evil"),
        ] {
            assert!(disturbs_itself(variable.as_bytes(), value.as_bytes()), "{variable}={value}");
        }
        for (variable, value) in [
            ("LESS", "-R"),
            ("LESS", "FRX"),
            ("LESS", "-F -z-4"),
            ("LESSOPEN", "| /usr/bin/lesspipe %s"),
            ("LESSOPEN", "||/usr/bin/lesspipe.sh %s"),
            ("LESSCLOSE", "/usr/bin/lesspipe %s %s"),
            ("LESSCHARSET", "utf-8"),
        ] {
            assert!(!disturbs_itself(variable.as_bytes(), value.as_bytes()), "{variable}={value}");
        }
    }
}
