//! Which programs take a secret among their arguments, and where.
//!
//! Only what the option's name does not say already: `--password X` and `--token=X` are
//! secret whatever the program is. From the programs' own manuals.

use std::ffi::OsStr;
use std::path::Path;

/// How much of a value is secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// All of it.
    Whole,
    /// What follows the first of this: the password in `user:password`.
    After(&'static str),
}

/// Whether an option takes the next word when nothing is joined to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value {
    /// It does.
    Needed,
    /// It does not: alone it asks for the value at the terminal.
    Optional,
}

/// Options of one kind.
#[derive(Debug)]
pub(super) struct Options {
    /// As they are written: `-u`, `--user`; or `-passin`, which nothing is joined to.
    names: &'static [&'static str],
    value: Value,
    part: Part,
}

/// Programs that take the same options.
#[derive(Debug)]
pub(super) struct Program {
    names: &'static [&'static str],
    /// The word that comes before those options: `login` of docker.
    pub(super) within: Option<&'static str>,
    options: &'static [Options],
    /// Letters that take no value, so that another may follow in the same word: `-sSu`.
    switches: &'static str,
    pub(super) operands: Operands,
}

/// What the words of a program are that belong to no option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operands {
    /// Its own, and options may follow.
    Own,
    /// Another command. The letters are those of further options that take the next word.
    Command(&'static str),
}

/// Where the value of an option stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stands {
    /// It is the next word.
    Next(Part),
    /// It begins in this word, so many bytes on.
    Here(usize, Part),
}

const fn needed(names: &'static [&'static str], part: Part) -> Options {
    Options { names, value: Value::Needed, part }
}

const fn optional(names: &'static [&'static str], part: Part) -> Options {
    Options { names, value: Value::Optional, part }
}

const fn program(names: &'static [&'static str], options: &'static [Options]) -> Program {
    Program { names, within: None, options, switches: "", operands: Operands::Own }
}

use Part::{After, Whole};

/// The table.
const PROGRAMS: &[Program] = &[
    Program {
        switches: "#01234BGIJLMNOSZafgijklnpqsv",
        ..program(
            &["curl"],
            &[
                needed(&["-u", "--user", "-U", "--proxy-user", "-E", "--cert"], After(":")),
                needed(&["--pass", "--proxy-pass", "--oauth2-bearer"], Whole),
            ],
        )
    },
    program(&["http", "https", "xh", "xhs"], &[needed(&["-a", "--auth"], Whole)]),
    program(&["lftp"], &[needed(&["-u"], After(","))]),
    program(&["smbclient", "rpcclient"], &[needed(&["-U", "--user"], After("%"))]),
    Program {
        operands: Operands::Command("fdP"),
        switches: "ev",
        ..program(&["sshpass"], &[needed(&["-p"], Whole)])
    },
    program(
        &[
            "mysql",
            "mysqladmin",
            "mysqlcheck",
            "mysqldump",
            "mysqlimport",
            "mysqlshow",
            "mysqlslap",
            "mysqlbinlog",
            "mariadb",
            "mariadb-admin",
            "mariadb-binlog",
            "mariadb-check",
            "mariadb-dump",
            "mariadb-import",
            "mariadb-show",
            "mariadb-slap",
        ],
        &[optional(&["-p", "--password"], Whole)],
    ),
    program(&["mongo", "mongosh", "mongodump", "mongorestore"], &[needed(&["-p"], Whole)]),
    program(&["redis-cli", "valkey-cli"], &[needed(&["-a", "--pass"], Whole)]),
    program(&["sqlcmd", "bcp"], &[needed(&["-P"], Whole)]),
    Program {
        within: Some("login"),
        ..program(
            &["docker", "podman", "nerdctl", "buildah", "skopeo", "oras", "helm", "oc", "az"],
            &[needed(&["-p"], Whole)],
        )
    },
    Program {
        switches: "CLMPZcnvx",
        ..program(
            &["ldapadd", "ldapdelete", "ldapmodify", "ldappasswd", "ldapsearch", "ldapwhoami"],
            &[needed(&["-w"], Whole)],
        )
    },
    Program {
        switches: "0123456789TXdejlmqrsuvxy",
        ..program(&["zip"], &[needed(&["-P"], Whole)])
    },
    Program { switches: "CLVXacfjlnopqtuvz", ..program(&["unzip"], &[needed(&["-P"], Whole)]) },
    program(&["7z", "7za", "7zr", "7zz"], &[optional(&["-p"], Whole)]),
    program(&["gpg", "gpg2"], &[needed(&["--passphrase"], Whole)]),
    program(&["openssl"], &[needed(&["-pass", "-passin", "-passout"], After("pass:"))]),
    program(&["ipmitool"], &[needed(&["-P"], Whole)]),
];

impl Program {
    /// Finds the program of that name or path; an address names none.
    pub(super) fn named(word: &str) -> Option<&'static Self> {
        let word = Some(word).filter(|word| !word.contains("://"))?;
        let name = Path::new(word).file_name().and_then(OsStr::to_str)?;
        PROGRAMS.iter().find(|program| program.names.contains(&name))
    }

    /// Finds the secret that a word of its arguments holds or announces.
    pub(super) fn secret(&self, word: &str) -> Option<Stands> {
        self.options.iter().find_map(|options| {
            let stands = |name: &&str| options.stands(name, self.switches, word);
            options.names.iter().find_map(stands)
        })
    }

    /// Tells whether a word is an option, not of the table, that takes the next word.
    pub(super) fn takes_next(&self, word: &str) -> bool {
        let Operands::Command(letters) = self.operands else { return false };
        let letter = word.strip_prefix('-').filter(|letter| letter.len() == 1);
        letter.is_some_and(|letter| letters.contains(letter))
    }
}

impl Options {
    fn stands(&self, name: &str, switches: &str, word: &str) -> Option<Stands> {
        let after = if name.starts_with("--") {
            let joined = word.strip_prefix(name)?;
            if !joined.is_empty() && !joined.starts_with('=') {
                return None;
            }
            // The sign is not part of the value.
            if joined.is_empty() { None } else { Some(name.len() + 1) }
        } else if name.len() == 2 {
            let letters = word.strip_prefix('-')?;
            let at = letters.find(&name[1..])?;
            if !letters[..at].chars().all(|letter| switches.contains(letter)) {
                return None;
            }
            Some(at + 2).filter(|after| *after < word.len())
        } else {
            (word == name).then_some(None)?
        };
        match (after, self.value) {
            (Some(after), _) => Some(Stands::Here(after, self.part)),
            (None, Value::Needed) => Some(Stands::Next(self.part)),
            (None, Value::Optional) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_program_stands_in_two_rows() {
        let names: Vec<&str> = PROGRAMS.iter().flat_map(|each| each.names).copied().collect();
        for (at, name) in names.iter().enumerate() {
            assert!(!names[..at].contains(name), "{name}");
        }
    }

    #[test]
    fn no_switch_is_an_option_with_a_secret() {
        for program in PROGRAMS {
            let short = program.options.iter().flat_map(|each| each.names);
            for name in short.filter(|name| name.len() == 2) {
                assert!(!program.switches.contains(&name[1..]), "{name} of {:?}", program.names);
            }
        }
    }
}
