//! The line that puts the shims in front, for each shell.

use super::{ShimError, Shims};
use std::path::Path;

/// A shell, by how its lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShellKind {
    /// `sh`, `dash`, `bash`, `zsh`.
    Posix,
    /// `fish`.
    Fish,
    /// `PowerShell`.
    PowerShell,
}

impl ShellKind {
    /// Tells by the path of a shell, as `SHELL` names it.
    #[must_use]
    pub fn of_path(shell: &Path) -> Self {
        match shell.file_name().and_then(|name| name.to_str()) {
            Some("fish") => Self::Fish,
            Some("pwsh" | "powershell") => Self::PowerShell,
            _ => Self::Posix,
        }
    }
}

/// Returns the line, which does nothing when the shims are in front already.
///
/// # Errors
///
/// [`ShimError::Unsayable`].
pub fn path_line(shims: &Shims, shell: ShellKind) -> Result<String, ShimError> {
    let [links, broken] = shims.path_entries()?;
    let (links, broken) = (links.to_string_lossy(), broken.to_string_lossy());
    let both = format!("{links}:{broken}");
    Ok(match shell {
        ShellKind::Posix => {
            let both = quoted(&both, r"'\''");
            format!(
                r#"case $PATH in {both}:*) ;; *) PATH={both}${{PATH:+":$PATH"}}; export PATH ;; esac"#
            )
        }
        ShellKind::Fish => {
            let quoted = |text: &str| quoted(&text.replace('\\', r"\\"), r"\'");
            format!(
                "fish_add_path --global --move --prepend {} {}",
                quoted(&links),
                quoted(&broken)
            )
        }
        ShellKind::PowerShell => {
            let both = quoted(&both, "''");
            format!(
                "if (-not $env:PATH.StartsWith({both} + ':')) {{ $env:PATH = {both} + ':' + $env:PATH }}"
            )
        }
    })
}

fn quoted(text: &str, quote: &str) -> String {
    format!("'{}'", text.replace('\'', quote))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_with_a_quote_is_quoted_for_each_shell() {
        let shims = Shims::at("/home/o'neil/shims".into());
        let line = |shell| path_line(&shims, shell).expect("sayable");
        assert!(line(ShellKind::Posix).contains(r"'/home/o'\''neil/shims:"));
        assert!(line(ShellKind::Fish).contains(r"'/home/o\'neil/shims' '"));
        assert!(line(ShellKind::PowerShell).contains("'/home/o''neil/shims:"));
    }

    #[test]
    fn a_shell_is_told_by_its_name() {
        assert_eq!(ShellKind::of_path(Path::new("/usr/bin/fish")), ShellKind::Fish);
        assert_eq!(ShellKind::of_path(Path::new("/opt/pwsh")), ShellKind::PowerShell);
        assert_eq!(ShellKind::of_path(Path::new("/bin/zsh")), ShellKind::Posix);
    }
}
