//! The JSON Schemas of zone files, baselines and project files, built from the catalogue for editors and validators.
//! Draft-07 is the one that every editor reads.

mod baseline;
mod parts;
mod project;
mod setting;
mod temporary;
mod zone;

pub use baseline::baseline_schema;
pub use project::project_schema;
pub use zone::zone_schema;

pub(super) use parts::{
    closed, described, entry, explained, head, mapping, misplaced, pattern, titled, word_of,
};
pub(super) use zone::{id, zone_name};
