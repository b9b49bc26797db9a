//! Opens a page in the person's browser, when there is one.

use crate::process::Environment;
use std::process::{Command, Stdio};

/// Opens the page; `false` when there is no browser to be seen.
///
/// The page comes from somebody who is not trusted: it is one argument of a program,
/// never text for a shell, and begins with `https` or with `http` and loopback.
#[expect(clippy::disallowed_methods, reason = "opens a page, runs no command of a user")]
pub(super) fn open(page: &str, environment: &Environment) -> bool {
    let has_screen =
        ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| environment.text(name).is_some());
    let program = match () {
        () if cfg!(target_os = "macos") => "open",
        () if has_screen => "xdg-open",
        () => return false,
    };
    let started = Command::new(program)
        .arg(page)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    started.is_ok_and(|status| status.success())
}
