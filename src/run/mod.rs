//! Runs what a permit allows, exactly as it would run without us.

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// It returned this status.
    Code(u8),
    /// It was killed by the signal of this number.
    Signal(i32),
}
