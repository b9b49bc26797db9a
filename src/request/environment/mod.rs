//! Variables that change what runs, as the reviewer sees them.

mod digest;
pub(super) mod secret;
mod table;

pub use digest::environment_digest;
pub use table::changes_what_runs;

use super::marker::Marker;
use super::text::{Fidelity, lossy};
use crate::process::Environment;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

/// A variable that changes what runs.
#[derive(Debug, PartialEq, Eq)]
pub struct ShownVariable {
    /// Its name; not UTF-8 parts are quoted.
    pub name: String,
    /// Its value, as far as it may be shown.
    pub value: ShownValue,
}

/// A value, as far as it may be shown.
#[derive(Debug, PartialEq, Eq)]
pub enum ShownValue {
    /// The whole value.
    Clear(String),
    /// The value with marks in the place of what is secret in it, or all of it.
    Masked(String),
}

/// Returns the variables of the environment that change what runs, in its order.
///
/// A name that stands there twice is returned twice: programs differ in which of
/// the two they take.
#[must_use]
pub fn changing_variables(environment: &Environment, marker: &Marker) -> Vec<ShownVariable> {
    environment
        .iter()
        .filter(|(name, _)| changes_what_runs(name.as_bytes()))
        .map(|(name, value)| {
            let (name, _) = lossy(name);
            ShownVariable { value: shown(&name, value, marker), name: name.into_owned() }
        })
        .collect()
}

fn shown(name: &str, value: &OsStr, marker: &Marker) -> ShownValue {
    let (text, fidelity) = lossy(value);
    if fidelity == Fidelity::Exact {
        if let Some(kind) = secret::kind_of(name, &text) {
            return ShownValue::Masked(marker.mask(kind, &text));
        }
        if let Some(text) = secret::without_user_info(&text, marker) {
            return ShownValue::Masked(text);
        }
    }
    ShownValue::Clear(text.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_what_changes_execution_and_nothing_else() {
        let clear = |name: &str, value: &str| ShownVariable {
            name: name.to_owned(),
            value: ShownValue::Clear(value.to_owned()),
        };
        let environment =
            Environment::new([c"LD_PRELOAD=/x.so", c"COLUMNS=80", c"PATH=/a", c"PATH=/b", c"PATH"]);
        assert_eq!(
            changing_variables(&environment, &Marker::for_tests()),
            [clear("LD_PRELOAD", "/x.so"), clear("PATH", "/a"), clear("PATH", "/b")]
        );
    }

    #[test]
    fn hides_secrets_whole_or_in_part() {
        let environment =
            Environment::new([c"AWS_SECRET_ACCESS_KEY=abcd", c"HTTPS_PROXY=http://u:p@proxy:1/"]);
        let marker = Marker::for_tests();
        let shown = changing_variables(&environment, &marker);
        assert_eq!(shown[0].value, ShownValue::Masked(marker.mask("value", "abcd")));
        let ShownValue::Masked(text) = &shown[1].value else { panic!("{shown:?}") };
        assert!(text.contains("@proxy:1/") && !text.contains("u:p"));
    }
}
