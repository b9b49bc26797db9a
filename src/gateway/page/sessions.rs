//! The bearers that browsers hold in memory.

use crate::gateway::limits::{PAGE_SESSION_IDLE, PAGE_SESSION_TIME, PAGE_SESSIONS};
use crate::gateway::refusal::Refusal;
use crate::gateway::token::{self, TokenDigest, random_text};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Bearers as digests, and the browser each belongs to. They end with the process: a
/// browser comes back by its key.
#[derive(Debug, Default)]
pub(in crate::gateway) struct Sessions {
    open: Mutex<HashMap<TokenDigest, Session>>,
}

#[derive(Debug, Clone, Copy)]
struct Session {
    token_id: i64,
    opened: Instant,
    used: Instant,
}

impl Session {
    fn holds(&self, now: Instant) -> bool {
        now.duration_since(self.opened) < PAGE_SESSION_TIME
            && now.duration_since(self.used) < PAGE_SESSION_IDLE
    }
}

impl Sessions {
    /// Opens one for the browser with that token, and returns its bearer.
    pub(super) fn open(&self, token_id: i64, now: Instant) -> Result<String, Refusal> {
        let bearer = format!("airpage_{}", random_text::<32>().map_err(|_| Refusal::Random)?);
        let mut open = self.sessions();
        open.retain(|_, session| session.holds(now));
        if open.values().filter(|session| session.token_id == token_id).count() >= PAGE_SESSIONS {
            // The one that was used least recently makes room: a tab that is gone.
            let oldest = open.iter().filter(|(_, session)| session.token_id == token_id);
            let oldest = oldest.min_by_key(|(_, session)| session.used).map(|(digest, _)| *digest);
            oldest.and_then(|digest| open.remove(&digest));
        }
        open.insert(token::digest(&bearer), Session { token_id, opened: now, used: now });
        Ok(bearer)
    }

    /// Returns the token of the browser that holds the bearer of that digest.
    pub(in crate::gateway) fn holder(&self, digest: &TokenDigest, now: Instant) -> Option<i64> {
        let mut open = self.sessions();
        let session = open.get_mut(digest)?;
        if !session.holds(now) {
            open.remove(digest);
            return None;
        }
        session.used = now;
        Some(session.token_id)
    }

    /// Ends all of a browser.
    pub(super) fn close(&self, token_id: i64) {
        self.sessions().retain(|_, session| session.token_id != token_id);
    }

    fn sessions(&self) -> MutexGuard<'_, HashMap<TokenDigest, Session>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_session_ends_when_idle_and_when_old() {
        let (sessions, start) = (Sessions::default(), Instant::now());
        let digest = token::digest(&sessions.open(7, start).expect("open"));
        let almost = PAGE_SESSION_IDLE.saturating_sub(Duration::from_secs(1));
        let mut now = start;
        while now.duration_since(start) + almost < PAGE_SESSION_TIME {
            now += almost;
            assert_eq!(sessions.holder(&digest, now), Some(7), "used often enough");
        }
        assert_eq!(sessions.holder(&digest, start + PAGE_SESSION_TIME), None, "too old");

        let digest = token::digest(&sessions.open(7, start).expect("open"));
        assert_eq!(sessions.holder(&digest, start + PAGE_SESSION_IDLE), None, "idle");
    }

    #[test]
    fn a_browser_has_a_few_and_they_end_together() {
        let (sessions, now) = (Sessions::default(), Instant::now());
        let open = |after| {
            let at = now + Duration::from_secs(after);
            token::digest(&sessions.open(7, at).expect("open"))
        };
        let first = open(0);
        let rest: Vec<_> = (1..=8).map(open).collect();
        let later = now + Duration::from_secs(9);
        assert_eq!(sessions.holder(&first, later), None, "made room");
        assert_eq!(rest.iter().filter_map(|one| sessions.holder(one, later)).count(), 8);
        let other = token::digest(&sessions.open(8, later).expect("open"));
        sessions.close(7);
        assert!(rest.iter().all(|one| sessions.holder(one, later).is_none()));
        assert_eq!(sessions.holder(&other, later), Some(8));
    }
}
