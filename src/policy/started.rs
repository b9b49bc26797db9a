//! Programs that variables say git is to start: pagers, editors, and what asks for a
//! password.

use crate::process::Environment;
use std::os::unix::ffi::OsStrExt;

/// Programs in the place of an editor that leave the text as it is.
const STILL_EDITORS: &[&[u8]] = &[b"true", b":", b"cat", b"/bin/true", b"/usr/bin/true"];

/// Tells whether the editor of git is one that takes nothing from whoever types.
pub(super) fn has_still_editor(environment: &Environment) -> bool {
    let editor = environment.value("GIT_EDITOR").map(OsStrExt::as_bytes);
    editor.is_some_and(|editor| STILL_EDITORS.contains(&editor))
}

/// Tells whether an editor is one of the usual programs that does no more than to edit.
pub(super) fn is_plain_editor(value: &[u8]) -> bool {
    const USUAL: [&[u8]; 18] = [
        b"vi",
        b"vim",
        b"nvim",
        b"view",
        b"nano",
        b"pico",
        b"micro",
        b"emacs",
        b"emacsclient",
        b"ed",
        b"ex",
        b"hx",
        b"helix",
        b"kak",
        b"joe",
        b"mcedit",
        b"code",
        b"sensible-editor",
    ];
    // An option that takes a word would take the text for a script or for settings.
    const FLAGS: [&[u8]; 3] = [b"-w", b"-nw", b"--wait"];
    if matches!(value, b"" | b"vim -f" | b"gvim -f" | b"emacsclient -t")
        || STILL_EDITORS.contains(&value)
    {
        return true;
    }
    let mut words = value.split(|byte| *byte == b' ').filter(|word| !word.is_empty());
    let program = words.next().unwrap_or_default();
    let name = program.strip_prefix(b"/usr/bin/").unwrap_or(program);
    USUAL.contains(&name) && words.all(|word| FLAGS.contains(&word))
}

/// Tells whether what asks for a password is the system's, or asks nobody.
pub(super) fn is_plain_asker(value: &[u8]) -> bool {
    let is_of_system = value.starts_with(b"/usr/") && !value.windows(2).any(|pair| pair == b"..");
    matches!(value, b"" | b"true" | b"false" | b"echo" | b"/bin/true" | b"/bin/false")
        || is_of_system
}

/// Tells whether a pager is one of the usual programs with nothing but flags.
pub(super) fn is_plain_pager(value: &[u8]) -> bool {
    let mut words = value.split(|byte| *byte == b' ').filter(|word| !word.is_empty());
    let Some(program) = words.next() else { return true };
    let usual: [&[u8]; 5] = [b"less", b"more", b"cat", b"/usr/bin/less", b"delta"];
    usual.contains(&program) && words.all(|word| word.starts_with(b"-") && is_plain_flags(word))
}

/// Tells whether what a variable says to `less` starts nothing and writes nothing: no key
/// file, log file or command, and no program before what comes through standard input.
pub(super) fn is_plain_less(variable: &[u8], value: &[u8]) -> bool {
    match variable {
        b"LESS" => value.split(|byte| b" $".contains(byte)).all(is_plain_flags),
        b"LESSOPEN" => {
            let bars = value.iter().take_while(|byte| **byte == b'|').count();
            value.get(bars) != Some(&b'-')
        }
        _ => !variable.starts_with(b"LESSKEY"),
    }
}

/// Tells whether a word is flags of `less`, none of which takes a file or a command.
fn is_plain_flags(word: &[u8]) -> bool {
    if let Some(long) = word.strip_prefix(b"--") {
        // `--log-file` and `--lesskey-src` may be shortened.
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"-=".contains(byte);
        return long.iter().all(is_part)
            && !long.first().is_some_and(|byte| b"lLtTpP".contains(byte));
    }
    let flags = word.strip_prefix(b"-").unwrap_or(word);
    flags.iter().all(|byte| byte.is_ascii_alphanumeric() && !b"koOtTpP".contains(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn less_is_plain_without_keys_logs_and_commands() {
        for (variable, value) in [
            ("LESS", "-R"),
            ("LESS", "FRX --mouse --use-color -x4"),
            ("LESSOPEN", "| /usr/bin/lesspipe %s"),
            ("LESSOPEN", "||/usr/bin/lesspipe.sh %s"),
            ("LESSCHARSET", "utf-8"),
        ] {
            assert!(is_plain_less(variable.as_bytes(), value.as_bytes()), "{variable}={value}");
        }
        for (variable, value) in [
            ("LESS", "-kkeys"),
            ("LESS", "-oout"),
            ("LESS", "+!./evil"),
            ("LESS", "R$+!./evil"),
            ("LESS", "--lesskey-src=x"),
            ("LESS", "--lo=x"),
            ("LESSOPEN", "|-./evil %s"),
            ("LESSOPEN", "||-./evil %s"),
            ("LESSKEY_CONTENT", "#env"),
            ("LESSKEYIN", "x"),
        ] {
            assert!(!is_plain_less(variable.as_bytes(), value.as_bytes()), "{variable}={value}");
        }
        assert!(is_plain_pager(b"less -FRX") && !is_plain_pager(b"less -kx"));
    }
}
