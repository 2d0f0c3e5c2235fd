//! What submitting reports would do, or did, as text and as JSON.

use super::parts::{diagnostic, plural};
use super::{Paint, clean};
use crate::diff::{FeedbackStatus, Presence, ZoneFeedback};
use crate::model::{ReportFile, ReportOutcome, ReportResult};
use serde_json::{Map, Value as Json, json};
use std::fmt;

/// The version of the JSON document.
const FORMAT_VERSION: &str = "1.0";

/// Reports that would be submitted, and those that are there, as text.
#[derive(Clone, Copy, Debug)]
pub struct FeedbackPlanText<'a> {
    zones: &'a [ZoneFeedback],
    paint: Paint,
}

impl<'a> FeedbackPlanText<'a> {
    /// A view of zones.
    #[must_use]
    pub fn new(zones: &'a [ZoneFeedback], paint: Paint) -> Self {
        Self { zones, paint }
    }

    fn zone(&self, f: &mut fmt::Formatter<'_>, zone: &ZoneFeedback) -> fmt::Result {
        let title = match zone.status() {
            FeedbackStatus::New => self.paint.strong(format!("+ {}", zone.zone())),
            FeedbackStatus::InSync => self.paint.strong(format!("= {}  in sync", zone.zone())),
            FeedbackStatus::Blocked => self.paint.bad(format!("! {}  blocked", zone.zone())),
            FeedbackStatus::Failed => self.paint.bad(format!("! {}  failed", zone.zone())),
        };
        writeln!(f, "{title}")?;
        for (index, report) in zone.reports().iter().enumerate() {
            let (symbol, word) = match zone.presence_of(index) {
                Some(Presence::New) => (self.paint.good("+"), ""),
                Some(Presence::There) => ("=".to_owned(), "   already there"),
                None => ("?".to_owned(), ""),
            };
            writeln!(f, "    {symbol} {}{}", described(report), self.paint.dim(word))?;
        }
        zone.diagnostic().map_or(Ok(()), |why| diagnostic(f, why, self.paint))?;
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
    paint: Paint,
}

impl<'a> SubmittedText<'a> {
    /// A view of results, in the order of the zones and their reports.
    #[must_use]
    pub fn new(zones: &'a [ZoneFeedback], results: &'a [Vec<ReportResult>], paint: Paint) -> Self {
        Self { zones, results, paint }
    }

    fn zone(&self, f: &mut fmt::Formatter<'_>, zone: &ZoneFeedback, results: &[ReportResult]) -> fmt::Result {
        for (report, ReportResult { outcome, diagnostics }) in zone.reports().iter().zip(results) {
            let padded = format!("{:<15}", outcome.text());
            let painted = match outcome {
                ReportOutcome::Submitted => self.paint.good(padded),
                ReportOutcome::AlreadyThere | ReportOutcome::NotAttempted => self.paint.dim(padded),
                ReportOutcome::Failed | ReportOutcome::Refused | ReportOutcome::Unknown => {
                    self.paint.bad(padded)
                }
            };
            writeln!(f, "  {painted}{}   {}", zone.zone(), clean(&report.file))?;
            diagnostics.iter().try_for_each(|message| diagnostic(f, message, self.paint))?;
        }
        Ok(())
    }
}

impl fmt::Display for SubmittedText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (zone, results) in self.zones.iter().zip(self.results) {
            self.zone(f, zone, results)?;
            zone.diagnostic().map_or(Ok(()), |why| diagnostic(f, why, self.paint))?;
        }
        let counts = outcomes(self.results);
        let counts: Vec<_> = counts.iter().map(|(word, count)| format!("{count} {}", word.text())).collect();
        writeln!(f, "\nFeedback: {}.", counts.join(", "))
    }
}

/// How many reports had which outcome; those that nobody expects only where there are some.
fn outcomes(results: &[Vec<ReportResult>]) -> Vec<(ReportOutcome, usize)> {
    let always = [ReportOutcome::Submitted, ReportOutcome::AlreadyThere, ReportOutcome::Failed];
    let count = |word| results.iter().flatten().filter(|result| result.outcome == word).count();
    let counts = ReportOutcome::ALL.iter().map(|word| (*word, count(*word)));
    counts.filter(|(word, count)| *count > 0 || always.contains(word)).collect()
}

/// The zones and their reports as a JSON document; with results, also the outcome of each.
#[must_use]
pub fn feedback_plan_json(zones: &[ZoneFeedback], results: Option<&[Vec<ReportResult>]>) -> Json {
    let list = zones.iter().enumerate().map(|(index, zone)| {
        let results = results.and_then(|results| results.get(index)).map(Vec::as_slice);
        zone_json(zone, results)
    });
    let Counts { new, there, blocked, failed } = Counts::of(zones);
    let mut summary = json!({
        "zones": zones.len(), "new": new, "already_there": there, "blocked": blocked, "failed": failed,
    });
    if let Some(results) = results {
        let counts =
            outcomes(results).into_iter().map(|(word, count)| (word.word().to_owned(), count.into()));
        summary["outcomes"] = Json::Object(counts.collect::<Map<_, _>>());
    }
    json!({ "format_version": FORMAT_VERSION, "zones": list.collect::<Vec<_>>(), "summary": summary })
}

fn zone_json(zone: &ZoneFeedback, results: Option<&[ReportResult]>) -> Json {
    let reports = zone.reports().iter().enumerate().map(|(index, report)| {
        let status = match zone.presence_of(index) {
            Some(Presence::New) => "new".into(),
            Some(Presence::There) => "already_there".into(),
            None => Json::Null,
        };
        let ReportFile { file, place, report, .. } = report;
        let mut json = json!({
            "file": file, "line": place.line, "status": status, "report": report.members(),
        });
        if let Some(ReportResult { outcome, diagnostics }) = results.and_then(|results| results.get(index)) {
            json["outcome"] = outcome.word().into();
            json["diagnostics"] = json!(diagnostics);
        }
        json
    });
    let diagnostics: Vec<_> = zone.diagnostic().into_iter().collect();
    json!({
        "zone": zone.zone(), "zone_id": zone.zone_id(), "status": zone.status().word(),
        "reports": reports.collect::<Vec<_>>(), "diagnostics": diagnostics,
    })
}
