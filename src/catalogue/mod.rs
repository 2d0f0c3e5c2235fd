//! The heart: one table with a row for each bot setting, and the fixed words of the two other interfaces.
//! Parsing, schema, explain, diff, emulator and docs all read it: a new Cloudflare setting is one new row.
//! It uses nothing else of the program.

pub mod feedback;
mod names;
mod setting;
mod shared;
mod special;
pub mod submissions;
mod value;
mod variant;

pub use names::{LATEST_MODEL_KEY, STALE_KEY, find};
pub use setting::{Caution, Choice, Kind, Need, Setting, is_harmless, settable, settings};
pub use value::Value;
pub use variant::Variant;
