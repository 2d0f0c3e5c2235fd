//! The page: a first line by which a bot finds its own comment, the heading with its verdict, the plan's provenance,
//! and the sections in order of importance. What does not fit is counted.

use super::body::{Room, Section, lay_out};
use super::changes::Changes;
use super::escape::{code, cut};
use super::{diffs, failures, folds, unwritten, weakened};
use crate::model::{Digest, clean};
use crate::plan::Plan;
use crate::render::seen::{self, besides_headline, compared, sentence};
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

/// The room kept for the first line, and for the last one, which says what is left out.
const FRAME: usize = 1_500;

/// The longest sentence of the head, in characters.
const LONGEST: usize = 400;

impl fmt::Display for Markdown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { report, room } = *self;
        let digest = report.plan.map(Plan::digest);
        let digest = digest.as_ref().map(Digest::short);
        let head = head(report, digest);
        let (text, omitted) = lay_out(sections(report), room, FRAME + room.of(&head));
        let truncated = if omitted.is_empty() { "no" } else { "yes" };
        let (verb, shown) = (report.verb.word(), digest.unwrap_or("none"));
        writeln!(f, "<!-- botform key=\"{verb}\" digest=\"{shown}\" truncated=\"{truncated}\" -->")?;
        f.write_str(&head)?;
        f.write_str(&text)?;
        match omitted.as_slice() {
            [] => Ok(()),
            omitted => writeln!(
                f,
                "There is no room for {}. `--output json` and `--output text --detail` show all.",
                omitted.join("; ")
            ),
        }
    }
}

/// The heading, what the exit code means, the digest, and the plan's provenance.
fn head(report: &Report<'_>, digest: Option<&str>) -> String {
    let mut head = format!("## botform {}: {}\n\n", report.verb.word(), clean(&report.headline()));
    head.push_str(&format!("Exit code {}: {}.\n\n", report.ending.code(), report.verdict()));
    head.extend(digest.map(|digest| format!("Digest: {}\n\n", code(digest))));
    let said = report.seen().into_iter().filter_map(|said| match said {
        Seen::Made(made) => Some(seen::made(made, code)),
        Seen::Snapshot(..) => Some(plain(&sentence(&said))),
        Seen::Since(since, sides) => Some(compared(&code(&cut(since, 100)), sides)),
        _ => None,
    });
    match said.collect::<Vec<_>>() {
        said if said.is_empty() => head,
        said => head + &said.join(" ") + "\n\n",
    }
}

/// A sentence with all Markdown escaped.
fn plain(sentence: &str) -> String {
    let is_marked = |c: char| "\\`*_[]<>|~#&@!".contains(c);
    cut(sentence, LONGEST).chars().flat_map(|c| is_marked(c).then_some('\\').into_iter().chain([c])).collect()
}

/// All sections: weakened rules, changes that shut out search engines or loosen, failures, then the rest.
fn sections(report: &Report<'_>) -> Vec<Section> {
    let Changes { urgent, others } = Changes::of(report);
    let mut sections = vec![weakened::section(report)];
    sections.extend(urgent);
    sections.extend(failures::sections(report));
    sections.push(notices(report));
    sections.extend(others);
    sections.extend(unwritten::sections(report));
    sections.extend(folds::sections(report));
    sections.push(diffs::section(report));
    sections
}

/// The facts that the heading does not mention, as a list.
fn notices(report: &Report<'_>) -> Section {
    let is_listed = |seen: &Seen<'_>| {
        !matches!(seen, Seen::Weakened(_) | Seen::Made(_) | Seen::Snapshot(..) | Seen::Since(..))
    };
    let seen = besides_headline(report).filter(is_listed);
    let lines: Vec<_> = seen.map(|seen| format!("- {}", plain(&sentence(&seen)))).collect();
    let text = lines.join("\n");
    let section = Section::text("further notices", text.clone());
    if text.is_empty() { Section { entries: Vec::new(), ..section } } else { section }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
