//! The numbers of a run as Prometheus text. All label sets are bounded: nothing is labelled by zone or setting.

use crate::diff::{Effect, Origin, Row};
use crate::model::Outcome;
use crate::plan::{Plan, Summary, ZonePlan};
use crate::report::{Report, Sides, is_kept};
use std::fmt::{self, Display};
use std::time::Duration;

/// The numbers of a run.
#[derive(Clone, Copy, Debug)]
pub struct Metrics<'a> {
    /// What was done.
    pub report: &'a Report<'a>,
    /// How many requests had which status; `none` is a request without a reply.
    pub requests: &'a [(String, u64)],
    /// How long requests waited for the budget.
    pub waited: Duration,
    /// When the run ended, in seconds since 1970.
    pub now: i64,
    /// When an earlier run last succeeded.
    pub last_success: Option<i64>,
}

/// The name of the metric that is kept from run to run.
const LAST_SUCCESS: &str = "botform_last_success_timestamp_seconds";

impl Metrics<'_> {
    /// When a run last succeeded, as the file of an earlier run says.
    #[must_use]
    pub fn last_success(text: &str) -> Option<i64> {
        let value = text.lines().find_map(|line| line.strip_prefix(LAST_SUCCESS)?.strip_prefix(' '));
        value.and_then(|value| value.trim().parse().ok())
    }
}

impl Display for Metrics<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { report, requests, waited, now, last_success } = self;
        let Summary { change, in_sync, blocked, failed, protected, held, accepted, .. } = report.summary();
        let states = [("change", change), ("in_sync", in_sync), ("blocked", blocked), ("failed", failed)];
        family(f, "botform_zones", "Zones by what the plan means for them.", "state", &states)?;
        let aside = [("protected", protected), ("held", held), ("accepted", accepted)];
        family(
            f,
            "botform_set_aside",
            "Zones that are protected or held, and accepted deviations.",
            "why",
            &aside,
        )?;
        family(
            f,
            "botform_changes",
            "Changes to write, by their effect on protection.",
            "effect",
            &self.effects(),
        )?;
        family(
            f,
            "botform_differences",
            "Settings that differ, by the side that moved.",
            "origin",
            &self.origins(),
        )?;
        one(
            f,
            "botform_changes_shutting_out",
            "Changes that shut out search engines.",
            report.summary().shuts_out,
        )?;
        let stale = report.zones().flat_map(|(zone, _)| zone.rows()).filter(|row| is_kept(row)).count();
        one(f, "botform_stale_settings", "Stale settings that are not cleaned.", stale)?;
        if let Some(moved) = report.plan.and_then(|plan| plan.provenance().moved_since.as_ref()) {
            let counts = [
                ("settings", report.summary().changed_outside),
                ("zones", moved.changed().count()),
                ("not_compared", moved.not_compared),
            ];
            let help =
                "Settings and zones that differ from an earlier snapshot, and zones that were not compared.";
            family(f, "botform_changed_outside", help, "what", &counts)?;
        }
        let unreported = report.summary().unreported;
        one(
            f,
            "botform_unreported_settings",
            "Settings that are sent although GET does not report them.",
            unreported,
        )?;
        if report.outcomes.is_some() {
            let counts = report.outcome_counts();
            let count = |word: &Outcome| {
                counts.iter().find(|(other, _)| other == word).map_or(0, |(_, count)| *count)
            };
            let outcomes: Vec<_> = Outcome::ALL.iter().map(|word| (word.word(), count(word))).collect();
            family(f, "botform_outcomes", "Zones by outcome.", "outcome", &outcomes)?;
        }
        if let Some(coverage) = report.coverage {
            let counts = [("no_file", coverage.unmanaged.len()), ("no_zone", coverage.gone.len())];
            family(
                f,
                "botform_uncovered",
                "Zones without a file, and files without a zone.",
                "what",
                &counts,
            )?;
        }
        let requests: Vec<_> = requests.iter().map(|(status, count)| (status.as_str(), *count)).collect();
        family(
            f,
            "botform_requests",
            "Requests of the run, by the status of the reply.",
            "status",
            &requests,
        )?;
        one(
            f,
            "botform_budget_wait_seconds",
            "Time that the run waited for the request budget.",
            format!("{:.3}", waited.as_secs_f64()),
        )?;
        one(f, "botform_exit_code", "The exit code of the run.", report.ending.code())?;
        one(f, "botform_last_run_timestamp_seconds", "When the last run ended.", now)?;
        match if report.ending.is_success() { Some(*now) } else { *last_success } {
            Some(at) => one(f, LAST_SUCCESS, "When a run last succeeded.", at),
            None => Ok(()),
        }
    }
}

impl Metrics<'_> {
    fn effects(&self) -> [(&'static str, usize); 3] {
        let Summary { tightens, loosens, .. } = self.report.summary();
        let zones = self.report.plan.into_iter().flat_map(Plan::changing);
        let is_neither = |row: &&Row| row.differs() && row.effect == Some(Effect::Neither);
        let neither = zones.flat_map(ZonePlan::changes).filter(is_neither).count();
        [
            (Effect::Loosens.word(), loosens),
            (Effect::Tightens.word(), tightens),
            (Effect::Neither.word(), neither),
        ]
    }

    fn origins(&self) -> [(&'static str, usize); 3] {
        let Sides { live, file, both } = self.report.plan.map(Sides::of).unwrap_or_default();
        [(Origin::Drift.word(), live), (Origin::Pending.word(), file), (Origin::Both.word(), both)]
    }
}

fn head(f: &mut fmt::Formatter<'_>, name: &str, help: &str) -> fmt::Result {
    writeln!(f, "# HELP {name} {help}\n# TYPE {name} gauge")
}

fn one(f: &mut fmt::Formatter<'_>, name: &str, help: &str, value: impl Display) -> fmt::Result {
    head(f, name, help)?;
    writeln!(f, "{name} {value}")
}

/// The values of a metric with one label. Its words are our own, so they need no escaping.
fn family(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    help: &str,
    label: &str,
    values: &[(&str, impl Display)],
) -> fmt::Result {
    head(f, name, help)?;
    values.iter().try_for_each(|(word, value)| writeln!(f, "{name}{{{label}=\"{word}\"}} {value}"))
}
