//! Plans and outcomes in their outputs.

use super::{Format, Output, Outputs, can_ask, say};
use crate::cli::Failure;
use crate::files::Access;
use crate::model::ZoneOutcome;
use crate::plan::{Plan, PlanDocument};
use crate::render::{OutcomesText, Paint, PlanText};
use std::path::Path;

/// Shows a plan in all outputs.
pub(crate) fn show_plan(outputs: &Outputs<Format>, plan: &Plan, detail: bool) {
    outputs.show(|output| match output.format {
        Format::Text => output.write(&PlanText::new(plan, output.paint(), detail).to_string()),
        Format::Json => output.write_json(&PlanDocument::new(plan)),
    });
}

/// Saves a plan.
pub(crate) fn save_plan(path: &Path, plan: &Plan) -> Result<(), Failure> {
    super::sink::write_document(path, Access::Private, &PlanDocument::new(plan))
}

/// Shows what is about to be written: on stdout if text goes there, else to the person who is asked.
pub(crate) fn preview(outputs: &Outputs<Format>, is_asked: bool, text: impl Fn(Paint) -> String) {
    let to_stdout = |output: &&Output<Format>| output.format == Format::Text && output.file.is_none();
    match outputs.iter().find(to_stdout) {
        Some(output) => {
            outputs.keep(output.write(&format!("{}\n", text(output.paint()))));
        }
        None if is_asked && can_ask() => say(&text(Paint::Color)),
        None => {}
    }
}

/// Shows the outcomes in all outputs. If none of them takes them, they go to stderr.
pub(crate) fn show_outcomes(outputs: &Outputs<Format>, plan: &Plan, outcomes: &[ZoneOutcome], detail: bool) {
    let is_shown = outputs.show(|output| {
        let text = OutcomesText::new(plan, outcomes, output.paint());
        match (output.format, &output.file) {
            // The plan is above it already.
            (Format::Text, None) => output.write(&text.to_string()),
            (Format::Text, Some(_)) => {
                output.write(&format!("{}\n{text}", PlanText::new(plan, output.paint(), detail)))
            }
            (Format::Json, _) => output.write_json(&PlanDocument::with_outcomes(plan, outcomes)),
        }
    });
    if !is_shown {
        say(&OutcomesText::new(plan, outcomes, Paint::Plain).to_string());
    }
}
