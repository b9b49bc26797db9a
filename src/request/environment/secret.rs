//! Values that must not be shown, and how much of them.
//!
//! Only what cannot itself be run is hidden: a secret's value is one plain word. A
//! value with a blank or a sign that a shell reads is shown whatever its name is,
//! because hiding it could hide a command.

use crate::request::marker::Marker;
use std::ops::Range;

/// Parts of a name that say its value is a secret.
const SECRET_PARTS: &[&str] = &[
    "TOKEN",
    "SECRET",
    "PASSW",
    "APIKEY",
    "API_KEY",
    "ACCESS_KEY",
    "CREDENTIAL",
    "PRIVATE_KEY",
    "SESSION_KEY",
];

/// Ends of a name that say its value is a secret.
const SECRET_ENDS: &[&str] = &["_AUTH", "_PAT", "_PASS", "_PWD"];

/// Ends of a name that say its value is a place or a number, not the secret.
const PLACES: &[&str] =
    &["_FILE", "_PATH", "_DIR", "_HOME", "_URL", "_URI", "_CREDENTIALS", "_SOCK"];

/// How tokens start, the least number of characters behind it, and what they are.
const TOKENS: &[(&str, usize, &str)] = &[
    ("airlock_pat_", 8, "airlock-pat"),
    ("airpat_", 8, "airlock-pat"),
    ("ghp_", 20, "github-pat"),
    ("gho_", 20, "github-oauth"),
    ("ghu_", 20, "github-user"),
    ("ghs_", 20, "github-server"),
    ("ghr_", 20, "github-refresh"),
    ("github_pat_", 20, "github-pat"),
    ("glpat-", 16, "gitlab-pat"),
    ("sk-", 20, "secret-key"),
    ("sk_live_", 16, "stripe-key"),
    ("rk_live_", 16, "stripe-key"),
    ("xoxb-", 10, "slack-token"),
    ("xoxp-", 10, "slack-token"),
    ("xoxa-", 10, "slack-token"),
    ("AKIA", 16, "aws-key-id"),
    ("ASIA", 16, "aws-key-id"),
    ("AIza", 30, "google-key"),
    ("ya29.", 20, "google-token"),
    ("npm_", 30, "npm-token"),
    ("pypi-", 30, "pypi-token"),
    ("hf_", 20, "huggingface-token"),
    ("dop_v1_", 30, "digitalocean-token"),
    ("SG.", 30, "sendgrid-key"),
    ("eyJ", 30, "jwt"),
];

/// Says what kind of secret a variable's whole value is, if it is one.
pub(super) fn kind_of(name: &str, value: &str) -> Option<&'static str> {
    let kind = || token_kind(value).or_else(|| is_secret_name(name).then_some("value"));
    is_plain_word(value).then(kind)?
}

pub(in crate::request) fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let is_place = PLACES.iter().any(|end| name.ends_with(end));
    !is_place
        && (SECRET_PARTS.iter().any(|part| name.contains(part))
            || SECRET_ENDS.iter().any(|end| name.ends_with(end)))
}

/// Says what kind of token a word is by its form, if it is one.
pub(in crate::request) fn token_kind(word: &str) -> Option<&'static str> {
    let has_form = |(start, least, _): &&(&str, usize, &str)| {
        word.strip_prefix(start).is_some_and(|rest| rest.len() >= *least && is_token_text(rest))
    };
    TOKENS.iter().find(has_form).map(|(.., kind)| *kind)
}

fn is_token_text(text: &str) -> bool {
    text.chars().all(|each| each.is_ascii_alphanumeric() || matches!(each, '-' | '_' | '.' | '='))
}

/// Tells whether a shell would read the value as one word that is only itself.
fn is_plain_word(value: &str) -> bool {
    !value.is_empty()
        && value
            .chars()
            .all(|each| each.is_ascii_graphic() && !"$`\\\"'|&;<>()*?[]{}#!~".contains(each))
}

/// Hides what stands before the `@` of each URL, where that is plain text.
///
/// `None` when there is nothing to hide.
pub(in crate::request) fn without_user_info(value: &str, marker: &Marker) -> Option<String> {
    let hidden = user_infos(value);
    if hidden.is_empty() {
        return None;
    }
    let mut shown = String::new();
    let mut from = 0;
    for range in hidden {
        shown.push_str(&value[from..range.start]);
        from = range.end;
        shown += &marker.mask("user-info", &value[range]);
    }
    shown.push_str(&value[from..]);
    Some(shown)
}

/// Finds the user information of each URL in the text. RFC 3986 3.2.1.
fn user_infos(value: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for (at, _) in value.match_indices("://") {
        let start = at + 3;
        let rest = &value[start..];
        let end = rest.find(|each: char| "/?#".contains(each) || each.is_whitespace());
        let authority = &rest[..end.unwrap_or(rest.len())];
        if let Some((user, _)) = authority.rsplit_once('@')
            && is_plain_word(user)
        {
            found.push(start..start + user.len());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hides_plain_words_by_name_and_by_form() {
        for (name, value) in [
            ("AWS_SECRET_ACCESS_KEY", "abcd/efgh+"),
            ("npm_config__authToken", "x"),
            ("npm_config__auth", "dXNlcjpwYXNz"),
            ("CARGO_REGISTRY_TOKEN", "x"),
            ("GIT_PASSWORD", "x"),
            ("PIP_X", "ghp_0123456789abcdefghijABCDEFGHIJ012345"),
            ("NODE_OPTIONS", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-_"),
        ] {
            assert!(kind_of(name, value).is_some(), "{name}");
        }
    }

    #[test]
    fn shows_what_could_be_run_and_what_only_sounds_secret() {
        for (name, value) in [
            ("SSH_AUTH_SOCK", "/run/agent"),
            ("GIT_AUTHOR_NAME", "Ada"),
            ("GOOGLE_APPLICATION_CREDENTIALS", "/home/me/key.json"),
            ("AWS_SHARED_CREDENTIALS_FILE", "/home/me/.aws"),
            ("GIT_ASKPASS_TOKEN_COMMAND", "sh -c evil"),
            ("AWS_SECRET_ACCESS_KEY", "$(evil)"),
            ("LD_PRELOAD", "/tmp/x.so"),
            ("NODE_OPTIONS", "--require=/tmp/eyJx.js"),
            ("PATH", "/usr/bin:/bin"),
        ] {
            assert_eq!(kind_of(name, value), None, "{name}");
        }
    }

    #[test]
    fn hides_only_the_user_of_a_url() {
        let marker = Marker::for_tests();
        let shown = |value| without_user_info(value, &marker);
        let hidden = |secret| marker.mask("user-info", secret);
        assert_eq!(
            shown("http://u:p@proxy:1/x"),
            Some(format!("http://{}@proxy:1/x", hidden("u:p")))
        );
        assert_eq!(
            shown("https://a@h https://t:u@v/"),
            Some(format!("https://{}@h https://{}@v/", hidden("a"), hidden("t:u")))
        );
        assert_eq!(shown("http://proxy:1/a@b"), None);
        assert_eq!(shown("/r@x/.git"), None);
        assert_eq!(shown("sh -c 'x://$(evil)@h'"), None);
    }
}
