//! Opens a page in the person's browser, when there is one.

use crate::process::Environment;
use nix::unistd::geteuid;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};

/// Asks the browser to open the page; `false` when none can be seen here.
///
/// The page comes from somebody who is not trusted: it is one argument of a program,
/// never text for a shell, and begins with `https` or with `http` and loopback. It is
/// not waited for: some ways to open a page end when the browser does.
#[expect(clippy::disallowed_methods, reason = "opens a page, runs no command of a user")]
pub(in crate::cli) fn open(page: &str, environment: &Environment) -> bool {
    let Some(program) = opener(environment, geteuid().is_root()) else { return false };
    let started = Command::new(program)
        .arg(page)
        // Ctrl-C here is no business of the browser's.
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    started.is_ok()
}

/// Returns the program that opens a page, where the person sits before this screen.
fn opener(environment: &Environment, is_root: bool) -> Option<&'static str> {
    let says = |name: &&str| environment.value(name).is_some_and(|text| !text.is_empty());
    // A browser of root's is nobody's, and one at the other end of SSH nobody sees.
    if is_root || ["SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"].iter().any(&says) {
        return None;
    }
    if cfg!(target_os = "macos") {
        return Some("open");
    }
    ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(&says).then_some("xdg-open")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::OsString;

    #[test]
    fn a_browser_is_opened_where_the_person_is() {
        let environment = |names: &[&str]| -> Environment {
            names.iter().map(|name| (OsString::from(name), OsString::from(":0"))).collect()
        };
        let screen = environment(&["DISPLAY"]);
        assert!(opener(&screen, false).is_some());
        assert_eq!(opener(&screen, true), None);
        for far in ["SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"] {
            assert_eq!(opener(&environment(&["DISPLAY", far]), false), None, "{far}");
        }
        if !cfg!(target_os = "macos") {
            assert!(opener(&environment(&["WAYLAND_DISPLAY"]), false).is_some());
            assert_eq!(opener(&environment(&[]), false), None);
        }
    }
}
