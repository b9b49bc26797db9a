//! What waits, fetched again and again, and what becomes of it.

use super::super::connection::Connection;
use super::super::error::ApproverCommandError;
use super::super::notices::Announcer;
use super::post::Post;
use super::runs::{Runs, Told};
use super::way_back::WayBack;
use crate::approver::card;
use crate::approver::tui::{Chosen, Effect, Moment, View};
use crate::approver::{Approver, DecideError, Gone, QUIET, Reach, Watched, reasons};
use crate::client::Transport;
use crate::display::Displayable;
use crate::process::Environment;
use crate::protocol::RequestId;
use std::rc::Rc;

/// What becomes of a decision while there is no gateway.
const NO_GATEWAY: &str = "nothing was decided: there is no gateway now";

/// The approver and its gateway, found again when it went away.
#[derive(Debug)]
pub(super) struct Desk<'a> {
    approver: Rc<Approver>,
    runs: Runs,
    announcer: Rc<Announcer>,
    post: Option<Post>,
    /// What was decided here, and may not be gone yet.
    settled: Vec<RequestId>,
    /// The request that somebody was last said to have seen.
    seen: Option<RequestId>,
    way_back: WayBack<'a>,
}

impl<'a> Desk<'a> {
    /// Opens it; the gateway is looked for when it is needed.
    pub(super) fn open(
        connection: &'a Connection,
        environment: &Environment,
    ) -> Result<(Self, Told), ApproverCommandError> {
        let approver = Rc::new(Approver::open(&connection.paths().approver())?);
        let (runs, told) = Runs::new(Rc::clone(&approver));
        let announcer = Announcer::of(connection.paths(), environment)?;
        let mut desk = Self {
            approver,
            runs,
            announcer,
            post: None,
            settled: Vec::new(),
            seen: None,
            way_back: WayBack::new(connection),
        };
        desk.reach(&connection.transport()?);
        Ok((desk, told))
    }

    /// Listens at that gateway from now on.
    fn reach(&mut self, transport: &Transport) {
        let post = Post::new(transport, self.approver.changes(transport));
        self.runs.reach(&post.transport);
        self.post = Some(post);
    }

    /// Returns the way to the gateway, if it was not lost.
    fn transport(&self) -> Option<Transport> {
        self.post.as_ref().map(|post| post.transport.clone())
    }

    /// Waits until the inbox should be looked at again.
    pub(super) async fn changed(&mut self) -> Result<(), ApproverCommandError> {
        let Some(post) = &mut self.post else {
            self.way_back.searched().await;
            return Ok(());
        };
        if let Some(changed) = post.changed().await {
            return Ok(changed?);
        }
        self.lose();
        Ok(())
    }

    /// Forgets a gateway that is away.
    fn lose(&mut self) {
        self.post = None;
        self.way_back.begin();
    }

    /// Says of a request whose card was shown to its end that a person saw it.
    pub(super) fn note_seen(&mut self, view: &View) {
        if let (Some(post), Some(item)) = (&self.post, view.read())
            && self.seen.as_ref() != Some(&item.request_id)
        {
            self.seen = Some(item.request_id.clone());
            tokio::spawn(self.approver.seen(&post.transport, item));
        }
    }

    /// Follows the commands that a person looks at.
    pub(super) fn attend(&mut self, view: &View) {
        self.runs.attend(view);
    }

    /// Has a command end.
    pub(super) fn end(&self, view: &mut View, request: &RequestId) {
        self.runs.end(request);
        view.tell(format!("{} is told to end", card::short(request.as_str())));
    }

    /// Looks what waits; `true` when something came where nothing was.
    pub(super) async fn look(
        &mut self,
        view: &mut View,
        now: Moment,
    ) -> Result<bool, ApproverCommandError> {
        match self.way_back.found() {
            None => {}
            Some(Ok(transport)) => self.reach(&transport),
            // Another starts it, or it does not come up: it is tried again.
            Some(Err(ApproverCommandError::Local(error))) if error.is_passing() => {
                self.lose();
                let words = format!("no gateway: {}. Next: {}", shown(&error), error.hint());
                view.trouble(words, now);
            }
            Some(Err(error)) => return Err(error),
        }
        let Some(transport) = self.transport() else { return Ok(false) };
        let items = match self.approver.inbox(&transport).await {
            Err(error) if error.is_passing() => {
                self.lose();
                view.trouble(format!("the gateway is away: {}", shown(&error)), now);
                return Ok(false);
            }
            items => items?,
        };
        self.way_back.arrived();
        self.announcer.announce(&items);
        let was_empty = view.is_empty();
        let watched = if items.is_empty() { Watched::Nothing } else { Watched::Waiting };
        if let Some(post) = &self.post {
            post.watch(watched);
        }
        let changed = view.waits(items, now);
        view.remembers(self.approver.history()?);
        self.say_what_became(view, &changed.gone).await;
        Ok(was_empty && !changed.came.is_empty())
    }

    /// Says what became of what others ended; that it cannot be asked is no matter.
    async fn say_what_became(&self, view: &mut View, gone: &[Gone]) {
        let Some(Post { transport, .. }) = &self.post else { return };
        for request in gone.iter().map(|gone| &gone.request_id) {
            if !self.settled.contains(request)
                && let Ok(fate) = self.approver.fate(transport, request).await
            {
                view.gone(request, fate);
            }
        }
    }

    /// Does what was decided, and says how that went.
    pub(super) async fn settle(
        &mut self,
        view: &mut View,
        effect: Effect,
        now: Moment,
    ) -> Result<(), ApproverCommandError> {
        let done = match effect {
            Effect::Approve(chosen) => {
                self.settled = vec![chosen.request_id.clone()];
                self.approve(view, &chosen).await
            }
            Effect::Reject(chosen, words) => {
                self.settled = ids(&chosen);
                self.reject(view, &chosen, words.as_deref()).await
            }
            Effect::Stop(chosen, reach) => {
                self.settled = ids(&chosen);
                self.stop(view, &chosen, reach).await
            }
            _ => return Ok(()),
        };
        match done {
            Ok(words) => view.tell(words),
            Err(error) => {
                self.lose();
                view.trouble(format!("not decided: {}", shown(&error)), now);
            }
        }
        Ok(())
    }

    async fn approve(
        &mut self,
        view: &View,
        chosen: &Chosen,
    ) -> Result<String, ApproverCommandError> {
        let Some(transport) = self.transport() else { return Ok(NO_GATEWAY.to_owned()) };
        let Some(item) = view.item(&chosen.request_id, &chosen.artifact_hash) else {
            return Ok("nothing was approved: it waits no more".to_owned());
        };
        match self.approver.approve(&transport, item).await {
            Ok(()) => {
                self.runs.begin(item);
                Ok(format!("approved {}: {}", item.short_id(), card::command(item)))
            }
            Err(
                error @ (DecideError::AlreadyDecided | DecideError::Gone | DecideError::Overdue),
            ) => Ok(error.to_string()),
            Err(error) => Err(error.into()),
        }
    }

    async fn reject(
        &mut self,
        view: &View,
        chosen: &[Chosen],
        words: Option<&str>,
    ) -> Result<String, ApproverCommandError> {
        let Some(transport) = self.transport() else { return Ok(NO_GATEWAY.to_owned()) };
        let mut last = "nothing was rejected: it waits no more".to_owned();
        for each in chosen {
            let Some(item) = view.item(&each.request_id, &each.artifact_hash) else { continue };
            last = match self.approver.reject(&transport, item, words).await {
                Ok(()) => format!("rejected {}: {}", item.short_id(), card::command(item)),
                Err(error @ (DecideError::AlreadyDecided | DecideError::Gone)) => error.to_string(),
                Err(error) => return Err(error.into()),
            };
        }
        Ok(if chosen.len() > 1 { format!("rejected {}", chosen.len()) } else { last })
    }

    /// Denies what comes for a while, then rejects what waits and it is for.
    async fn stop(
        &mut self,
        view: &View,
        chosen: &[Chosen],
        reach: Reach,
    ) -> Result<String, ApproverCommandError> {
        let Some(transport) = self.transport() else { return Ok(NO_GATEWAY.to_owned()) };
        let first = chosen.first();
        let item = first.and_then(|each| view.item(&each.request_id, &each.artifact_hash));
        let Some((sender, denial)) =
            item.and_then(|item| Some((item.sender.clone()?, reach.denial(item)?)))
        else {
            return Ok("nothing was denied: it waits no more".to_owned());
        };
        let denied = self.approver.set_dnd(&transport, &sender, denial).await;
        let rejected = self.reject(view, chosen, Some(&reasons::stop(reach))).await?;
        Ok(match denied {
            Ok(_) => {
                let minutes = QUIET.as_secs() / 60;
                format!("the {} is denied for {minutes} minutes; {rejected}", reach.word())
            }
            Err(error) => format!("it may ask again: {}; {rejected}", shown(&error)),
        })
    }
}

fn ids(chosen: &[Chosen]) -> Vec<RequestId> {
    chosen.iter().map(|each| each.request_id.clone()).collect()
}

fn shown(error: &impl std::fmt::Display) -> String {
    Displayable::from(error.to_string().as_str()).to_string()
}
