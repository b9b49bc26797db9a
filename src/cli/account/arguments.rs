//! The words after `sign-in` and `sign-out`.

use clap::Args;

const SIGN_IN: &str = "\
Examples:
  airlock-exec sign-in                       in a browser, by a code
  airlock-exec sign-in --pat                 with a personal access token, asked for
  airlock-exec sign-in --pat < token-file    the same in a script

A token is never taken from the command line, where others can read it. It is kept
in a file that only you can read, and sent to the gateway of your settings alone.";

/// Signs in at the gateway of the settings.
#[derive(Debug, Args)]
#[command(after_help = SIGN_IN)]
pub struct SignInArguments {
    /// Use a personal access token: from standard input, or asked for without echo
    #[arg(long)]
    pub(super) pat: bool,
    /// Open no browser, only show the address
    #[arg(long, conflicts_with = "pat")]
    pub(super) no_browser: bool,
}

/// Ends the sign-in at the gateway of the settings.
#[derive(Debug, Args)]
pub struct SignOutArguments {
    /// Forget also the secret of the app
    #[arg(long)]
    pub(super) app: bool,
}
