//! `airlock-exec pair`: from a code to a key somebody vouched for.

use super::arguments::{PairArguments, TrustArguments};
use super::error::PairingCommandError;
use super::kept::{Kept, Replaced};
use super::told::Reader;
use crate::cli::terminal::Terminal;
use crate::cli::upstream::Upstream;
use crate::client::{
    Candidate, Ceremony, Conditions, Pairing, PairingError, PairingName, PasskeyRule,
    SealingKeyRule,
};
use crate::crypto::Fingerprint;
use crate::process::{self, Stdio};
use crate::protocol::PairingNonce;
use tokio::signal::unix::{Signal, SignalKind, signal};

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
    fn chosen(arguments: &TrustArguments, reader: Reader<'_>) -> Result<Self, PairingCommandError> {
        match (arguments.fingerprint, arguments.yes) {
            (Some(fingerprint), _) => Ok(Self::Fingerprint(fingerprint)),
            (None, true) => Ok(Self::Unchecked),
            // A question would stand between the events of a program.
            (None, false) if matches!(reader, Reader::Program) => {
                Err(PairingCommandError::NobodyToCompare)
            }
            (None, false) if Stdio::capture().has_a_person() => Ok(Self::AskPerson),
            (None, false) => Err(PairingCommandError::NobodyToCompare),
        }
    }
}

/// Pairs with an approver.
pub(super) async fn pair(
    upstream: &Upstream,
    arguments: PairArguments,
    reader: Reader<'_>,
) -> Result<(), PairingCommandError> {
    // Nobody is asked for an answer that nobody could make sure of.
    let proof = Proof::chosen(&arguments.trust, reader)?;
    let name = match arguments.name {
        Some(name) => name,
        None => upstream.pairings.load_or_create(process::now())?.free_name(),
    };
    let begun = match arguments.code {
        Some(code) => {
            let introducer = upstream.introducer()?;
            let claimed = Ceremony::claim(upstream.enforcer.clone(), introducer, code).await?;
            let stop = Stop::listen()?;
            reader.claimed()?;
            Begun { ceremony: claimed, stop }
        }
        None => show_code(upstream, reader).await?,
    };
    let (made, replaced) = conclude(upstream, begun, &arguments.trust, proof, &name).await?;
    Ok(reader.paired(&made, &replaced)?)
}

/// Pairs anew with the approver of a pairing, who is known by its key.
pub(super) async fn rotate(
    upstream: &Upstream,
    name: &str,
    reader: Reader<'_>,
) -> Result<(), PairingCommandError> {
    let enrolment = upstream.pairings.load()?.ok_or(PairingError::NotPaired)?;
    let old = enrolment.live(name)?;
    let begun = show_code(upstream, reader).await?;
    let trust = TrustArguments::same_as(old.agreed.cipher);
    let proof = Proof::Fingerprint(old.fingerprint());
    let (made, replaced) = conclude(upstream, begun, &trust, proof, &old.agreed.name).await?;
    Ok(reader.paired(&made, &replaced)?)
}

/// Brings a ceremony to its end. Of one that fails the gateway is told, and by it the
/// approver, which had answered and would believe to be paired. One that is kept ends, and
/// only then, the older one that it replaces.
async fn conclude(
    upstream: &Upstream,
    Begun { ceremony, mut stop }: Begun,
    trust: &TrustArguments,
    proof: Proof,
    name: &PairingName,
) -> Result<(Pairing, Replaced), PairingCommandError> {
    let withdrawal = ceremony.withdrawal();
    let failure = match made(upstream, ceremony, trust, (proof, &mut stop), name).await {
        Ok(kept) => {
            let replaced = kept.tell(upstream).await;
            return Ok((kept.pairing, replaced));
        }
        Err(failure) => failure,
    };
    if !is_stored(upstream, withdrawal.nonce())
        && let Err(error) = withdrawal.end().await
    {
        tracing::warn!(%error, "the gateway was not told that there is no pairing");
    }
    Err(failure)
}

/// Tells whether a pairing is there though it could not be kept: a disk that fails last may
/// have it after all, and the gateway then has both until one of them is used.
fn is_stored(upstream: &Upstream, nonce: &PairingNonce) -> bool {
    let is_it = |each: &Pairing| each.is_live() && each.agreed.pairing_nonce == *nonce;
    upstream.pairings.pairings().is_ok_and(|stored| stored.iter().any(is_it))
}

/// Waits for the answer, has it vouched for, and keeps the pairing.
async fn made(
    upstream: &Upstream,
    ceremony: Ceremony,
    trust: &TrustArguments,
    (proof, stop): (Proof, &mut Stop),
    name: &PairingName,
) -> Result<Kept, PairingCommandError> {
    let candidate = answered(upstream, ceremony, trust, stop).await?;
    vouched_for(&candidate, proof, stop).await?;
    let (now, word) = (process::now(), candidate.kept_word());
    let pairing = candidate.trusted_as(name.clone(), now);
    let replaced = upstream.pairings.change(now, |enrolment| enrolment.add(pairing.clone()))?;
    Ok(Kept { pairing, replaced, word })
}

/// A ceremony that an approver can answer, and whoever wants it no more.
struct Begun {
    ceremony: Ceremony,
    stop: Stop,
}

async fn show_code(upstream: &Upstream, reader: Reader<'_>) -> Result<Begun, PairingCommandError> {
    let begun = Ceremony::initiate(upstream.enforcer.clone(), upstream.introducer()?);
    let (ceremony, code) = begun.await?;
    let stop = Stop::listen()?;
    reader.code(&code, upstream.link.as_ref(), ceremony.expires_at())?;
    Ok(Begun { ceremony, stop })
}

async fn answered(
    upstream: &Upstream,
    ceremony: Ceremony,
    trust: &TrustArguments,
    stop: &mut Stop,
) -> Result<Candidate, PairingCommandError> {
    let sealing_key = if trust.accept_unsigned_key {
        SealingKeyRule::UnsignedToo
    } else {
        SealingKeyRule::Signed
    };
    let passkey = if trust.passkey { PasskeyRule::Required } else { PasskeyRule::Optional };
    let conditions = Conditions { cipher: trust.cipher.or(upstream.cipher), sealing_key, passkey };
    tokio::select! {
        answer = ceremony.answer(upstream.pairing_poll, conditions) => Ok(answer?),
        () = stop.heard() => Err(PairingCommandError::Interrupted),
    }
}

/// Hears that somebody wants no pairing any more: Ctrl-C, SIGTERM.
struct Stop {
    interrupted: Signal,
    terminated: Signal,
}

impl Stop {
    /// Listens from now on: from before an approver can answer.
    fn listen() -> Result<Self, PairingCommandError> {
        let interrupted = signal(SignalKind::interrupt())?;
        Ok(Self { interrupted, terminated: signal(SignalKind::terminate())? })
    }

    async fn heard(&mut self) {
        tokio::select! {
            _ = self.interrupted.recv() => (),
            _ = self.terminated.recv() => (),
        }
    }
}

/// Makes sure of the key.
async fn vouched_for(
    candidate: &Candidate,
    proof: Proof,
    stop: &mut Stop,
) -> Result<(), PairingCommandError> {
    let found = candidate.fingerprint();
    match proof {
        Proof::Fingerprint(expected) if found == expected => Ok(()),
        Proof::Fingerprint(expected) => Err(PairingCommandError::OtherKey { found, expected }),
        Proof::Unchecked => Ok(()),
        Proof::AskPerson => asked(found, stop).await,
    }
}

/// Has a person compare; anything but a yes is a no.
async fn asked(found: Fingerprint, stop: &mut Stop) -> Result<(), PairingCommandError> {
    let question = format!(
        "the approver's key has the fingerprint {found}\n\
         does the approver show the same one? [y/N] "
    );
    let mut terminal = Terminal::open()?;
    let answer = tokio::select! {
        answer = terminal.ask(&question) => answer?.unwrap_or_default(),
        () = stop.heard() => return Err(PairingCommandError::Interrupted),
    };
    match answer.to_ascii_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(PairingCommandError::NotConfirmed { found }),
    }
}
