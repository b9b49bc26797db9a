//! Asks the approver for a grant.

use super::arguments::RequestArguments;
use super::preview::{self, Past};
use super::{GrantCommandError, say};
use crate::cli::gate::{self, Patience};
use crate::cli::terms;
use crate::cli::waiting::WaitingLine;
use crate::config::{Paths, Places, Settings};
use crate::display::counted;
use crate::error::Error;
use crate::intercept::{Interception, Invocation};
use crate::policy;
use crate::policy::grant::{Pattern, Script, Syntax, object};
use crate::process::{self, Environment};
use crate::protocol::artifact::{CommandGrant, GrantPlaceKind};
use crate::record::Listener;
use crate::request::{Place, Request};
use crate::review::Refusal;
use crate::review::grant::{GrantError, Grants, Proposal};
use std::path::Path;
use tokio::runtime::Builder;

/// How many commands of the past the approver is shown.
const SHOWN_PAST: usize = 3;

pub(super) fn ask(
    wanted: RequestArguments,
    paths: &Paths,
    grants: &Grants,
    environment: Environment,
) -> Result<(), GrantCommandError> {
    let syntax = if wanted.exact { Syntax::Exact } else { Syntax::Pattern };
    let pattern = Pattern::read(&wanted.pattern, syntax).map_err(GrantError::from)?;
    // Before the program is even looked for: it makes no difference where it lies.
    object(&pattern, Script::Bound).map_err(GrantError::from)?;
    let beginning = Invocation::new(Interception::Prefix, pattern.beginning())?;
    let request = Request::capture(beginning, environment)?;
    let needed = policy::assess(&request, paths).map_err(Error::from)?.approvals();
    if needed.are_several() {
        return Err(GrantError::NeedsSeveral { needed }.into());
    }
    let (place_kind, place) = place(&wanted, request.directory().path())?;
    let known = Past::covered(paths, &pattern, &place)?;
    let session = || process::session_process().ok_or(GrantError::NoSession);
    let session = if wanted.session { Some(session()?) } else { None };
    let (uses, span, scripts) = (wanted.uses, wanted.span, wanted.scripts);
    let past = known.last(SHOWN_PAST);
    let proposal = Proposal { pattern, uses, span, place_kind, place, scripts, session, past };
    if wanted.preview {
        return preview::show(&proposal.pattern, &known, &proposal.files(&request)?);
    }
    let places = Places::of(paths, request.directory().path());
    let settings = Settings::load(&places, request.environment())?;
    let terms = terms::of(&settings, Patience { wait: wanted.wait, ..Default::default() });
    let trail = gate::trail(paths)?;
    let runtime = Builder::new_current_thread().enable_all().build().map_err(Refusal::Runtime)?;
    let signed = runtime.block_on(async {
        let reviewer = gate::reviewer(paths, &settings, terms).await?;
        let inquiry = reviewer.inquire_grant(&request, &proposal, trail.marker())?;
        gate::prepare(&trail, &reviewer, &request, paths, &settings)?;
        trail.grant_requested(&inquiry)?;
        let id = &inquiry.terms().request_id;
        let mut watcher = WaitingLine::new();
        let mut listener = Listener::beside(&mut watcher, &trail, id);
        let asked = reviewer.grant(&inquiry, &mut listener).await;
        let stored = asked.inspect_err(|refusal| trail.refused(id, refusal))?;
        trail.granted(inquiry.terms(), &stored.decision)?;
        grants.keep(&stored)?;
        let id = stored.decision.request_id;
        Ok::<CommandGrant, GrantCommandError>(CommandGrant {
            request_id: id,
            ..inquiry.terms().clone()
        })
    })?;
    announce(&signed, &proposal.pattern)
}

fn place(wanted: &RequestArguments, here: &Path) -> Result<(GrantPlaceKind, Place), GrantError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| GrantError::Place { path, source }
    };
    if let Some(directory) = &wanted.directory {
        return Ok((GrantPlaceKind::Directory, Place::at(directory).map_err(failed(directory))?));
    }
    let within = wanted.repository.as_deref().unwrap_or(here);
    match (Place::of_repository(within), &wanted.repository) {
        (Some(top), _) => Ok((GrantPlaceKind::Repository, top)),
        (None, Some(named)) => {
            let source =
                std::io::Error::new(std::io::ErrorKind::NotFound, "no repository is there");
            Err(failed(named)(source))
        }
        (None, None) => Ok((GrantPlaceKind::Directory, Place::at(here).map_err(failed(here))?)),
    }
}

fn announce(terms: &CommandGrant, pattern: &Pattern) -> Result<(), GrantCommandError> {
    let id = terms.request_id.short();
    say(&format!(
        "granted {id}: {} ({} until {}, in {})",
        pattern.shown(),
        counted(terms.uses, "run"),
        terms.until.strftime("%Y-%m-%d %H:%M UTC"),
        terms.place.path
    ))?;
    say("next: run such a command with airlock-exec -- COMMAND; it starts without a question")?;
    say(&format!("      take it back with: airlock-exec grant revoke {id}"))?;
    Ok(())
}
