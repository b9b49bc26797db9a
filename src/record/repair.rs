//! Puts a log aside that is not what was written, and begins a new one.

use super::files::{self, CURRENT};
use super::head;
use super::{AuditError, Durability, Event, FaultKind, Log};
use crate::process;

/// What was put aside.
#[derive(Debug)]
pub struct Repair {
    /// The directory it is kept in, below that of the log.
    pub kept: String,
    /// What was wrong with it.
    pub faults: Vec<String>,
}

impl Log {
    /// Puts the log aside if it is not what was written, and begins a new one that says
    /// so; `None` when there is nothing wrong with it.
    ///
    /// Nothing is mended in what was there, and nothing of it is lost.
    ///
    /// # Errors
    ///
    /// [`AuditError`].
    pub fn repair(&self) -> Result<Option<Repair>, AuditError> {
        let _lock = self.lock()?;
        let found = self.read_locked()?;
        // A crash leaves an end that was never finished; the next record mends that.
        let is_fault = |kind: &FaultKind| !matches!(kind, FaultKind::Torn | FaultKind::Unsealed);
        let mut faults: Vec<String> = found
            .faults
            .iter()
            .filter(|fault| is_fault(&fault.kind))
            .map(ToString::to_string)
            .collect();
        if faults.is_empty() {
            // What only shows when something is to be written behind it.
            match self.append_locked(Vec::new(), Durability::Durable) {
                Err(AuditError::Tampered { what, .. }) => faults.push(what),
                other => return other.map(|_| None),
            }
        }
        let kept = format!("damaged-{}", process::now().as_millisecond());
        let aside = self.directory.subdir(&kept)?;
        for name in files::full(&self.directory)?.into_iter().chain([CURRENT.to_owned()]) {
            let from = self.directory.path().join(&name);
            if from.symlink_metadata().is_ok() {
                std::fs::rename(&from, aside.path().join(&name))
                    .map_err(|error| self.system(error))?;
            }
        }
        aside.sync()?;
        self.directory.sync()?;
        self.keys.remove(head::FILE)?;
        let (last, listed) = (found.end, faults.iter().take(20).cloned().collect());
        let event = Event::BegunAnew { kept: kept.clone(), faults: listed, last };
        self.append_locked(vec![event], Durability::Durable)?;
        Ok(Some(Repair { kept, faults }))
    }
}
