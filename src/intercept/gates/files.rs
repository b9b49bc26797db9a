//! The files of our gates, written where a session leads shells to.

use crate::process::{PrivateDir, PrivateError};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

const BASH: &str = include_str!("../../../shims/gate.bash");
const ZSH: &str = include_str!("../../../shims/gate.zsh");
const FISH: &str = include_str!("../../../shims/gate.fish");
const PERSON: &str = include_str!("../../../shims/person.zsh");

/// The files that zsh reads one after the other.
const OF_ZSH: [&str; 5] = [".zshenv", ".zprofile", ".zshrc", ".zlogin", ".zlogout"];
/// What they begin with.
const PREFIX: &str = "airlock-";
/// Our names as a shell; the first stands for any.
const WRAPPERS: [&str; 6] =
    ["airlock-sh", "airlock-bash", "airlock-zsh", "airlock-fish", "airlock-dash", "airlock-ksh"];

/// Where things lie below the directory of gates.
pub(super) const GATE_OF_BASH: &str = "gate.bash";
pub(super) const DIRECTORY_OF_ZSH: &str = "zsh";
pub(super) const DIRECTORY_OF_DATA: &str = "share";
pub(super) const DIRECTORY_OF_WRAPPERS: &str = "bin";

/// Writes every gate, and links to the binary by its names as a shell.
///
/// What is there and right is left alone, so that sessions share it.
///
/// # Errors
///
/// [`PrivateError`] when a directory is not ours alone, or nothing can be written.
pub fn install(path: &Path, binary: &Path) -> Result<(), PrivateError> {
    let directory = PrivateDir::open(path)?;
    let program = quoted(binary);
    let filled = |template: &str| replace(template, &[("@PROGRAM@", &program)]);
    put(&directory, GATE_OF_BASH, &filled(BASH))?;
    let zsh = directory.subdir(DIRECTORY_OF_ZSH)?;
    let home = quoted(zsh.path());
    for file in OF_ZSH {
        let person =
            replace(PERSON, &[("@FILE@", file.as_bytes()), ("@DIRECTORY@", home.as_slice())]);
        let gate = if file == ".zshenv" { filled(ZSH) } else { Vec::new() };
        put(&zsh, file, &[gate, person].concat())?;
    }
    let fish = directory.subdir(DIRECTORY_OF_DATA)?.subdir("fish")?.subdir("vendor_conf.d")?;
    put(&fish, "airlock-exec.fish", &filled(FISH))?;
    let wrappers = directory.subdir(DIRECTORY_OF_WRAPPERS)?;
    WRAPPERS.iter().try_for_each(|name| wrappers.link(name.as_ref(), binary))
}

/// Returns our name for a shell of that name; what we have none for is the one of the
/// settings.
pub(super) fn wrapper_of(shell: Option<&OsStr>) -> &'static str {
    let of = |wrapper: &&str| shell.is_some_and(|shell| *shell == wrapper[PREFIX.len()..]);
    WRAPPERS.iter().copied().find(|wrapper| of(wrapper)).unwrap_or(WRAPPERS[0])
}

fn put(directory: &PrivateDir, name: &str, bytes: &[u8]) -> Result<(), PrivateError> {
    if directory.read(name)?.is_some_and(|found| found == bytes) {
        return Ok(());
    }
    directory.write(name, bytes)
}

/// Quotes a path for any of the shells. Only fish reads backslashes in single quotes,
/// and there are none in the path of a program that somebody installed.
fn quoted(path: &Path) -> Vec<u8> {
    let mut quoted = vec![b'\''];
    for byte in path.as_os_str().as_bytes() {
        match byte {
            b'\'' => quoted.extend_from_slice(b"'\\''"),
            _ => quoted.push(*byte),
        }
    }
    quoted.push(b'\'');
    quoted
}

fn replace(template: &str, values: &[(&str, &[u8])]) -> Vec<u8> {
    let mut filled = Vec::new();
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once('@') {
        filled.extend_from_slice(before.as_bytes());
        rest = behind;
        let found = values.iter().find(|(name, _)| behind.starts_with(&name[1..]));
        if let Some((name, value)) = found {
            filled.extend_from_slice(value);
            rest = &behind[name.len() - 1..];
        } else {
            filled.push(b'@');
        }
    }
    filled.extend_from_slice(rest.as_bytes());
    filled
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn words_between_signs_are_filled_in_and_others_stay() {
        let filled = replace("a @X@ \"$@\" ${(@0)x} @Y@", &[("@X@", b"1"), ("@Y@", b"@X@")]);
        assert_eq!(filled, b"a 1 \"$@\" ${(@0)x} @X@");
    }

    #[test]
    fn installing_again_changes_nothing() {
        let place = tempfile::tempdir().expect("a directory");
        let path = place.path().join("gates");
        install(&path, Path::new("/opt/it's/airlock-exec")).expect("installed");
        let state = |name: &str| fs::symlink_metadata(path.join(name)).expect("there");
        let names = [GATE_OF_BASH, "zsh/.zshrc", "bin/airlock-sh"];
        let before: Vec<_> = names.map(|name| state(name).modified().expect("a time")).into();
        install(&path, Path::new("/opt/it's/airlock-exec")).expect("installed");
        let after: Vec<_> = names.map(|name| state(name).modified().expect("a time")).into();
        assert_eq!(before, after);
        let gate = fs::read_to_string(path.join(GATE_OF_BASH)).expect("text");
        assert!(gate.contains("exec '/opt/it'\\''s/airlock-exec' gated-shell"), "{gate}");
        install(&path, Path::new("/new/airlock-exec")).expect("installed");
        let link = fs::read_link(path.join("bin/airlock-sh")).expect("a link");
        assert_eq!(link, Path::new("/new/airlock-exec"));
    }
}
