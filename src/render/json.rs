//! A report as JSON: the plan document, or the problems that prevented a plan.

use super::problems_json;
use crate::plan::PlanDocument;
use crate::report::{Report, refused};
use serde::{Serialize, Serializer};

/// A report as a JSON document.
#[derive(Clone, Copy, Debug)]
pub struct ReportJson<'a>(pub &'a Report<'a>);

impl Serialize for ReportJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Report { plan, outcomes, refusals, problems, weakened, files, coverage, .. } = *self.0;
        match plan {
            Some(plan) => PlanDocument::of_run(plan, outcomes, refusals, coverage).serialize(serializer),
            None => {
                let problems: Vec<_> = problems.iter().cloned().chain(refusals.iter().map(refused)).collect();
                problems_json(files.len(), weakened, &problems).serialize(serializer)
            }
        }
    }
}
