//! Do-not-disturb policies: standing answers that nobody signed.
//!
//! They come from the gateway, which is not trusted. A deny may be honoured
//! always; an approve only by a user's explicit choice. This file says which
//! policy applies, not what to do about it. Protocol section 7.

use super::id::{EnforcerId, RequestId, SessionId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// The answer of `GET /v1/policy/dnd/effective`; its `requestId` says nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EffectivePolicies {
    /// `dnd.effective`.
    #[serde(rename = "msgType", default)]
    pub message_type: String,
    /// Whatever the gateway calls this answer.
    #[serde(default)]
    pub request_id: Option<String>,
    /// The policies; an empty array when there are none.
    pub body: Vec<DndPolicy>,
}

/// A standing answer for a workspace or an action in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DndPolicy {
    /// Names the policy.
    pub request_id: RequestId,
    /// `airlock.dnd.action` for an action, anything else for a workspace.
    pub object_type: String,
    /// The workspace it is for.
    pub workspace_id: String,
    /// The session it is for, every session when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<SessionId>,
    /// The enforcer it is for.
    pub enforcer_id: EnforcerId,
    /// What it answers.
    pub policy_mode: PolicyMode,
    /// The kind of artifact it is for, every kind when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_artifact_type: Option<String>,
    /// The action it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action_selector: Option<ActionSelector>,
    /// When it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// What a policy answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PolicyMode {
    /// Approve everything it is for.
    ApproveAll,
    /// Deny everything it is for.
    DenyAll,
}

/// Which actions a policy is for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActionSelector {
    /// The words a command must start with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub argv_prefix: Option<Vec<String>>,
    /// Conditions we do not know.
    #[serde(flatten)]
    pub other: BTreeMap<String, Value>,
}

/// What is to be decided.
#[derive(Debug, Clone, Copy)]
pub struct Occasion<'a> {
    /// Who asks.
    pub enforcer_id: &'a EnforcerId,
    /// In which workspace.
    pub workspace_id: &'a str,
    /// In which session, as the environment calls it.
    pub session_id: Option<&'a SessionId>,
    /// The kind of artifact.
    pub artifact_type: &'a str,
    /// The command's words; empty when they are not all UTF-8.
    pub argv: &'a [String],
    /// The time it is.
    pub now: Timestamp,
}

impl DndPolicy {
    /// Tells whether it is for single actions.
    #[must_use]
    pub fn is_for_action(&self) -> bool {
        self.object_type == "airlock.dnd.action"
    }

    /// Returns how many words of the command it names, `None` when it is not for
    /// this occasion.
    fn words_matched(&self, occasion: &Occasion<'_>) -> Option<usize> {
        // Whoever asks can name any session: a denial counts in its own, and an approval
        // that is for one counts in none.
        let is_of_session = self.session_id.as_ref().is_none_or(|session| {
            self.policy_mode == PolicyMode::DenyAll && Some(session) == occasion.session_id
        });
        let kind = self.target_artifact_type.as_deref();
        let is_for_us = self.enforcer_id == *occasion.enforcer_id
            && self.workspace_id == occasion.workspace_id
            && is_of_session
            && kind.is_none_or(|kind| kind == occasion.artifact_type)
            && self.expires_at > occasion.now;
        if !is_for_us {
            return None;
        }
        if !self.is_for_action() {
            return Some(0);
        }
        let selector = self.action_selector.clone().unwrap_or_default();
        let prefix = selector.argv_prefix.unwrap_or_default();
        // A condition we cannot check narrows an approval and never a denial.
        let is_understood = selector.other.is_empty() && !prefix.is_empty();
        if self.policy_mode == PolicyMode::ApproveAll && !is_understood {
            return None;
        }
        occasion.argv.starts_with(&prefix).then_some(prefix.len())
    }
}

/// Finds the policy that answers: action deny, workspace deny, action approve,
/// workspace approve; then the longest prefix; then the newest.
#[must_use]
pub fn effective<'a>(policies: &'a [DndPolicy], occasion: &Occasion<'_>) -> Option<&'a DndPolicy> {
    let matching =
        policies.iter().filter_map(|policy| Some((policy, policy.words_matched(occasion)?)));
    let rank = |policy: &DndPolicy, words: usize| {
        let is_deny = policy.policy_mode == PolicyMode::DenyAll;
        (is_deny, policy.is_for_action(), words, policy.created_at)
    };
    matching.min_by_key(|(policy, words)| Reverse(rank(policy, *words))).map(|(policy, _)| policy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn policy(id: &str, mode: &str, prefix: Option<&[&str]>, created: &str) -> DndPolicy {
        let object_type = if prefix.is_some() { "airlock.dnd.action" } else { "airlock.dnd" };
        serde_json::from_value(json!({
            "requestId": id, "objectType": object_type, "workspaceId": "w", "enforcerId": "e",
            "policyMode": mode, "actionSelector": prefix.map(|words| json!({"argvPrefix": words})),
            "createdAt": created, "expiresAt": "2026-02-21T13:00:00Z"
        }))
        .unwrap()
    }

    fn winner(policies: &[DndPolicy], argv: &[&str]) -> Option<String> {
        winner_in(None, policies, argv)
    }

    fn winner_in(session: Option<&str>, policies: &[DndPolicy], argv: &[&str]) -> Option<String> {
        let session = session.map(|session| session.parse().unwrap());
        let enforcer = "e".parse().unwrap();
        let argv: Vec<String> = argv.iter().map(|word| (*word).to_owned()).collect();
        let occasion = Occasion {
            enforcer_id: &enforcer,
            workspace_id: "w",
            session_id: session.as_ref(),
            artifact_type: "command.review",
            argv: &argv,
            now: "2026-02-21T12:00:00Z".parse().unwrap(),
        };
        effective(policies, &occasion).map(|policy| policy.request_id.to_string())
    }

    const OLD: &str = "2026-02-21T11:00:00Z";
    const NEW: &str = "2026-02-21T11:30:00Z";

    #[test]
    fn a_denial_goes_before_every_approval() {
        let mut policies = vec![
            policy("workspace-approve", "approve_all", None, NEW),
            policy("action-approve", "approve_all", Some(&["git", "push"]), NEW),
            policy("workspace-deny", "deny_all", None, OLD),
            policy("action-deny", "deny_all", Some(&["git"]), OLD),
        ];
        for expected in ["action-deny", "workspace-deny", "action-approve", "workspace-approve"] {
            assert_eq!(winner(&policies, &["git", "push"]).as_deref(), Some(expected));
            policies.retain(|policy| policy.request_id.as_str() != expected);
        }
        assert_eq!(winner(&policies, &["git", "push"]), None);
    }

    #[test]
    fn the_longest_prefix_wins_then_the_newest() {
        let policies = [
            policy("short", "approve_all", Some(&["git"]), NEW),
            policy("long-old", "approve_all", Some(&["git", "push"]), OLD),
            policy("long-new", "approve_all", Some(&["git", "push"]), NEW),
        ];
        assert_eq!(winner(&policies, &["git", "push", "-f"]).as_deref(), Some("long-new"));
        assert_eq!(winner(&policies, &["git", "pull"]).as_deref(), Some("short"));
        assert_eq!(winner(&policies, &["gitk"]), None);
    }

    #[test]
    fn an_approval_we_do_not_understand_is_not_used() {
        let empty = policy("empty", "approve_all", Some(&[]), NEW);
        let mut strange = policy("strange", "approve_all", Some(&["git"]), NEW);
        strange.action_selector.as_mut().unwrap().other.insert("cwd".to_owned(), json!("/tmp"));
        assert_eq!(winner(&[empty, strange.clone()], &["git"]), None);
        strange.policy_mode = PolicyMode::DenyAll;
        assert_eq!(winner(&[strange], &["git"]).as_deref(), Some("strange"));
    }

    #[test]
    fn a_denial_for_a_session_counts_in_that_one_and_an_approval_in_none() {
        for (mode, in_its_own) in [("deny_all", Some("p")), ("approve_all", None)] {
            for prefix in [None, Some(&["git"][..])] {
                let mut policy = policy("p", mode, prefix, NEW);
                policy.session_id = Some("s".parse().unwrap());
                let policies = [policy];
                assert_eq!(winner_in(Some("s"), &policies, &["git"]).as_deref(), in_its_own);
                assert_eq!(winner_in(Some("other"), &policies, &["git"]), None);
                assert_eq!(winner_in(None, &policies, &["git"]), None);
            }
        }
    }

    #[test]
    fn a_policy_for_somebody_else_or_the_past_is_not_used() {
        let fits = policy("p", "deny_all", None, NEW);
        let mut session = fits.clone();
        session.session_id = Some("s".parse().unwrap());
        let mut past = fits.clone();
        past.expires_at = "2026-02-21T12:00:00Z".parse().unwrap();
        let mut enforcer = fits.clone();
        enforcer.enforcer_id = "other".parse().unwrap();
        let mut workspace = fits;
        workspace.workspace_id = "other".to_owned();
        assert_eq!(winner(&[session, past, enforcer, workspace], &["git"]), None);
    }
}
