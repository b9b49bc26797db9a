//! Lists and shows grants, each verified again.

use super::{GrantCommandError, say};
use crate::cli::output::say_json;
use crate::client::Pairing;
use crate::display::Displayable;
use crate::display::counted;
use crate::process;
use crate::review::grant::{Grant, GrantError, Grants, Unusable};
use serde_json::{Value, json};
use std::io;

/// What is known of one grant.
struct Known {
    name: String,
    grant: Result<(Grant, u32), Unusable>,
    /// Why it does not count now, in words.
    state: Option<String>,
}

impl Known {
    fn of(grants: &Grants, name: String, pairings: &[Pairing]) -> Self {
        let verified = grants.verified(&name, pairings);
        let grant = verified.and_then(|grant| Ok((grants.used(&grant)?, grant)));
        let grant = grant.map(|(used, grant)| (grant, used));
        let state = match &grant {
            Err(unusable) => Some(unusable.to_string()),
            Ok((grant, used)) => state(grant, *used).map(|unusable| unusable.to_string()),
        };
        Self { name, grant, state }
    }

    fn json(&self) -> Value {
        let Ok((grant, used)) = &self.grant else {
            return json!({"id": self.name, "usable": false, "problem": self.state});
        };
        let terms = grant.terms();
        json!({
            "id": self.name,
            "pattern": grant.pattern().shown(),
            "place": terms.place,
            "uses": terms.uses,
            "used": used,
            "until": terms.until,
            "signerKeyId": grant.signer(),
            "session": terms.session,
            "usable": self.state.is_none(),
            "problem": self.state,
        })
    }

    fn say(&self) -> io::Result<()> {
        let id = self.name.get(self.name.len().saturating_sub(6)..).unwrap_or(&self.name);
        let Ok((grant, used)) = &self.grant else {
            let problem = self.state.as_deref().unwrap_or_default();
            return say(&format!("{id}  not usable: {}", Displayable::from(problem)));
        };
        let terms = grant.terms();
        say(&format!("{id}  {}", Displayable::from(grant.pattern().shown().as_str())))?;
        let left = terms.uses.saturating_sub(*used);
        let until = terms.until.strftime("%Y-%m-%d %H:%M UTC");
        let state = match &self.state {
            Some(state) => format!("not usable: {state}"),
            None => format!("{left} of {} left, until {until}", counted(terms.uses, "run")),
        };
        let session = terms.session.as_ref();
        let session = session.map(|session| format!(", below process {}", session.process));
        let session = session.unwrap_or_default();
        let path = Displayable::from(terms.place.path.as_str());
        say(&format!("        {state}; in {path}{session}; signed by {}", grant.signer()))
    }
}

/// Returns why a verified grant does not count now.
fn state(grant: &Grant, used: u32) -> Option<Unusable> {
    if used >= grant.terms().uses {
        return Some(Unusable::UsedUp(grant.terms().uses));
    }
    grant.check_time(process::now()).err()
}

pub(super) fn list(grants: &Grants, json: bool) -> Result<(), GrantCommandError> {
    let names = grants.names()?;
    let pairings = if names.is_empty() { Vec::new() } else { grants.pairings()? };
    for name in &names {
        grants.prune(name, &pairings);
    }
    let known: Vec<Known> =
        grants.names()?.into_iter().map(|name| Known::of(grants, name, &pairings)).collect();
    if json {
        say_json(&known.iter().map(Known::json).collect::<Vec<_>>())?;
        return Ok(());
    }
    if known.is_empty() {
        say("nothing is granted")?;
        say("next: airlock-exec grant request --uses 5 --for 2h -- git push origin {}")?;
    }
    known.iter().try_for_each(Known::say)?;
    Ok(())
}

pub(super) fn show(grants: &Grants, id: &str, json: bool) -> Result<(), GrantCommandError> {
    let known = Known::of(grants, grants.find(id)?, &grants.pairings()?);
    let mut whole = known.json();
    whole["version"] = 1.into();
    match &known.grant {
        Ok((grant, _)) => whole["signed"] = json!(grant.terms()),
        Err(_) if json => {}
        Err(_) => return Err(GrantError::Unknown(format!("{id} and is signed")).into()),
    }
    if json {
        say_json(&whole)?;
        return Ok(());
    }
    known.say()?;
    let Value::Object(fields) = &whole["signed"] else { return Ok(()) };
    say("")?;
    for (name, value) in fields.iter().filter(|(name, _)| *name != "extensions") {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        say(&format!("{name:<18} {}", Displayable::from(text.as_str())))?;
    }
    Ok(())
}
