//! Places where secrets are kept: reading them needs a rule or a person.

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

/// Beginnings and endings of names that say the same.
const ENDINGS: &[&str] = &[".pem", ".key", ".p12", ".pfx", ".kdbx"];

/// Tells whether a word names a place where secrets are usually kept.
///
/// A glob names what it could match by the letters before its first wildcard:
/// `~/.ss*` names `.ssh`, and `*.pem` keys. What begins with a wildcard names no
/// file, as it does not match hidden ones.
pub(super) fn names_secret(word: &Word<'_>) -> bool {
    let mut parts = word.text().split(|byte| b"/:=,".contains(byte));
    match word.certainty() {
        Certainty::Literal => parts.any(is_secret),
        Certainty::Operands => parts.any(may_be_secret),
        Certainty::Unknown => false,
    }
}

fn is_secret(part: &[u8]) -> bool {
    PARTS.iter().any(|known| known.as_bytes() == part)
        || part.starts_with(b".env.") && part != b".env.example"
        || part.len() > 4 && has_secret_ending(part)
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
}
