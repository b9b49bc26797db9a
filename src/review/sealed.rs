//! A case that only one approver can read.

use super::Refusal;
use super::artifact::Case;
use crate::client::Pairing;
use crate::protocol::Ciphertext;

/// A case, sealed for the approver of a pairing, who alone can read and decide it.
pub(super) struct Sealed<'a> {
    pub(super) case: Case,
    pub(super) pairing: &'a Pairing,
    pub(super) ciphertext: Ciphertext,
}

impl<'a> Sealed<'a> {
    /// Seals a case for that approver.
    pub(super) fn of(case: Case, pairing: &'a Pairing) -> Result<Self, Refusal> {
        let ciphertext = Ciphertext::seal(case.plaintext(), &pairing.seal_key()?)
            .map_err(|error| Refusal::Seal(error.to_string()))?;
        Ok(Self { case, pairing, ciphertext })
    }
}
