//! The report of GitLab's merge-request widget for Terraform plans: how many zones would be updated, or were. Zones are
//! neither created nor deleted. A run without a usable result has no counts: GitLab then shows that the report failed,
//! and not that there is nothing to do.

use crate::report::{Ending, Report};
use serde_json::{Value as Json, json};

/// A report for the widget.
#[must_use]
pub fn gitlab(report: &Report<'_>) -> Json {
    let update = match (report.plan, report.outcomes, report.ending) {
        (Some(_), Some(outcomes), ending) => {
            let written = outcomes.iter().filter(|end| end.outcome.has_written()).count();
            // What was written is counted even if the rest failed, but a failure must never look like nothing to do.
            if written == 0 && !ending.is_success() {
                return json!({"error": report.verdict()});
            }
            written
        }
        (Some(_), None, ending) if ending.is_usable() => report.zones_to_change(),
        (None, _, Ending::Done) => 0,
        (Some(_) | None, _, _) => return json!({"error": report.verdict()}),
    };
    json!({"create": 0, "update": update, "delete": 0})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Outcome, ZoneOutcome};
    use crate::plan::{Plan, Provenance};
    use crate::report::Verb;

    #[test]
    fn a_run_without_a_result_does_not_look_like_one_without_changes() {
        let plan = Plan::build(Provenance::default(), Vec::new());
        let with = |ending| gitlab(&Report { plan: Some(&plan), ..Report::new(Verb::Plan, ending) });
        for ending in [Ending::Done, Ending::Pending, Ending::Partial, Ending::Refused] {
            assert_eq!(with(ending), json!({"create": 0, "update": 0, "delete": 0}), "{ending:?}");
        }
        assert!(with(Ending::Failed).get("update").is_none());
        assert!(gitlab(&Report::new(Verb::Plan, Ending::Failed)).get("update").is_none());
        assert!(gitlab(&Report::new(Verb::Plan, Ending::Refused)).get("update").is_none());
    }

    #[test]
    fn an_apply_that_failed_does_not_say_that_nothing_was_to_be_done() {
        let plan = Plan::build(Provenance::default(), Vec::new());
        let of = |ending, outcomes: &[Outcome]| {
            let outcomes: Vec<_> = outcomes.iter().copied().map(ZoneOutcome::plain).collect();
            let report = Report::new(Verb::Apply, ending);
            gitlab(&Report { plan: Some(&plan), outcomes: Some(&outcomes), ..report })
        };
        for (ending, outcome) in [
            (Ending::Failed, Outcome::Failed),
            (Ending::Stale, Outcome::Stale),
            (Ending::Refused, Outcome::NotAttempted),
            (Ending::Unapproved, Outcome::Unapproved),
        ] {
            assert!(of(ending, &[outcome]).get("update").is_none(), "{ending:?}");
        }
        assert_eq!(of(Ending::Partial, &[Outcome::Applied, Outcome::Failed])["update"], 1);
        assert_eq!(of(Ending::Failed, &[Outcome::NotApplied])["update"], 1);
        assert_eq!(of(Ending::Done, &[Outcome::InSync])["update"], 0);
    }
}
