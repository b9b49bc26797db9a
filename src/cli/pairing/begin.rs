//! `airlock-exec pair`: from a code to a key somebody vouched for.

use super::arguments::{PairArguments, TrustArguments};
use super::error::PairingCommandError;
use crate::approver::time;
use crate::cli::approver::{Terminal, say};
use crate::cli::qr;
use crate::cli::upstream::Upstream;
use crate::client::{Candidate, Ceremony, Conditions, PairingError, PairingName, SealingKeyRule};
use crate::crypto::Fingerprint;
use crate::process::{self, Stdio, Stream};
use crate::protocol::PairingCode;

/// How the approver's key is made sure of.
#[derive(Debug, Clone, Copy)]
enum Proof {
    /// Only this key will do.
    Fingerprint(Fingerprint),
    /// A person compares what both sides show.
    AskPerson,
    /// The user said that nobody can be in between.
    Unchecked,
}

impl Proof {
    fn chosen(arguments: &TrustArguments) -> Result<Self, PairingCommandError> {
        let stdio = Stdio::capture();
        match (arguments.fingerprint, arguments.yes) {
            (Some(fingerprint), _) => Ok(Self::Fingerprint(fingerprint)),
            (None, true) => Ok(Self::Unchecked),
            (None, false)
                if stdio.is_terminal(Stream::Input) && stdio.is_terminal(Stream::Output) =>
            {
                Ok(Self::AskPerson)
            }
            (None, false) => Err(PairingCommandError::NobodyToCompare),
        }
    }
}

/// Pairs with an approver.
pub(super) async fn pair(
    upstream: &Upstream,
    arguments: PairArguments,
) -> Result<(), PairingCommandError> {
    // Nobody is asked for an answer that nobody could make sure of.
    let proof = Proof::chosen(&arguments.trust)?;
    let name = match arguments.name {
        Some(name) => name,
        None => upstream.pairings.load_or_create(process::now())?.free_name(),
    };
    let ceremony = match arguments.code {
        Some(code) => {
            let introducer = upstream.introducer()?;
            let claimed = Ceremony::claim(upstream.enforcer.clone(), introducer, code).await?;
            say("the code is good; waiting for the approver to answer")?;
            claimed
        }
        None => show_code(upstream).await?,
    };
    let candidate = answered(upstream, ceremony, &arguments.trust).await?;
    let candidate = vouched_for(candidate, proof).await?;
    keep(upstream, candidate, &name)
}

/// Pairs anew with the approver of a pairing, who is known by its key.
pub(super) async fn rotate(upstream: &Upstream, name: &str) -> Result<(), PairingCommandError> {
    let enrolment = upstream.pairings.load()?.ok_or(PairingError::NotPaired)?;
    let old = enrolment.live(name)?;
    let ceremony = show_code(upstream).await?;
    let trust = TrustArguments::same_as(old.agreed.cipher);
    let candidate = answered(upstream, ceremony, &trust).await?;
    let candidate = vouched_for(candidate, Proof::Fingerprint(old.fingerprint())).await?;
    keep(upstream, candidate, &old.agreed.name)
}

async fn show_code(upstream: &Upstream) -> Result<Ceremony, PairingCommandError> {
    let begun = Ceremony::initiate(upstream.enforcer.clone(), upstream.introducer()?);
    let (ceremony, code) = begun.await?;
    show(&code)?;
    if let Some(at) = ceremony.expires_at() {
        say(&format!("good until {}; waiting for the approver", time::until(at, process::now())))?;
    }
    Ok(ceremony)
}

fn show(code: &PairingCode) -> Result<(), PairingCommandError> {
    say(&format!("code: {code}"))?;
    let columns = crate::cli::approver::columns().filter(|_| is_at_terminal());
    if let Some(drawn) = columns.and_then(|columns| qr::draw(code.as_str(), columns)) {
        say(&drawn)?;
    }
    say("type it into the approver: the app, or airlock-exec approver pair CODE")?;
    Ok(())
}

fn is_at_terminal() -> bool {
    Stdio::capture().is_terminal(Stream::Output)
}

async fn answered(
    upstream: &Upstream,
    ceremony: Ceremony,
    trust: &TrustArguments,
) -> Result<Candidate, PairingCommandError> {
    let sealing_key = if trust.accept_unsigned_key {
        SealingKeyRule::UnsignedToo
    } else {
        SealingKeyRule::Signed
    };
    let conditions = Conditions { cipher: trust.cipher.or(upstream.cipher), sealing_key };
    Ok(ceremony.answer(upstream.pairing_poll, conditions).await?)
}

/// Makes sure of the key; one that is not the approver's is sent away.
async fn vouched_for(candidate: Candidate, proof: Proof) -> Result<Candidate, PairingCommandError> {
    let found = candidate.fingerprint();
    let refusal = match proof {
        Proof::Fingerprint(expected) if found == expected => None,
        Proof::Fingerprint(expected) => Some(PairingCommandError::OtherKey { found, expected }),
        Proof::Unchecked => None,
        Proof::AskPerson if confirmed(found).await? => None,
        Proof::AskPerson => Some(PairingCommandError::NotConfirmed { found }),
    };
    let Some(refusal) = refusal else { return Ok(candidate) };
    if let Err(error) = candidate.decline().await {
        tracing::warn!(%error, "the gateway was not told that the pairing is declined");
    }
    Err(refusal)
}

async fn confirmed(found: Fingerprint) -> Result<bool, PairingCommandError> {
    let question = format!(
        "the approver's key has the fingerprint {found}\n\
         does the approver show the same one? [y/N] "
    );
    let answer = Terminal::open()?.ask(&question).await?.unwrap_or_default();
    Ok(["y", "yes"].contains(&answer.to_ascii_lowercase().as_str()))
}

fn keep(
    upstream: &Upstream,
    candidate: Candidate,
    name: &PairingName,
) -> Result<(), PairingCommandError> {
    let now = process::now();
    let fingerprint = candidate.fingerprint();
    let made = candidate.trusted_as(name.clone(), now);
    let cipher = made.agreed.cipher.name();
    upstream.pairings.change(now, |enrolment| enrolment.add(made))?;
    say(&format!("paired with {name} ({fingerprint}, {cipher})"))?;
    Ok(())
}
