//! Says where files lie and which settings hold, and where each came from.

pub mod document;
mod paths;
mod settings;

pub use document::{Complaint, Key, Layer, Position, Value, keys};
pub use paths::{Paths, PathsError};
pub use settings::{
    AddressError, Change, CipherChoice, ConfigError, Destination, Entry, GatewayUrl, HeaderText,
    Mode, NAMES, Name, Places, Settings, Source, Sourced, TlsRoots, parse_span, set,
};
