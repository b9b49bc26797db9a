//! A QR code for a terminal.

use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;

/// Draws a text as a QR code, dark on light, two rows in each line.
///
/// `None` when it is too long for a code or too wide for so many columns.
pub(super) fn draw(text: &str, columns: usize) -> Option<String> {
    let code = QrCode::new(text).ok()?;
    // Terminals are dark more often than not: what is light is drawn.
    let drawn =
        code.render::<Dense1x2>().dark_color(Dense1x2::Dark).light_color(Dense1x2::Light).build();
    let fits = drawn.lines().all(|line| line.chars().count() <= columns);
    fits.then_some(drawn)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_drawn_where_there_is_room_for_it() {
        let drawn = draw("AB3D-7K9Q", 80).expect("80 columns are enough");
        assert!(drawn.lines().count() > 10 && drawn.contains('█'), "{drawn}");
        assert_eq!(draw("AB3D-7K9Q", 10), None);
        assert_eq!(draw(&"x".repeat(9000), usize::MAX), None);
    }
}
