//! The API's names: a setting by its name, and the keys that are no settings.

use super::{Setting, settings};

/// The key of the read-only object that holds settings of an earlier plan variant.
pub const STALE_KEY: &str = "stale_zone_configuration";

/// The read-only key that says whether the newest model is in use; it moves on its own.
pub const LATEST_MODEL_KEY: &str = "using_latest_model";

/// Finds a setting by its API name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Setting> {
    settings().find(|setting| setting.name == name)
}
