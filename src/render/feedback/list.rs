//! Feedback reports of zones, as they were listed: a table, JSON, JSON lines, CSV.

use crate::model::{Diagnostic, FeedbackReport, ZoneReports, clean, plural, shown_name};
use crate::render::Page;
use crate::render::parts::{FORMAT_VERSION, diagnostic};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value as Json, json};
use std::fmt;

/// How many values of an attribute, or sources of scores, are shown.
const MOST_VALUES: usize = 4;

/// How many characters of a text are shown in a line.
const MOST_CHARACTERS: usize = 100;

/// The columns of the CSV; further ones may be added at the end.
const COLUMNS: [&str; 13] = [
    "zone",
    "zone_id",
    "created_at",
    "type",
    "subtype",
    "requests",
    "first_request_seen_at",
    "last_request_seen_at",
    "description",
    "expression",
    "requests_by_score",
    "requests_by_score_src",
    "requests_by_attribute",
];

/// The reports as a table: a line for each report, and its counts below.
#[derive(Clone, Copy, Debug)]
pub struct FeedbackTable<'a> {
    zones: &'a [ZoneReports],
    page: Page,
}

impl<'a> FeedbackTable<'a> {
    /// A view of reports.
    #[must_use]
    pub fn new(zones: &'a [ZoneReports], page: impl Into<Page>) -> Self {
        Self { zones, page: page.into() }
    }

    fn zone(&self, f: &mut fmt::Formatter<'_>, zone: &ZoneReports) -> fmt::Result {
        let ZoneReports { zone: name, zone_id: _, account_id: _, reports } = zone;
        let name = &shown_name(name);
        match reports {
            Ok(reports) => {
                let count = self.page.paint.dim(plural(reports.len(), "report"));
                writeln!(f, "{}   {count}", self.page.paint.strong(clean(name)))?;
                reports.iter().try_for_each(|report| self.report(f, report))?;
            }
            Err(why) => {
                writeln!(f, "{}", self.page.paint.bad(format!("{}   failed", clean(name))))?;
                diagnostic(f, why, self.page)?;
            }
        }
        writeln!(f)
    }

    fn report(&self, f: &mut fmt::Formatter<'_>, report: &FeedbackReport) -> fmt::Result {
        let created = report.text("created_at").unwrap_or("(no date)");
        let requests = report.requests().map_or("(none)".to_owned(), |requests| requests.to_string());
        let kind = report.kind().unwrap_or("(no type)");
        let line = format!(
            "  {:<20}  {:<14}  {:<22}  {requests:>9}  {}",
            seconds(&clean(created)),
            clean(kind),
            clean(report.subtype().unwrap_or("-")),
            short(&clean(report.description().unwrap_or_default().trim()))
        );
        writeln!(f, "{}", line.trim_end())?;
        self.bars(f, "score", &scores(&report.counts("requests_by_score")), usize::MAX)?;
        self.bars(f, "source", &ranked(&report.counts("requests_by_score_src")), MOST_VALUES)?;
        for (name, values) in report.attributes() {
            self.bars(f, &clean(name), &values, MOST_VALUES)?;
        }
        match report.expression() {
            Some(expression) => {
                writeln!(f, "      {}", self.page.paint.dim(short(&clean(expression.trim()))))
            }
            None => Ok(()),
        }
    }

    fn bars(
        &self,
        f: &mut fmt::Formatter<'_>,
        name: &str,
        values: &[(String, i64)],
        most: usize,
    ) -> fmt::Result {
        let Some(largest) = values.iter().map(|(_, count)| *count).max() else { return Ok(()) };
        let shown = values.iter().take(most).map(|(value, count)| {
            let bar = self.page.paint.warn(bar(*count, largest));
            format!("{} {bar} {count}", short(&clean(value)))
        });
        let more = match values.len().saturating_sub(most) {
            0 => None,
            more => Some(format!("and {more} more")),
        };
        let shown: Vec<String> = shown.chain(more).collect();
        writeln!(f, "      {name:<13} {}", shown.join("  "))
    }
}

impl fmt::Display for FeedbackTable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_empty = |zone: &&ZoneReports| zone.reports.as_ref().is_ok_and(Vec::is_empty);
        let (empty, told): (Vec<_>, Vec<_>) = self.zones.iter().partition(is_empty);
        told.into_iter().try_for_each(|zone| self.zone(f, zone))?;
        if !empty.is_empty() {
            let names = empty.iter().map(|zone| clean(&shown_name(&zone.zone)).into_owned());
            writeln!(f, "{}\n", self.page.names("no reports for ", names, 0, ""))?;
        }
        let reports: usize =
            self.zones.iter().filter_map(|zone| zone.reports.as_ref().ok()).map(Vec::len).sum();
        let failed = self.zones.iter().filter(|zone| zone.reports.is_err()).count();
        let (reports, zones) = (plural(reports, "report"), plural(self.zones.len(), "zone"));
        writeln!(f, "Feedback: {reports} in {zones}, {failed} failed.")
    }
}

/// A time without its fraction, which a table has no room for.
fn seconds(time: &str) -> String {
    match time.split_once('.') {
        Some((whole, fraction)) => {
            format!("{whole}{}", fraction.trim_start_matches(|c: char| c.is_ascii_digit()))
        }
        None => time.to_owned(),
    }
}

fn ranked(counts: &[(&str, i64)]) -> Vec<(String, i64)> {
    let mut ranked: Vec<_> = counts.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect();
    ranked.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    ranked
}

fn short(text: &str) -> String {
    match text.char_indices().nth(MOST_CHARACTERS) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or("")),
        None => text.to_owned(),
    }
}

/// Feedback reports as they were listed.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "botform feedback list")]
pub(in crate::render) struct List<'a> {
    /// The version of this format; readers ignore unknown members and refuse another major number.
    format_version: &'static str,
    /// The zones, by name.
    zones: Vec<ListedZone<'a>>,
}

/// The reports of one zone.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Zone")]
struct ListedZone<'a> {
    /// The name of the zone.
    zone: &'a str,
    /// Its id.
    zone_id: &'a str,
    /// The id of its account; empty if the API does not report it.
    account_id: &'a str,
    /// Whether the reports could be read.
    status: ListStatus,
    /// The reports, with all members as the API wrote them.
    reports: Vec<&'a Map<String, Json>>,
    /// Why the reports could not be read.
    diagnostics: Vec<&'a Diagnostic>,
}

/// Whether the reports of a zone could be read.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum ListStatus {
    /// They could.
    Listed,
    /// They could not.
    Failed,
}

/// The reports as a JSON document, with all members as the API wrote them.
#[must_use]
pub fn feedback_json(zones: &[ZoneReports]) -> Json {
    let zones = zones.iter().map(|ZoneReports { zone, zone_id, account_id, reports }| ListedZone {
        zone,
        zone_id: zone_id.as_str(),
        account_id,
        status: if reports.is_ok() { ListStatus::Listed } else { ListStatus::Failed },
        reports: reports.iter().flatten().map(FeedbackReport::members).collect(),
        diagnostics: reports.as_ref().err().into_iter().collect(),
    });
    json!(List { format_version: FORMAT_VERSION, zones: zones.collect() })
}

/// The reports as JSON lines, one each: its zone, and all members as the API wrote them under `report`.
#[must_use]
pub fn feedback_jsonl(zones: &[ZoneReports]) -> String {
    let reports =
        zones.iter().flat_map(|zone| zone.reports.iter().flatten().map(move |report| (zone, report)));
    let lines = reports.map(|(zone, report)| {
        let ZoneReports { zone, zone_id, account_id: _, reports: _ } = zone;
        format!("{}\n", json!({ "zone": zone, "zone_id": zone_id, "report": report.members() }))
    });
    lines.collect()
}

/// The reports as CSV, one a row; the maps are compact JSON, control characters are escaped, and what a spreadsheet
/// takes for a formula is left as it is.
#[must_use]
pub fn feedback_csv(zones: &[ZoneReports]) -> String {
    let mut rows = vec![COLUMNS.map(str::to_owned).to_vec()];
    for zone in zones {
        for report in zone.reports.iter().flatten() {
            rows.push(COLUMNS.iter().map(|column| cell(zone, report, column)).collect());
        }
    }
    crate::render::parts::csv_rows(rows)
}

fn cell(zone: &ZoneReports, report: &FeedbackReport, column: &str) -> String {
    let text = match column {
        "zone" => zone.zone.clone(),
        "zone_id" => zone.zone_id.to_string(),
        member => match report.members().get(member) {
            None | Some(Json::Null) => String::new(),
            Some(Json::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        },
    };
    clean(&text).into_owned()
}

/// The characters of a full bar.
const WIDTH: usize = 8;

/// The eighths of a character, from one to seven.
const EIGHTHS: [char; 7] = ['▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/// A bar for a count, in proportion to the largest one; whatever is not zero can be seen.
fn bar(count: i64, largest: i64) -> String {
    let (count, largest) = (count.max(0), largest.max(1));
    let full = i128::from(count) * (WIDTH as i128 * 8) / i128::from(largest);
    let eighths = usize::try_from(full).unwrap_or(0).clamp(usize::from(count > 0), WIDTH * 8);
    let mut bar = "█".repeat(eighths / 8);
    bar.extend((eighths % 8).checked_sub(1).and_then(|index| EIGHTHS.get(index)));
    bar
}

/// Counts by score, grouped in tens if there are many different ones.
fn scores(counts: &[(&str, i64)]) -> Vec<(String, i64)> {
    const MOST: usize = 10;
    if counts.len() <= MOST {
        return counts.iter().map(|(score, count)| ((*score).to_owned(), *count)).collect();
    }
    let mut tens: Vec<(String, i64)> = Vec::new();
    for (score, count) in counts {
        let name = match score.parse::<u32>() {
            Ok(score) if score < 10 => "1-9".to_owned(),
            Ok(score) => format!("{0}0-{0}9", score / 10),
            Err(_) => (*score).to_owned(),
        };
        match tens.last_mut() {
            Some((last, sum)) if *last == name => *sum = sum.saturating_add(*count),
            _ => tens.push((name, *count)),
        }
    }
    tens
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
