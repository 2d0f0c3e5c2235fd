//! The summary line of an import.

use super::baseline::Proposal;
use super::file::{Adopted, Made};
use crate::model::{Diagnostic, plural};
use crate::report::Ending;
use std::collections::BTreeSet;
use std::fmt;

/// Whether an import writes its files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Mode {
    /// It writes them.
    #[default]
    Write,
    /// It shows what would be written.
    Preview,
}

/// The counts of an import.
#[derive(Clone, Debug, Default)]
pub(super) struct ImportReport {
    mode: Mode,
    new: usize,
    edited: usize,
    values: usize,
    loosening: usize,
    overriding: usize,
    unchanged: usize,
    /// The files that differ and stay.
    differing: usize,
    /// Their values that differ, and those of them that live protects less.
    told: [usize; 2],
    /// The new files that extend a baseline.
    extending: usize,
    stale: usize,
    unreadable: usize,
    codes: BTreeSet<i64>,
    /// Zones and files that could not be imported for other reasons.
    failed: usize,
    changes: usize,
    blocked: usize,
    /// The file of a baseline, and the number of values if it is new.
    baseline: Option<(String, Option<usize>)>,
}

impl ImportReport {
    /// The counts of a run that starts with some failures.
    pub(super) fn begin(mode: Mode, failed: usize) -> Self {
        Self { mode, failed, ..Self::default() }
    }

    /// Counts a baseline.
    pub(super) fn add_baseline(&mut self, baseline: &Proposal) {
        let values = baseline.is_new().then(|| baseline.shared.len());
        self.baseline = Some((baseline.path.display().to_string(), values));
    }

    /// Counts a zone that could be read but not imported.
    pub(super) fn add_failed(&mut self) {
        self.failed += 1;
    }

    /// Counts a file.
    pub(super) fn add(&mut self, made: &Made) {
        let counter = match (&made.before, made.is_changed()) {
            (None, _) => &mut self.new,
            (Some(_), _) if made.stays() => &mut self.differing,
            (Some(_), true) => &mut self.edited,
            (Some(_), false) => &mut self.unchanged,
        };
        *counter += 1;
        let (Adopted { values, loosening, overriding }, (changes, is_blocked)) =
            (made.adopted, made.planned());
        if made.stays() {
            self.told[0] += values;
            self.told[1] += loosening;
        } else {
            self.values += values;
            self.loosening += loosening;
            self.overriding += overriding;
        }
        self.extending += usize::from(made.extends);
        self.changes += changes;
        self.blocked += usize::from(is_blocked);
        self.stale += usize::from(made.holds_stale());
    }

    /// Counts a zone that could not be read.
    pub(super) fn add_unreadable(&mut self, why: &Diagnostic) {
        self.unreadable += 1;
        self.codes.extend(why.answered().code);
    }

    /// Whether any file differs and stays.
    pub(super) fn has_differing(&self) -> bool {
        self.differing > 0
    }

    /// Whether any file is new.
    pub(super) fn has_new(&self) -> bool {
        self.new > 0
    }

    /// The exit code.
    pub(super) fn exit(&self) -> Ending {
        Ending::of_failures(
            self.unreadable + self.failed,
            self.new + self.edited + self.unchanged + self.differing,
        )
    }

    /// The files that differ and stay.
    fn differences(&self) -> String {
        let [values, loosening] = self.told;
        let loosening = match loosening {
            0 => String::new(),
            1 => ", 1 of which would loosen protection".to_owned(),
            some => format!(", {some} of which would loosen protection"),
        };
        let verb = if self.differing == 1 { "differs and stays" } else { "differ and stay" };
        match values {
            0 => format!("{} {verb}", self.differing),
            values => format!("{} {verb} ({}{loosening})", self.differing, plural(values, "value")),
        }
    }

    fn baseline(&self) -> Option<String> {
        let (file, values) = self.baseline.as_ref()?;
        Some(match values {
            Some(values) => format!("{} in {file}", plural(*values, "shared value")),
            None => format!(
                "{} of them {} {file}",
                self.extending,
                if self.extending == 1 { "extends" } else { "extend" }
            ),
        })
    }

    fn edits(&self) -> String {
        let loosening = match self.loosening {
            0 => String::new(),
            1 => ", 1 of which loosens protection".to_owned(),
            some => format!(", {some} of which loosen protection"),
        };
        let overriding = match self.overriding {
            0 => String::new(),
            1 => ", 1 of which overrides a baseline".to_owned(),
            some => format!(", {some} of which override baselines"),
        };
        let values = match self.values {
            0 => String::new(),
            values => format!(" ({}{loosening}{overriding})", plural(values, "value")),
        };
        format!("{} {}{values}", self.edited, if self.mode == Mode::Preview { "to edit" } else { "edited" })
    }
}

impl fmt::Display for ImportReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let codes: Vec<_> = self.codes.iter().map(ToString::to_string).collect();
        let codes = if codes.is_empty() { String::new() } else { format!(" ({})", codes.join(", ")) };
        let written = if self.mode == Mode::Preview { "to write" } else { "written" };
        let hold = if self.stale == 1 { "holds" } else { "hold" };
        let is_empty = self.edited + self.unchanged + self.differing == 0;
        let parts = [
            (self.new > 0 || is_empty).then(|| format!("{} {written}", self.new)),
            self.baseline().filter(|_| self.new > 0),
            (self.edited > 0).then(|| self.edits()),
            (self.differing > 0).then(|| self.differences()),
            (self.unchanged > 0).then(|| format!("{} unchanged", self.unchanged)),
            (self.stale > 0).then(|| format!("{} {hold} stale settings", self.stale)),
            (self.unreadable > 0).then(|| format!("{} unreadable{codes}", self.unreadable)),
            (self.failed > 0).then(|| format!("{} not imported", self.failed)),
        ];
        let parts: Vec<_> = parts.into_iter().flatten().collect();
        let blocked = if self.blocked == 0 { String::new() } else { format!(", {} blocked", self.blocked) };
        write!(f, "{}; plan: {}{blocked}", parts.join(", "), plural(self.changes, "change"))
    }
}
