//! The JSON Schemas of what people write, built from the tables of keys and the catalogue for editors and validators.
//! Draft-07 is the draft that every editor supports.

mod document;
mod kind;
mod parts;
mod policy;
mod setting;

pub(crate) use document::{baseline_schema, feedback_schema, project_schema, zone_schema};
