//! One check after the other; what cannot be told without an earlier one is left out.

use super::{Finding, files, log};
use crate::cli::account::Site;
use crate::cli::hook;
use crate::cli::standing::Standing;
use crate::cli::upstream::Upstream;
use crate::client::{Enforcer, Link, Transport};
use crate::config::{Destination, GatewayUrl, Paths};
use crate::display::counted;
use crate::policy::{Origin, Policy};
use crate::process::{self, Environment, WorkingDirectory};
use crate::protocol::decision::CLOCK_SKEW;
use jiff::Timestamp;

/// Runs every check.
pub(super) fn all(environment: &Environment) -> Vec<Finding> {
    let paths = match Paths::from_environment(environment) {
        Ok(paths) => paths,
        Err(error) => return vec![Finding::bad("settings", error.to_string(), error.hint())],
    };
    let mut findings = Vec::new();
    let standing = match Standing::here(&paths, environment) {
        Ok(standing) => Some(standing),
        Err(error) => {
            findings.push(Finding::bad("settings", error.to_string(), error.hint()));
            None
        }
    };
    findings.extend(files::check(&paths));
    findings.push(log::check(&paths));
    findings.extend(hook::examine(environment).into_iter().map(|found| match found.mend {
        None => Finding::good("agents", found.what),
        Some(mend) => Finding::bad("agents", found.what, mend),
    }));
    let Some(standing) = standing else { return findings };
    findings.insert(0, Finding::good("settings", "every file can be used"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    match runtime {
        Ok(runtime) => findings.extend(runtime.block_on(gateway(&standing, &paths))),
        Err(error) => {
            findings.push(Finding::bad("gateway", error.to_string(), "close some programs"));
        }
    }
    findings.push(pairing(&standing));
    findings.extend(approvals(&standing, &paths, environment));
    let level = standing.level;
    let meaning = level.meaning_for(&standing);
    findings.push(Finding::good("protection", format!("{}: {meaning}", level.name())));
    findings
}

async fn gateway(standing: &Standing, paths: &Paths) -> Vec<Finding> {
    let settings = &standing.settings;
    let link = Link::new(settings.tls_roots(), settings.connect_budget())
        .pinned_to(settings.certificate().cloned());
    match settings.destination() {
        Destination::Local => match Upstream::local(paths) {
            Ok(upstream) => reach(upstream.url.parse().ok(), &link).await.0,
            Err(error) => vec![Finding::bad("gateway", error.to_string(), error.hint())],
        },
        Destination::Gateway(gateway) => {
            let (mut findings, answers) = reach(Some(gateway.clone()), &link).await;
            if answers {
                let site = Site::at(settings, paths, gateway);
                match site.and_then(|site| site.transport()) {
                    Ok(transport) => findings.push(sign_in(&Enforcer::new(transport)).await),
                    Err(error) => {
                        findings.push(Finding::bad("sign-in", error.to_string(), error.hint()));
                    }
                }
            }
            findings
        }
    }
}

/// Asks for the gateway's clock; tells also whether it answered.
async fn reach(gateway: Option<GatewayUrl>, link: &Link) -> (Vec<Finding>, bool) {
    let Some(gateway) = gateway else { return (Vec::new(), false) };
    let asked = match Transport::anonymous(&gateway, link) {
        Ok(transport) => transport.get("/echo").await,
        Err(error) => Err(error),
    };
    let answer = match asked {
        Ok(answer) => answer,
        Err(error) => {
            return (vec![Finding::bad("gateway", error.to_string(), error.hint())], false);
        }
    };
    let there = Finding::good("gateway", format!("{gateway} answers"));
    let told = answer.body.as_ref().and_then(|body| body["utc"].as_str()?.parse().ok());
    (vec![there, clock(told)], true)
}

fn clock(told: Option<Timestamp>) -> Finding {
    let Some(theirs) = told else {
        let what = "the gateway does not tell the time";
        return Finding::notice("clock", what, "compare this machine's clock with another");
    };
    let apart = (theirs.as_second() - process::now().as_second()).abs();
    if apart > CLOCK_SKEW.as_secs() {
        let what = format!("this machine and the gateway are {apart} seconds apart");
        return Finding::bad("clock", what, "set the clock: decisions would come too late");
    }
    Finding::good("clock", format!("{} apart from the gateway", counted(apart, "second")))
}

async fn sign_in(enforcer: &Enforcer) -> Finding {
    match enforcer.consent().await {
        Ok(status) if status.is_allowed() => {
            Finding::good("sign-in", "the gateway takes it, and the app may act")
        }
        Ok(status) => {
            let what = format!("the gateway says {:?} about the app", status.status);
            Finding::bad("sign-in", what, "let the app act in the account's settings")
        }
        Err(error) => Finding::bad("sign-in", error.to_string(), error.hint()),
    }
}

/// Says when policy may want more people to approve than are paired.
fn approvals(standing: &Standing, paths: &Paths, environment: &Environment) -> Option<Finding> {
    let here = WorkingDirectory::capture().ok()?;
    // One that cannot be used is told of where it is used.
    let policy = Policy::read(Origin::Layers(paths), environment, here.path()).ok()?;
    let needed = usize::from(policy.most_approvals());
    let mut keys: Vec<String> =
        standing.pairings().map(|each| each.agreed.signing_key.to_string()).collect();
    keys.sort_unstable();
    keys.dedup();
    let paired = keys.len();
    (needed > paired.max(1)).then(|| {
        let what = format!(
            "policy wants {needed} approvals for some commands, and {paired} can be given: they do \
             not run"
        );
        Finding::bad("approvals", what, "pair with another approver: airlock-exec pair")
    })
}

fn pairing(standing: &Standing) -> Finding {
    let names: Vec<String> = standing.pairings().map(|each| each.agreed.name.to_string()).collect();
    match (names.is_empty(), standing.settings.destination()) {
        (false, _) => Finding::good("pairing", names.join(", ")),
        (true, Destination::Local) => {
            let what = "nobody is paired yet; the first command pairs with this machine's approver";
            Finding::notice("pairing", what, "for a phone: airlock-exec pair")
        }
        (true, Destination::Gateway(_)) => {
            Finding::bad("pairing", "nobody is paired at this gateway", "airlock-exec pair")
        }
    }
}
