//! The commands that were approved, followed beside the view.

use super::super::RETRY;
use crate::approver::tui::View;
use crate::approver::{Approver, FollowError, Following, Item, Seen};
use crate::client::Transport;
use crate::process::Deadline;
use crate::protocol::RequestId;
use crate::protocol::follow::{Control, FollowUp, View as Sight};
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Commands that are followed at a time.
const MOST: usize = 16;

/// What was learnt of a command.
#[derive(Debug)]
pub(super) enum News {
    /// Something was told of it.
    Seen(Seen),
    /// Why nothing is.
    Trouble(String),
}

/// What a person wants of a command.
#[derive(Debug, Clone, Copy)]
enum Wish {
    Watch,
    Unwatch,
    End,
}

/// How much is wanted of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Patience {
    /// It was just approved, or somebody looks at it: until it has ended.
    Whole,
    /// Somebody looks at a list: only if something was told of it before.
    Glance,
}

/// All that are followed.
#[derive(Debug)]
pub(super) struct Runs {
    desk: Rc<Place>,
    followed: HashMap<RequestId, UnboundedSender<Wish>>,
    /// What a list was asked about.
    asked: HashSet<RequestId>,
    watched: Option<RequestId>,
}

/// Where everything is told.
pub(super) type Told = UnboundedReceiver<(RequestId, News)>;

#[derive(Debug)]
struct Place {
    approver: Rc<Approver>,
    /// The way to the gateway, which may move.
    transport: RefCell<Option<Transport>>,
    teller: UnboundedSender<(RequestId, News)>,
}

impl Runs {
    pub(super) fn new(approver: Rc<Approver>) -> (Self, Told) {
        let (teller, told) = unbounded_channel();
        let desk = Rc::new(Place { approver, transport: RefCell::default(), teller });
        let runs = Self { desk, followed: HashMap::new(), asked: HashSet::new(), watched: None };
        (runs, told)
    }

    /// Says where the gateway is now.
    pub(super) fn reach(&self, transport: &Transport) {
        self.desk.transport.replace(Some(transport.clone()));
    }

    /// Follows what was just approved.
    pub(super) fn begin(&mut self, item: &Item) {
        if let Ok(following) = Following::of(item) {
            let request = item.request_id.clone();
            let wishes = self.take_up(&request);
            let desk = Rc::clone(&self.desk);
            let run = Run::new(desk, request, Patience::Whole, wishes);
            tokio::task::spawn_local(run.follow(following));
        }
    }

    /// Follows what a person looks at now.
    pub(super) fn attend(&mut self, view: &View) {
        let watched = view.watches().cloned();
        if watched != self.watched {
            if let Some(before) = std::mem::replace(&mut self.watched, watched.clone()) {
                self.wish(&before, Wish::Unwatch);
            }
            if let Some(request) = watched
                && !self.wish(&request, Wish::Watch)
            {
                self.find(vec![request.clone()], Patience::Whole);
                self.wish(&request, Wish::Watch);
            }
        }
        let wondered = view.wonders_about();
        if wondered.is_empty() {
            self.asked.clear();
        }
        let is_followed = |wishes: &UnboundedSender<Wish>| !wishes.is_closed();
        let new = wondered.into_iter().filter(|each| {
            let is_new = self.asked.insert(each.clone());
            is_new && !self.followed.get(each).is_some_and(is_followed)
        });
        let new: Vec<RequestId> = new.collect();
        if !new.is_empty() {
            self.find(new, Patience::Glance);
        }
    }

    /// Has a command end.
    pub(super) fn end(&self, request: &RequestId) {
        self.wish(request, Wish::End);
    }

    /// Passes a wish on; `false` when nobody follows that command.
    fn wish(&self, request: &RequestId, wish: Wish) -> bool {
        self.followed.get(request).is_some_and(|wishes| wishes.send(wish).is_ok())
    }

    /// Makes room for another, and notes that it is followed.
    fn take_up(&mut self, request: &RequestId) -> UnboundedReceiver<Wish> {
        self.followed.retain(|_, wishes| !wishes.is_closed());
        if self.followed.len() >= MOST {
            let spare = |id: &&RequestId| Some(*id) != self.watched.as_ref();
            // Whoever is dropped can be looked at again.
            let oldest = self.followed.keys().filter(spare).min().cloned();
            oldest.and_then(|id| self.followed.remove(&id));
        }
        let (sender, wishes) = unbounded_channel();
        self.followed.insert(request.clone(), sender);
        wishes
    }

    /// Looks for what was decided before, and follows it.
    fn find(&mut self, requests: Vec<RequestId>, patience: Patience) {
        let wanted: Vec<Run> = requests
            .into_iter()
            .take(MOST)
            .map(|request| {
                let wishes = self.take_up(&request);
                Run::new(Rc::clone(&self.desk), request, patience, wishes)
            })
            .collect();
        let desk = Rc::clone(&self.desk);
        tokio::task::spawn_local(async move {
            let transport = desk.transport.borrow().clone();
            let found = match transport {
                Some(transport) => desk.approver.decided(&transport).await,
                None => Ok(Vec::new()),
            };
            for run in wanted {
                let items = found.as_deref().unwrap_or_default();
                let item = items.iter().find(|item| item.request_id == run.request);
                match (item.map(Following::of), &found) {
                    (Some(Ok(following)), _) => {
                        tokio::task::spawn_local(run.follow(following));
                    }
                    (Some(Err(error)), _) => run.trouble(&error.to_string()),
                    (None, Err(error)) => run.trouble(&error.to_string()),
                    (None, Ok(_)) => run.trouble("the gateway remembers nothing of it"),
                }
            }
        });
    }
}

/// One command that is followed.
struct Run {
    desk: Rc<Place>,
    request: RequestId,
    patience: Patience,
    wishes: UnboundedReceiver<Wish>,
}

/// What is known of it.
#[derive(Default)]
struct State {
    can_be_watched: bool,
    is_watched: bool,
    /// When the wish to watch is said again.
    renewal: Option<Deadline>,
}

impl State {
    fn is_due(&self) -> bool {
        let has_passed = self.renewal.as_ref().is_none_or(Deadline::has_passed);
        self.is_watched && self.can_be_watched && has_passed
    }
}

impl Run {
    fn new(
        desk: Rc<Place>,
        request: RequestId,
        patience: Patience,
        wishes: UnboundedReceiver<Wish>,
    ) -> Self {
        Self { desk, request, patience, wishes }
    }

    /// Follows it until it has ended, or nobody wants it any more.
    async fn follow(mut self, mut following: Following) {
        let mut state = State::default();
        let mut held = Duration::ZERO;
        loop {
            let Some(transport) = self.desk.transport.borrow().clone() else { return };
            let keys = self.desk.approver.keys();
            if state.is_due() {
                state.renewal = Some(Deadline::after(Following::HELD_WATCHED));
                if let Err(error) = following.order(&transport, keys, Control::Watch).await {
                    self.trouble(&error.to_string());
                }
            }
            tokio::select! {
                wish = self.wishes.recv() => {
                    let Some(wish) = wish else { return };
                    self.obey(wish, &mut state, &mut following, &transport).await;
                }
                seen = following.next(&transport, self.desk.approver.keys(), held) => {
                    if self.took(seen, &mut state).await {
                        return;
                    }
                    let watches = state.is_watched && state.can_be_watched;
                    held = if watches { Following::HELD_WATCHED } else { Following::HELD };
                }
            }
        }
    }

    /// Passes on what was told; `true` when there is no more of it.
    async fn took(&mut self, seen: Result<Vec<Seen>, FollowError>, state: &mut State) -> bool {
        let seen = match seen {
            Ok(seen) => seen,
            Err(error) => {
                self.trouble(&error.to_string());
                if self.patience == Patience::Glance || !error.is_passing() {
                    return true;
                }
                tokio::time::sleep(RETRY).await;
                return false;
            }
        };
        let is_glance = self.patience == Patience::Glance && !state.is_watched;
        let nothing_yet = seen.is_empty() && !state.can_be_watched;
        for each in seen {
            match &each.message {
                FollowUp::Started { view: Sight::Terminal, .. } => state.can_be_watched = true,
                FollowUp::Ended { .. } => {
                    self.tell(News::Seen(each));
                    return true;
                }
                _ => {}
            }
            self.tell(News::Seen(each));
        }
        // Something comes of it: that is worth the wait.
        self.patience = Patience::Whole;
        is_glance && nothing_yet
    }

    async fn obey(
        &self,
        wish: Wish,
        state: &mut State,
        following: &mut Following,
        transport: &Transport,
    ) {
        let control = match wish {
            Wish::Watch => {
                (state.is_watched, state.renewal) = (true, None);
                return;
            }
            Wish::Unwatch => {
                state.is_watched = false;
                Control::Unwatch
            }
            Wish::End => Control::Stop,
        };
        if matches!(control, Control::Unwatch) && !state.can_be_watched {
            return;
        }
        if let Err(error) = following.order(transport, self.desk.approver.keys(), control).await {
            self.trouble(&error.to_string());
        }
    }

    /// Says why nothing is told, to whoever looks at this one command.
    fn trouble(&self, why: &str) {
        if self.patience == Patience::Glance {
            return;
        }
        self.tell(News::Trouble(why.to_owned()));
    }

    fn tell(&self, news: News) {
        // Nobody listens once the view ends.
        let _ = self.desk.teller.send((self.request.clone(), news));
    }
}
