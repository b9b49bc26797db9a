//! Commands behind options of programs that do something else.

use super::Carried;
use crate::policy::words::Word;

/// Which options of which programs have a command as their value.
const RUN: &[(&[&str], &[&str])] = &[
    (
        &["tar", "gtar", "bsdtar"],
        &[
            "-I",
            "--use-compress-program",
            "--to-command",
            "--checkpoint-action",
            "-F",
            "--info-script",
            "--new-volume-script",
            "--rsh-command",
        ],
    ),
    (&["rsync"], &["-e", "--rsh"]),
    (&["ssh", "slogin"], &["-o"]),
    (&["scp", "sftp"], &["-o", "-S"]),
    (&["mosh"], &["--ssh"]),
    (&["sort", "gsort"], &["--compress-program"]),
    (&["split", "gsplit"], &["--filter"]),
    (&["install", "ginstall"], &["--strip-program"]),
];

/// What stands before the command in a value, if it has a name there.
const NAMED: &[&str] = &["exec=", "ProxyCommand", "LocalCommand", "KnownHostsCommand"];

/// Returns what the options of a program carry.
pub(super) fn carried<'w>(name: &[u8], words: &'w [Word<'w>]) -> Vec<Carried<'w>> {
    let has_name = |names: &[&str]| names.iter().any(|each| each.as_bytes() == name);
    let Some((_, options)) = RUN.iter().find(|(names, _)| has_name(names)) else {
        return Vec::new();
    };
    values(words, options).map(|text| Carried::Text(without_name(text))).collect()
}

/// Returns the values of options: in the next word, behind `=`, or joined to a letter that
/// others may stand before.
pub(super) fn values<'w>(
    words: &'w [Word<'w>],
    options: &'static [&'static str],
) -> impl Iterator<Item = &'w str> {
    let text = |word: &'w Word<'w>| std::str::from_utf8(word.known()?).ok();
    words.iter().enumerate().filter_map(move |(at, word)| {
        let this = text(word)?;
        let next = || words.get(at + 1).and_then(text);
        options.iter().find_map(|option| match option.as_bytes() {
            [b'-', letter] if this.starts_with('-') && !this.starts_with("--") => {
                let rest = this.split_once(char::from(*letter))?.1;
                if rest.is_empty() { next() } else { Some(rest) }
            }
            _ if this == *option => next(),
            _ => this.strip_prefix(option)?.strip_prefix('='),
        })
    })
}

fn without_name(text: &str) -> &str {
    let starts =
        |name: &&&str| text.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
    let rest = NAMED.iter().find(starts).map_or(text, |name| &text[name.len()..]);
    rest.trim_start_matches([' ', '='])
}
