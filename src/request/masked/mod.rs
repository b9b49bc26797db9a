//! The words of a command without the secrets in them, for what is kept.
//!
//! A word is secret by its form (a token, the user of a URL), by the name that goes before
//! it (`--token X`, `API_KEY=X`), or because the program takes one there (the table).

mod script;
mod table;

use super::environment::secret::{is_secret_name, token_kind, without_user_info};
use super::marker::Marker;
use super::text::lossy;
use std::ffi::{OsStr, OsString};
use table::{Operands, Part, Program, Stands};

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
    let mut reader = Reader::new(marker);
    words.iter().map(|word| reader.shown(&lossy(word).0)).collect()
}

/// Returns an address as text, with marks in the place of the secrets in it.
///
/// An approver reads it: only what cannot be run is hidden, by its form. Security 5.2.
pub(super) fn address(address: &OsStr, marker: &Marker) -> String {
    by_form(&lossy(address).0, marker)
}

/// Reads the words of one command, and knows what each says about the next.
struct Reader<'a> {
    marker: &'a Marker,
    /// The program whose arguments these seem to be: the last that is in the table.
    program: Option<&'static Program>,
    /// Whether its options with secrets may come.
    is_within: bool,
    /// What the next word holds.
    next: Option<Next>,
}

/// What a word was announced to be.
#[derive(Clone, Copy)]
enum Next {
    /// The value of an option of the table.
    Value(Part),
    /// The value of an option whose name says that it is secret.
    Named,
    /// Some other value.
    Other,
}

impl<'a> Reader<'a> {
    fn new(marker: &'a Marker) -> Self {
        Self { marker, program: None, is_within: false, next: None }
    }

    /// Returns what is shown of the next word.
    fn shown(&mut self, word: &str) -> String {
        let announced = self.next.take();
        if is_secret_option(word) {
            self.next = Some(Next::Named);
        }
        match announced {
            Some(Next::Value(part)) => {
                self.next = None;
                self.part(word, part)
            }
            Some(Next::Named) if !word.starts_with('-') => hidden(word, self.marker),
            Some(Next::Other) => mask_word(word, self.marker),
            _ => self.argument(word),
        }
    }

    /// Returns what is shown of a word that nothing announced.
    fn argument(&mut self, word: &str) -> String {
        if let Some(program) = Program::named(word) {
            self.program = Some(program);
            self.is_within = program.within.is_none();
            return word.to_owned();
        }
        let program = self.program.filter(|_| self.is_within);
        match program.and_then(|program| program.secret(word)) {
            Some(Stands::Next(part)) => self.next = Some(Next::Value(part)),
            Some(Stands::Here(at, part)) => {
                let (option, value) = word.split_at(at);
                return format!("{option}{}", self.part(value, part));
            }
            None => self.follow(word),
        }
        mask_word(word, self.marker)
    }

    /// Takes note of what a word without a secret says about those behind it.
    fn follow(&mut self, word: &str) {
        let Some(program) = self.program else { return };
        self.is_within |= program.within == Some(word);
        if program.takes_next(word) {
            self.next = Some(Next::Other);
        } else if program.operands != Operands::Own && !word.starts_with('-') {
            self.program = None;
        }
    }

    /// Hides the secret part of a value.
    fn part(&self, value: &str, part: Part) -> String {
        match part {
            Part::Whole if !value.is_empty() => hidden(value, self.marker),
            Part::After(sign)
                if let Some((before, secret)) = value.split_once(sign)
                    && !secret.is_empty() =>
            {
                let before = without_tokens(before, self.marker);
                format!("{before}{sign}{}", hidden(secret, self.marker))
            }
            Part::Whole | Part::After(_) => mask_word(value, self.marker),
        }
    }
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
    if word.contains(char::is_whitespace) {
        return script::masked(word, marker);
    }
    by_form(word, marker)
}

/// Hides what has the form of a secret, wherever it stands.
fn by_form(text: &str, marker: &Marker) -> String {
    let hidden = without_user_info(text, marker);
    without_tokens(hidden.as_deref().unwrap_or(text), marker)
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
    fn hides_what_a_program_takes_as_a_secret() {
        for (words, shown) in [
            (&["curl", "-u", "me:hunter2", "x"][..], "curl -u me:@ x"),
            (&["curl", "-ume:hunter2", "x"], "curl -ume:@ x"),
            (&["curl", "-sSfu", "me:hunter2"], "curl -sSfu me:@"),
            (&["/usr/bin/curl", "--user", "me:hunter2"], "/usr/bin/curl --user me:@"),
            (&["curl", "--user=me:hunter2"], "curl --user=me:@"),
            (&["curl", "-U", "me:hunter2"], "curl -U me:@"),
            (&["curl", "--proxy-user", "me:hunter2"], "curl --proxy-user me:@"),
            (&["curl", "-u", ":hunter2"], "curl -u :@"),
            (&["curl", "-u", "me:-hunter2"], "curl -u me:@"),
            (&["sshpass", "-p", "hunter2", "ssh", "-p", "22", "h"], "sshpass -p @ ssh -p 22 h"),
            (&["sshpass", "-vphunter2", "ssh"], "sshpass -vp@ ssh"),
            (&["sshpass", "-P", "word:", "-p", "hunter2", "x"], "sshpass -P word: -p @ x"),
            (&["sshpass", "-p", "hunter2", "mysql", "-phunter2"], "sshpass -p @ mysql -p@"),
            (&["mysql", "-uroot", "-phunter2", "db"], "mysql -uroot -p@ db"),
            (&["mysql", "--password=hunter2", "db"], "mysql --password=@ db"),
            (&["sudo", "mysqldump", "-phunter2"], "sudo mysqldump -p@"),
            (&["docker", "exec", "db", "mariadb", "-phunter2"], "docker exec db mariadb -p@"),
            (&["redis-cli", "-h", "h", "-a", "hunter2", "ping"], "redis-cli -h h -a @ ping"),
            (&["redis-cli", "--pass", "hunter2"], "redis-cli --pass @"),
            (
                &["docker", "login", "-u", "me", "-p", "hunter2", "r.io"],
                "docker login -u me -p @ r.io",
            ),
            (&["podman", "login", "-phunter2", "r.io"], "podman login -p@ r.io"),
            (&["docker", "login", "--password", "hunter2"], "docker login --password @"),
            (&["psql", "postgres://me:hunter2@h/db"], "psql postgres://@@h/db"),
            (&["psql", "host=h password=hunter2 user=me"], "psql host=h password=@ user=me"),
            (&["smbclient", "//h/s", "-U", "me%hunter2"], "smbclient //h/s -U me%@"),
            (&["openssl", "rsa", "-passin", "pass:hunter2"], "openssl rsa -passin pass:@"),
            (&["zip", "-rP", "hunter2", "x.zip", "x"], "zip -rP @ x.zip x"),
            (&["7z", "a", "-phunter2", "x.7z"], "7z a -p@ x.7z"),
            (&["ldapsearch", "-xw", "hunter2", "-W"], "ldapsearch -xw @ -W"),
        ] {
            assert_eq!(without_marks(&line(words)), shown, "{words:?}");
        }
    }

    /// Puts a plain sign in the place of each mark.
    fn without_marks(text: &str) -> String {
        let pieces = text.split('‹').map(|each| each.split_once('›').map_or(each, |each| each.1));
        pieces.collect::<Vec<_>>().join("@")
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
    fn an_address_shows_whatever_could_be_run() {
        let marker = Marker::for_tests();
        let shown = |text: &str| address(OsStr::new(text), &marker);
        assert!(!shown("https://me:hunter2@example.org/x").contains("hunter2"));
        for text in ["ext::sh -c 'x --token ;evil'", "ext::curl -u a:evil x", "password=evil"] {
            assert_eq!(shown(text), text);
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
            &["mysql", "-u", "root", "-p", "db"],
            &["mysql", "-p", "--verbose", "-P", "3306"],
            &["ssh", "-p", "22", "h"],
            &["sshpass", "-e", "ssh", "-p", "22", "h"],
            &["sshpass", "-f", "/run/secret", "ssh", "-p22", "h"],
            &["mkdir", "-p", "x"],
            &["docker", "run", "-p", "80:80", "nginx"],
            &["docker", "run", "--name", "mysql", "-p", "80:80", "mysql:8"],
            &["docker", "login", "-u", "me", "--password-stdin"],
            &["curl", "-u", "user", "https://example.org"],
            &["curl", "-u", ":", "--negotiate", "https://example.org"],
            &["curl", "-XPUT", "-o", "u:v", "https://example.org/a:b"],
            &["curl", "--url", "http://h:80/x", "-H", "Accept: a/b"],
            &["git", "push", "-u", "origin", "a:b"],
            &["git", "clone", "https://github.com/curl/curl", "-u", "a"],
            &["python3", "-u", "a:b"],
            &["redis-cli", "-p", "6379", "--askpass"],
            &["openssl", "rsa", "-passin", "file:/run/secret", "-in", "pass:x"],
            &["7z", "a", "-p", "x.7z"],
            &["unzip", "-p", "x.zip"],
            &["zip", "-r", "x.zip", "P"],
        ] {
            assert_eq!(line(words), words.join(" "));
        }
    }
}
