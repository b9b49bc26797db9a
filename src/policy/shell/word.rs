//! What one word of shell text is before it is expanded.

use super::Collector;
use crate::policy::words::{Certainty, Word};
use brush_parser::word::{
    Parameter, ParameterExpr, SpecialParameter, TildeExpr, WordPiece, WordPieceWithSource, parse,
};

/// The bytes of a word, and what keeps them from being all there is to it.
#[derive(Default)]
struct Reading {
    text: String,
    certainty: Level,
}

#[derive(Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    #[default]
    Literal,
    Operands,
    Unknown,
}

impl Collector {
    /// Reads a word; commands in its substitutions are collected.
    pub(super) fn word(&mut self, raw: &str) -> Word<'static> {
        // A bracket that nothing closes is no pattern: this is a name of `test`.
        if raw == "[" {
            return Word::literal(&b"["[..]);
        }
        let Ok(pieces) = parse(raw, self.options()) else {
            return Word::uncertain(raw.as_bytes().to_vec(), Certainty::Unknown);
        };
        let mut reading = Reading::default();
        for piece in &pieces {
            self.piece(piece, Quoting::None, &mut reading);
        }
        // The shell's own view: a brace list makes several words of one, and what stands in
        // parentheses behind a pattern may be code for zsh.
        if has_text(&pieces, |text| text.contains('{') && text != "{}" || text.contains('('))
            || has_bang(raw, &pieces)
        {
            reading.certainty = Level::Unknown;
        }
        match reading.certainty {
            Level::Literal => Word::literal(reading.text.into_bytes()),
            Level::Operands => Word::uncertain(raw.as_bytes().to_vec(), Certainty::Operands),
            Level::Unknown => Word::uncertain(raw.as_bytes().to_vec(), Certainty::Unknown),
        }
    }

    /// Collects the commands in the substitutions of a text such as a here-document.
    pub(super) fn expansions(&mut self, text: &str) {
        let _ = self.word(text);
    }

    fn piece(&mut self, piece: &WordPieceWithSource, quoting: Quoting, reading: &mut Reading) {
        let mut at_least = |level: Level| reading.certainty = reading.certainty.max(level);
        match &piece.piece {
            WordPiece::Text(text) => {
                if quoting == Quoting::None && text.contains(['*', '?', '[']) {
                    // `src/*.rs` is some operands; `*` could be an option.
                    let starts = reading.text.is_empty() && text.starts_with(['*', '?', '[', '-']);
                    let is_option = reading.text.starts_with('-');
                    at_least(if starts || is_option { Level::Unknown } else { Level::Operands });
                }
                reading.text.push_str(text);
            }
            WordPiece::SingleQuotedText(text) => reading.text.push_str(text),
            WordPiece::EscapeSequence(text) => {
                // `\x` is x; in double quotes only before these, and a newline joins lines.
                let mut rest = text.chars();
                match (rest.next(), rest.next(), rest.next()) {
                    (Some('\\'), Some('\n'), None) => {}
                    (Some('\\'), Some(each), None)
                        if quoting == Quoting::None || "$`\"\\".contains(each) =>
                    {
                        reading.text.push(each);
                    }
                    _ => at_least(Level::Unknown),
                }
            }
            WordPiece::DoubleQuotedSequence(pieces) => {
                for inner in pieces {
                    self.piece(inner, Quoting::Double, reading);
                }
            }
            WordPiece::GettextDoubleQuotedSequence(pieces) => {
                at_least(Level::Unknown);
                for inner in pieces {
                    self.piece(inner, Quoting::Double, reading);
                }
            }
            WordPiece::TildeExpansion(TildeExpr::Home) if reading.text.is_empty() => {
                at_least(Level::Operands);
                reading.text.push('~');
            }
            WordPiece::CommandSubstitution(text) => {
                at_least(Level::Unknown);
                self.nested(text);
            }
            WordPiece::BackquotedCommandSubstitution(text) => {
                at_least(Level::Unknown);
                self.nested(&text.replace("\\`", "`").replace("\\$", "$").replace("\\\\", "\\"));
            }
            WordPiece::ParameterExpansion(expression) if is_status(expression) => {
                // A number, so `$?` is an operand, and `-$?` could be an option.
                let is_option = reading.text.starts_with('-');
                at_least(if is_option { Level::Unknown } else { Level::Operands });
            }
            WordPiece::ParameterExpansion(expression) => {
                at_least(Level::Unknown);
                self.parameter(expression);
            }
            WordPiece::ArithmeticExpression(expression) => {
                at_least(Level::Unknown);
                self.nested_word(&expression.value);
            }
            WordPiece::AnsiCQuotedText(_) | WordPiece::TildeExpansion(_) => {
                at_least(Level::Unknown);
            }
        }
    }

    /// Looks for substitutions in the word of a parameter expansion.
    fn parameter(&mut self, expression: &ParameterExpr) {
        let word = match expression {
            ParameterExpr::UseDefaultValues { default_value: word, .. }
            | ParameterExpr::AssignDefaultValues { default_value: word, .. }
            | ParameterExpr::IndicateErrorIfNullOrUnset { error_message: word, .. }
            | ParameterExpr::UseAlternativeValue { alternative_value: word, .. }
            | ParameterExpr::RemoveSmallestSuffixPattern { pattern: word, .. }
            | ParameterExpr::RemoveLargestSuffixPattern { pattern: word, .. }
            | ParameterExpr::RemoveSmallestPrefixPattern { pattern: word, .. }
            | ParameterExpr::RemoveLargestPrefixPattern { pattern: word, .. }
            | ParameterExpr::ReplaceSubstring { replacement: word, .. } => word.as_deref(),
            ParameterExpr::Substring { offset, .. } => Some(offset.value.as_str()),
            _ => None,
        };
        if let Some(word) = word {
            self.nested_word(word);
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Quoting {
    None,
    Double,
}

/// Tells whether an expansion is `$?` and nothing else.
fn is_status(expression: &ParameterExpr) -> bool {
    matches!(
        expression,
        ParameterExpr::Parameter {
            parameter: Parameter::Special(SpecialParameter::LastExitStatus),
            indirect: false,
        }
    )
}

/// Tells whether a part of the unquoted text is such.
fn has_text(pieces: &[WordPieceWithSource], is_such: impl Fn(&str) -> bool) -> bool {
    pieces
        .iter()
        .any(|piece| matches!(&piece.piece, WordPiece::Text(text) if is_such(text.as_str())))
}

/// Tells whether an interactive shell would take part of the word from its history.
fn has_bang(raw: &str, pieces: &[WordPieceWithSource]) -> bool {
    let live = |pieces: &[WordPieceWithSource]| {
        pieces
            .iter()
            .any(|piece| matches!(&piece.piece, WordPiece::Text(text) if text.contains('!')))
    };
    raw != "!"
        && (live(pieces)
            || pieces.iter().any(|piece| {
                matches!(&piece.piece, WordPiece::DoubleQuotedSequence(inner) if live(inner))
            }))
}
