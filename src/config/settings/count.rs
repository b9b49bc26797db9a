//! Whole numbers.

use super::value::Kind;
use crate::config::document::{Complaint, Value};

/// A whole number of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Count(pub(super) u32);

impl Count {
    fn of(number: Option<i64>) -> Result<Self, String> {
        let number = number.and_then(|number| u32::try_from(number).ok());
        let fits = number.filter(|number| (1..=100_000).contains(number));
        fits.map(Self).ok_or_else(|| "write a whole number, 1 to 100000".to_owned())
    }
}

/// A whole number of something, or none of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CountOrNone(pub(super) u32);

impl CountOrNone {
    fn of(number: Option<i64>) -> Result<Self, String> {
        match number {
            Some(0) => Ok(Self(0)),
            number => Count::of(number)
                .map(|count| Self(count.0))
                .map_err(|_| "write a whole number, 0 to 100000".to_owned()),
        }
    }
}

/// Reads and writes a type that holds a whole number, with what else is different of it.
macro_rules! number {
    ($kind:ty { $($more:tt)* }) => {
        impl Kind for $kind {
            fn read(text: &str) -> Result<Self, String> {
                Self::of(text.parse().ok())
            }

            fn shown(&self) -> String {
                self.0.to_string()
            }

            fn of_document(value: Value<'_>) -> Result<Self, Complaint> {
                Self::of(Some(value.number()?)).map_err(|message| value.complain(message))
            }

            fn written(&self) -> toml_edit::Value {
                i64::from(self.0).into()
            }

            $($more)*
        }
    };
}
number!(Count {});
number!(CountOrNone {
    fn tightens(&self, other: &Self) -> bool {
        self.0 < other.0
    }
});
