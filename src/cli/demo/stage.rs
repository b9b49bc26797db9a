//! The temporary directory, the gateway in it, and the end of both.

use super::error::DemoError;
use super::repository::Repository;
use crate::cli::local::heard;
use crate::config::Paths;
use crate::display::Displayable;
use crate::process::{Environment, own_binary};
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// How long the gateway may take to come up.
const PATIENCE: Duration = Duration::from_secs(15);
/// What of the user's environment a program needs to be found and to be read.
const HANDED_ON: [&str; 3] = ["LANG", "LC_ALL", "TERM"];
/// Where programs are, beside git's own directory.
const SYSTEM_PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// A directory that is removed at the end, and what lives in it.
#[derive(Debug)]
pub(super) struct Stage {
    repository: Repository,
    environment: Vec<(OsString, OsString)>,
    paths: Paths,
    gateway: Option<Child>,
    // Last, so that it is dropped last.
    directory: Directory,
}

impl Stage {
    /// Makes the directory, with a home of its own and both repositories.
    pub(super) fn set_up(environment: &Environment) -> Result<Self, DemoError> {
        let search = environment.value("PATH").ok_or(DemoError::NoGit)?;
        let git = which::which_in_global("git", Some(search))
            .ok()
            .and_then(|mut found| found.next())
            .ok_or(DemoError::NoGit)?;
        let directory = Directory::make(environment.value("TMPDIR"))?;
        let environment = sandboxed(environment, &git, directory.path())?;
        let captured: Environment = environment.iter().cloned().collect();
        let paths = Paths::from_environment(&captured)?;
        let repository = Repository::make(git, directory.path(), environment.clone())?;
        Ok(Self { repository, environment, paths, gateway: None, directory })
    }

    /// Starts the gateway and waits for it to listen.
    pub(super) async fn start_gateway(&mut self) -> Result<(), DemoError> {
        let log = self.directory.path().join("gateway.log");
        let mut gateway = self
            .own(["local-gateway", "--serve"])?
            .current_dir(self.directory.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(&log)?)
            .spawn()?;
        let output = gateway.stdout.take();
        self.gateway = Some(gateway);
        let mut line = String::new();
        if let Some(output) = output {
            let mut output = BufReader::new(output);
            let read = tokio::time::timeout(PATIENCE, output.read_line(&mut line));
            // No line in time is told like no line at all.
            read.await.unwrap_or(Ok(0))?;
        }
        if line.is_empty() || heard(&line).is_err() {
            let said = fs::read(&log).unwrap_or_default();
            return Err(DemoError::Gateway { said: Displayable::from(&said[..]).to_string() });
        }
        Ok(())
    }

    /// Returns our own binary, ready to be started in the demo's environment.
    pub(super) fn own<const COUNT: usize>(
        &self,
        arguments: [&str; COUNT],
    ) -> Result<Command, DemoError> {
        let mut command = Command::new(own_binary()?);
        command.args(arguments).env_clear().kill_on_drop(true);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        Ok(command)
    }

    pub(super) fn directory(&self) -> &Path {
        self.directory.path()
    }

    pub(super) fn paths(&self) -> &Paths {
        &self.paths
    }

    pub(super) fn repository(&mut self) -> &mut Repository {
        &mut self.repository
    }

    /// Tells whether the gateway still runs; only then may anybody connect to it.
    pub(super) fn gateway_runs(&mut self) -> bool {
        self.gateway.as_mut().is_some_and(|gateway| matches!(gateway.try_wait(), Ok(None)))
    }

    /// Ends the gateway and removes the directory.
    pub(super) async fn take_down(mut self) {
        if let Some(mut gateway) = self.gateway.take() {
            // It has nothing to save: all it knows goes with the directory.
            let _ = gateway.kill().await;
        }
    }
}

/// Returns an environment in which nothing of the user's is found but programs.
fn sandboxed(
    environment: &Environment,
    git: &Path,
    directory: &Path,
) -> Result<Vec<(OsString, OsString)>, DemoError> {
    let handed_on = HANDED_ON.iter().filter_map(|name| {
        environment.value(name).map(|value| (OsString::from(name), value.to_owned()))
    });
    let mut variables: Vec<(OsString, OsString)> = handed_on.collect();
    let mut path = git.parent().unwrap_or(Path::new("/usr/bin")).as_os_str().to_owned();
    path.push(":");
    path.push(SYSTEM_PATH);
    variables.push(("PATH".into(), path));
    let places = [
        ("HOME", "home"),
        ("XDG_CONFIG_HOME", "config"),
        ("XDG_DATA_HOME", "data"),
        ("XDG_STATE_HOME", "state"),
        ("XDG_RUNTIME_DIR", "run"),
    ];
    for (variable, name) in places {
        let place = directory.join(name);
        fs::create_dir(&place)?;
        variables.push((variable.into(), place.into()));
    }
    // Who tells how a command ended would start a gateway again behind our back.
    let settings = directory.join("config/airlock-exec");
    fs::create_dir(&settings)?;
    fs::write(settings.join("config.toml"), "[outcome]\nsend = \"never\"\n")?;
    // The machine's git configuration may sign, rewrite addresses or run hooks.
    variables.push(("GIT_CONFIG_NOSYSTEM".into(), "1".into()));
    let identity = "[user]\n\tname = Demo\n\temail = demo@example.org\n";
    fs::write(directory.join("home/.gitconfig"), identity)?;
    Ok(variables)
}

/// A directory of mode 0700 that is removed when dropped.
#[derive(Debug)]
struct Directory(PathBuf);

impl Directory {
    fn make(temporary: Option<&OsStr>) -> Result<Self, DemoError> {
        let parent = temporary.filter(|path| Path::new(path).is_absolute());
        let template = Path::new(parent.unwrap_or(OsStr::new("/tmp"))).join("airlock-demo-XXXXXX");
        Ok(Self(nix::unistd::mkdtemp(&template).map_err(std::io::Error::from)?))
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        // A process that was just ended may have left something behind its back.
        let _ = fs::remove_dir_all(&self.0).or_else(|_| fs::remove_dir_all(&self.0));
    }
}
