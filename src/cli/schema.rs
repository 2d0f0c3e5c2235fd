//! `schema NAME`: the JSON Schema of a document.

use super::args::{Schema, SchemaName};
use super::{Exit, Failure, output};
use crate::{config, plan, run};

/// Prints a schema.
pub(super) fn run(args: &Schema) -> Result<Exit, Failure> {
    let schema = match args.name {
        SchemaName::Zone => config::zone_schema(),
        SchemaName::Project => config::project_schema(),
        SchemaName::Plan => plan::schema(),
        SchemaName::Journal => run::journal_schema(),
    };
    output::print(&pretty(&schema))?;
    Ok(Exit::Done)
}

/// A document as text, with a final line end.
pub(super) fn pretty(document: &serde_json::Value) -> String {
    format!("{document:#}\n")
}
