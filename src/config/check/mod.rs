//! The walk of a document by the catalogue: every problem is pushed and none is thrown.

mod baseline;
mod fields;
mod setting;
mod temporary;
mod value;
mod zone;

pub(super) use baseline::{Baseline, Foreign, Link, MOST_BASELINES, PATH_PATTERN, extends};
pub(super) use fields::{Check, DATE_PATTERN, did_you_mean, listed, mapping_wanted, mismatch, named};
pub(super) use setting::setting_key;
pub(super) use value::setting_value;
pub(super) use zone::{Checked, Links, check_document};

#[cfg(test)]
mod tests;
#[cfg(test)]
mod value_tests;
