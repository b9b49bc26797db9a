//! What was approved for an agent's hook, which the agent runs itself.
//!
//! Nobody of ours stays while it runs, so nobody could answer as a
//! [`crate::process::Door`] does. What was signed is kept instead, and two things go by it,
//! after the signature was verified anew:
//!
//! - another hook that asks about the same call, because one agent reads the hooks of two
//!   hosts, gets the same answer;
//! - a shim, a prefix, a shell that asks or a hook of git is covered where the signed text
//!   itself states it, or what runs around it: see [`part`]. It must descend from the first
//!   process that the agent started for the text: what it starts later is asked about again.
//!
//! The notes are files of this user's and say only where to look. What counts is the
//! signature over the text, the journal, which knows what was used, and what the kernel
//! says of the processes around us.

mod note;
mod part;
mod proof;

pub use proof::Proof;

use super::grant::{GrantError, Unusable};
use super::nested::Cover;
use crate::process::{
    self, Ancestor, FileLock, PrivateDir, PrivateError, Process, boot_id, lineage, session_process,
    since_boot, words_of,
};
use crate::request::Request;
use note::{Approved, Note, Notes};
use part::Whole;
use proof::Keeper;
use std::cell::OnceCell;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long an answer is good for another hook that was not there when it came.
const FOR_A_TWIN: Duration = Duration::from_secs(5);
/// More hooks than these do not get the same answer.
const MOST_TWINS: u32 = 8;

/// One call of an agent's hook.
#[derive(Debug)]
pub struct HookCall {
    notes: PathBuf,
    enforcer: PathBuf,
    hook: &'static str,
    call: Option<String>,
    text: String,
    /// Held while we ask: others who ask about the same wait for our answer.
    turn: OnceCell<FileLock>,
}

impl HookCall {
    /// Describes a call of that hook about a text; `call` is the agent's name for it,
    /// `notes` is where notes are kept, and `enforcer` where approvals are verified.
    #[must_use]
    pub fn new(
        notes: PathBuf,
        enforcer: PathBuf,
        hook: &'static str,
        call: Option<String>,
        text: String,
    ) -> Self {
        Self { notes, enforcer, hook, call, text, turn: OnceCell::new() }
    }

    /// Waits while another hook asks about the same, and returns the approval that
    /// answered it, when that answers this call, too.
    ///
    /// Whatever is wrong with the notes means that a person is asked.
    pub(super) fn answered(&self, directory: &Path, patience: Duration) -> Option<Cover> {
        let answered = self.try_answered(agent()?, directory, patience);
        answered.unwrap_or_else(|error| {
            tracing::warn!(%error, "what another hook was answered is not known");
            None
        })
    }

    fn try_answered(
        &self,
        agent: Process,
        directory: &Path,
        patience: Duration,
    ) -> Result<Option<Cover>, GrantError> {
        let began = since_boot();
        let name = note::name(agent, directory, &self.text);
        let private = PrivateDir::open(&self.notes)?;
        Notes::open(private.clone())?.forget_old();
        match note::take_turn(&private, &name, patience)? {
            Ok(turn) => drop(self.turn.set(turn)),
            Err(error) => tracing::warn!(%error, "another hook asks about the same"),
        }
        let notes = Notes::open(private)?;
        let Some(mut note) = notes.read(&name).filter(|note| note.is_of(agent)) else {
            return Ok(None);
        };
        let Some(twin) = note.approved.iter_mut().find(|each| self.may_use(each, began)) else {
            return Ok(None);
        };
        let Some(cover) = self.verified(twin, agent, directory) else { return Ok(None) };
        twin.hooks.push(self.hook.to_owned());
        notes.write(&name, &note)?;
        Ok(Some(cover))
    }

    /// Verifies that an approval is of this very text in this very place, and spends it.
    fn verified(&self, approved: &Approved, agent: Process, directory: &Path) -> Option<Cover> {
        let keeper = keeper(&self.enforcer)?;
        let text = verified(approved, &keeper)?;
        let is_it = text.text == self.text && text.directory == directory;
        let again = is_it.then(|| keeper.answer_again(&text, MOST_TWINS));
        let spent = again?.inspect_err(not_used).unwrap_or(false);
        spent.then(|| Cover::part_of(text.request_id, text.approvals, agent))
    }

    /// Tells whether an approval answers this call, which began to wait then.
    fn may_use(&self, approved: &Approved, began: Duration) -> bool {
        let is_recent = approved.at >= began || began.saturating_sub(approved.at) < FOR_A_TWIN;
        let is_unused = !approved.hooks.iter().any(|hook| hook == self.hook);
        let is_it = match (&self.call, &approved.call) {
            (Some(this), Some(that)) => this == that,
            _ => is_unused,
        };
        is_recent && is_it
    }

    /// Keeps what was signed when this call was answered with yes.
    ///
    /// A failure means that what belongs to it is asked about by itself.
    pub fn keep(&self, directory: &Path, proof: Proof) {
        let Some(agent) = agent() else { return };
        let keep = || {
            let name = note::name(agent, directory, &self.text);
            let notes = Notes::open(PrivateDir::open(&self.notes)?)?;
            let known = notes.read(&name).filter(|note| note.is_of(agent));
            let mut note = known.unwrap_or_else(|| Note::new(agent, self.text.clone()));
            note.add(Approved {
                proof,
                at: since_boot(),
                hooks: vec![self.hook.to_owned()],
                call: self.call.clone(),
                started: None,
            });
            notes.write(&name, &note)
        };
        let kept: Result<(), PrivateError> = keep();
        if let Err(error) = kept {
            tracing::warn!(%error, "an approval was not noted");
        }
    }
}

/// Returns the agent that called us; not looked for where policy decides.
fn agent() -> Option<Process> {
    session_process().as_ref().map(Process::from)
}

fn keeper(enforcer: &Path) -> Option<Keeper> {
    let opened = Keeper::open(enforcer);
    opened.inspect_err(|error| tracing::warn!(%error, "no approval can be verified")).ok()
}

fn verified(approved: &Approved, keeper: &Keeper) -> Option<proof::ApprovedText> {
    approved.proof.verify(keeper).inspect_err(not_used).ok()
}

fn not_used(why: &Unusable) {
    tracing::warn!(%why, "what an agent's hook had approved is not used");
}

/// Returns the approval of an agent's hook that a request is part of.
pub(super) fn around(request: &Request, notes: &Path, enforcer: &Path) -> Option<Cover> {
    // One look where no agent's hook ever asked.
    if !notes.exists() {
        return None;
    }
    let notes = Notes::open(PrivateDir::open(notes).ok()?).ok()?;
    let lineage = lineage();
    let keeper = OnceCell::new();
    notes.names().into_iter().find_map(|name| {
        let mut note = notes.read(&name)?;
        let is_agent = |each: &Ancestor| note.is_of(Process::from(each));
        let below = &lineage[..lineage.iter().position(is_agent)?];
        let is_for = |each: &Ancestor| is_started_for(&words_of(each), &note.text);
        let is_its_shell = below.iter().any(is_for);
        let top = Process::from(below.last()?);
        let keeper = keeper.get_or_init(|| self::keeper(enforcer)).as_ref()?;
        let text = note.text.clone();
        let (used, cover) = note.approved.iter_mut().find_map(|each| {
            let approved = verified(each, keeper).filter(|approved| approved.text == text)?;
            if !Whole::of(&approved, &keeper.marker).has(request, below) {
                return None;
            }
            // A shell that the agent keeps and types into has no end that is known.
            if !is_its_shell && !approved.may_begin(process::now()) {
                return None;
            }
            let started = keeper.start(&approved, &in_words(top));
            let is_it = started.inspect_err(not_used).unwrap_or(false);
            is_it.then(|| (each, Cover::part_of(approved.request_id, approved.approvals, top)))
        })?;
        if used.started.is_none() {
            used.started = Some(top);
            // Only for how long it is kept: the journal says what was started.
            let _ = notes.write(&name, &note);
        }
        Some(cover)
    })
}

/// Says which process it is, of which run of the machine.
fn in_words(process: Process) -> String {
    format!("{}-{process}", boot_id().as_deref().unwrap_or("unknown"))
}

/// Tells whether a process with these words was started for that text: as a shell that is
/// given it, or as what such a shell becomes when the text is a single command.
fn is_started_for(words: &[OsString], text: &str) -> bool {
    // A text stands behind an option that says so: `-c`, `-lc`.
    let is_text =
        |pair: &[OsString]| part::is_command_option(&pair[0]) && runs(pair[1].as_bytes(), text);
    let are_its_words = |split: Vec<String>| {
        split.len() == words.len() && split.iter().zip(words).all(|(one, other)| other == &**one)
    };
    words.windows(2).any(is_text) || shell_words::split(text).is_ok_and(are_its_words)
}

/// Tells whether a word of a shell is that text, alone or with what agents put around it:
/// an `eval`, another shell, or lines before and behind it.
fn runs(word: &[u8], text: &str) -> bool {
    if word == text.as_bytes() {
        return true;
    }
    let Ok(word) = std::str::from_utf8(word) else { return false };
    let quoted = [r"'\''", r#"'"'"'"#].map(|quote| format!("'{}'", text.replace('\'', quote)));
    let ways = ["eval ", "-c ", "-lc "];
    let is_inside = |form: &String| ways.iter().any(|way| word.contains(&format!("{way}{form}")));
    quoted.iter().any(is_inside) || word.contains(&format!("\n{text}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_known_in_what_agents_put_around_it() {
        let text = "git push; echo 'x y'";
        for word in [
            text,
            r#"source snapshot && eval 'git push; echo '"'"'x y'"'"'' < /dev/null && pwd"#,
            r"exec bash -c 'git push; echo '\''x y'\'''",
            "(\n  trap 'x' EXIT\ngit push; echo 'x y'\n)\nexit 0",
        ] {
            assert!(runs(word.as_bytes(), text), "{word}");
        }
        let single = ["git", "push", "a b"].map(OsString::from);
        assert!(is_started_for(&single, "git push 'a b'"));
        assert!(!is_started_for(&single, "git push a b") && !is_started_for(&single, "git"));
        for word in ["git push; echo 'x y'; rm x", "eval 'git push'", "git push", ""] {
            assert!(!runs(word.as_bytes(), text), "{word}");
        }
    }
}
