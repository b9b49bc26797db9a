//! What one approver is asked: the artifact, and what goes with it.

#[cfg(test)]
use super::{Asked, Inquiry, Marker, Request, Terms};
use crate::policy::{Approvals, Why};
use crate::protocol::artifact::ArtifactKind;
use crate::protocol::{Plaintext, RequestId};
use crate::review::Refusal;
use crate::review::asked::Question;
use crate::review::evidence::Times;
#[cfg(test)]
use crate::review::terms::TouchRule;
use jiff::Timestamp;
use serde_json::Value;
use std::time::Duration;
use zeroize::Zeroizing;

/// What an approver is asked: the artifact and what goes with it.
#[derive(Debug, Clone)]
pub(in crate::review) struct Case {
    pub(in crate::review) kind: ArtifactKind,
    /// What it is about, in the words of the waiting line.
    pub(in crate::review) subject: String,
    /// Why a person is asked.
    pub(in crate::review) why: Option<Why>,
    /// How many different approvers must approve; the plaintext says it too.
    pub(in crate::review) approvals: Approvals,
    pub(in crate::review) plaintext: Plaintext,
    pub(in crate::review) request_id: RequestId,
    /// The request of the first approver: cases of one family run one command.
    pub(in crate::review) family: RequestId,
    pub(in crate::review) repo_ref: String,
    pub(in crate::review) created_at: Timestamp,
    pub(in crate::review) expires_at: Timestamp,
    pub(in crate::review) limit: Duration,
}

impl Case {
    /// Draws the id of a request to another approver.
    pub(in crate::review) fn another_id(&self) -> Result<RequestId, Refusal> {
        RequestId::generate(self.created_at).map_err(|error| Refusal::Seal(error.to_string()))
    }

    /// Makes the case of a question that was put before, for its first approver.
    ///
    /// It is composed of what was captured now: only if that is what was captured then
    /// does it come out the same.
    pub(in crate::review) fn as_asked(
        &self,
        question: &Question,
        now: Timestamp,
    ) -> Result<Self, Refusal> {
        let first = question.requests.first().map_or(&self.request_id, |(_, id)| id);
        let left = Duration::try_from(question.expires_at - now).unwrap_or_default();
        let times = Times { created_at: question.created_at, expires_at: question.expires_at };
        let mut case = self.rewritten(first.clone(), times)?;
        case.family = first.clone();
        case.limit = self.limit.min(left);
        Ok(case)
    }

    /// Makes the same case for another approver: another request, and so another
    /// artifact, about the same command.
    pub(in crate::review) fn for_request(&self, request_id: RequestId) -> Result<Self, Refusal> {
        if request_id == self.request_id {
            return Ok(self.clone());
        }
        let times = Times { created_at: self.created_at, expires_at: self.expires_at };
        self.rewritten(request_id, times)
    }

    /// Returns everything the approver sees but the ids and times, as JSON: the same bytes
    /// for the same.
    pub(in crate::review) fn timeless(&self) -> Zeroizing<Vec<u8>> {
        let mut review: Value = serde_json::from_slice(self.plaintext.as_bytes())
            .expect("a plaintext is the JSON we wrote");
        for field in ["requestId", "createdAt", "expiresAt"] {
            review[field] = Value::Null;
        }
        Zeroizing::new(serde_json::to_vec(&review).expect("what was JSON before is JSON again"))
    }

    pub(super) fn rewritten(&self, request_id: RequestId, times: Times) -> Result<Self, Refusal> {
        let seal = |error: &dyn std::fmt::Display| Refusal::Seal(error.to_string());
        let mut review: Value =
            serde_json::from_slice(self.plaintext.as_bytes()).map_err(|error| seal(&error))?;
        review["requestId"] = request_id.as_str().into();
        review["createdAt"] = times.created_at.to_string().into();
        review["expiresAt"] = times.expires_at.to_string().into();
        let plaintext = Plaintext::of(&review).map_err(|error| seal(&error))?;
        Ok(Self {
            kind: self.kind,
            subject: self.subject.clone(),
            why: self.why.clone(),
            approvals: self.approvals,
            plaintext,
            request_id,
            family: self.family.clone(),
            repo_ref: self.repo_ref.clone(),
            created_at: times.created_at,
            expires_at: times.expires_at,
            limit: self.limit,
        })
    }

    /// Returns what all cases about the same command have in common.
    pub(in crate::review) fn family(&self) -> &RequestId {
        &self.family
    }

    pub(in crate::review) fn kind(&self) -> ArtifactKind {
        self.kind
    }

    pub(in crate::review) fn subject(&self) -> &str {
        &self.subject
    }

    pub(in crate::review) fn why(&self) -> Option<&Why> {
        self.why.as_ref()
    }

    pub(in crate::review) fn approvals(&self) -> Approvals {
        self.approvals
    }

    pub(in crate::review) fn plaintext(&self) -> &Plaintext {
        &self.plaintext
    }

    pub(in crate::review) fn request_id(&self) -> &RequestId {
        &self.request_id
    }

    pub(in crate::review) fn repo_ref(&self) -> &str {
        &self.repo_ref
    }

    pub(in crate::review) fn created_at(&self) -> Timestamp {
        self.created_at
    }

    pub(in crate::review) fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    pub(in crate::review) fn limit(&self) -> Duration {
        self.limit
    }
}

#[cfg(test)]
impl Case {
    /// Opens the case of a real harmless command.
    pub(in crate::review) fn of_a_shell(now: Timestamp) -> Self {
        Self::of_a_shell_on(now, TouchRule::HardToUndo)
    }

    /// Makes the same case, whose approval takes everybody's touch.
    pub(in crate::review) fn needing_touch(&self) -> Self {
        let mut review: Value =
            serde_json::from_slice(self.plaintext.as_bytes()).expect("a plaintext is JSON");
        review["needsTouch"] = true.into();
        let mut case = self.for_request(self.request_id.clone()).expect("the same");
        case.plaintext = Plaintext::of(&review).expect("canonical");
        case
    }

    /// Does the same where approvals take a touch by that rule.
    pub(in crate::review) fn of_a_shell_on(now: Timestamp, touch: TouchRule) -> Self {
        let words = ["/bin/sh", "-c", ":"].map(std::ffi::OsString::from).to_vec();
        let invocation =
            crate::intercept::Invocation::new(crate::intercept::Interception::Prefix, words)
                .expect("a command");
        let environment = crate::process::Environment::default();
        let request = Request::capture(invocation, environment).expect("there is a shell");
        let asked = Asked::without_a_rule(request);
        let root = tempfile::tempdir().expect("a directory");
        let marker = Marker::open(&root.path().join("enforcer")).expect("a key");
        Inquiry::open(asked, None, &marker, now, &Terms::usual(touch)).expect("an inquiry").case
    }
}
