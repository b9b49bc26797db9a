//! What somebody meant by a word that is no subcommand.

use crate::config::nearest;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, Error};

/// A word of fewer letters is near too many others: `git` is near `init`.
const FEWEST: usize = 4;

/// Tells whether the words begin with a subcommand, so that what is wrong is wrong there.
pub(super) fn names_a_subcommand(command: &Command, word: &str) -> bool {
    command.find_subcommand(word).is_some()
}

/// Makes of "unexpected argument" what it is: a subcommand that there is not, with what
/// may have been meant.
///
/// clap takes the word for the command, which has dashes before it, and looks no further.
pub(super) fn explained(error: Error, command: &mut Command) -> Error {
    let word = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(word)) if error.kind() == ErrorKind::UnknownArgument => word,
        _ => return error,
    };
    if word.starts_with('-') {
        return error;
    }
    let (word, meant) = (word.clone(), meant(word, command));
    let mut explained = Error::new(ErrorKind::InvalidSubcommand).with_cmd(command);
    explained.insert(ContextKind::InvalidSubcommand, ContextValue::String(word));
    if !meant.is_empty() {
        explained.insert(ContextKind::SuggestedSubcommand, ContextValue::Strings(meant));
    }
    let usage = command.render_usage();
    explained.insert(ContextKind::Usage, ContextValue::StyledStr(usage));
    explained
}

/// Returns the subcommands that begin like the word, otherwise the one few letters away.
fn meant(word: &str, command: &Command) -> Vec<String> {
    if word.chars().count() < FEWEST {
        return Vec::new();
    }
    let shown = command.get_subcommands().filter(|each| !each.is_hide_set());
    let names: Vec<&str> = shown.map(Command::get_name).collect();
    let begun: Vec<String> =
        names.iter().filter(|name| name.starts_with(word)).map(ToString::to_string).collect();
    if begun.is_empty() {
        nearest(word, &names).map(str::to_owned).into_iter().collect()
    } else {
        begun
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command() -> Command {
        let named = |name: &'static str| Command::new(name);
        let shown = ["sign-in", "sign-out", "init", "doctor", "policy", "man"].map(named);
        Command::new("it").subcommands(shown).subcommand(named("git-hook").hide(true))
    }

    #[test]
    fn a_slip_of_the_pen_finds_the_subcommand_and_a_program_finds_none() {
        for (word, found) in [
            ("sgn-in", &["sign-in"][..]),
            ("polcy", &["policy"]),
            ("sign", &["sign-in", "sign-out"]),
            ("doctro", &["doctor"]),
            ("git", &[]),
            ("git-hoo", &[]),
            ("make", &[]),
            ("cargo", &[]),
            ("kubectl", &[]),
        ] {
            assert_eq!(meant(word, &command()), found, "{word}");
        }
    }
}
