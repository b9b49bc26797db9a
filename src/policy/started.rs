//! Programs that variables say git is to start: editors, and what asks for a password.

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
