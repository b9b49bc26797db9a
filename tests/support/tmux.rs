//! A shell in tmux, for job control and for what a screen really shows.

use super::sandbox::Sandbox;
use super::wait::eventually_or_show;
use std::path::PathBuf;
use std::process::{Command, Output};

/// A tmux server of its own with one window of 100 columns and 30 rows.
pub(crate) struct Tmux<'a> {
    sandbox: &'a Sandbox,
    socket: PathBuf,
}

impl<'a> Tmux<'a> {
    /// Starts an interactive bash whose prompt is `$ `.
    pub(crate) fn start(sandbox: &'a Sandbox) -> Self {
        Self::start_shell(sandbox, "PS1='$ ' exec bash --norc --noprofile -i")
    }

    /// Starts an interactive shell whose prompt has a `$`.
    pub(crate) fn start_shell(sandbox: &'a Sandbox, shell: &str) -> Self {
        let tmux = Self { sandbox, socket: sandbox.path("tmux") };
        tmux.succeed(&["-f", "/dev/null", "new-session", "-d", "-x", "100", "-y", "30", shell]);
        tmux.wait_for("$");
        tmux
    }

    /// Types that line and presses return.
    pub(crate) fn line(&self, text: &str) {
        self.typed(text);
        self.key("Enter");
    }

    /// Empties the screen now, whatever the shell does meanwhile.
    pub(crate) fn blank(&self) {
        self.succeed(&["send-keys", "-R"]);
    }

    /// Types that text.
    pub(crate) fn typed(&self, text: &str) {
        self.succeed(&["send-keys", "-l", text]);
    }

    /// Presses a key by tmux's name for it, for example `C-z`.
    pub(crate) fn key(&self, name: &str) {
        self.succeed(&["send-keys", name]);
    }

    /// Presses ^C, and waits for the prompt of the shell behind it.
    ///
    /// What is typed before that, the terminal and the shell may throw away, with us
    /// or without.
    pub(crate) fn interrupt(&self) {
        self.key("C-c");
        let ask = || {
            let screen = self.screen();
            let (_, behind) = screen.rsplit_once("^C")?;
            behind.trim_end().ends_with('$').then_some(())
        };
        eventually_or_show("a prompt behind ^C", ask, || self.screen());
    }

    /// Pastes that text, in brackets where the program asked for them.
    pub(crate) fn paste(&self, text: &str) {
        self.succeed(&["set-buffer", text]);
        self.succeed(&["paste-buffer", "-p", "-r"]);
    }

    /// Runs a line in a shell beside the window.
    pub(crate) fn other(&self, text: &str) {
        let work = self.sandbox.work();
        let text = format!("cd {} && {text}", work.display());
        self.succeed(&["run-shell", &text]);
    }

    /// Gives the window another size.
    pub(crate) fn resize(&self, columns: u16, rows: u16) {
        let (columns, rows) = (columns.to_string(), rows.to_string());
        self.succeed(&["resize-window", "-x", &columns, "-y", &rows]);
    }

    /// Returns the screen as a person sees it.
    pub(crate) fn screen(&self) -> String {
        let output = self.succeed(&["capture-pane", "-p"]);
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Returns the screen with the escape sequences of its styles.
    pub(crate) fn styled_screen(&self) -> String {
        let output = self.succeed(&["capture-pane", "-p", "-e"]);
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Asks tmux about the window, by one of its formats.
    pub(crate) fn ask(&self, format: &str) -> String {
        let output = self.succeed(&["display-message", "-p", format]);
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Waits until the screen holds that text, and returns the screen.
    pub(crate) fn wait_for(&self, text: &str) -> String {
        let ask = || Some(self.screen()).filter(|screen| screen.contains(text));
        eventually_or_show(&format!("{text:?} on the screen"), ask, || self.screen())
    }

    fn succeed(&self, arguments: &[&str]) -> Output {
        let output = self.command(arguments).output().expect("tmux is installed: see tests/run");
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "tmux {arguments:?}: {error}");
        output
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.sandbox.program("tmux");
        command.arg("-S").arg(&self.socket).args(arguments);
        command
    }
}

impl Drop for Tmux<'_> {
    fn drop(&mut self) {
        let _ = self.command(&["kill-server"]).output();
    }
}
