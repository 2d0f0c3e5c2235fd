//! Checks a document against the catalogue. Problems are collected, so one run reports all of them.

mod baseline;
mod phrases;
mod read;
mod setting;
mod shape;
mod temporary;
mod value;
mod zone;

pub(super) use baseline::{Baseline, Foreign, Link, MOST_BASELINES, PATH_PATTERN, extends};
pub(super) use phrases::{did_you_mean, listed, mapping_wanted, mismatch, named};
pub(crate) use read::is_range;
pub(super) use read::{
    DATE_PATTERN, REVISION_PATTERN, REVISION_WANTED, TOKEN_WANTED, account_id, date, items, pattern, rate,
    revision, said, says, text_that, threshold, token_variable, value, whole, word, zone_id, zone_name,
};
pub(super) use setting::setting_key;
pub(super) use shape::Check;
pub(super) use value::setting_value;
pub(super) use zone::{Checked, Links, check_document};

#[cfg(test)]
mod tests;
#[cfg(test)]
mod value_tests;
