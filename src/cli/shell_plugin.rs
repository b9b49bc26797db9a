//! `airlock-exec shell-plugin`: what a person's own shell reads to ask about each line.

use super::approver::ApproverCommandError;
use crate::process;
use crate::request::text;
use clap::{Args, ValueEnum};
use std::io::{self, Write as _};

const HOW: &str = "\
Write this at the end of the file that your shell reads when it starts:
  bash  eval \"$(airlock-exec shell-plugin bash)\"      ~/.bashrc, bash 4.4 or later
  zsh   eval \"$(airlock-exec shell-plugin zsh)\"       ~/.zshrc
  fish  airlock-exec shell-plugin fish | source       ~/.config/fish/config.fish

From then on each line is judged by your policy before the shell runs it, and a person
is asked where the policy does not know. What is not approved stays in the history, to
be changed and tried again. It is for your own typing: programs that start a shell are
caught by other means.";

/// Prints what has your own shell ask about each line that is typed.
#[derive(Debug, Args)]
#[command(after_help = HOW)]
pub(super) struct ShellPluginArguments {
    /// The shell
    shell: Shell,
}

/// The shells there is a plugin for.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Shell {
    Bash,
    Zsh,
    Fish,
}

impl Shell {
    fn plugin(self) -> &'static str {
        match self {
            Self::Bash => include_str!("../../shims/plugin.bash"),
            Self::Zsh => include_str!("../../shims/plugin.zsh"),
            Self::Fish => include_str!("../../shims/plugin.fish"),
        }
    }

    /// Names this program by its path: whoever changes PATH changes nothing about it.
    fn with_program(self, program: &str) -> String {
        self.plugin().replacen("@AIRLOCK_EXEC@", program, 1)
    }
}

/// Prints the plugin.
///
/// # Errors
///
/// [`ApproverCommandError::Stream`] when it cannot be written.
pub(super) fn run(arguments: &ShellPluginArguments) -> Result<(), ApproverCommandError> {
    let program = process::own_binary()?;
    let program = text::word(program.as_os_str());
    Ok(io::stdout().write_all(arguments.shell.with_program(&program).as_bytes())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_plugin_names_the_program_once() {
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
            assert_eq!(shell.plugin().matches("@AIRLOCK_EXEC@").count(), 1, "{shell:?}");
            assert!(shell.with_program("/a/b").contains("/a/b"), "{shell:?}");
        }
    }
}
