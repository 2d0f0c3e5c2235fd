//! The keys of what people write, each described once: the check, the exported schemas and `explain` read these tables.
//! (A world file is the emulator's own, with a table of its own.)

mod key;
mod project;
mod report;
mod zone;

pub(crate) use key::{Key, Kind, Mapping};
pub(in crate::config) use key::{Presence, Rule};
pub(crate) use project::MAX_CONCURRENCY;
pub(crate) use project::PROJECT;
pub(in crate::config) use project::{PATTERN, SHUTS_OUT, rules};
pub(in crate::config) use report::{ITEM, REPORT, likely_expression};
pub(crate) use zone::ZONE;
pub(in crate::config) use zone::{BASELINE, plans, variants};
