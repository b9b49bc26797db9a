//! `airlock-exec completions` and `man`: what a shell and `man` read about us.

use super::approver::ApproverCommandError;
use clap::{Args, Command};
use clap_complete::Shell;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

const COMPLETIONS: &str = "\
install.sh puts them where the shells look. By hand:
  bash        airlock-exec completions bash > ~/.local/share/bash-completion/completions/airlock-exec
  zsh         airlock-exec completions zsh > DIRECTORY/_airlock-exec, where fpath has DIRECTORY
  fish        airlock-exec completions fish > ~/.config/fish/completions/airlock-exec.fish
  powershell  airlock-exec completions powershell | Out-String | Invoke-Expression";

/// Prints the completions for a shell.
#[derive(Debug, Args)]
#[command(after_help = COMPLETIONS)]
pub(super) struct CompletionsArguments {
    /// The shell
    shell: Shell,
}

/// Prints the manual page, or writes all of them.
#[derive(Debug, Args)]
pub(super) struct ManArguments {
    /// Write a page for each subcommand to this directory
    #[arg(long, value_name = "DIRECTORY")]
    dir: Option<PathBuf>,
}

/// Prints the completions of that command line.
///
/// # Errors
///
/// [`ApproverCommandError::Stream`] when they cannot be written.
pub(super) fn completions(
    arguments: &CompletionsArguments,
    mut line: Command,
) -> Result<(), ApproverCommandError> {
    let name = line.get_name().to_owned();
    let mut text = Vec::new();
    clap_complete::generate(arguments.shell, &mut line, name, &mut text);
    Ok(io::stdout().write_all(&text)?)
}

/// Prints or writes the manual of that command line.
///
/// # Errors
///
/// [`ApproverCommandError::Stream`] when it cannot be written.
pub(super) fn man(arguments: &ManArguments, mut line: Command) -> Result<(), ApproverCommandError> {
    if let Some(directory) = &arguments.dir {
        std::fs::create_dir_all(directory)?;
        line.build();
        return Ok(write_pages(&line, directory)?);
    }
    let mut text = Vec::new();
    clap_mangen::Man::new(line).render(&mut text)?;
    Ok(io::stdout().write_all(&text)?)
}

/// `airlock-exec.1`, `airlock-exec-policy.1`, `airlock-exec-policy-check.1`.
fn write_pages(command: &Command, directory: &Path) -> io::Result<()> {
    for subcommand in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        if subcommand.get_name() != "help" {
            write_pages(subcommand, directory)?;
        }
    }
    let page = clap_mangen::Man::new(command.clone());
    page.render(&mut File::create(directory.join(page.get_filename()))?)
}
