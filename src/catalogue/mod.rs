//! The heart: one table with a row for each bot setting, and the fixed words of the two other interfaces.
//! Parsing, schema, explain, diff, emulator and docs all read it: a new Cloudflare setting is one new row.
//! It uses nothing else of the program.

pub mod feedback;
mod setting;
mod shared;
mod special;
pub mod submissions;
mod value;
mod variant;

pub use setting::{Choice, Kind, Setting, is_harmless, settable, settings};
pub use value::Value;
pub use variant::Variant;

/// The key of the read-only object that holds settings of an earlier plan variant.
pub const STALE_KEY: &str = "stale_zone_configuration";

/// The read-only key that says whether the newest model is in use; it moves on its own.
pub const LATEST_MODEL_KEY: &str = "using_latest_model";

/// Finds a setting by its API name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Setting> {
    settings().find(|setting| setting.name == name)
}
