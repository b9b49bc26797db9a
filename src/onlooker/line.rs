//! The socket between the process that watches a command and the one that tells of it.
//!
//! Each message is one packet. Nobody waits: the queue is never full, because there is one
//! piece of output on its way at most.

use nix::errno::Errno;
use nix::sys::socket::{AddressFamily, MsgFlags, SockFlag, SockType, recv, send, socketpair};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

/// Larger than any packet.
const LARGEST: usize = 64 << 10;

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// It returned this status.
    Returned(u8),
    /// It was killed by this signal.
    Killed(i32),
    /// It did not start; in the words the caller was told.
    NotStarted(String),
}

/// What is told of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// It wrote this.
    Output {
        /// Milliseconds since it started.
        at_ms: u64,
        /// How many bytes before these are left out.
        skipped: u64,
        /// The bytes.
        bytes: Vec<u8>,
    },
    /// It ended.
    Ended {
        /// How.
        ended: Ended,
        /// The end of what it wrote.
        last: Vec<u8>,
    },
}

/// What somebody wants of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// Its output.
    Watch,
    /// No more output.
    Unwatch,
    /// The next piece of output: the last one arrived.
    More,
    /// Its end; by which of those who approved it.
    Stop(u8),
}

/// One end of the socket.
#[derive(Debug)]
pub struct Line(OwnedFd);

impl Line {
    /// Makes both ends; neither waits.
    pub(super) fn pair() -> Result<(Self, Self), Errno> {
        let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
        let (one, other) = socketpair(AddressFamily::Unix, SockType::SeqPacket, None, flags)?;
        Ok((Self(one), Self(other)))
    }

    /// Hands over what comes before everything else.
    ///
    /// # Errors
    ///
    /// Nobody is at the other end any more.
    pub fn hand_over(&self, brief: &[u8]) -> Result<(), Errno> {
        self.send(brief)
    }

    /// Takes what comes before everything else, once it is there.
    #[must_use]
    pub fn take_over(&self) -> Option<Vec<u8>> {
        self.receive().ok().flatten()
    }

    /// Tells something.
    pub(super) fn tell(&self, notice: &Notice) -> Result<(), Errno> {
        self.send(&notice.to_bytes())
    }

    /// Takes what somebody wants, `None` when there is nothing.
    ///
    /// # Errors
    ///
    /// Nobody is at the other end any more.
    pub(super) fn wish(&self) -> Result<Option<Wish>, Errno> {
        Ok(match self.receive()?.as_deref() {
            Some([b'w']) => Some(Wish::Watch),
            Some([b'u']) => Some(Wish::Unwatch),
            Some([b'm']) => Some(Wish::More),
            Some([b's', by]) => Some(Wish::Stop(*by)),
            Some(_) | None => None,
        })
    }

    /// Wants something.
    ///
    /// # Errors
    ///
    /// Nobody is at the other end any more.
    pub fn want(&self, wish: Wish) -> Result<(), Errno> {
        match wish {
            Wish::Watch => self.send(b"w"),
            Wish::Unwatch => self.send(b"u"),
            Wish::More => self.send(b"m"),
            Wish::Stop(by) => self.send(&[b's', by]),
        }
    }

    /// Takes what is told, `None` when there is nothing yet.
    ///
    /// # Errors
    ///
    /// Nobody is at the other end any more.
    pub fn notice(&self) -> Result<Option<Notice>, Errno> {
        Ok(self.receive()?.as_deref().and_then(Notice::from_bytes))
    }

    fn send(&self, bytes: &[u8]) -> Result<(), Errno> {
        send(self.0.as_raw_fd(), bytes, MsgFlags::MSG_NOSIGNAL).map(drop)
    }

    fn receive(&self) -> Result<Option<Vec<u8>>, Errno> {
        let mut bytes = vec![0; LARGEST];
        let mut received = recv(self.0.as_raw_fd(), &mut bytes, MsgFlags::empty());
        // Who went and left something unread says so once, before what it had sent.
        if received == Err(Errno::ECONNRESET) {
            received = recv(self.0.as_raw_fd(), &mut bytes, MsgFlags::empty());
        }
        match received {
            // No packet of ours is empty.
            Ok(0) => Err(Errno::EPIPE),
            Ok(length) => {
                bytes.truncate(length);
                Ok(Some(bytes))
            }
            Err(Errno::EAGAIN | Errno::EINTR) => Ok(None),
            Err(errno) => Err(errno),
        }
    }
}

impl AsFd for Line {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl AsRawFd for Line {
    fn as_raw_fd(&self) -> std::os::fd::RawFd {
        self.0.as_raw_fd()
    }
}

impl From<OwnedFd> for Line {
    fn from(descriptor: OwnedFd) -> Self {
        Self(descriptor)
    }
}

impl From<Line> for OwnedFd {
    fn from(line: Line) -> Self {
        line.0
    }
}

impl Notice {
    fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Output { at_ms, skipped, bytes } => {
                [b"o", &at_ms.to_ne_bytes()[..], &skipped.to_ne_bytes(), bytes].concat()
            }
            Self::Ended { ended: Ended::Returned(status), last } => {
                [b"r", &[*status][..], last].concat()
            }
            Self::Ended { ended: Ended::Killed(signal), last } => {
                [b"k", &signal.to_ne_bytes()[..], last].concat()
            }
            Self::Ended { ended: Ended::NotStarted(why), .. } => {
                let why = why.as_bytes();
                [b"n", why.get(..LARGEST / 4).unwrap_or(why)].concat()
            }
        }
    }

    fn from_bytes(packet: &[u8]) -> Option<Self> {
        let (kind, rest) = packet.split_first()?;
        let ended = |ended, last: &[u8]| Some(Self::Ended { ended, last: last.to_vec() });
        match kind {
            b'o' => {
                let (at_ms, rest) = rest.split_first_chunk()?;
                let (skipped, bytes) = rest.split_first_chunk()?;
                let (at_ms, skipped) = (u64::from_ne_bytes(*at_ms), u64::from_ne_bytes(*skipped));
                Some(Self::Output { at_ms, skipped, bytes: bytes.to_vec() })
            }
            b'r' => {
                rest.split_first().and_then(|(status, last)| ended(Ended::Returned(*status), last))
            }
            b'k' => {
                let (signal, last) = rest.split_first_chunk()?;
                ended(Ended::Killed(i32::from_ne_bytes(*signal)), last)
            }
            b'n' => ended(Ended::NotStarted(String::from_utf8_lossy(rest).into_owned()), &[]),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_words_of_who_did_not_listen_are_heard() {
        let (ours, its) = Line::pair().unwrap();
        its.want(Wish::More).unwrap();
        let last = Notice::Ended { ended: Ended::Returned(3), last: b"bye".to_vec() };
        ours.tell(&last).unwrap();
        drop(ours);
        assert_eq!(its.notice(), Ok(Some(last)));
        assert!(its.notice().is_err());
    }

    #[test]
    fn what_is_said_at_one_end_is_heard_at_the_other() {
        let (ours, its) = Line::pair().unwrap();
        assert_eq!(its.notice(), Ok(None));
        let said = [
            Notice::Output { at_ms: 7, skipped: 1 << 40, bytes: b"x\0\xff".to_vec() },
            Notice::Ended { ended: Ended::Returned(255), last: b"bye".to_vec() },
            Notice::Ended { ended: Ended::Killed(40), last: Vec::new() },
            Notice::Ended { ended: Ended::NotStarted("no".to_owned()), last: Vec::new() },
        ];
        for notice in said {
            ours.tell(&notice).unwrap();
            assert_eq!(its.notice(), Ok(Some(notice)));
        }
        for wish in [Wish::Watch, Wish::Unwatch, Wish::More, Wish::Stop(3)] {
            its.want(wish).unwrap();
            assert_eq!(ours.wish(), Ok(Some(wish)));
        }
        drop(ours);
        assert!(its.notice().is_err(), "nobody is there");
    }
}
