//! Random bytes from the operating system's generator.

use thiserror::Error;
use zeroize::Zeroizing;

/// The operating system gave no random bytes.
#[derive(Debug, Error)]
#[error("read random bytes from the operating system: {0}")]
pub struct RandomError(#[from] getrandom::Error);

impl RandomError {
    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        "allow this process the getrandom system call, or give it /dev/urandom"
    }
}

/// Fills the buffer with random bytes.
///
/// # Errors
///
/// [`RandomError`] when the operating system has none to give.
pub fn fill(buffer: &mut [u8]) -> Result<(), RandomError> {
    Ok(getrandom::fill(buffer)?)
}

/// Returns that many random bytes, for nonces and identifiers.
///
/// # Errors
///
/// [`RandomError`] when the operating system has none to give.
pub fn array<const LENGTH: usize>() -> Result<[u8; LENGTH], RandomError> {
    let mut bytes = [0; LENGTH];
    fill(&mut bytes)?;
    Ok(bytes)
}

/// Returns that many random bytes, wiped on drop, for keys and tokens.
///
/// # Errors
///
/// [`RandomError`] when the operating system has none to give.
pub fn secret<const LENGTH: usize>() -> Result<Zeroizing<[u8; LENGTH]>, RandomError> {
    let mut bytes = Zeroizing::new([0; LENGTH]);
    fill(bytes.as_mut_slice())?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_draws_differ() {
        assert_ne!(array::<32>().unwrap(), array::<32>().unwrap());
        assert_ne!(*secret::<32>().unwrap(), [0; 32]);
    }
}
