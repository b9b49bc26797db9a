//! The terminal while the view holds it.

use super::guardian::Guardian;
use super::keyboard::Keyboard;
use crate::approver::tui::{Key, Moment, View};
use crate::cli::terminal::Terminal as Device;
use crate::sys::suspend_group_by;
use nix::libc::SIGTSTP;
use nix::sys::termios::{SetArg, cfmakeraw, tcsetattr};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use std::io::{self, Stdout, Write};

/// Other screen, no cursor, pastes and focus told apart.
const TAKE: &[u8] = b"\x1b[?1049h\x1b[?25l\x1b[?2004h\x1b[?1004h\x1b[2J";
/// What undoes that, and the mouse: also what is written when we were killed.
pub(super) const RESTORE: &[u8] =
    b"\x1b[?1006l\x1b[?1000l\x1b[?1004l\x1b[?2004l\x1b[0m\x1b[?25h\x1b[?1049l";
const MOUSE_ON: &[u8] = b"\x1b[?1000h\x1b[?1006h";
const MOUSE_OFF: &[u8] = b"\x1b[?1006l\x1b[?1000l";

/// The terminal, held until this is dropped.
#[derive(Debug)]
pub(super) struct Screen<'a> {
    guardian: &'a Guardian,
    device: Device,
    keyboard: Keyboard,
    terminal: Terminal<CrosstermBackend<Stdout>>,
    mouse: bool,
    is_held: bool,
}

impl<'a> Screen<'a> {
    /// Takes the terminal.
    pub(super) fn take(guardian: &'a Guardian) -> io::Result<Self> {
        let device = Device::open()?;
        let terminal = Terminal::new(CrosstermBackend::new(io::stdout()))?;
        let keyboard = Keyboard::default();
        let mut screen =
            Self { guardian, device, keyboard, terminal, mouse: false, is_held: false };
        screen.hold()?;
        Ok(screen)
    }

    fn hold(&mut self) -> io::Result<()> {
        self.guardian.hold();
        self.is_held = true;
        let mut raw = self.guardian.settings().clone();
        cfmakeraw(&mut raw);
        // Drops what was typed before, for somebody else.
        tcsetattr(io::stdin(), SetArg::TCSAFLUSH, &raw)?;
        write(TAKE)?;
        if self.mouse {
            write(MOUSE_ON)?;
        }
        self.forget_typed()?;
        self.terminal.clear()
    }

    fn release(&mut self) {
        if std::mem::take(&mut self.is_held) {
            let _ = write(RESTORE);
            let _ = tcsetattr(io::stdin(), SetArg::TCSAFLUSH, self.guardian.settings());
            self.guardian.release();
        }
    }

    /// Draws the view.
    pub(super) fn draw(&mut self, view: &mut View, now: Moment) -> io::Result<()> {
        self.terminal.draw(|frame| view.draw(frame, now)).map(drop)
    }

    /// Waits for keys.
    pub(super) async fn keys(&mut self) -> io::Result<Vec<Key>> {
        let bytes = self.device.bytes().await?;
        Ok(self.keyboard.read(&bytes))
    }

    /// Drops what was typed and not read.
    pub(super) fn forget_typed(&mut self) -> io::Result<()> {
        self.keyboard.forget();
        self.device.forget_typed()
    }

    /// Draws everything anew.
    pub(super) fn repaint(&mut self) -> io::Result<()> {
        self.terminal.clear()
    }

    /// Takes the mouse, or gives it back.
    pub(super) fn toggle_mouse(&mut self) -> io::Result<()> {
        self.mouse = !self.mouse;
        write(if self.mouse { MOUSE_ON } else { MOUSE_OFF })
    }

    /// Rings the bell.
    pub(super) fn ring() -> io::Result<()> {
        write(b"\x07")
    }

    /// Gives the terminal back, stops our whole job as the shell expects it, and takes
    /// the terminal again when it goes on.
    pub(super) fn suspend(&mut self) -> io::Result<()> {
        self.release();
        suspend_group_by(SIGTSTP);
        self.hold()
    }

    /// Takes the terminal again after we were stopped by somebody who did not ask.
    pub(super) fn retake(&mut self) -> io::Result<()> {
        self.hold()
    }
}

impl Drop for Screen<'_> {
    fn drop(&mut self) {
        self.release();
    }
}

fn write(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}
