//! `feedback plan`: which reports would be submitted. It writes nothing.

use super::reports as feedback;
use crate::cli::args::FeedbackPlan as Args;
use crate::cli::output;
use crate::cli::output::{FORMATS, Format, Output};
use crate::cli::planning;
use crate::cli::signals as stopping;
use crate::cli::{Exit, Failure};
use crate::diff::FeedbackStatus;
use crate::render::{FeedbackPlanText, feedback_plan_json};
use crate::run::Stop;
use std::sync::Arc;

/// Shows what is new.
pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    let outputs = output::parse(&args.reports.outputs, &FORMATS)?;
    outputs.iter().try_for_each(Output::check)?;
    let (reports, project) = feedback::load(&args.reports)?;
    let zones = planning::runtime()?.block_on(async {
        let stop = Arc::new(Stop::default());
        let session = feedback::open(&args.reports, &reports, &project).await?;
        stopping::listen(&stop);
        Ok::<_, Failure>(feedback::plan(&session, reports, &stop).await)
    })?;
    for output in &outputs {
        match output.format {
            Format::Text => output.write(&FeedbackPlanText::new(&zones, output.paint()).to_string())?,
            Format::Json => output.write_json(&feedback_plan_json(&zones, None))?,
        }
    }
    let has_new = zones.iter().any(|zone| zone.status() == FeedbackStatus::New);
    match feedback::exit(&zones) {
        Exit::Done if args.detailed_exitcode && has_new => Ok(Exit::Changes),
        exit => Ok(exit),
    }
}
