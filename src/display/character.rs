//! What is wrong with a single character.

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory as _};

/// A class of characters that must not be shown as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hazard {
    /// Moves the cursor or speaks to the terminal: `General_Category` Cc.
    Control,
    /// Changes the order text is read in: `Bidi_Control`.
    Bidirectional,
    /// Cannot be seen, or means nothing that can be agreed on.
    Invisible,
}

/// Returns what is wrong with a character, `None` when it can be shown.
///
/// Security 4.1: anything in `Default_Ignorable_Code_Point` or of
/// `General_Category` Cc, Cf, Cs, Co, Cn, Zl, Zp, or Zs other than U+0020.
pub(super) fn hazard(character: char) -> Option<Hazard> {
    match character {
        ' '..='~' => return None,
        '\u{061c}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}' => return Some(Hazard::Bidirectional),
        // BRAILLE PATTERN BLANK is a symbol by category and blank to the eye.
        '\u{2800}' => return Some(Hazard::Invisible),
        _ => {}
    }
    match character.general_category() {
        GeneralCategory::Control => Some(Hazard::Control),
        GeneralCategory::Format
        | GeneralCategory::Surrogate
        | GeneralCategory::PrivateUse
        | GeneralCategory::Unassigned
        | GeneralCategory::LineSeparator
        | GeneralCategory::ParagraphSeparator
        | GeneralCategory::SpaceSeparator => Some(Hazard::Invisible),
        _ => is_default_ignorable(character).then_some(Hazard::Invisible),
    }
}

/// `Default_Ignorable_Code_Point`, the part that is not of the categories above.
///
/// Source: `DerivedCoreProperties.txt`, which also lists format characters,
/// unassigned ones and two blocks of variation selectors.
fn is_default_ignorable(character: char) -> bool {
    matches!(
        character,
        '\u{00ad}'
            | '\u{034f}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fff8}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}
