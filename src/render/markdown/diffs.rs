//! The changes of each zone as a folded YAML diff; zones with the same changes share one.

use super::body::{Entry, Section};
use super::escape::{fenced, html};
use crate::diff::{Row, Verdict};
use crate::model::{clean, plain_or_quoted, plural, short};
use crate::plan::{Plan, Status, ZonePlan};
use crate::render::yaml::scalar;
use crate::report::{Group, Report, RowKey, group};
use serde_json::Value as Json;
use similar::TextDiff;

/// How much of the page the diffs may take before the names of zones, in percent.
const PART: usize = 15;

/// The section of diffs.
pub(super) fn section(report: &Report<'_>) -> Section {
    let zones = report.plan.into_iter().flat_map(Plan::changing);
    let zones = zones.filter(|zone| zone.status() == Status::Change);
    let groups = group(zones.map(|zone| ((), key(zone), (), zone)));
    let entries = groups.iter().filter_map(|(_, Group { zones, .. })| one(zones)).collect();
    let section = Section::new("YAML", String::new(), entries, PART);
    Section { is_spare: true, ..section.rest(|_, _, zones| format!("the YAML of {}", plural(zones, "zone"))) }
}

/// The diff of zones with the same changes.
fn one(zones: &[&ZonePlan]) -> Option<Entry> {
    let first = zones.first()?;
    let name = html(first.zone.as_str());
    let title = match zones.len() {
        1 => format!("YAML of {name}"),
        count => format!("YAML of {}, such as {name}", plural(count, "zone")),
    };
    // The context lines would be those of a single zone, so several zones get none.
    let context = if zones.len() == 1 { 3 } else { 0 };
    let diff = fenced("diff", &difference(first, context));
    let text = format!("<details><summary>{title}</summary>\n\n{diff}\n</details>\n");
    Some(Entry::alone(text).weighing(zones.len()))
}

fn key(zone: &ZonePlan) -> Vec<RowKey<'_>> {
    zone.changes().map(RowKey::of_values).collect()
}

/// The unified diff from the live values to the wanted ones.
fn difference(zone: &ZonePlan, context: usize) -> String {
    let live = yaml(zone.rows(), |row| row.live.as_ref().map(crate::model::LiveValue::to_json));
    let wanted = yaml(zone.rows(), |row| match row.value() {
        Some(value) if row.verdict == Verdict::Change => Some(value.to_json()),
        _ => row.live.as_ref().map(crate::model::LiveValue::to_json),
    });
    TextDiff::from_lines(&live, &wanted)
        .unified_diff()
        .context_radius(context)
        .header("live", "file")
        .to_string()
}

/// The settings that the file names, and the stale ones, as lines of YAML.
fn yaml(rows: &[Row], value: impl Fn(&Row) -> Option<Json>) -> String {
    let line = |row: &Row| {
        Some(format!("  {}: {}\n", plain_or_quoted(&short(row.name())), clean(&scalar(&value(row)?))))
    };
    let lines =
        |stale| rows.iter().filter(move |row| row.stale == stale).filter_map(line).collect::<String>();
    let (settings, stale) = (lines(false), lines(true));
    let stale = if stale.is_empty() { stale } else { format!("stale_zone_configuration:\n{stale}") };
    format!("settings:\n{settings}{stale}")
}
