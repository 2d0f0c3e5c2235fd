//! `schema NAME`: the JSON Schema of a document.

use crate::cli::args::{Schema, SchemaName};
use crate::cli::output::print;
use crate::cli::{Exit, Failure};
use crate::{config, plan, render, run};

/// Prints a schema.
pub(crate) fn run(args: &Schema) -> Result<Exit, Failure> {
    let schema = match args.name {
        SchemaName::Zone => config::zone_schema(),
        SchemaName::Project => config::project_schema(),
        SchemaName::Feedback => config::feedback_schema(),
        SchemaName::Plan => plan::schema(),
        SchemaName::Problems => render::problems_schema(),
        SchemaName::Journal => run::journal_schema(),
        SchemaName::FeedbackList => render::feedback_list_schema(),
        SchemaName::FeedbackPlan => render::feedback_plan_schema(),
        SchemaName::Submissions => render::submissions_schema(),
        SchemaName::SubmissionsSummary => render::submissions_summary_schema(),
    };
    print(&format!("{schema:#}\n"))?;
    Ok(Exit::Done)
}
