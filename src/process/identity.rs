//! Who runs this process, and where.

use nix::sys::stat::{Mode, umask};
use nix::unistd::{Uid, User, gethostname};
use std::sync::OnceLock;

/// The user and the host, as words for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Login name, or the number when it has none.
    pub user: String,
    /// Host name, or `unknown`.
    pub host: String,
}

impl Identity {
    /// Asks the system who we are, once: a database of users may be on the network.
    #[must_use]
    pub fn capture() -> Self {
        static CAPTURED: OnceLock<Identity> = OnceLock::new();
        CAPTURED.get_or_init(Self::ask).clone()
    }

    fn ask() -> Self {
        let uid = Uid::effective();
        let user = match User::from_uid(uid) {
            Ok(Some(user)) => user.name,
            _ => format!("uid {uid}"),
        };
        let host = gethostname().ok().and_then(|name| name.into_string().ok());
        Self { user, host: host.unwrap_or_else(|| "unknown".to_owned()) }
    }
}

/// Narrows the file mode mask while it lives, and puts the old one back.
///
/// For servers of ours only, never in a process that will run a command.
#[derive(Debug)]
pub struct Umask(Mode);

impl Umask {
    /// Lets only the owner reach what is created from now on.
    #[must_use]
    pub fn private() -> Self {
        Self(umask(Mode::from_bits_truncate(0o077)))
    }
}

impl Drop for Umask {
    fn drop(&mut self) {
        umask(self.0);
    }
}
