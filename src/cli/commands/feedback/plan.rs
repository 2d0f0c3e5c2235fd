//! `feedback plan`: which reports would be submitted. It writes nothing.

use super::reports;
use crate::cli::args::FeedbackPlan as Args;
use crate::cli::output::Format;
use crate::cli::{Context, Exit, Failure};
use crate::diff::FeedbackStatus;
use crate::render::{FeedbackPlanText, feedback_plan_json};

/// Shows what is new.
pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    let load = |files: &_, clock| reports::load(&args.reports, files, clock);
    Context::run(reports::job(&args.reports), load, async |cx, reports| {
        let zones = reports::plan(cx, reports).await;
        cx.outputs.show(|output| match output.format {
            Format::Text => output.write(&FeedbackPlanText::new(&zones, output.paint()).to_string()),
            Format::Json => output.write_json(&feedback_plan_json(&zones, None)),
        });
        let has_new = zones.iter().any(|zone| zone.status() == FeedbackStatus::New);
        Ok(reports::exit(&zones).detailed(args.detailed_exitcode && has_new))
    })
}
