//! How far "ask nothing for a while" goes.
//!
//! The page has the same rule, in `web/reach.js`: the narrowest that a command names, and
//! its whole workspace where that is wanted. What is denied is what is rejected.

use super::dnd::StandingAnswer;
use super::item::Item;
use crate::protocol::SessionId;
use crate::protocol::dnd::PolicyMode;
use std::time::Duration;

/// How long nothing is asked.
pub const QUIET: Duration = Duration::from_mins(15);

/// Who asks nothing for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// The session of a command, as its environment calls it.
    Session,
    /// Everything in its workspace, whatever the session.
    Workspace,
}

impl Reach {
    /// Returns the narrowest that a request names; `None` where nothing can be denied,
    /// since nobody knows who asks, or where.
    #[must_use]
    pub fn narrowest(item: &Item) -> Option<Self> {
        item.sender.as_ref()?;
        item.opened()?.text("workspace")?;
        Some(if session(item).is_some() { Self::Session } else { Self::Workspace })
    }

    /// Tells whether what is denied because of one request would deny another.
    #[must_use]
    pub fn covers(self, item: &Item, other: &Item) -> bool {
        let place = |item: &Item| {
            let sender = item.sender.as_ref()?.enforcer_id.clone();
            Some((sender, item.opened()?.text("workspace")?.to_owned()))
        };
        let of_session = match self {
            Self::Session => session(item) == session(other),
            Self::Workspace => true,
        };
        place(item).is_some() && place(item) == place(other) && of_session
    }

    /// Returns the denial; `None` where the request does not name that much.
    #[must_use]
    pub fn denial(self, item: &Item) -> Option<StandingAnswer> {
        let session = match self {
            Self::Session => Some(session(item)?),
            Self::Workspace => None,
        };
        Some(StandingAnswer {
            mode: PolicyMode::DenyAll,
            workspace: item.opened()?.text("workspace")?.to_owned(),
            session,
            words: Vec::new(),
            lasts: QUIET,
        })
    }

    /// Returns it as a word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Workspace => "workspace",
        }
    }
}

fn session(item: &Item) -> Option<SessionId> {
    item.opened()?.text("sessionId")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::approver::item::tests::named;
    use serde_json::json;

    fn asked(workspace: &str, session: Option<&str>) -> Item {
        let mut fields = json!({"argv": ["ls"], "workspace": workspace});
        if let Some(session) = session {
            fields["sessionId"] = json!(session);
        }
        named("req-1", fields)
    }

    #[test]
    fn the_narrowest_is_the_session_where_one_is_named() {
        let named_one = asked("shop", Some("ses-1"));
        assert_eq!(Reach::narrowest(&named_one), Some(Reach::Session));
        let denial = Reach::Session.denial(&named_one).expect("a denial");
        assert_eq!(denial.session.expect("a session").as_str(), "ses-1");
        assert_eq!((denial.workspace.as_str(), denial.lasts), ("shop", QUIET));
        assert_eq!(Reach::Workspace.denial(&named_one).expect("a denial").session, None);

        let unnamed = asked("shop", None);
        assert_eq!(Reach::narrowest(&unnamed), Some(Reach::Workspace));
        assert!(Reach::Session.denial(&unnamed).is_none());
    }

    #[test]
    fn nothing_is_denied_of_nobody_and_nowhere() {
        let nowhere = named("req-1", json!({"argv": ["ls"], "sessionId": "ses-1"}));
        let nobody = Item { sender: None, ..asked("shop", None) };
        for item in [nowhere, nobody] {
            assert_eq!(Reach::narrowest(&item), None);
            assert!(!Reach::Workspace.covers(&item, &item));
        }
    }

    #[test]
    fn what_is_rejected_is_what_is_denied() {
        let item = asked("shop", Some("ses-1"));
        for (other, of_session, of_workspace) in [
            (asked("shop", Some("ses-1")), true, true),
            (asked("shop", Some("ses-2")), false, true),
            (asked("shop", None), false, true),
            (asked("cellar", Some("ses-1")), false, false),
        ] {
            assert_eq!(Reach::Session.covers(&item, &other), of_session, "{other:?}");
            assert_eq!(Reach::Workspace.covers(&item, &other), of_workspace, "{other:?}");
        }
    }
}
