//! The page: its first line, by which a bot finds its own comment, the heading, and as many sections as there is room
//! for. What does not fit is left out as a whole, and counted.

use super::body::{Body, Room};
use super::escape::{code, cut};
use super::{changes, diffs, failures, folds, weakened};
use crate::plan::{Plan, ZonePlan};
use crate::render::seen::{besides_headline, sentence};
use crate::report::{Report, Seen};
use std::fmt;

/// A report as Markdown.
#[derive(Clone, Copy, Debug)]
pub struct Markdown<'a> {
    report: &'a Report<'a>,
    room: Room,
}

impl<'a> Markdown<'a> {
    /// A view of a report that fits.
    #[must_use]
    pub fn new(report: &'a Report<'a>, room: Room) -> Self {
        Self { report, room }
    }
}

/// What is kept for the head and the foot.
const FRAME: usize = 2_000;

impl fmt::Display for Markdown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { report, room } = *self;
        let mut body = Body::new(room, FRAME);
        weakened::add(report, &mut body);
        let weakened = body.text().to_owned();
        failures::add(report, &mut body);
        changes::add(report, &mut body);
        folds::add(report, &mut body);
        diffs::add(report, &mut body);
        let (digest, truncated) = (digest(report), if body.omitted().is_empty() { "no" } else { "yes" });
        let verb = report.verb.word();
        let shown = digest.as_deref().unwrap_or("none");
        writeln!(f, "<!-- botform key=\"{verb}\" digest=\"{shown}\" truncated=\"{truncated}\" -->")?;
        let digest = digest.map(|digest| format!(" · {}", code(&digest))).unwrap_or_default();
        writeln!(f, "## botform {verb}: {}{digest}\n", report.headline(|text| format!("**{text}**")))?;
        writeln!(f, "Exit code {}: {}.\n", report.ending.code(), report.verdict())?;
        f.write_str(&weakened)?;
        let is_listed = |seen: &Seen<'_>| !matches!(seen, Seen::Weakened(_));
        let seen: Vec<_> = besides_headline(report).filter(is_listed).collect();
        for said in &seen {
            match said {
                Seen::Since(since) => writeln!(f, "- Compared with {}.", code(&cut(since, 100)))?,
                _ => writeln!(f, "- {}", sentence(said))?,
            }
        }
        if !seen.is_empty() {
            writeln!(f)?;
        }
        f.write_str(body.text().get(weakened.len()..).unwrap_or_default())?;
        match body.omitted() {
            [] => Ok(()),
            omitted => writeln!(
                f,
                "Left out, since there is no room: {}. `--output json` and `--output text --detail` show all.",
                omitted.join("; ")
            ),
        }
    }
}

/// The digest that is approved, where anything would be written.
fn digest(report: &Report<'_>) -> Option<String> {
    let plan = report.plan.filter(|plan| plan.zones().iter().any(ZonePlan::has_changes));
    plan.map(Plan::digest).map(|digest| digest.short().to_owned())
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
