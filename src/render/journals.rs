//! The list of journals, as text and as JSON.

use super::parts::{FORMAT_VERSION, named, value};
use super::{Detail, Page};
use crate::diff::{Effect, SentSetting};
use crate::model::{Outcome, Undone, Writer, clean, plural};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value as Json, json};
use std::cmp::Reverse;
use std::collections::BTreeMap;
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
    /// When its last run that sent anything began, RFC 3339; null if it cannot be read.
    pub begun: Option<String>,
    /// The address of the API; null if it cannot be read.
    pub api: Option<String>,
    /// Who wrote that run, if the journal says so.
    pub writer: Option<Writer>,
    /// How many zones were written.
    pub zones: usize,
    /// How many zones have no known outcome.
    pub in_flight: usize,
    /// What that run sent, grouped by zones with the same changes, loosening ones first.
    pub sent: Vec<Sent>,
    /// Why it cannot be read.
    pub problem: Option<String>,
}

/// What a run sent to some zones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Sent {
    /// The zones.
    pub zones: Vec<String>,
    /// The settings.
    pub settings: Vec<SentSetting>,
    /// The outcome, as in the plan document; null while it is not known.
    pub outcome: Option<String>,
}

impl Sent {
    /// Whether it loosens protection, or may.
    fn loosens(&self) -> bool {
        self.count_loosening() > 0
    }

    /// How many of its settings loosen protection.
    fn count_loosening(&self) -> usize {
        let loosens = |setting: &&SentSetting| {
            setting.effect != Some(Effect::Tightens) && setting.effect != Some(Effect::Neither)
        };
        self.settings.iter().filter(loosens).count()
    }

    /// Whether the zones have what was sent. If that is not known, they count as written.
    fn is_written(&self) -> bool {
        let is_written = |word: &String| {
            Outcome::ALL.iter().any(|outcome| outcome.word() == word && outcome.has_written())
        };
        self.outcome.as_ref().is_none_or(is_written)
    }

    /// Groups the zones by what was sent to them: those that loosen first, then the largest groups.
    #[must_use]
    pub fn grouped(zones: impl IntoIterator<Item = (String, Vec<SentSetting>, Option<String>)>) -> Vec<Self> {
        let mut groups: BTreeMap<String, Self> = BTreeMap::new();
        for (zone, settings, outcome) in zones {
            let key = json!([settings, outcome]).to_string();
            let group = groups.entry(key).or_insert_with(|| Self { zones: Vec::new(), settings, outcome });
            group.zones.push(zone);
        }
        let mut groups: Vec<_> = groups.into_values().collect();
        groups.sort_by_key(|group| (!group.is_written(), !group.loosens(), Reverse(group.zones.len())));
        groups
    }
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
    page: Page,
    detail: Detail,
}

/// How many journals are shown without `--detail`.
const MOST_JOURNALS: usize = 20;

/// How many groups of zones of a run are shown without `--detail`.
const MOST_SENT: usize = 4;

impl<'a> JournalsText<'a> {
    /// A view of the journals of a folder; in full detail, all of them with everything they wrote.
    #[must_use]
    pub fn new(journals: &'a [JournalRow], folder: &'a str, page: Page, detail: Detail) -> Self {
        Self { journals, folder, page, detail }
    }

    fn journal(&self, f: &mut fmt::Formatter<'_>, journal: &JournalRow) -> fmt::Result {
        let JournalRow { path, status, begun, api, writer, zones: _, in_flight, sent, problem } = journal;
        let about = match problem {
            Some(problem) => problem.clone(),
            None => {
                let mut about = vec![begun.clone().unwrap_or_default(), counts(sent)];
                if *in_flight > 0 {
                    about.push(format!("{in_flight} in flight"));
                }
                about.extend(api.clone());
                about.join("  ")
            }
        };
        let word = format!("{:<10}", status.word());
        writeln!(f, "{}  {}", self.page.paint.strong(word), self.page.wrap(&clean(&about), 12, 4))?;
        for line in writer.iter().flat_map(written_by) {
            writeln!(f, "    {}", self.page.wrap(&clean(&line), 4, 6))?;
        }
        let shown = if self.detail == Detail::All { usize::MAX } else { MOST_SENT };
        sent.iter().take(shown).try_for_each(|sent| self.sent(f, sent))?;
        let hidden: usize = sent.iter().skip(shown).map(|sent| sent.zones.len()).sum();
        if hidden > 0 {
            let hidden = plural(hidden, "zone");
            writeln!(f, "      … and {hidden} with other changes (all with --detail)")?;
        }
        writeln!(f, "    {}\n", clean(path))
    }

    /// What was sent to some zones: their names, then a line for each setting.
    fn sent(&self, f: &mut fmt::Formatter<'_>, sent: &Sent) -> fmt::Result {
        let word = |word: &String| word.replace('_', " ");
        let outcome = match &sent.outcome {
            Some(outcome) if sent.is_written() => word(outcome),
            Some(outcome) => format!("{}, nothing written", word(outcome)),
            None => "outcome not known".to_owned(),
        };
        let names = sent.zones.iter().map(|zone| clean(zone).into_owned());
        let lead = format!("{}: ", clean(&outcome));
        writeln!(f, "{}", self.page.names(&lead, names, 6, ""))?;
        for SentSetting { setting, before, sent, effect } in &sent.settings {
            let effect = match effect {
                Some(Effect::Loosens) => self.page.paint.bad("loosens"),
                Some(Effect::Tightens) => self.page.paint.good("tightens"),
                Some(Effect::Neither) => String::new(),
                None => "not known to this version".to_owned(),
            };
            let line = format!(
                "{:<24}{} → {}  {effect}",
                format!("{} ", named(setting)),
                value(Some(before)),
                value(Some(sent))
            );
            writeln!(f, "        {}", self.page.wrap(line.trim_end(), 8, 10))?;
        }
        Ok(())
    }
}

/// How much a run wrote.
fn counts(sent: &[Sent]) -> String {
    if sent.is_empty() {
        return "nothing sent".to_owned();
    }
    let written: Vec<_> = sent.iter().filter(|sent| sent.is_written()).collect();
    let zones: usize = written.iter().map(|sent| sent.zones.len()).sum();
    let settings: usize = written.iter().map(|sent| sent.zones.len() * sent.settings.len()).sum();
    let loosening: usize = written.iter().map(|sent| sent.zones.len() * sent.count_loosening()).sum();
    let mut counts = format!("{}, {}", plural(zones, "zone"), plural(settings, "setting"));
    if loosening > 0 {
        let verb = if loosening == 1 { "loosens" } else { "loosen" };
        counts.push_str(&format!(", {loosening} {verb} protection"));
    }
    counts
}

/// Who wrote a run, and what it undid.
fn written_by(writer: &Writer) -> Vec<String> {
    let Writer { host, job, url, commit, undoes, .. } = writer;
    let undoes = undoes.as_ref().map(|Undone { journal, at, .. }| match at.as_str() {
        "" => format!("an undo of {journal}"),
        at => format!("an undo of {journal}, the run of {at}"),
    });
    let by = [
        host.as_ref().map(|host| format!("on {host}")),
        job.as_ref().map(|job| format!("job {job}")),
        url.clone(),
        commit.as_ref().map(|commit| format!("commit {commit}")),
    ];
    let by: Vec<_> = by.into_iter().flatten().collect();
    undoes.into_iter().chain((!by.is_empty()).then(|| format!("written {}", by.join(", ")))).collect()
}

impl fmt::Display for JournalsText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.journals.is_empty() {
            return writeln!(f, "no journals in {}", clean(self.folder));
        }
        let shown = if self.detail == Detail::All { usize::MAX } else { MOST_JOURNALS };
        self.journals.iter().take(shown).try_for_each(|journal| self.journal(f, journal))?;
        let hidden = self.journals.len().saturating_sub(shown);
        if hidden > 0 {
            writeln!(f, "… and {hidden} older (all with --detail)\n")?;
        }
        let count = plural(self.journals.len(), "journal");
        let next =
            format!("{count}; `botform undo JOURNAL` undoes the last run of one. Revert its commit too.");
        writeln!(f, "{}", self.page.wrap(&next, 0, 2))
    }
}
