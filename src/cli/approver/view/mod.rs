//! `airlock-exec approver` at a terminal: what waits, live, and the keys to decide it.
//!
//! The view itself is `approver::tui`; here are the terminal it is drawn on, the keys
//! that are read from it, and the gateway it is about. Before an approval can count,
//! what was typed until then is dropped from the terminal and from us.

mod desk;
mod guardian;
mod keyboard;
mod post;
mod runs;
mod screen;
mod way_back;

use super::connection::Connection;
use super::error::ApproverCommandError;
use crate::approver::card::Colour;
use crate::approver::tui::{Effect, Moment, View};
use crate::cli::output::colour;
use crate::crypto::random;
use crate::process::{self, Environment};
use crate::run::die_by_signal;
use desk::Desk;
use guardian::Guardian;
use runs::News;
use screen::Screen;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::LocalSet;

/// Ages and times left are drawn anew this often.
const TICK: Duration = Duration::from_secs(1);

/// How the view ended.
enum End {
    /// The person ended it, or the terminal went away.
    Quit,
    /// By that signal, of which we are to die.
    Signal(i32),
}

/// Shows what waits until the person ends it.
///
/// # Errors
///
/// [`ApproverCommandError`]; the terminal is as it was then.
pub(super) fn run(
    connection: &Connection,
    environment: &Environment,
) -> Result<(), ApproverCommandError> {
    // Forked off while this process has one thread.
    let guardian = Guardian::start()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let tasks = LocalSet::new();
    let ended =
        tasks.block_on(&runtime, watch(connection, environment, colour(environment), &guardian));
    drop(tasks);
    // A look for the gateway that is still going on is not waited for.
    runtime.shutdown_background();
    guardian.dismiss();
    if let End::Signal(number) = ended? {
        die_by_signal(number);
    }
    Ok(())
}

/// The signals that mean something to a program that holds a terminal.
struct Signals {
    terminate: Signal,
    hang_up: Signal,
    interrupt: Signal,
    quit: Signal,
    stop: Signal,
    resize: Signal,
    go_on: Signal,
}

impl Signals {
    fn listen() -> std::io::Result<Self> {
        let stop = SignalKind::from_raw(nix::libc::SIGTSTP);
        let go_on = SignalKind::from_raw(nix::libc::SIGCONT);
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
            stop: signal(stop)?,
            resize: signal(SignalKind::window_change())?,
            go_on: signal(go_on)?,
        })
    }
}

/// What woke us.
enum Event {
    /// Something was typed, or the terminal went away.
    Keys(std::io::Result<Vec<crate::approver::tui::Key>>),
    /// The inbox may hold something else.
    Changed(Result<(), ApproverCommandError>),
    /// Something was told of a command that was approved.
    Told(Option<(crate::protocol::RequestId, News)>),
    /// Time went by.
    Time,
    /// The window has another size.
    Resized,
    /// Somebody asks us to stop.
    Stop,
    /// We were stopped, and go on.
    GoesOn,
    /// Somebody ends us.
    Ends(i32),
}

async fn watch(
    connection: &Connection,
    environment: &Environment,
    colour: Colour,
    guardian: &Guardian,
) -> Result<End, ApproverCommandError> {
    let (mut desk, mut told) = Desk::open(connection, environment)?;
    let mut signals = Signals::listen()?;
    let mut view = View::new(colour, number);
    let mut screen = Screen::take(guardian)?;
    desk.look(&mut view, moment()).await?;
    loop {
        screen.draw(&mut view, moment())?;
        desk.note_seen(&view);
        desk.attend(&view);
        let due = view.due_in(moment());
        let event = tokio::select! {
            // In this order: what ends us comes before what was typed.
            biased;
            _ = signals.terminate.recv() => Event::Ends(nix::libc::SIGTERM),
            _ = signals.hang_up.recv() => Event::Ends(nix::libc::SIGHUP),
            _ = signals.interrupt.recv() => Event::Ends(nix::libc::SIGINT),
            _ = signals.quit.recv() => Event::Ends(nix::libc::SIGQUIT),
            _ = signals.stop.recv() => Event::Stop,
            _ = signals.go_on.recv() => Event::GoesOn,
            _ = signals.resize.recv() => Event::Resized,
            changed = desk.changed() => Event::Changed(changed),
            news = told.recv() => Event::Told(news),
            () = tokio::time::sleep(due.unwrap_or(TICK).min(TICK)) => Event::Time,
            keys = screen.keys() => Event::Keys(keys),
        };
        match event {
            Event::Ends(number) => return Ok(End::Signal(number)),
            Event::Keys(Err(_)) => return Ok(End::Quit),
            Event::Keys(Ok(keys)) => {
                for key in keys {
                    match view.press(&key, moment()) {
                        Effect::None => {}
                        Effect::Quit => return Ok(End::Quit),
                        Effect::Suspend => {
                            screen.suspend()?;
                            view.disturb(moment());
                            break;
                        }
                        Effect::Repaint => screen.repaint()?,
                        Effect::Mouse => screen.toggle_mouse()?,
                        Effect::End(request) => desk.end(&mut view, &request),
                        decided => {
                            desk.settle(&mut view, decided, moment()).await?;
                            desk.look(&mut view, moment()).await?;
                            screen.forget_typed()?;
                            break;
                        }
                    }
                }
            }
            Event::Changed(changed) => {
                changed?;
                let came = desk.look(&mut view, moment()).await?;
                if came {
                    Screen::ring()?;
                }
            }
            Event::Told(Some((request, News::Seen(seen)))) => view.told(&request, seen, moment()),
            Event::Told(Some((request, News::Trouble(why)))) => view.not_told(&request, &why),
            Event::Told(None) => {}
            Event::Time => {
                // What was typed before an approval counts was not for it.
                if view.due_in(moment()) == Some(Duration::ZERO) {
                    screen.forget_typed()?;
                    view.arm(moment());
                }
            }
            Event::Resized => view.disturb(moment()),
            Event::Stop => {
                screen.suspend()?;
                view.disturb(moment());
            }
            Event::GoesOn => {
                screen.retake()?;
                view.disturb(moment());
            }
        }
    }
}

fn moment() -> Moment {
    Moment { steady: process::since_boot(), wall: process::now() }
}

/// Draws a number for the second step of an approval.
fn number() -> u8 {
    loop {
        // Without a number nobody can guess there is no second step: nothing is approved.
        let drawn = random::array::<1>().map_or(u8::MAX, |[byte]| byte);
        // So that each of the ninety is as likely as any other.
        if drawn < 180 || drawn == u8::MAX {
            return drawn % 90;
        }
    }
}
