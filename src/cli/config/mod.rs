//! `airlock-exec config`: shows and changes settings.

mod reference;
mod show;

use super::UpstreamError;
use super::account::{AccountCommandError, Site, read_secret};
use crate::config::{ConfigError, Paths, PathsError, Places, Settings, set};
use crate::display::json::over_lines;
use crate::process::{Environment, WorkingDirectory};
use clap::{Args, Subcommand};
use serde_json::json;
use std::io::{self, Write as _};
use thiserror::Error;

const EXAMPLES: &str = "\
Examples:
  airlock-exec config show
  airlock-exec config set gateway.url https://gateway.example
  airlock-exec config set mode own
  airlock-exec config unset gateway.url

Each value says where it came from: an option, the environment, a project's
.airlock/config.toml, your config.toml, the administrator's, or built in. What an
agent can write, its environment and a project's file, only names the workspace
and makes a wait shorter.";

/// The one setting that no file of settings holds.
const SECRET: &str = "gateway.client_secret";

/// What `airlock-exec config` was asked to do.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct ConfigArguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Show every setting and where its value came from
    Show {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Write a setting into your config.toml; comments and order stay
    Set {
        /// The setting, for example gateway.url
        #[arg(value_name = "KEY")]
        name: String,
        /// Its value; `gateway.client_secret` is read from standard input or asked for
        #[arg(value_name = "VALUE")]
        value: Option<String>,
    },
    /// Take a setting out of your config.toml
    Unset {
        /// The setting
        #[arg(value_name = "KEY")]
        name: String,
    },
    /// Print the path of every file that is looked for
    Path {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Print every setting there is: values, default, who may say it (Markdown)
    Reference,
}

/// Why settings can be neither shown nor changed.
#[derive(Debug, Error)]
pub enum ConfigCommandError {
    /// We do not know where our files lie.
    #[error(transparent)]
    Paths(#[from] PathsError),
    /// The settings cannot be used or changed.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The secret of the app cannot be kept or read.
    #[error(transparent)]
    Account(#[from] AccountCommandError),
    /// The stored pairings cannot be used.
    #[error(transparent)]
    Upstream(#[from] UpstreamError),
    /// A secret stands where everybody can read it.
    #[error("the secret stands in the command line, where others can read it; it was not kept")]
    SecretInArguments,
    /// The working directory cannot be found out.
    #[error("cannot tell the working directory: {0}")]
    Directory(io::Error),
    /// The answer cannot be written.
    #[error("cannot write to stdout: {0}")]
    Output(io::Error),
}

impl ConfigCommandError {
    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Paths(error) => error.hint(),
            Self::Config(error) => error.hint(),
            Self::Account(error) => error.hint(),
            Self::Upstream(error) => error.hint(),
            Self::SecretInArguments => {
                format!("make another, and give it to: airlock-exec config set {SECRET}")
            }
            Self::Directory(_) => "change into a directory that is there".to_owned(),
            Self::Output(_) => "give it a stdout that can be written to".to_owned(),
        }
    }
}

/// Runs `airlock-exec config`.
///
/// # Errors
///
/// [`ConfigCommandError`] by what is in the way.
pub fn run(
    arguments: ConfigArguments,
    environment: &Environment,
) -> Result<(), ConfigCommandError> {
    let paths = Paths::from_environment(environment)?;
    let directory = WorkingDirectory::capture().map_err(ConfigCommandError::Directory)?;
    let places = Places::of(&paths, directory.path());
    let text = match arguments.action {
        Action::Show { json } => {
            let settings = Settings::load(&places, environment)?;
            let rows = show::rows(&settings, &paths)?;
            if json { show::as_json(&rows, &settings) } else { show::as_table(&rows, &settings) }
        }
        Action::Set { name, value } if name == SECRET => {
            if value.is_some() {
                return Err(ConfigCommandError::SecretInArguments);
            }
            let settings = Settings::load(&places, environment)?;
            let site = Site::of(&settings, &paths)?;
            let secret = read_secret(&format!("secret of the app at {}: ", site.gateway))?;
            let kept = site.store.set_client_secret(site.gateway.as_str(), Some(&secret));
            kept.map_err(AccountCommandError::from)?;
            format!("{SECRET}  set\n")
        }
        Action::Set { name, value } => {
            let value = value.ok_or_else(|| ConfigError::Value {
                name: name.clone(),
                message: "write its value behind it".to_owned(),
            })?;
            set(&places, &[(&name, Some(&value))])?;
            show::effect(&name, &Settings::load(&places, environment)?)
        }
        Action::Unset { name } => {
            set(&places, &[(&name, None)])?;
            show::effect(&name, &Settings::load(&places, environment)?)
        }
        Action::Path { json: true } => paths_as_json(&places),
        Action::Path { json: false } => every_path(&places),
        Action::Reference => reference::markdown(),
    };
    io::stdout().write_all(text.as_bytes()).map_err(ConfigCommandError::Output)
}

fn paths_as_json(places: &Places) -> String {
    let row = |layer: &str, path: &std::path::Path| json!({"layer": layer, "path": path.to_string_lossy(), "there": path.exists()});
    let mut rows = vec![row("system", &places.system), row("user", &places.user)];
    rows.extend(
        places.projects.iter().filter(|path| path.exists()).map(|path| row("project", path)),
    );
    over_lines(&json!({"version": 1, "files": rows})) + "\n"
}

fn every_path(places: &Places) -> String {
    let line = |layer: &str, path: &std::path::Path| {
        let state = if path.exists() { "" } else { "  (not there)" };
        format!("{layer:8}  {}{state}\n", path.display())
    };
    let mut text = line("system", &places.system) + &line("user", &places.user);
    let there = places.projects.iter().filter(|path| path.exists());
    text.extend(there.map(|path| line("project", path)));
    text
}
