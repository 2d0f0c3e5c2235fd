//! The report of GitLab's merge-request widget for Terraform plans: how many zones would be updated, or were. Zones are
//! neither created nor deleted. A run without a usable result has no counts: GitLab then shows that the report failed,
//! and not that there is nothing to do.

use crate::plan::Status;
use crate::render::Report;
use serde_json::{Value as Json, json};

/// A report for the widget.
#[must_use]
pub fn gitlab(report: &Report<'_>) -> Json {
    let update = match (report.plan, report.outcomes, report.exit) {
        (Some(_), Some(outcomes), _) => outcomes.iter().filter(|end| end.outcome.has_written()).count(),
        (Some(plan), None, 0 | 2..) => plan.changing().filter(|zone| zone.status() == Status::Change).count(),
        (None, _, 0) => 0,
        (Some(_) | None, _, _) => return json!({"error": report.verdict()}),
    };
    json!({"create": 0, "update": update, "delete": 0})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Plan, Provenance};
    use crate::render::Verb;

    #[test]
    fn a_run_without_a_result_does_not_look_like_one_without_changes() {
        let plan = Plan::build(Provenance::default(), Vec::new());
        let with = |exit| gitlab(&Report { plan: Some(&plan), ..Report::new(Verb::Plan, exit) });
        for exit in [0, 2, 3, 5] {
            assert_eq!(with(exit), json!({"create": 0, "update": 0, "delete": 0}), "{exit}");
        }
        assert!(with(1).get("update").is_none());
        assert!(gitlab(&Report::new(Verb::Plan, 1)).get("update").is_none());
        assert!(gitlab(&Report::new(Verb::Plan, 5)).get("update").is_none());
    }
}
