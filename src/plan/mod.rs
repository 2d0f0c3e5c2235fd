//! The plan document: what differs, what would be written, what cannot be. Pure, sync and inert.
//! It holds what was seen, so that apply can refuse a zone that moved.

mod document;
mod group;
mod guards;
mod read;
mod read_zone;
mod strict;
mod summary;
pub mod wire;
mod write;
mod zone;

pub use document::Plan;
pub use group::{Group, group};
pub use guards::{Overrides, Refusal, guard};
pub use read::{PlanFileError, read};
pub use summary::Summary;
pub use write::{Document, schema};
pub use zone::{Protected, Status, ZonePlan};
