//! Composes what the approver sees from what was captured.

mod case;

pub(super) use case::Case;

use super::Refusal;
use super::asked::{Place, Question};
use super::crowd::Seat;
use super::evidence::{Times, review};
use super::standing::PolicyCall;
use super::terms::{Gravity, Terms};
use crate::policy::grant::NamedFiles;
use crate::policy::{Approvals, Asked, Why};
use crate::protocol::artifact::ArtifactKind;
use crate::protocol::{ArtifactHash, Plaintext, RequestId};
use crate::request::{BindError, Bound, Care, Marker, Repository, Request};
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// One request ready for review: what will run, and the case that says so.
///
/// Both are made together and never come apart, so a decision about the case is a
/// decision about this request. Nobody was asked yet.
#[derive(Debug)]
pub struct Inquiry {
    request: Request,
    repository: Option<Repository>,
    case: Case,
    /// The question it joined, when the same was asked before.
    question: Option<Question>,
    /// Its place among those who wait for the same decision.
    place: Option<Place>,
    /// Its place among the questions that wait; none when it joined another's.
    seat: Option<Seat>,
    /// The policies of the gateway, which are on their way.
    policies: Option<PolicyCall>,
    /// What whoever waits should know.
    remarks: Vec<String>,
}

impl Inquiry {
    /// Binds a request to what it will execute, and composes the artifact of it.
    pub(super) fn open(
        asked: Asked,
        repository: Option<Repository>,
        marker: &Marker,
        now: Timestamp,
        terms: &Terms,
    ) -> Result<Self, Refusal> {
        let limit = terms.limit;
        let span = SignedDuration::try_from(limit).unwrap_or(SignedDuration::MAX);
        let expires_at = now.saturating_add(span).unwrap_or(Timestamp::MAX);
        let seal = |error: &dyn std::fmt::Display| Refusal::Seal(error.to_string());
        let request_id = RequestId::generate(now).map_err(|error| seal(&error))?;
        let (request, why) = (asked.request(), asked.why());
        let bound = bind(request)?;
        let times = Times { created_at: now, expires_at };
        let mut review =
            review(&asked, marker, &bound, repository.as_ref(), request_id.clone(), times);
        let gravity = if review.ask_twice { Gravity::HardToUndo } else { Gravity::Usual };
        (review.ask_touch, review.needs_touch) = terms.touch_for(gravity).fields();
        let plaintext = Plaintext::of(&review).map_err(|error| seal(&error))?;
        let case = Case {
            kind: ArtifactKind::CommandReview,
            subject: review.command_text,
            why: Some(why),
            approvals: asked.approvals(),
            plaintext,
            family: request_id.clone(),
            request_id,
            repo_ref: review.repo_ref,
            created_at: now,
            expires_at,
            limit,
        };
        let request = asked.into_request().bound_to(bound);
        let (question, place, remarks) = (None, None, Vec::new());
        Ok(Self { request, repository, case, question, place, seat: None, policies: None, remarks })
    }

    /// Makes the same inquiry anew, as if nobody had been asked yet.
    pub(super) fn anew(self, now: Timestamp, limit: Duration) -> Result<Self, Refusal> {
        let span = SignedDuration::try_from(limit).unwrap_or(SignedDuration::MAX);
        let expires_at = now.saturating_add(span).unwrap_or(Timestamp::MAX);
        let id = RequestId::generate(now).map_err(|error| Refusal::Seal(error.to_string()))?;
        let mut case = self.case.rewritten(id.clone(), Times { created_at: now, expires_at })?;
        case.family = id;
        case.limit = limit;
        Ok(Self { case, question: None, place: None, seat: None, ..self })
    }

    /// Joins a question that was put before.
    pub(super) fn joined(
        self,
        question: Question,
        place: Place,
        now: Timestamp,
    ) -> Result<Self, Refusal> {
        let case = self.case.as_asked(&question, now)?;
        Ok(Self { case, question: Some(question), place: Some(place), ..self })
    }

    /// Takes the place of whoever asks first.
    pub(super) fn first(mut self, place: Option<Place>) -> Self {
        self.place = place;
        self
    }

    /// Holds a place among the questions that wait.
    pub(super) fn seated(mut self, seat: Seat) -> Self {
        self.seat = Some(seat);
        self
    }

    /// Lets others join what is asked, unless this joined somebody else's question.
    pub(super) fn open_to_others(&mut self, question: Question) {
        if let (None, Some(place)) = (&self.question, &mut self.place) {
            place.open(question);
        }
    }

    /// Goes with a call that was made while it was composed.
    pub(super) fn with(mut self, policies: PolicyCall) -> Self {
        self.policies = Some(policies);
        self
    }

    /// Takes the call for policies, if one was made.
    pub(super) fn take_policies(&mut self) -> Option<PolicyCall> {
        self.policies.take()
    }

    /// Returns the question it joined.
    pub(super) fn question(&self) -> Option<&Question> {
        self.question.as_ref()
    }

    /// Returns its place among those who wait for the same decision.
    pub(super) fn place(&self) -> Option<&Place> {
        self.place.as_ref()
    }

    /// Tells whether other processes waited for the same decision.
    pub(super) fn is_shared(&self) -> bool {
        self.question.is_some() || self.place.as_ref().is_some_and(Place::was_joined)
    }

    /// Leaves that place, if it has one.
    pub(super) fn leave(&mut self, how: impl FnOnce(Place)) {
        if let Some(place) = self.place.take() {
            how(place);
        }
    }

    /// Adds what whoever waits should know.
    pub(super) fn remarked(mut self, remark: String) -> Self {
        self.remarks.push(remark);
        self
    }

    /// Returns what whoever waits should know.
    #[must_use]
    pub fn remarks(&self) -> &[String] {
        &self.remarks
    }

    /// Returns what will run.
    #[must_use]
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// Returns the repository it starts in.
    #[must_use]
    pub fn repository(&self) -> Option<&Repository> {
        self.repository.as_ref()
    }

    /// Returns the words of the command, none when one of them is not UTF-8.
    pub(super) fn words(&self) -> Vec<String> {
        let words = self.request.words();
        words
            .iter()
            .map(|word| word.to_str().map(str::to_owned))
            .collect::<Option<_>>()
            .unwrap_or_default()
    }

    /// Returns the id of the request.
    #[must_use]
    pub fn request_id(&self) -> &RequestId {
        &self.case.request_id
    }

    /// Returns the hash a decision must be about.
    #[must_use]
    pub fn artifact_hash(&self) -> ArtifactHash {
        self.case.plaintext.hash()
    }

    /// Returns how many different approvers must approve.
    #[must_use]
    pub fn approvals(&self) -> Approvals {
        self.case.approvals
    }

    /// Says why a person is asked.
    #[must_use]
    pub fn why(&self) -> Option<&Why> {
        self.case.why.as_ref()
    }

    /// Returns what the approver is told besides what is shown.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        #[derive(serde::Deserialize)]
        struct Shown {
            #[serde(default)]
            notes: Vec<String>,
        }
        let shown: Option<Shown> = serde_json::from_slice(self.case.plaintext.as_bytes()).ok();
        shown.map(|shown| shown.notes).unwrap_or_default()
    }

    pub(super) fn case(&self) -> &Case {
        &self.case
    }

    pub(super) fn into_request(self) -> Request {
        self.request
    }

    /// Compares everything that will be executed with what the approver saw.
    ///
    /// `run` does it with all care, right before the command starts: this first look
    /// keeps a changed command from reaching the journal.
    pub(super) fn check_unchanged(&self) -> Result<(), Refusal> {
        Ok(self.request.verify_unchanged(Care::State)?)
    }
}

/// Binds a request to what it will execute, and to what the program may run for all we know
/// among the files that its words name.
fn bind(request: &Request) -> Result<Bound, BindError> {
    let mut bound = Bound::of(request)?;
    let words = request.words();
    let files = NamedFiles::of_command(&words, request.executable().linked_to().as_deref());
    if let NamedFiles::MayRun(whole) = files {
        let words: Vec<&str> = words.iter().skip(1).filter_map(|word| word.to_str()).collect();
        bound.include_runnable(&words, whole, request.directory())?;
    }
    Ok(bound)
}
