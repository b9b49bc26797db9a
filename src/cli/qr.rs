//! A QR code for a terminal.

use super::output::{colour, columns};
use crate::approver::card::Colour;
use crate::process::{Environment, Stdio, Stream};
use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;

/// Draws a text as a QR code where standard output is a terminal that can show it.
///
/// `None` where it is none, knows no characters beyond ASCII, or is too narrow: what
/// the code says is then read and typed.
pub(super) fn for_terminal(text: &str, environment: &Environment) -> Option<String> {
    if !Stdio::capture().is_terminal(Stream::Output) || !speaks_utf8(environment) {
        return None;
    }
    if colour(environment) == Colour::Plain {
        // Terminals are dark more often than not: what is light is drawn.
        return draw(text, columns()?, Ink::Light);
    }
    // Black on white, whatever the terminal's own colours are: not every phone reads a
    // code in negative.
    let line = |line: &str| format!("\x1b[30;107m{line}\x1b[0m");
    let drawn = draw(text, columns()?, Ink::Dark)?;
    Some(drawn.lines().map(line).collect::<Vec<_>>().join("\n"))
}

/// Tells whether the locale has more than ASCII. POSIX 8.2: the first that is set and
/// not empty counts.
fn speaks_utf8(environment: &Environment) -> bool {
    let said = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|name| environment.text(name).filter(|text| !text.is_empty()));
    let said = said.unwrap_or_default().to_ascii_lowercase();
    (said.contains("utf-8") || said.contains("utf8")) && environment.text("TERM") != Some("dumb")
}

/// What the characters of a drawn code stand for.
#[derive(Debug, Clone, Copy)]
enum Ink {
    /// What is dark in the code.
    Dark,
    /// What is light in the code.
    Light,
}

/// Draws a text as a QR code, two rows in each line.
///
/// `None` when it is too long for a code or too wide for so many columns.
fn draw(text: &str, columns: usize, ink: Ink) -> Option<String> {
    let code = QrCode::new(text).ok()?;
    // The crate draws what is `Dense1x2::Dark` and leaves the rest blank.
    let (dark, light) = match ink {
        Ink::Dark => (Dense1x2::Dark, Dense1x2::Light),
        Ink::Light => (Dense1x2::Light, Dense1x2::Dark),
    };
    let drawn = code.render::<Dense1x2>().dark_color(dark).light_color(light).build();
    let fits = drawn.lines().all(|line| line.chars().count() <= columns);
    fits.then_some(drawn)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::OsString;

    #[test]
    fn is_drawn_where_there_is_room_for_it() {
        let drawn = draw("AB3D-7K9Q", 80, Ink::Dark).expect("80 columns are enough");
        assert!(drawn.lines().count() > 10, "{drawn}");
        assert_eq!(draw("AB3D-7K9Q", 10, Ink::Dark), None);
        assert_eq!(draw(&"x".repeat(9000), usize::MAX, Ink::Dark), None);
    }

    #[test]
    fn the_quiet_zone_is_light() {
        // ISO/IEC 18004 6.3.8: four modules of it on every side.
        let edge =
            |ink| draw("AB3D-7K9Q", 80, ink).expect("a code").lines().next().map(str::to_owned);
        assert!(edge(Ink::Dark).is_some_and(|line| line.chars().all(|each| each == ' ')));
        assert!(edge(Ink::Light).is_some_and(|line| line.chars().all(|each| each == '█')));
    }

    #[test]
    fn the_first_word_about_the_locale_counts() {
        for (variables, wanted) in [
            (&[("LANG", "de_DE.UTF-8")][..], true),
            (&[("LC_ALL", "C"), ("LANG", "de_DE.UTF-8")], false),
            (&[("LC_ALL", ""), ("LC_CTYPE", "C.utf8")], true),
            (&[("LANG", "C.UTF-8"), ("TERM", "dumb")], false),
            (&[], false),
        ] {
            let environment: Environment = variables
                .iter()
                .map(|(name, value)| (OsString::from(name), OsString::from(value)))
                .collect();
            assert_eq!(speaks_utf8(&environment), wanted, "{variables:?}");
        }
    }
}
