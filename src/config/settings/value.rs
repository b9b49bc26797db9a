//! The kinds of values that settings have.

use super::address::GatewayUrl;
use super::pin::CertificatePin;
use crate::config::document::{Complaint, Value, nearest};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A value that can be read from a file or a variable and be shown.
pub(super) trait Kind: Sized + Clone {
    /// Reads what stands in a variable or on a command line.
    fn read(text: &str) -> Result<Self, String>;

    /// Shows it as it is written.
    fn shown(&self) -> String;

    /// Tells whether it is stricter than another, so that anybody may say it.
    fn tightens(&self, _other: &Self) -> bool {
        false
    }

    /// Reads what stands in a file.
    fn of_document(value: Value<'_>) -> Result<Self, Complaint> {
        Self::read(value.string()?).map_err(|message| value.complain(message))
    }

    /// Returns how it is written in a file.
    fn written(&self) -> toml_edit::Value {
        self.shown().into()
    }
}

/// Which gateway is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// One of our own on this machine, started when it is needed.
    Local,
    /// The hosted one.
    Hosted,
    /// The one at `gateway.url`.
    Own,
}

/// Makes a `Kind` of an enum from its words, with what else is different of it.
macro_rules! words {
    ($kind:ty { $($word:literal = $variant:path),* $(,)? } $({ $($more:tt)* })?) => {
        impl Kind for $kind {
            fn read(text: &str) -> Result<Self, String> {
                match text {
                    $($word => Ok($variant),)*
                    _ => Err($crate::config::settings::value::unknown_word(text, &[$($word),*])),
                }
            }

            fn shown(&self) -> String {
                match self {
                    $($variant => $word.to_owned(),)*
                }
            }

            $($($more)*)?
        }
    };
}
pub(super) use words;

/// Says what may be written, and the nearest to what was.
pub(super) fn unknown_word(text: &str, words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("{word:?}")).collect();
    let nearest = nearest(text, words).map(|word| format!("; did you mean {word:?}?"));
    format!("write {}, not {text:?}{}", quoted.join(" or "), nearest.unwrap_or_default())
}

words!(Mode { "local" = Self::Local, "hosted" = Self::Hosted, "own" = Self::Own });

/// What becomes of the commands that an approved command starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nesting {
    /// Its approval covers them, unless a rule denies them.
    Covered,
    /// Each is reviewed by itself.
    Review,
}

words!(Nesting { "covered" = Self::Covered, "review" = Self::Review } {
    fn tightens(&self, other: &Self) -> bool {
        (*self, *other) == (Self::Review, Self::Covered)
    }
});

/// Which approvals take the touch of a passkey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TouchedFor {
    /// None.
    Nothing,
    /// Those of what is hard to undo, and of grants.
    Dangerous,
    /// All.
    Everything,
}

words!(TouchedFor {
    "never" = Self::Nothing,
    "dangerous" = Self::Dangerous,
    "always" = Self::Everything,
} {
    fn tightens(&self, other: &Self) -> bool {
        self > other
    }
});

/// What an approval that takes a touch is worth by an approver who has no passkey.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WithoutPasskeyChoice {
    /// As much as any.
    Counts,
    /// Nothing.
    Refused,
}

words!(WithoutPasskeyChoice { "counts" = Self::Counts, "refused" = Self::Refused } {
    fn tightens(&self, other: &Self) -> bool {
        (*self, *other) == (Self::Refused, Self::Counts)
    }
});

/// Which cipher seals requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CipherChoice {
    /// The first that both sides read.
    Automatic,
    /// XChaCha20-Poly1305, whatever the approver says it reads.
    XChaCha20Poly1305,
    /// AES-256-GCM, which today's phone app reads.
    Aes256Gcm,
}

words!(CipherChoice {
    "automatic" = Self::Automatic,
    "xchacha20-poly1305" = Self::XChaCha20Poly1305,
    "aes-256-gcm" = Self::Aes256Gcm,
});

/// Where new credentials are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretPlace {
    /// In the keyring of a desktop where there is one that works, otherwise in files.
    Automatic,
    /// In files that only their owner can read.
    File,
    /// In the keyring of the desktop, by the Secret Service.
    Keyring,
}

words!(SecretPlace { "automatic" = Self::Automatic, "file" = Self::File, "keyring" = Self::Keyring });

/// Which certificate authorities a gateway's certificate may come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TlsRoots {
    /// The list that Mozilla keeps, built in.
    BuiltIn,
    /// Those of the operating system.
    Platform,
    /// Those in this PEM file and no others.
    File(PathBuf),
}

impl Kind for CertificatePin {
    fn read(text: &str) -> Result<Self, String> {
        text.parse().map_err(str::to_owned)
    }

    fn shown(&self) -> String {
        self.as_str().to_owned()
    }
}

impl Kind for TlsRoots {
    fn read(text: &str) -> Result<Self, String> {
        match text {
            "webpki" => Ok(Self::BuiltIn),
            "platform" => Ok(Self::Platform),
            path if Path::new(path).is_absolute() => Ok(Self::File(path.into())),
            _ => {
                Err("write \"webpki\", \"platform\" or the absolute path of a PEM file".to_owned())
            }
        }
    }

    fn shown(&self) -> String {
        match self {
            Self::BuiltIn => "webpki".to_owned(),
            Self::Platform => "platform".to_owned(),
            Self::File(path) => path.display().to_string(),
        }
    }
}

impl Kind for PathBuf {
    fn read(text: &str) -> Result<Self, String> {
        let path = Self::from(text);
        path.is_absolute().then_some(path).ok_or_else(|| "write an absolute path".to_owned())
    }

    fn shown(&self) -> String {
        self.display().to_string()
    }
}

impl Kind for GatewayUrl {
    fn read(text: &str) -> Result<Self, String> {
        text.parse().map_err(|error| format!("{text:?} is not a gateway address: {error}"))
    }

    fn shown(&self) -> String {
        self.to_string()
    }
}

impl Kind for bool {
    fn read(text: &str) -> Result<Self, String> {
        text.parse().map_err(|_| "write true or false".to_owned())
    }

    fn shown(&self) -> String {
        self.to_string()
    }

    /// The one truth there is says whom to trust.
    fn tightens(&self, other: &Self) -> bool {
        !self && *other
    }

    fn of_document(value: Value<'_>) -> Result<Self, Complaint> {
        value.truth()
    }

    fn written(&self) -> toml_edit::Value {
        (*self).into()
    }
}

/// A name that people read: visible, of 1 to 100 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name(String);

impl Name {
    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Kind for Name {
    fn read(text: &str) -> Result<Self, String> {
        let shown = crate::display::Displayable::from(text).to_string();
        if text.trim().is_empty() || text.chars().count() > 100 || shown != text {
            return Err("write 1 to 100 visible characters".to_owned());
        }
        Ok(Self(text.to_owned()))
    }

    fn shown(&self) -> String {
        self.0.clone()
    }
}

/// Something that is sent in a header: visible ASCII, at most 500 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderText(String);

impl HeaderText {
    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Kind for HeaderText {
    fn read(text: &str) -> Result<Self, String> {
        let fits = (1..=500).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        fits.then(|| Self(text.to_owned()))
            .ok_or_else(|| "write 1 to 500 visible ASCII characters".to_owned())
    }

    fn shown(&self) -> String {
        self.0.clone()
    }
}

impl Kind for Duration {
    fn read(text: &str) -> Result<Self, String> {
        parse_span(text)
    }

    fn shown(&self) -> String {
        match self.as_secs() {
            seconds if seconds % 3600 == 0 => format!("{}h", seconds / 3600),
            seconds if seconds % 60 == 0 => format!("{}m", seconds / 60),
            seconds => format!("{seconds}s"),
        }
    }

    fn tightens(&self, other: &Self) -> bool {
        self < other
    }
}

/// Reads `90`, `90s`, `10m` or `1h`; between a second and a day.
///
/// # Errors
///
/// What to write instead.
pub fn parse_span(text: &str) -> Result<Duration, String> {
    let (number, unit) = match text.find(|character: char| !character.is_ascii_digit()) {
        Some(split) => text.split_at(split),
        None => (text, "s"),
    };
    let factor = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return Err("write a number and s, m or h: 90s, 10m, 1h".to_owned()),
    };
    let seconds = number
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(factor))
        .ok_or_else(|| "write a number and s, m or h: 90s, 10m, 1h".to_owned())?;
    if !(1..=86_400).contains(&seconds) {
        return Err("between one second and one day".to_owned());
    }
    Ok(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::super::count::Count;
    use super::*;

    #[test]
    fn spans_have_units() {
        assert_eq!(parse_span("90"), Ok(Duration::from_secs(90)));
        assert_eq!(parse_span("10m"), Ok(Duration::from_mins(10)));
        assert_eq!(parse_span("1h"), Ok(Duration::from_hours(1)));
        for bad in ["", "m", "0s", "2d", "25h", "-1s", "99999999999999999999h"] {
            assert!(parse_span(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_is_shown_reads_as_the_same() {
        for text in ["local", "hosted", "own"] {
            assert_eq!(Mode::read(text).expect("a mode").shown(), text);
        }
        for text in ["webpki", "platform", "/etc/ca.pem"] {
            assert_eq!(TlsRoots::read(text).expect("roots").shown(), text);
        }
        for text in ["90s", "10m", "1h"] {
            assert_eq!(Duration::read(text).expect("a span").shown(), text);
        }
        assert_eq!(Count::read("60").expect("a number").shown(), "60");
        for bad in ["0", "-1", "many", "100001"] {
            assert!(Count::read(bad).is_err(), "{bad}");
        }
        assert!(TlsRoots::read("ca.pem").is_err());
    }

    #[test]
    fn names_hide_nothing() {
        for bad in ["", "  ", "a\u{202e}b", "a\nb", &"x".repeat(101)] {
            assert!(Name::read(bad).is_err(), "{bad:?}");
        }
        assert!(Name::read("Anna's laptop").is_ok());
    }
}
