//! Watching for submissions that nobody has reviewed for too long.

use crate::cli::output::say;
use crate::model::{Submission, clean};
use crate::render::plural;
use jiff::Timestamp;
use std::fmt::Write as _;

/// How many of them are named.
const MOST_NAMED: usize = 20;

/// Counts the unreviewed submissions from before an instant, and keeps the names of the first.
#[derive(Debug)]
pub(crate) struct Watch {
    before: Timestamp,
    age: String,
    count: usize,
    named: Vec<String>,
}

impl Watch {
    /// Watches for what was requested before an instant; `age` is how long ago that is.
    pub(crate) fn new(before: Timestamp, age: String) -> Self {
        Self { before, age, count: 0, named: Vec::new() }
    }

    /// Looks at a row.
    pub(crate) fn add(&mut self, row: &Submission) {
        let is_older = row.requested_instant().is_some_and(|at| at < self.before);
        if !row.is_unreviewed() || !is_older {
            return;
        }
        self.count += 1;
        if self.named.len() < MOST_NAMED {
            let members = [row.requested_at(), row.submission_id(), row.subject()];
            let members: Vec<_> = members.into_iter().flatten().map(clean).collect();
            self.named.push(members.join("  "));
        }
    }

    /// Names them on stderr, and returns whether there are any.
    pub(crate) fn warn(&self) -> bool {
        if self.count == 0 {
            return false;
        }
        let (count, age) = (plural(self.count, "unreviewed submission"), &self.age);
        let verb = if self.count == 1 { "is" } else { "are" };
        let mut text = format!("warning: {count} {verb} older than {age}:\n");
        for name in &self.named {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "  {name}");
        }
        if self.count > self.named.len() {
            let _ = writeln!(text, "  and {} more", self.count - self.named.len());
        }
        say(&text);
        true
    }
}
