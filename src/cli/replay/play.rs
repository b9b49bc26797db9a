//! Shows a recording at its own pace, or another.

use super::ReplayError;
use super::screen::{Key, Screen};
use crate::display::Displayable;
use crate::record::cast::Cast;
use std::io::BufRead;
use std::time::Duration;

/// How fast it is played.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Pace {
    /// How many times as fast.
    pub(super) speed: f64,
    /// The longest pause, before that.
    pub(super) idle_limit: Option<Duration>,
}

impl Pace {
    fn pause(&self, recorded: Duration) -> Duration {
        let bounded = self.idle_limit.map_or(recorded, |most| recorded.min(most));
        Duration::try_from_secs_f64(bounded.as_secs_f64() / self.speed).unwrap_or(bounded)
    }
}

/// Plays it on the terminal; `q` and Control-C end it, the space bar halts it.
pub(super) fn play(mut cast: Cast<impl BufRead>, pace: &Pace) -> Result<(), ReplayError> {
    let wanted = (usize::from(cast.header().columns), usize::from(cast.header().rows));
    let size = crate::cli::output::size();
    if let Some((columns, rows)) =
        size.filter(|(columns, rows)| *columns < wanted.0 || *rows < wanted.1)
    {
        super::eprintln_line(&format!(
            "it was recorded on {} columns and {} rows; here are {columns} and {rows}",
            wanted.0, wanted.1
        ));
    }
    let screen = Screen::take()?;
    // What is due is shown at once: pauses add up, and waiting for each takes longer.
    let mut owed = Duration::ZERO;
    while let Some(frame) = cast.frame()? {
        owed += pace.pause(frame.after);
        if owed >= Duration::from_millis(1) {
            let span = std::mem::take(&mut owed);
            if let Some(key) = Screen::wait(Some(span))
                && (key == Key::End || halted() == Key::End)
            {
                return Ok(());
            }
        }
        match frame.code.as_str() {
            "o" => screen.show(&frame.text)?,
            "m" => {
                let text = Displayable::from(frame.text.as_str());
                screen.show(&format!("\r\n[{text}]\r\n"))?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// Waits for the key that ends the halt.
fn halted() -> Key {
    Screen::wait(None).unwrap_or(Key::End)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_is_bounded_before_it_is_made_faster() {
        let pace = Pace { speed: 2.0, idle_limit: Some(Duration::from_secs(3)) };
        assert_eq!(pace.pause(Duration::from_secs(1)), Duration::from_millis(500));
        assert_eq!(pace.pause(Duration::from_mins(1)), Duration::from_millis(1500));
    }
}
