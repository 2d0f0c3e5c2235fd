//! The difference of each zone as YAML, folded; zones that change alike share one.

use super::body::Body;
use super::changes::changing;
use super::escape::{fenced, html};
use crate::diff::Row;
use crate::model::{clean, plain_or_quoted, plural, short};
use crate::plan::{Status, ZonePlan};
use crate::render::yaml::scalar;
use crate::report::{Group, Report, RowKey, group, is_difference};
use serde_json::Value as Json;
use similar::TextDiff;

/// Adds as many as there is room for.
pub(super) fn add(report: &Report<'_>, body: &mut Body) {
    let zones = changing(report).filter(|zone| zone.status() == Status::Change);
    let mut left_out = 0;
    for (_, Group { zones, .. }) in group(zones.map(|zone| ((), key(zone), (), zone))) {
        if left_out > 0 || !add_one(&zones, body) {
            left_out += zones.len();
        }
    }
    if left_out > 0 {
        body.omit(format!("the YAML of {}", plural(left_out, "zone")));
    }
}

/// Adds the difference of zones that change alike; false if there is no room.
fn add_one(zones: &[&ZonePlan], body: &mut Body) -> bool {
    let Some(first) = zones.first() else { return true };
    let name = html(first.zone.as_str());
    let title = match zones.len() {
        1 => format!("YAML of {name}"),
        count => format!("YAML of {}, such as {name}", plural(count, "zone")),
    };
    // What zones that change alike do not share is no part of their difference.
    let context = if zones.len() == 1 { 3 } else { 0 };
    let diff = fenced("diff", &difference(first, context));
    body.try_add(&format!("<details><summary>{title}</summary>\n\n{diff}\n</details>\n"))
}

fn key(zone: &ZonePlan) -> Vec<RowKey<'_>> {
    zone.rows().iter().filter(|row| is_difference(row)).map(RowKey::of_values).collect()
}

/// The unified difference of what is live and what the file wants.
fn difference(zone: &ZonePlan, context: usize) -> String {
    let live = yaml(zone.rows(), |row| row.live.as_ref().map(crate::model::LiveValue::to_json));
    let wanted = yaml(zone.rows(), |row| match row.value() {
        Some(value) => Some(value.to_json()),
        None => row.live.as_ref().map(crate::model::LiveValue::to_json),
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
