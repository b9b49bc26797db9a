//! The words after `sign-in` and `sign-out`.

use clap::Args;

const SIGN_IN: &str = "\
Examples:
  airlock-exec sign-in                       in a browser, by a code
  airlock-exec sign-in --pat                 with a personal access token, asked for
  airlock-exec sign-in --pat < token-file    the same in a script

A token is never taken from the command line, where others can read it. It is kept
in your desktop's keyring or in a file that only you can read, as credentials.store says,
and sent to the gateway of your settings alone.";

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

const INIT: &str = "\
Examples:
  airlock-exec init                                      asks
  airlock-exec init --local
  airlock-exec init --hosted --client-id ID
  airlock-exec init --gateway https://gateway.example --pat-stdin < token-file

It writes your config.toml and leaves everything else in it as it is; the same
options again change nothing.";

/// Sets up where requests are decided.
#[derive(Debug, Args)]
#[command(after_help = INIT)]
pub struct InitArguments {
    /// On this machine: no account is needed
    #[arg(long, conflicts_with_all = ["hosted", "gateway", "pat_stdin"])]
    pub(super) local: bool,
    /// At the hosted gateway, with an Airlock account
    #[arg(long, conflicts_with = "gateway")]
    pub(super) hosted: bool,
    /// At this gateway of your own
    #[arg(long, value_name = "URL")]
    pub(super) gateway: Option<String>,
    /// The app that we are there
    #[arg(long, value_name = "ID")]
    pub(super) client_id: Option<String>,
    /// The origin of an app that is registered as public
    #[arg(long, value_name = "URL")]
    pub(super) origin: Option<String>,
    /// Whom a certificate may come from: webpki, platform, or a PEM file
    #[arg(long, value_name = "ROOTS")]
    pub(super) tls_roots: Option<String>,
    /// What an approver reads for this machine
    #[arg(long, value_name = "TEXT")]
    pub(super) label: Option<String>,
    /// Sign in with the personal access token on standard input
    #[arg(long)]
    pub(super) pat_stdin: bool,
}
