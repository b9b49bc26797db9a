//! Compares a command with every term of a grant.

use super::compose;
use super::{Grant, Unusable};
use crate::process::{self, Identity};
use crate::protocol::EnforcerId;
use crate::protocol::artifact::{GrantPlace, GrantPlaceKind};
use crate::request::{Bound, Marker, Place, Request, Shown, environment_digest};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

impl Grant {
    /// Compares a request with every term, and binds it to what it will execute.
    ///
    /// # Errors
    ///
    /// [`Unusable`] by the first term that does not hold.
    pub(super) fn cover(
        &self,
        request: &Request,
        us: &EnforcerId,
        marker: &Marker,
    ) -> Result<Bound, Unusable> {
        let terms = self.terms();
        if !self.pattern().covers(&request.words()) {
            return Err(Unusable::OtherCommand);
        }
        check_place(&terms.place, request)?;
        self.check_owner(us)?;
        self.check_time(process::now())?;
        self.check_session()?;
        let found = request.executable().path();
        if found != Path::new(&terms.executable) {
            let found = crate::request::text::word(found.as_os_str());
            return Err(Unusable::OtherProgram { granted: terms.executable.clone(), found });
        }
        self.check_environment(request, marker)?;
        self.bind(request)
    }

    fn check_owner(&self, us: &EnforcerId) -> Result<(), Unusable> {
        let (terms, identity) = (self.terms(), Identity::capture());
        for (holds, what) in [
            (terms.enforcer == *us, "installation"),
            (terms.host == identity.host, "host"),
            (terms.machine == compose::machine(), "machine"),
            (terms.user == identity.user, "user"),
        ] {
            if !holds {
                return Err(Unusable::Elsewhere(what));
            }
        }
        Ok(())
    }

    fn check_session(&self) -> Result<(), Unusable> {
        let terms = self.terms();
        let Some(session) = &terms.session else { return Ok(()) };
        let boot = terms.boot_clock.as_ref().map(|clock| clock.boot.as_str());
        let same_run = boot.is_some() && process::boot_id().as_deref() == boot;
        let is_it = |ancestor| compose::session_of(&ancestor) == *session;
        if same_run && process::ancestors().into_iter().any(is_it) {
            return Ok(());
        }
        Err(Unusable::OtherSession)
    }

    fn check_environment(&self, request: &Request, marker: &Marker) -> Result<(), Unusable> {
        let terms = self.terms();
        let found = environment_digest(request.environment(), &terms.created_at.to_string());
        if found == terms.environment_sha256 {
            return Ok(());
        }
        let now = compose::environment(request, marker);
        let missing = terms.environment.iter().filter(|entry| !now.contains(entry));
        let added = now.iter().filter(|entry| !terms.environment.contains(entry));
        let names: BTreeSet<&str> = missing.chain(added).map(|entry| entry.name.as_str()).collect();
        let names = names.into_iter().collect::<Vec<_>>().join(", ");
        Err(Unusable::OtherEnvironment(if names.is_empty() {
            "a hidden variable".to_owned()
        } else {
            names
        }))
    }

    /// Digests everything that will be executed, and compares it with what was signed.
    fn bind(&self, request: &Request) -> Result<Bound, Unusable> {
        let terms = self.terms();
        let mut bound = Bound::of(request)?;
        if bound.input().is_some() {
            return Err(Unusable::ProgramFromInput);
        }
        if bound.executable() != Some(terms.executable_sha256) {
            return Err(Unusable::ChangedFile(terms.executable.clone()));
        }
        let named: Vec<PathBuf> =
            terms.files.iter().map(|file| PathBuf::from(&file.path)).collect();
        compose::bind_named(&mut bound, self.pattern(), request)?;
        for path in named {
            bound.include(path, request.directory())?;
        }
        for file in bound.files() {
            let path = file.path().to_string_lossy().into_owned();
            let signed = terms.files.iter().find(|each| Path::new(&each.path) == file.path());
            match (signed, file.shown()) {
                (None, _) => return Err(Unusable::OtherFile(path)),
                (Some(signed), Shown::Content { sha256, .. }) if sha256 == signed.sha256 => {}
                (Some(_), _) => return Err(Unusable::ChangedFile(path)),
            }
        }
        Ok(bound)
    }
}

fn check_place(granted: &GrantPlace, request: &Request) -> Result<(), Unusable> {
    let number = |text: &str| text.parse::<u64>().map_err(|_| Unusable::OtherPlace);
    let place = Place {
        path: PathBuf::from(&granted.path),
        device: number(&granted.device)?,
        inode: number(&granted.inode)?,
    };
    let is_innermost = match granted.kind {
        GrantPlaceKind::Repository => {
            Place::of_repository(request.directory().path()).as_ref() == Some(&place)
        }
        GrantPlaceKind::Directory => true,
    };
    if is_innermost && place.holds(request.directory()) {
        return Ok(());
    }
    Err(Unusable::OtherPlace)
}
