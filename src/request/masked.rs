//! The words of a command without the secrets in them, for what is kept.

use super::environment::secret::{is_secret_name, token_kind, without_user_info};
use super::marker::Marker;
use super::text::lossy;
use std::ffi::OsString;

/// Words behind which a secret stands whatever its form: `Authorization: Bearer ...`.
const HEADERS: &[&str] = &[
    "authorization:",
    "proxy-authorization:",
    "cookie:",
    "x-api-key:",
    "x-client-secret:",
    "x-pat:",
];

/// Options that may have a header joined to them.
const HEADER_OPTIONS: &[&str] = &["-H", "--header=", "--proxy-header="];

/// Returns the words as text, with marks in the place of secrets.
///
/// For logs, where a secret does more harm than a word that cannot be read. What is
/// executed and what a person decides about is never masked so.
#[must_use]
pub fn masked(words: &[OsString], marker: &Marker) -> Vec<String> {
    let mut before: Option<String> = None;
    words
        .iter()
        .map(|word| {
            let (word, _) = lossy(word);
            let shown = match &before {
                Some(option) if is_secret_option(option) && !word.starts_with('-') => {
                    hidden(&word, marker)
                }
                _ => mask_word(&word, marker),
            };
            before = Some(word.into_owned());
            shown
        })
        .collect()
}

fn is_secret_option(option: &str) -> bool {
    // One that has its value with it says nothing about the next word.
    let option = Some(option).filter(|option| !option.contains('='));
    let Some(option) = option else { return false };
    option.strip_prefix("--").or_else(|| option.strip_prefix('-')).is_some_and(names_a_secret)
}

/// Tells whether a name says that its value is secret: `--api-key`, `API_KEY`.
fn names_a_secret(name: &str) -> bool {
    !name.is_empty() && is_secret_name(&name.replace('-', "_"))
}

fn mask_word(word: &str, marker: &Marker) -> String {
    let before = HEADER_OPTIONS.iter().find(|option| word.starts_with(**option));
    let (before, rest) = word.split_at(before.map_or(0, |option| option.len()));
    if let Some(header) = header(rest) {
        return format!("{before}{header} {}", hidden(&rest[header.len()..], marker));
    }
    if let Some((name, value)) = word.split_once('=')
        && !value.is_empty()
        && names_a_secret(name.trim_start_matches('-'))
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    {
        return format!("{name}={}", hidden(value, marker));
    }
    let word = without_user_info(word, marker).unwrap_or_else(|| word.to_owned());
    without_tokens(&word, marker)
}

fn header(word: &str) -> Option<&str> {
    let end = word.find(':')? + 1;
    let name = &word[..end];
    HEADERS.contains(&name.to_ascii_lowercase().as_str()).then_some(name)
}

/// Replaces whatever has the form of a token, wherever it stands.
fn without_tokens(text: &str, marker: &Marker) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_token_character) {
        let (between, from) = rest.split_at(start);
        shown.push_str(between);
        let end = from.find(|each| !is_token_character(each)).unwrap_or(from.len());
        let (piece, after) = from.split_at(end);
        match token_kind(piece) {
            Some(kind) => shown += &marker.mask(kind, piece),
            None => shown.push_str(piece),
        }
        rest = after;
    }
    shown.push_str(rest);
    shown
}

fn is_token_character(each: char) -> bool {
    each.is_ascii_alphanumeric() || matches!(each, '-' | '_' | '.')
}

/// Hides what is secret by where it stands; its form may say what it is.
fn hidden(secret: &str, marker: &Marker) -> String {
    let secret = secret.trim_start();
    marker.mask(token_kind(secret).unwrap_or("value"), secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(words: &[&str]) -> String {
        let words: Vec<OsString> = words.iter().map(OsString::from).collect();
        masked(&words, &Marker::for_tests()).join(" ")
    }

    #[test]
    fn hides_secrets_wherever_they_usually_stand() {
        let token = "ghp_0123456789abcdefghijABCDEFGHIJ012345";
        for words in [
            &["x", "--token", "hunter2"][..],
            &["x", "--password=hunter2"],
            &["env", "API_KEY=hunter2", "make"],
            &["x", "--api-key", "hunter2"],
            &["curl", "-H", "Authorization: Bearer hunter2"],
            &["curl", "-HAuthorization: Bearer hunter2"],
            &["curl", "--header=x-api-key: hunter2"],
            &["git", "clone", "https://me:hunter2@example.org/x"],
        ] {
            let shown = line(words);
            assert!(!shown.contains("hunter2") && shown.contains("redacted"), "{shown}");
        }
        for text in [token.to_owned(), format!("curl -d '{token}' x"), format!("a={token};")] {
            assert!(!line(&["sh", "-c", &text]).contains(token), "{text}");
        }
    }

    #[test]
    fn leaves_program_options_hosts_and_paths() {
        for words in [
            &["git", "push", "--force", "origin", "main"][..],
            &["ssh", "me@example.org", "ls", "/etc/tokens"],
            &["curl", "https://example.org/a?b=c", "--output", "x"],
            &["x", "--token-file", "/run/secret"],
            &["x", "--token=", "/run/secret"],
            &["rm", "--password", "--verbose"],
        ] {
            assert_eq!(line(words), words.join(" "));
        }
    }
}
