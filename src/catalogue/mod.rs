//! The heart: one table with a row for each bot setting, and the fixed words of the two other interfaces.
//! Parsing, schema, explain, diff, emulator and docs all read it: a new Cloudflare setting is one new row.
//! It uses nothing else of the program.

mod caution;
mod setting;
mod shared;
mod special;
mod table;
mod variant;
mod vocabulary;
mod words;

pub use caution::{Caution, Confidence, Harm};
pub use setting::{Choice, Doubt, Kind, Need, Setting, Value};
pub use table::{LATEST_MODEL_KEY, STALE_KEY, find, is_harmless, settable, settings};
pub use variant::{InvalidVariant, Variant};
pub(crate) use vocabulary::word;
pub use words::{feedback, submissions};

#[cfg(test)]
pub(crate) use table::added;
