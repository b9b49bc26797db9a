//! Whoever writes down what goes over a command's terminal.

/// Is shown what goes over the command's terminal, as it goes.
///
/// It is called between reading and writing, so it must be quick and must not wait for
/// anything but a file. What fails in it is its own affair: the command goes on.
pub trait Tap: std::fmt::Debug {
    /// The terminal has this size from now on.
    fn sized(&self, columns: u16, rows: u16);

    /// The command wrote this.
    fn wrote(&self, bytes: &[u8]);

    /// This was typed, and the terminal echoes it.
    fn typed(&self, bytes: &[u8]);
}
