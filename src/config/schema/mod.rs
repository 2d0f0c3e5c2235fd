//! The JSON Schemas of zone and project files, built from the catalogue for editors and validators.
//! Draft-07 is the one that every editor reads.

mod parts;
mod project;
mod setting;
mod zone;

pub use project::project_schema;
pub use zone::zone_schema;

pub(super) use parts::{closed, described, explained, head, pattern, words};
pub(super) use zone::{id, zone_name};
