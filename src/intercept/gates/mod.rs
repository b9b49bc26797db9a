//! Startup gates: files that a shell reads before it runs its text, and ours stop it.
//!
//! `BASH_ENV` names a file that bash reads, `ZDOTDIR` the directory of zsh's, and fish
//! reads what lies below a directory of `XDG_DATA_DIRS`. Each of our files does nothing
//! but go on, unless the shell was started for one text (`-c`): then the shell becomes
//! `airlock-exec gated-shell` with its own arguments, and only what may run becomes a
//! shell again. That shell, and everything it starts, has no gates: the whole was
//! reviewed, and it sees the variables as they were before us.
//!
//! A gate is no boundary. Whoever empties the variables, uses `env -i`, `bash -p`,
//! `zsh -f` or another shell is not stopped by one.

mod environment;
mod files;

pub use environment::{Lead, lead, leads, lift, session};
pub use files::install;
