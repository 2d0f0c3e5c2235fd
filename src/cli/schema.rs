//! `schema NAME`: the JSON Schema of a document.

use super::args::{Schema, SchemaName};
use super::{Exit, Failure, output};
use crate::{config, plan, render, run};

/// Prints a schema.
pub(super) fn run(args: &Schema) -> Result<Exit, Failure> {
    let schema = match args.name {
        SchemaName::Zone => config::zone_schema(),
        SchemaName::Project => config::project_schema(),
        SchemaName::Feedback => config::feedback_schema(),
        SchemaName::Plan => plan::schema(),
        SchemaName::Problems => render::problems_schema(),
        SchemaName::Journal => run::journal_schema(),
    };
    output::print(&format!("{schema:#}\n"))?;
    Ok(Exit::Done)
}
