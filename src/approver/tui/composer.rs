//! A line of words for the agent.

use super::key::Key;

/// The longest text, in characters.
const LONGEST: usize = 600;

/// Words that a person writes for the agent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Composer {
    text: String,
}

impl Composer {
    /// Returns what was written.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Takes a key; `false` when it means nothing to a line of text.
    pub(super) fn press(&mut self, key: &Key) -> bool {
        match key {
            Key::Char(character) => self.add(*character),
            Key::Paste(text) => {
                // A line of words: breaks and controls in what was pasted become blanks.
                let line = |c: char| if c.is_control() { ' ' } else { c };
                text.chars().map(line).for_each(|character| self.add(character));
            }
            Key::Backspace => drop(self.text.pop()),
            Key::Control('u') => self.text.clear(),
            Key::Control('w') => {
                let end = self.text.trim_end().rfind(' ').map_or(0, |at| at + 1);
                self.text.truncate(end);
            }
            _ => return false,
        }
        true
    }

    fn add(&mut self, character: char) {
        if self.text.chars().count() < LONGEST {
            self.text.push(character);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_written_and_mended() {
        let mut composer = Composer::default();
        for character in "use a brunch".chars() {
            assert!(composer.press(&Key::Char(character)));
        }
        composer.press(&Key::Control('w'));
        composer.press(&Key::Paste("branch\nplease".to_owned()));
        composer.press(&Key::Backspace);
        assert_eq!(composer.text(), "use a branch pleas");
        assert!(!composer.press(&Key::Enter));
        composer.press(&Key::Paste("x".repeat(5000)));
        assert_eq!(composer.text().chars().count(), LONGEST);
        composer.press(&Key::Control('u'));
        assert_eq!(composer.text(), "");
    }
}
