//! The heart: one table with a row for each bot setting, and the fixed words of the two other interfaces.
//! Parsing, schema, explain, diff, emulator and docs all read it: a new Cloudflare setting is one new row.
//! It depends on no other module.

mod caution;
mod setting;
mod shared;
mod special;
mod table;
mod traces;
mod variant;
mod vocabulary;
mod words;

pub(crate) use caution::{Caution, Confidence, Harm};
pub(crate) use setting::{Choice, Doubt, Kind, Need};
pub use setting::{Setting, Value};
pub(crate) use table::{LATEST_MODEL_KEY, STALE_KEY, is_harmless};
pub use table::{find, settable, settings};
pub(crate) use traces::{SOURCES, Trace, recognise, silence_of};
pub use variant::{InvalidVariant, Variant};
pub(crate) use vocabulary::word;
#[doc(hidden)]
pub use words::feedback;
pub(crate) use words::submissions;

#[cfg(test)]
pub(crate) use table::added;
