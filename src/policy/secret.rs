//! Places where secrets are kept: reading them needs a rule or a person.

use super::words::Word;

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
pub(super) fn names_secret(word: &Word<'_>) -> bool {
    let Some(text) = word.known() else { return false };
    text.split(|byte| b"/:=,".contains(byte)).any(|part| {
        PARTS.iter().any(|known| known.as_bytes() == part)
            || part.starts_with(b".env.") && part != b".env.example"
            || part.len() > 4 && ENDINGS.iter().any(|ending| part.ends_with(ending.as_bytes()))
    })
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
}
