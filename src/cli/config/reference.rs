//! `airlock-exec config reference`: every setting there is, as `docs/configuration.md`.

use crate::config::{Description, Settings};
use std::fmt::Write as _;

const HEAD: &str = "\
# Every setting

Written by `airlock-exec config reference`. [account.md](account.md) tells what they are
for together; `airlock-exec config show` tells what holds here, and which file says so.

A name with a dot stands in a table: `gateway.url` is `url` below `[gateway]`. Later
layers win: built in, the administrator's `/etc/airlock-exec/config.toml`, yours in
`~/.config/airlock-exec/config.toml`, a project's `.airlock/config.toml`, the
environment, an option. `locked = true` in the administrator's file is the lock.
";

const FOOT: &str = "
The secret of an app, `gateway.client_secret`, stands in no file of settings:
`airlock-exec config set gateway.client_secret` reads it from standard input and keeps it
with the credentials.
";

/// Returns the reference as Markdown.
pub(super) fn markdown() -> String {
    let mut text = HEAD.to_owned();
    for each in Settings::described() {
        write(&mut text, &each).expect("a string takes everything");
    }
    text + FOOT
}

fn write(text: &mut String, setting: &Description) -> std::fmt::Result {
    write!(text, "\n## `{}`\n\n{}\n\n", setting.name, setting.meaning)?;
    writeln!(text, "- values: {}", setting.values)?;
    match &setting.default {
        Some(default) => writeln!(text, "- default: `{default}`")?,
        None => writeln!(text, "- default: none")?,
    }
    writeln!(text, "- said by: {}", setting.said_by)?;
    if let Some(variable) = setting.variable {
        writeln!(text, "- variable: `{variable}`")?;
    }
    Ok(())
}
