//! The list of journals, as text and as JSON.

use super::parts::FORMAT_VERSION;
use crate::model::{clean, plural};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value as Json, json};
use std::fmt;

/// How the runs of a journal stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum JournalStatus {
    /// A run writes it now.
    Running,
    /// The outcome of a zone is not known: a run was killed, or no GET could show it.
    Open,
    /// The outcome of each zone is known.
    Finished,
    /// The file cannot be read, or is no journal.
    Unreadable,
}

impl JournalStatus {
    const fn word(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Open => "open",
            Self::Finished => "finished",
            Self::Unreadable => "unreadable",
        }
    }
}

/// A journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct JournalRow {
    /// The file.
    pub path: String,
    /// How its runs stand.
    pub status: JournalStatus,
    /// When its first run began, RFC 3339; null if it cannot be read.
    pub begun: Option<String>,
    /// The address of the API; null if it cannot be read.
    pub api: Option<String>,
    /// How many zones were written.
    pub zones: usize,
    /// How many zones have no known outcome.
    pub in_flight: usize,
    /// Why it cannot be read.
    pub problem: Option<String>,
}

/// The result of `undo` without a journal.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "botform journals")]
pub(super) struct List<'a> {
    /// The version of this format.
    format_version: &'static str,
    /// The journals of the state folder, the newest first.
    journals: &'a [JournalRow],
}

/// The journals as a document.
#[must_use]
pub fn journals_json(journals: &[JournalRow]) -> Json {
    json!(List { format_version: FORMAT_VERSION, journals })
}

/// The journals as text.
#[derive(Clone, Copy, Debug)]
pub struct JournalsText<'a> {
    journals: &'a [JournalRow],
    folder: &'a str,
}

impl<'a> JournalsText<'a> {
    /// A view of the journals of a folder.
    #[must_use]
    pub fn new(journals: &'a [JournalRow], folder: &'a str) -> Self {
        Self { journals, folder }
    }
}

impl fmt::Display for JournalsText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.journals.is_empty() {
            return writeln!(f, "no journals in {}", clean(self.folder));
        }
        for JournalRow { path, status, begun, api, zones, in_flight, problem } in self.journals {
            let mut about = vec![begun.clone().unwrap_or_default(), plural(*zones, "zone")];
            if *in_flight > 0 {
                about.push(format!("{in_flight} in flight"));
            }
            about.extend(api.clone());
            let about = problem.clone().unwrap_or_else(|| about.join("  "));
            writeln!(f, "{:<10}  {}\n    {}", status.word(), clean(&about), clean(path))?;
        }
        writeln!(
            f,
            "\n{}; `botform undo JOURNAL` undoes the last run of one",
            plural(self.journals.len(), "journal")
        )
    }
}
