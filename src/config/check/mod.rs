//! The walk of a document by the catalogue: every problem is pushed and none is thrown.

mod fields;
mod setting;
mod value;
mod zone;

pub(super) use fields::{Fields, checked, listed, sort};
pub(super) use setting::setting_key;
pub(super) use value::{DATE_PATTERN, reason, reason_and_end, setting_value};
pub use zone::check_text;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod value_tests;
