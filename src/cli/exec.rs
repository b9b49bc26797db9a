//! The main job: a command comes in, and runs or does not run.

use super::arguments::ExecArguments;
use super::upstream::Upstream;
use super::waiting::WaitingLine;
use super::{local, report, terms};
use crate::config::{Destination, Paths, Places, Settings};
use crate::error::Error;
use crate::intercept::Invocation;
use crate::policy::{self, Verdict};
use crate::process::Environment;
use crate::record::Trail;
use crate::request::Request;
use crate::review::grant::{Granting, Grants};
use crate::review::{Authority, ConsentRule, Permit, Refusal, Reviewer, Terms};
use crate::run::{self, Exit, Options};
use tokio::runtime::Builder;

/// Runs a command if a person allows it, and ends as it ends.
pub(super) fn execute(arguments: ExecArguments, environment: Environment) -> Result<Exit, Error> {
    let paths = Paths::from_environment(&environment)?;
    let invocation = Invocation::from_prefix(arguments.command)?;
    let request = Request::capture(invocation, environment)?;
    let permit = match policy::judge(request, &paths)? {
        Verdict::Allow(allowed) => {
            let permit = Permit::from_rule(allowed);
            if arguments.pty.is_auto() {
                match run::replace(permit)? {}
            }
            permit
        }
        Verdict::Ask(request) => {
            match Grants::new(paths.grants(), paths.enforcer()).permit(request) {
                Granting::Granted(permit) => permit,
                Granting::Ask(request, remarks) => {
                    report::remarks(&remarks);
                    let places = Places::of(&paths, request.directory().path());
                    let settings = Settings::load(&places, request.environment())?;
                    let consent = if arguments.wait_consent {
                        ConsentRule::Wait
                    } else {
                        ConsentRule::Refuse
                    };
                    let terms = terms::of(&settings, arguments.wait, consent);
                    ask(request, &paths, &settings, terms)?
                }
            }
        }
        Verdict::Deny(denial) => return Err(Error::Forbidden(denial)),
    };
    let options = Options { pty: arguments.pty.into() };
    if let Authority::Rule = permit.authority() {
        return Ok(run::run(permit, options)?);
    }
    // No record, no execution.
    let begun = Trail::open(&paths.audit())?.begin(&permit)?;
    let ran = run::run(permit, options);
    begun.ended(&ran);
    Ok(ran?)
}

fn ask(
    request: Request,
    paths: &Paths,
    settings: &Settings,
    terms: Terms,
) -> Result<Permit, Error> {
    let trail = Trail::open(&paths.audit())?;
    // Dropped before anything is spawned: fork must see one thread.
    let runtime = Builder::new_current_thread().enable_all().build().map_err(Refusal::Runtime)?;
    runtime.block_on(async {
        let reviewer = reviewer(paths, settings, terms).await?;
        let inquiry = reviewer.inquire(request)?;
        trail.requested(&inquiry)?;
        let request_id = inquiry.request_id().clone();
        let outcome = reviewer.review(inquiry, &mut WaitingLine::new()).await;
        Ok(outcome.inspect_err(|refusal| trail.refused(&request_id, refusal))?)
    })
}

/// Makes the reviewer that asks where the settings say.
pub(super) async fn reviewer(
    paths: &Paths,
    settings: &Settings,
    terms: Terms,
) -> Result<Reviewer, Error> {
    match settings.destination() {
        Destination::Local => Ok(local::reviewer(paths, terms).await?),
        Destination::Gateway(_) => Ok(Upstream::of(settings, paths)?.reviewer(terms)?),
    }
}
