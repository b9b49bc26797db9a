//! One digest of every variable that changes what runs.

use super::changes_what_runs;
use crate::crypto::Sha256Digest;
use crate::process::Environment;
use std::os::unix::ffi::OsStrExt;

/// Variables that only say where a command starts, which is looked at by itself.
const OF_THE_DIRECTORY: &[&str] = &["PWD", "OLDPWD"];

/// Digests the variables that change what runs, names and values, in their order.
///
/// `SHA-256(salt NUL (NAME=value NUL)*)`. The salt is another for each digest, so
/// that equal environments have different ones.
#[must_use]
pub fn environment_digest(environment: &Environment, salt: &str) -> Sha256Digest {
    let mut bytes = salt.as_bytes().to_vec();
    bytes.push(0);
    for (name, value) in environment.iter() {
        let of_directory = OF_THE_DIRECTORY.iter().any(|each| each.as_bytes() == name.as_bytes());
        if of_directory || !changes_what_runs(name.as_bytes()) {
            continue;
        }
        bytes.extend_from_slice(name.as_bytes());
        bytes.push(b'=');
        bytes.extend_from_slice(value.as_bytes());
        bytes.push(0);
    }
    Sha256Digest::of(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differs_with_what_changes_execution_and_with_nothing_else() {
        let of = |entries: &[&'static std::ffi::CStr]| {
            environment_digest(&Environment::new(entries.iter().copied()), "salt")
        };
        let plain = of(&[c"PATH=/bin", c"COLUMNS=80", c"PWD=/a"]);
        assert_eq!(plain, of(&[c"PATH=/bin", c"COLUMNS=9", c"PWD=/b", c"OLDPWD=/a"]));
        assert_ne!(plain, of(&[c"PATH=/bin:/evil", c"COLUMNS=80"]));
        assert_ne!(plain, of(&[c"PATH=/bin", c"LD_PRELOAD=/x.so"]));
        let other = environment_digest(&Environment::new([c"PATH=/bin"]), "other");
        assert_ne!(other, of(&[c"PATH=/bin"]));
    }
}
