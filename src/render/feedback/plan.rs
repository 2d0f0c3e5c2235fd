//! What submitting reports would do, or did, as text and as JSON.

use crate::diff::{FeedbackStatus, Presence, ZoneFeedback};
use crate::model::{Diagnostic, ReportFile, ReportOutcome, ReportResult, ZoneId, clean, plural};
use crate::render::Page;
use crate::render::parts::{FORMAT_VERSION, diagnostic};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;
use std::fmt;

/// Reports that would be submitted, and those that are there, as text.
#[derive(Clone, Copy, Debug)]
pub struct FeedbackPlanText<'a> {
    zones: &'a [ZoneFeedback],
    page: Page,
}

impl<'a> FeedbackPlanText<'a> {
    /// A view of zones.
    #[must_use]
    pub fn new(zones: &'a [ZoneFeedback], page: impl Into<Page>) -> Self {
        Self { zones, page: page.into() }
    }

    fn zone(&self, f: &mut fmt::Formatter<'_>, zone: &ZoneFeedback) -> fmt::Result {
        let title = match zone.status() {
            FeedbackStatus::New => self.page.paint.strong(format!("+ {}", zone.zone().shown())),
            FeedbackStatus::InSync => self.page.paint.strong(format!("= {}  in sync", zone.zone().shown())),
            FeedbackStatus::Blocked => self.page.paint.bad(format!("! {}  blocked", zone.zone().shown())),
            FeedbackStatus::Failed => self.page.paint.bad(format!("! {}  failed", zone.zone().shown())),
        };
        writeln!(f, "{title}")?;
        for (index, report) in zone.reports().iter().enumerate() {
            let (symbol, word) = match zone.presence_of(index) {
                Some(Presence::New) => (self.page.paint.good("+"), ""),
                Some(Presence::There) => ("=".to_owned(), "   already there"),
                None => ("?".to_owned(), ""),
            };
            let described = self.page.wrap(&described(report), 6, 8);
            writeln!(f, "    {symbol} {described}{}", self.page.paint.dim(word))?;
        }
        zone.diagnostic().map_or(Ok(()), |why| diagnostic(f, why, self.page))?;
        writeln!(f)
    }
}

impl fmt::Display for FeedbackPlanText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.zones.iter().try_for_each(|zone| self.zone(f, zone))?;
        let Counts { new, there, blocked, failed } = Counts::of(self.zones);
        let (new, blocked) = (plural(new, "report"), plural(blocked, "zone"));
        writeln!(f, "Feedback: {new} to submit, {there} already there, {blocked} blocked, {failed} failed.")
    }
}

/// A report in a line: where, what, how much, and its file.
fn described(report: &ReportFile) -> String {
    let ReportFile { file, place, report, .. } = report;
    let requests = usize::try_from(report.requests().unwrap_or(0)).unwrap_or(usize::MAX);
    format!(
        "{:<14}  {}   {}   {}:{}",
        clean(report.kind().unwrap_or_default()),
        clean(report.description().unwrap_or_default().trim()),
        plural(requests, "request"),
        clean(file),
        place.line
    )
}

struct Counts {
    new: usize,
    there: usize,
    blocked: usize,
    failed: usize,
}

impl Counts {
    fn of(zones: &[ZoneFeedback]) -> Self {
        let status = |wanted| zones.iter().filter(|zone| zone.status() == wanted).count();
        let presence = |wanted| zones.iter().map(|zone| zone.count(wanted)).sum();
        Self {
            new: presence(Presence::New),
            there: presence(Presence::There),
            blocked: status(FeedbackStatus::Blocked),
            failed: status(FeedbackStatus::Failed),
        }
    }
}

/// The results of reports, as text: every report with its outcome, and the counts.
#[derive(Clone, Copy, Debug)]
pub struct SubmittedText<'a> {
    zones: &'a [ZoneFeedback],
    results: &'a [Vec<ReportResult>],
    page: Page,
}

impl<'a> SubmittedText<'a> {
    /// A view of results, in the order of the zones and their reports.
    #[must_use]
    pub fn new(zones: &'a [ZoneFeedback], results: &'a [Vec<ReportResult>], page: impl Into<Page>) -> Self {
        Self { zones, results, page: page.into() }
    }

    fn zone(&self, f: &mut fmt::Formatter<'_>, zone: &ZoneFeedback, results: &[ReportResult]) -> fmt::Result {
        for (report, ReportResult { outcome, diagnostics }) in zone.reports().iter().zip(results) {
            let padded = format!("{:<15}", outcome.text());
            let painted = match outcome {
                ReportOutcome::Submitted => self.page.paint.good(padded),
                ReportOutcome::AlreadyThere | ReportOutcome::NotAttempted => self.page.paint.dim(padded),
                ReportOutcome::Failed | ReportOutcome::Refused | ReportOutcome::Unknown => {
                    self.page.paint.bad(padded)
                }
            };
            writeln!(f, "  {painted}{}   {}", zone.zone().shown(), clean(&report.file))?;
            diagnostics.iter().try_for_each(|message| diagnostic(f, message, self.page))?;
        }
        Ok(())
    }
}

impl fmt::Display for SubmittedText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (zone, results) in self.zones.iter().zip(self.results) {
            self.zone(f, zone, results)?;
            zone.diagnostic().map_or(Ok(()), |why| diagnostic(f, why, self.page))?;
        }
        let counts = outcomes(self.results);
        let counts: Vec<_> = counts.iter().map(|(word, count)| format!("{count} {}", word.text())).collect();
        writeln!(f, "\nFeedback: {}.", counts.join(", "))
    }
}

/// How many reports had which outcome; unusual outcomes only if there are any.
fn outcomes(results: &[Vec<ReportResult>]) -> Vec<(ReportOutcome, usize)> {
    let always = [ReportOutcome::Submitted, ReportOutcome::AlreadyThere, ReportOutcome::Failed];
    let count = |word| results.iter().flatten().filter(|result| result.outcome == word).count();
    let counts = ReportOutcome::ALL.iter().map(|word| (*word, count(*word)));
    counts.filter(|(word, count)| *count > 0 || always.contains(word)).collect()
}

/// Feedback reports that would be submitted, or were.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "botform feedback plan")]
pub(in crate::render) struct Document<'a> {
    /// The version of this format; readers ignore unknown members and refuse another major number.
    format_version: &'static str,
    /// The zones, by name.
    zones: Vec<PlannedZone<'a>>,
    /// The counts.
    summary: Summary,
}

/// The reports of one zone.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Zone")]
struct PlannedZone<'a> {
    /// The name of the zone.
    zone: &'a str,
    /// Its id; null if it was not found.
    zone_id: Option<&'a str>,
    /// What submitting would do.
    status: FeedbackStatus,
    /// The reports, by file.
    reports: Vec<PlannedReport<'a>>,
    /// Why the zone is blocked or failed.
    diagnostics: Vec<&'a Diagnostic>,
}

/// One report.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Report")]
struct PlannedReport<'a> {
    /// Its file.
    file: &'a str,
    /// Its line in the file, from 1.
    line: u32,
    /// Whether Cloudflare has the report; null if the zone was not read.
    status: Option<Presence>,
    /// The report as it is sent.
    report: &'a Map<String, Json>,
    /// Its outcome; only after submitting.
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<ReportOutcome>,
    /// Messages about the outcome; only after submitting.
    #[serde(skip_serializing_if = "Option::is_none")]
    diagnostics: Option<&'a [Diagnostic]>,
}

/// The counts.
#[derive(Serialize, JsonSchema)]
struct Summary {
    /// All zones.
    zones: usize,
    /// Reports to submit.
    new: usize,
    /// Reports that Cloudflare has.
    already_there: usize,
    /// Zones that may not be written.
    blocked: usize,
    /// Zones that could not be read.
    failed: usize,
    /// How many reports had which outcome; only after submitting.
    #[serde(skip_serializing_if = "Option::is_none")]
    outcomes: Option<BTreeMap<&'static str, usize>>,
}

/// The zones and their reports as a JSON document; with results, also the outcome of each report.
#[must_use]
pub fn feedback_plan_json(zones: &[ZoneFeedback], results: Option<&[Vec<ReportResult>]>) -> Json {
    let Counts { new, there, blocked, failed } = Counts::of(zones);
    let counts = |results| outcomes(results).into_iter().map(|(word, count)| (word.word(), count)).collect();
    let summary = Summary {
        zones: zones.len(),
        new,
        already_there: there,
        blocked,
        failed,
        outcomes: results.map(counts),
    };
    let zones = zones.iter().enumerate().map(|(index, zone)| {
        let results = results.and_then(|results| results.get(index)).map(Vec::as_slice);
        planned_zone(zone, results.unwrap_or_default())
    });
    json!(Document { format_version: FORMAT_VERSION, zones: zones.collect(), summary })
}

fn planned_zone<'a>(zone: &'a ZoneFeedback, results: &'a [ReportResult]) -> PlannedZone<'a> {
    let reports = zone.reports().iter().enumerate().map(|(index, ReportFile { file, place, report, .. })| {
        let result = results.get(index);
        PlannedReport {
            file,
            line: place.line,
            status: zone.presence_of(index),
            report: report.members(),
            outcome: result.map(|result| result.outcome),
            diagnostics: result.map(|result| result.diagnostics.as_slice()),
        }
    });
    PlannedZone {
        zone: zone.zone().as_str(),
        zone_id: zone.zone_id().map(ZoneId::as_str),
        status: zone.status(),
        reports: reports.collect(),
        diagnostics: zone.diagnostic().into_iter().collect(),
    }
}
