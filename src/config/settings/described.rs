//! Which values a setting may have, in words for whoever chooses one.

use super::address::GatewayUrl;
use super::count::{Count, CountOrNone};
use super::evidence::{Recording, Telling};
use super::notice::{DesktopNotices, ProgramLine, WebhookEntries};
use super::pin::CertificatePin;
use super::value::{
    CipherChoice, HeaderText, Mode, Name, Nesting, SecretPlace, TlsRoots, TouchedFor,
    WithoutPasskeyChoice,
};
use std::path::PathBuf;
use std::time::Duration;

/// A kind of value that can be described.
pub(super) trait Described {
    /// Which values there are, as Markdown.
    const VALUES: &'static str;
}

/// Describes each kind.
macro_rules! described {
    ($($kind:ty = $values:literal;)*) => {
        $(impl Described for $kind {
            const VALUES: &'static str = $values;
        })*
    };
}

described! {
    Mode = "`local` `hosted` `own`";
    GatewayUrl = "`https://HOST`, or `http` to loopback";
    HeaderText = "1 to 500 visible ASCII characters";
    TlsRoots = "`webpki` `platform`, or the absolute path of a PEM file";
    CertificatePin = "64 hexadecimal digits: the SHA-256 of a certificate";
    Count = "1 to 100000";
    CountOrNone = "0 to 100000";
    SecretPlace = "`automatic` `file` `keyring`";
    bool = "`true` `false`";
    DesktopNotices = "`automatic` `on` `off`";
    ProgramLine = "a program and its arguments, as a list of strings";
    WebhookEntries = "tables `[[webhook]]` with `name`, `url` and `content`";
    Telling = "`automatic` `always` `never`";
    Recording = "`never` `reviewed` `always`";
    TouchedFor = "`never` `dangerous` `always`";
    WithoutPasskeyChoice = "`counts` `refused`";
    Nesting = "`covered` `review`";
    CipherChoice = "`automatic` `xchacha20-poly1305` `aes-256-gcm`";
    Name = "1 to 100 visible characters";
    PathBuf = "an absolute path";
    Duration = "a span of time: `90s`, `10m`, `1h`";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::settings::value::Kind;

    /// Each word of a description that stands alone is one that is read.
    fn all_are_read<T: Kind + Described>() {
        for word in T::VALUES.split('`').skip(1).step_by(2) {
            assert!(T::read(word).is_ok(), "{word}");
        }
    }

    #[test]
    fn the_values_that_are_named_can_be_written() {
        all_are_read::<Mode>();
        all_are_read::<SecretPlace>();
        all_are_read::<DesktopNotices>();
        all_are_read::<bool>();
        all_are_read::<Nesting>();
        all_are_read::<TouchedFor>();
        all_are_read::<WithoutPasskeyChoice>();
        all_are_read::<CipherChoice>();
        all_are_read::<TlsRoots>();
        all_are_read::<Duration>();
    }
}
