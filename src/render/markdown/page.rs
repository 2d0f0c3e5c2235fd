//! The page: its first line, by which a bot finds its own comment, the heading, and as many sections as there is room
//! for. What does not fit is left out as a whole, and counted.

use super::escape::code;
use super::{changes, diffs, failures, folds};
use crate::plan::{Plan, Status};
use crate::render::Report;
use std::fmt;

/// How much a page may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// So many characters. Those outside of Unicode's first plane count twice, as they do for some forges.
    Characters(usize),
    /// So many bytes.
    Bytes(usize),
}

/// What a comment on GitHub may hold (65,536 characters), with some to spare.
pub const COMMENT: Room = Room::Characters(65_000);

impl Room {
    fn most(self) -> usize {
        match self {
            Self::Characters(most) | Self::Bytes(most) => most,
        }
    }

    fn of(self, text: &str) -> usize {
        match self {
            Self::Characters(_) => text.encode_utf16().count(),
            Self::Bytes(_) => text.len(),
        }
    }
}

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

/// The sections that fit, and what is left out.
pub(super) struct Body {
    text: String,
    room: Room,
    left: usize,
    omitted: Vec<String>,
}

impl Body {
    /// Adds a section; one that does not fit is left out, and named.
    pub(super) fn add(&mut self, section: &str, name: impl FnOnce() -> String) {
        if !self.try_add(section) {
            self.omitted.push(name());
        }
    }

    /// Adds a section; false if it does not fit.
    pub(super) fn try_add(&mut self, section: &str) -> bool {
        let size = self.room.of(section) + 1;
        if size > self.left {
            return false;
        }
        self.left -= size;
        self.text.push_str(section);
        self.text.push('\n');
        true
    }

    /// Names something that is left out.
    pub(super) fn omit(&mut self, what: String) {
        self.omitted.push(what);
    }

    /// Adds a table between a head and a foot: as many rows as a part of the room, in percent, holds. `rest` says what
    /// is left behind so many rows.
    pub(super) fn table(
        &mut self,
        (head, foot): (&str, &str),
        rows: &[String],
        part: usize,
        rest: impl FnOnce(usize) -> String,
    ) {
        if rows.is_empty() {
            return;
        }
        let most = (self.room.most() / 100 * part).min(self.left.saturating_sub(500));
        let mut section = head.to_owned();
        let mut size = self.room.of(head);
        let mut shown = 0;
        for row in rows {
            size += self.room.of(row) + 1;
            if size > most {
                break;
            }
            section.push_str(row);
            section.push('\n');
            shown += 1;
        }
        if shown < rows.len() {
            let rest = rest(shown);
            section.push_str(&format!("\n… and {rest}.\n"));
            self.omitted.push(rest);
        }
        section.push_str(foot);
        self.add(&section, || "a table".to_owned());
    }
}

/// What is kept for the head and the foot.
const FRAME: usize = 2_000;

impl fmt::Display for Markdown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { report, room } = *self;
        let left = room.most().saturating_sub(FRAME);
        let mut body = Body { text: String::new(), room, left, omitted: Vec::new() };
        failures::add(report, &mut body);
        changes::add(report, &mut body);
        folds::add(report, &mut body);
        diffs::add(report, &mut body);
        let (digest, truncated) = (digest(report), if body.omitted.is_empty() { "no" } else { "yes" });
        let verb = report.verb.word();
        let shown = digest.as_deref().unwrap_or("none");
        writeln!(f, "<!-- botform key=\"{verb}\" digest=\"{shown}\" truncated=\"{truncated}\" -->")?;
        let digest = digest.map(|digest| format!(" · {}", code(&digest))).unwrap_or_default();
        writeln!(f, "## botform {verb}: {}{digest}\n", report.headline(|text| format!("**{text}**")))?;
        writeln!(f, "Exit code {}: {}.\n", report.exit, report.verdict())?;
        write!(f, "{}", body.text)?;
        match body.omitted.as_slice() {
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
    let plan = report.plan.filter(|plan| plan.zones().iter().any(|zone| zone.status() == Status::Change));
    plan.map(Plan::digest).map(|digest| digest.short().to_owned())
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
