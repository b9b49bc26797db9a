//! Judges the text of a shell command.

use super::PolicyError;
use super::basis::Basis;
use super::engine::Engine;
use super::verdict::Judgement;

impl Engine<'_> {
    /// Judges shell text.
    ///
    /// # Errors
    ///
    /// As [`Engine::judge`].
    pub(super) fn judge_text(&self, _text: &str) -> Result<Judgement, PolicyError> {
        Ok(Judgement::ask(Basis::Text { why: "shell text is asked about".to_owned() }))
    }
}
