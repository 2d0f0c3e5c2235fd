//! The JSON Schemas of the documents that this module writes.

use super::{doctor, evidence, explain, feedback, journals, problems, submission_summary, submissions};
use crate::model::schema_of;
use schemars::JsonSchema;
use schemars::generate::Contract;
use serde_json::Value as Json;

/// The schema of what `validate --output json` writes.
#[must_use]
pub fn problems_schema() -> Json {
    schema::<problems::Problems<'_>>()
}

/// The schema of what `doctor --output json` writes.
#[must_use]
pub fn doctor_schema() -> Json {
    schema::<doctor::Document<'_>>()
}

/// The schema of what `explain --output json` writes.
#[must_use]
pub fn explanation_schema() -> Json {
    schema::<explain::Explanation>()
}

/// The schema of what `feedback list --output json` writes.
#[must_use]
pub fn feedback_list_schema() -> Json {
    schema::<feedback::List<'_>>()
}

/// The schema of what `feedback plan` and `feedback submit` write with `--output json`.
#[must_use]
pub fn feedback_plan_schema() -> Json {
    schema::<feedback::Document<'_>>()
}

/// The schema of what `undo --output json` writes without a journal.
#[must_use]
pub fn journals_schema() -> Json {
    schema::<journals::List<'_>>()
}

/// The schema of what `submissions --output json` writes.
#[must_use]
pub fn submissions_schema() -> Json {
    schema::<submissions::List>()
}

/// The schema of what `submissions --summary --output json` writes.
#[must_use]
pub fn submissions_summary_schema() -> Json {
    schema::<submission_summary::Document<'_>>()
}

/// The schema of what `why --output json` writes.
#[must_use]
pub fn why_schema() -> Json {
    evidence::why_document_schema()
}

fn schema<T: JsonSchema>() -> Json {
    schema_of::<T>(Contract::Serialize).to_value()
}
