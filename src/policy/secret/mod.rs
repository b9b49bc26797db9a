//! Places where secrets are kept: reading them needs a rule or a person.

mod glob;

use super::words::{Certainty, Word};

/// Names that, as a part of a path, say that secrets are kept there.
const PARTS: &[&str] = &[
    ".ssh",
    ".gnupg",
    ".aws",
    ".azure",
    ".gcloud",
    ".kube",
    ".netrc",
    ".pgpass",
    ".npmrc",
    ".pypirc",
    ".git-credentials",
    ".docker",
    ".password-store",
    ".vault-token",
    ".env",
    ".envrc",
    "airlock-exec",
    "shadow",
    "gshadow",
    "environ",
    "id_rsa",
    "id_ed25519",
    "id_ecdsa",
    "credentials.json",
    ".bash_history",
    ".zsh_history",
    "keyrings",
];

/// The same of names that a few letters of a glob do not mean.
const NAMES: &[&str] = &[
    ".credentials.json",
    "application_default_credentials.json",
    "credentials.tfrc.json",
    "terraform.tfstate",
    "terraform.tfstate.backup",
    "rclone.conf",
    "logins.json",
    "key4.db",
    "cookies.sqlite",
    "shadow-",
    "gshadow-",
    ".env~",
    ".my.cnf",
    ".mylogin.cnf",
    ".s3cfg",
    ".boto",
    ".htpasswd",
    "fish_history",
    ".python_history",
    ".mysql_history",
    ".psql_history",
    ".sqlite_history",
    ".node_repl_history",
];

/// Files that say it in the directory before them alone.
const FILES: &[[&str; 2]] = &[
    ["gh", "hosts.yml"],
    [".codex", "auth.json"],
    ["containers", "auth.json"],
    [".cargo", "credentials"],
    [".cargo", "credentials.toml"],
    [".m2", "settings.xml"],
    ["serviceaccount", "token"],
    ["Default", "Cookies"],
    ["Network", "Cookies"],
];

/// Endings of names that say the same.
const ENDINGS: &[&str] = &[".pem", ".key", ".p12", ".pfx", ".kdbx", ".jks", ".keystore", ".ppk"];

/// Names of keys, which copies begin with.
const KEYS: &[&str] = &["id_rsa", "id_ed25519", "id_ecdsa"];

/// Tells whether a word names a place where secrets are usually kept.
///
/// A glob names what it could match by the letters before its first wildcard:
/// `~/.ss*` names `.ssh`, and `*.pem` keys. One that begins with a wildcard matches
/// no hidden file; of others it names those that it says at least half of, and in
/// the directories of the system whatever it matches.
pub(super) fn names_secret(word: &Word<'_>) -> bool {
    match word.certainty() {
        Certainty::Literal => {
            let text = word.text();
            parts(text).any(is_secret) || names_file(text) || names_attached(text)
        }
        Certainty::Operands => {
            // It is as it was written, quotes and all.
            let quotes = |byte: &u8| !b"'\"\\".contains(byte);
            let text: Vec<u8> = word.text().iter().copied().filter(quotes).collect();
            parts(&text).any(may_be_secret) || glob::matches_secret(&text)
        }
        Certainty::Unknown => false,
    }
}

fn parts(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| b"/:=,".contains(byte))
}

fn is_secret(part: &[u8]) -> bool {
    let is_copy = |key: &&str| {
        let rest = part.strip_prefix(key.as_bytes());
        rest.is_some_and(|rest| rest.first().is_some_and(|next| b".~-_".contains(next)))
    };
    PARTS.iter().chain(NAMES).any(|known| known.as_bytes() == part)
        || part.starts_with(b".env.") && part != b".env.example"
        || part.starts_with(b"ssh_host_") && part.ends_with(b"_key")
        || !part.ends_with(b".pub") && KEYS.iter().any(is_copy)
        || part.len() > 4 && has_secret_ending(part)
}

fn names_file(text: &[u8]) -> bool {
    let names = |[directory, name]: &[&str; 2]| {
        let mut directories = parts(text);
        let mut last: Option<&[u8]> = None;
        directories.any(|part| {
            let before = last.replace(part);
            part == name.as_bytes()
                && before.is_some_and(|before| {
                    // It may hang on an option.
                    before == directory.as_bytes()
                        || before.starts_with(b"-") && before.ends_with(directory.as_bytes())
                })
        })
    };
    FILES.iter().any(names)
}

/// Tells whether the value of a short option, without a blank between, names a secret.
fn names_attached(text: &[u8]) -> bool {
    let Some(first) = parts(text).next().filter(|first| first.starts_with(b"-")) else {
        return false;
    };
    (2..first.len()).any(|start| is_secret(&first[start..]))
}

fn may_be_secret(part: &[u8]) -> bool {
    let Some(wildcard) = part.iter().position(|byte| b"*?[".contains(byte)) else {
        return is_secret(part);
    };
    let prefix = &part[..wildcard];
    has_secret_ending(part)
        || !prefix.is_empty() && PARTS.iter().any(|known| known.as_bytes().starts_with(prefix))
        || prefix.starts_with(b".env")
}

fn has_secret_ending(part: &[u8]) -> bool {
    ENDINGS.iter().any(|ending| part.ends_with(ending.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_usual_places() {
        let names = |text: &str| names_secret(&Word::literal(text.as_bytes()));
        for secret in
            [".env", "/home/me/.ssh/id_rsa", "HEAD:.env.local", "--file=/etc/shadow", "a.pem"]
        {
            assert!(names(secret), "{secret}");
        }
        for plain in ["src/env.rs", ".env.example", "environment", ".gitignore", ".key"] {
            assert!(!names(plain), "{plain}");
        }
    }

    #[test]
    fn knows_where_programs_keep_what_they_sign_in_with() {
        let names = |text: &str| names_secret(&Word::literal(text.as_bytes()));
        for secret in [
            "/home/me/.config/gh/hosts.yml",
            "/home/me/.claude/.credentials.json",
            "/home/me/.codex/auth.json",
            "/home/me/.cargo/credentials.toml",
            "/home/me/.config/gcloud/application_default_credentials.json",
            "/var/run/secrets/kubernetes.io/serviceaccount/token",
            "/run/user/1000/containers/auth.json",
            "/home/me/.terraform.d/credentials.tfrc.json",
            "terraform.tfstate",
            "/home/me/.m2/settings.xml",
            "/home/me/.config/rclone/rclone.conf",
            "/home/me/.mozilla/firefox/x/logins.json",
            "/home/me/.config/chromium/Default/Cookies",
            "/etc/shadow-",
            "/etc/ssh/ssh_host_ed25519_key",
            ".env~",
            "id_rsa.bak",
            "a.jks",
            "/home/me/.local/share/fish/fish_history",
            ".mysql_history",
        ] {
            assert!(names(secret), "{secret}");
        }
        for plain in [
            "inventory/hosts.yml",
            "src/auth.json",
            "settings.xml",
            "id_rsa.pub",
            "src/token",
            "/etc/ssh/ssh_host_ed25519_key.pub",
            "credentials.tfrc",
            "docs/Cookies",
        ] {
            assert!(!names(plain), "{plain}");
        }
    }

    #[test]
    fn a_value_that_hangs_on_its_option_is_looked_at() {
        let names = |text: &str| names_secret(&Word::literal(text.as_bytes()));
        for secret in ["-f.env", "-vf.env", "-vf.ssh/x", "-nfid_rsa"] {
            assert!(names(secret), "{secret}");
        }
        for plain in ["-la", "-n5", "-name", "-shadows"] {
            assert!(!names(plain), "{plain}");
        }
    }

    #[test]
    fn a_glob_names_what_it_could_match() {
        let names =
            |text: &str| names_secret(&Word::uncertain(text.as_bytes(), Certainty::Operands));
        for secret in
            ["~/.ssh/id_rsa", "~/.ss*", ".e*", "./.env*", "./*.pem", "~/.aws/c?", ".[a-z]*"]
        {
            assert!(names(secret), "{secret}");
        }
        for plain in ["./*", "src/*.rs", "~/project/x", "./*.toml", "./src/[a-c]*"] {
            assert!(!names(plain), "{plain}");
        }
    }

    #[test]
    fn a_glob_that_begins_with_a_wildcard_matches_what_is_not_hidden() {
        let names =
            |text: &str| names_secret(&Word::uncertain(text.as_bytes(), Certainty::Operands));
        for secret in [
            "/etc/[s]hadow",
            "/etc/[,s]hadow",
            "/etc/[[:alpha:]]hadow",
            "/etc/[!a-r]hadow",
            "/etc/*",
            "/proc/1/?nviron",
            "/proc/[0-9]*/[e]*",
            "~/x/?d_rsa",
            "~/x/*_rsa",
            "./x/[i]d_rsa",
            "./x/?hadow",
            "./x/*nviron",
            "~/.s's'h/x",
            "~/.s\\sh/x",
            "~/.config/g?/hosts.yml",
        ] {
            assert!(names(secret), "{secret}");
        }
        for plain in [
            "./*.json",
            "~/src/*.rs",
            "/usr/share/*.txt",
            "/etc/*.conf",
            "./[a-z]*",
            "src/t*",
            "./src/[!x]*.toml",
            "./*[",
        ] {
            assert!(!names(plain), "{plain}");
        }
    }
}
