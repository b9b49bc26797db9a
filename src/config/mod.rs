//! Says where files lie and which settings hold, and where each came from.

pub mod document;
mod paths;
mod settings;

pub use document::{Complaint, Key, Layer, Position, Value, keys, nearest};
pub use paths::{Paths, PathsError};
pub use settings::{
    AddressError, CertificatePin, Change, CipherChoice, ConfigError, Description, DesktopNotices,
    Destination, Entry, GatewayUrl, HeaderText, Mode, NAMES, Name, Nesting, Places, ProgramLine,
    Recording, RecordingTerms, SecretPlace, Settings, Source, Sourced, Telling, TlsRoots,
    TouchedFor, WebhookEntries, WebhookEntry, WithoutPasskeyChoice, check, parse_span, set,
};
