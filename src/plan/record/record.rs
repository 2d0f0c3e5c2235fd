//! The record: at which commit each zone was last applied, and for which zones that is not known. It is the text of an
//! annotated tag, claimed before the first PUT and settled after the last.

use crate::diff::Recorded;
use crate::model::{AccountId, Identity, StalePolicy, ZoneId, ZoneName};
use jiff::civil::Date;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

/// The version that is written; readers refuse another major number.
const FORMAT_VERSION: &str = "1.0";

/// The largest number of a record: every JSON reader reads it exactly, and counting up does not overflow.
const LARGEST: u64 = 1 << 53;

/// The words that the text of a record begins with.
const MARK: &str = "botform record";

/// At which commit, and on which day, each zone of a project was last applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Record {
    format_version: String,
    /// The number, which each run that writes a record increases.
    pub number: u64,
    /// The commit that all zones were applied at, except those that are listed.
    pub commit: String,
    /// The day (UTC) on which that commit was applied: temporary values count up to their last day.
    pub day: Date,
    /// The zones whose files want other values than at their own commit, and those in doubt.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) zones: Vec<RecordedZone>,
}

/// A zone that a record lists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub(crate) struct RecordedZone {
    /// Its name.
    pub zone: ZoneName,
    /// Its id, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone_id: Option<ZoneId>,
    /// Its account, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<AccountId>,
    /// The commit that it was last applied at.
    pub commit: String,
    /// The day (UTC) on which that commit's values count for it.
    pub day: Date,
    /// Since when it is not known what is live.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) in_doubt: Option<Doubt>,
}

/// Doubt about a zone: it was claimed and nothing says how that ended, or a run wrote only part of its changes, so that
/// it has the values of no commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub(crate) struct Doubt {
    /// The number of the record since which the live values are not known.
    pub since: u64,
    /// Whether a later run has read the zone, so that plans made since then may settle it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub looked_at: bool,
    /// The earlier doubt when the zone was claimed, which returns if nothing was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<u64>,
}

/// What a record says about a zone.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Applied<'a> {
    /// The commit that it was last applied at.
    pub commit: &'a str,
    /// The day (UTC) on which that commit's values count for it.
    pub day: Date,
    /// Since when it is not known what is live.
    pub(crate) in_doubt: Option<Doubt>,
}

impl Applied<'_> {
    /// What it says beyond the values of the zone's file, which said this of stale settings.
    #[must_use]
    pub fn recorded(&self, stale: StalePolicy) -> Recorded {
        let known = Recorded::known(stale);
        self.in_doubt.map_or(known, |doubt| known.in_doubt(doubt.since))
    }
}

/// A zone that the files of a commit name.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProjectZone {
    /// Its name.
    pub zone: ZoneName,
    /// The id that its file states.
    pub zone_id: Option<ZoneId>,
    /// The account that its file states.
    pub account_id: Option<AccountId>,
    /// Whether its file wants other values than when it was last applied.
    pub differs: bool,
}

/// What a run is about to apply: the number of its record, and the commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[non_exhaustive]
pub struct Claim {
    /// The number of the record that the run claimed.
    pub number: u64,
    /// The commit whose files it applies.
    pub commit: String,
}

/// Why a text is not a record, or not the record of a run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// It does not begin like a record.
    #[error("it is not a botform record")]
    NoRecord,
    /// It cannot be read.
    #[error("the record cannot be read: {0}")]
    Form(String),
    /// Another major version.
    #[error("the record has format version {0}, and this version of botform reads 1.x")]
    Version(String),
    /// It contradicts itself.
    #[error("the record contradicts itself: {0}")]
    Content(String),
    /// It belongs to another run.
    #[error("the record has number {found}, but the plan claimed number {claimed}")]
    OfAnotherRun {
        /// The number it has.
        found: u64,
        /// The number that the plan states.
        claimed: u64,
    },
}

impl Record {
    /// A record that says all zones were applied at a commit.
    #[must_use]
    pub fn new(commit: String, day: Date) -> Self {
        Self { format_version: FORMAT_VERSION.to_owned(), number: 1, commit, day, zones: Vec::new() }
    }

    /// Whether a text, such as the message of a tag, begins like a record.
    #[must_use]
    pub fn is_one(text: &str) -> bool {
        text.trim_start().starts_with(MARK)
    }

    /// Reads the text of a record.
    ///
    /// # Errors
    /// The text is not a record, or it contradicts itself.
    pub fn read(text: &str) -> Result<Self, RecordError> {
        if !Self::is_one(text) {
            return Err(RecordError::NoRecord);
        }
        // The first line is for people, such as readers of `git tag`.
        let (_, json) = text.trim_start().split_once('\n').unwrap_or_default();
        let Head { format_version } = first(json)?;
        if format_version.split('.').next() != Some("1") {
            return Err(RecordError::Version(format_version.chars().take(40).collect()));
        }
        let record = first::<Self>(json)?.sorted();
        record.check().map(|()| record)
    }

    fn check(&self) -> Result<(), RecordError> {
        let wrong = |what: String| Err(RecordError::Content(what));
        if let Some(commit) = self.commits().into_iter().find(|commit| !is_commit(commit)) {
            return wrong(format!(
                "`{}` is not the id of a commit",
                commit.chars().take(80).collect::<String>()
            ));
        }
        if self.number > LARGEST {
            return wrong(format!("its number is above {LARGEST}"));
        }
        for (index, zone) in self.zones.iter().enumerate() {
            let name = &zone.zone;
            let others = self.zones[index + 1..].iter().take_while(|other| other.zone == *name);
            if others.into_iter().any(|other| other.identity().may_be(zone.identity())) {
                return wrong(format!("it lists `{name}` twice"));
            }
            let Some(Doubt { since, was, .. }) = zone.in_doubt else { continue };
            if since > self.number || was.is_some_and(|was| was > since) {
                return wrong(format!("`{name}` is in doubt since a number that does not exist yet"));
            }
        }
        Ok(())
    }

    /// What it says about a zone, by its name and, if known, its id.
    #[must_use]
    pub fn applied(&self, zone: &ZoneName, zone_id: Option<&ZoneId>) -> Applied<'_> {
        self.of(Identity::new(zone, zone_id, None))
    }

    /// What it says about a zone.
    #[must_use]
    pub(crate) fn of(&self, zone: Identity<'_>) -> Applied<'_> {
        match self.listed(zone) {
            Some(RecordedZone { commit, day, in_doubt, .. }) => {
                Applied { commit, day: *day, in_doubt: *in_doubt }
            }
            None => Applied { commit: &self.commit, day: self.day, in_doubt: None },
        }
    }

    /// The commits that it names.
    #[must_use]
    pub fn commits(&self) -> BTreeSet<&str> {
        self.zones.iter().map(|zone| zone.commit.as_str()).chain([self.commit.as_str()]).collect()
    }

    /// The zones in doubt.
    pub(crate) fn in_doubt(&self) -> impl Iterator<Item = &RecordedZone> {
        self.zones.iter().filter(|zone| zone.in_doubt.is_some())
    }

    /// Removes the doubt about zones to which nothing was sent, by the journal of the run that claimed them.
    #[must_use]
    pub(crate) fn without_doubt(mut self, is_untouched: impl Fn(&RecordedZone) -> bool) -> Self {
        for zone in &mut self.zones {
            let is_open = zone.in_doubt.is_some_and(|doubt| !doubt.looked_at);
            if is_open && is_untouched(zone) {
                zone.in_doubt = zone.in_doubt.and_then(Doubt::undone);
            }
        }
        self
    }

    /// The entry of a zone, if it is listed.
    pub(super) fn listed(&self, zone: Identity<'_>) -> Option<&RecordedZone> {
        self.place(zone).ok().and_then(|index| self.zones.get(index))
    }

    /// The index where a zone is listed, or else where it would be. The list is sorted by name and can hold thousands.
    fn place(&self, zone: Identity<'_>) -> Result<usize, usize> {
        let first = self.zones.partition_point(|entry| entry.zone < *zone.zone);
        let named = self.zones[first..].iter().take_while(|entry| entry.zone == *zone.zone);
        let mut end = first;
        for entry in named {
            if entry.identity().may_be(zone) {
                return Ok(end);
            }
            end += 1;
        }
        Err(end)
    }

    /// The entry of a zone; if there is none, it is made from what was applied.
    pub(super) fn entry(&mut self, zone: Identity<'_>, applied: &Applied<'_>) -> &mut RecordedZone {
        let index = self.place(zone).unwrap_or_else(|index| {
            self.zones.insert(index, RecordedZone::of(zone, applied));
            index
        });
        &mut self.zones[index]
    }

    /// Removes a zone.
    pub(super) fn remove(&mut self, zone: Identity<'_>) {
        // Several entries may be of the zone if they, or it, lack an id.
        while let Ok(index) = self.place(zone) {
            self.zones.remove(index);
        }
    }

    pub(super) fn sorted(mut self) -> Self {
        self.zones.sort_by(|one, other| (&one.zone, &one.zone_id).cmp(&(&other.zone, &other.zone_id)));
        self
    }
}

/// The version of a record, whatever else it says.
#[derive(Deserialize)]
struct Head {
    format_version: String,
}

/// Reads the first JSON value of a text. The tag may be signed, so a signature may follow.
fn first<T: DeserializeOwned>(json: &str) -> Result<T, RecordError> {
    match serde_json::Deserializer::from_str(json).into_iter().next() {
        Some(Ok(value)) => Ok(value),
        Some(Err(error)) => Err(RecordError::Form(error.to_string())),
        None => Err(RecordError::Form("it is empty".to_owned())),
    }
}

fn is_commit(text: &str) -> bool {
    let is_hex = |c: u8| c.is_ascii_digit() || (b'a'..=b'f').contains(&c);
    // Git names commits by SHA-1 or SHA-256. Anything else could reach git as an option or another revision.
    matches!(text.len(), 40 | 64) && text.bytes().all(is_hex)
}

impl Doubt {
    /// The doubt that is left if nothing was sent.
    pub(super) fn undone(self) -> Option<Self> {
        self.was.map(|since| Self { since, looked_at: true, was: None })
    }
}

impl RecordedZone {
    pub(super) fn of(zone: Identity<'_>, applied: &Applied<'_>) -> Self {
        Self {
            zone: zone.zone.clone(),
            zone_id: zone.zone_id.cloned(),
            account_id: zone.account_id.cloned(),
            commit: applied.commit.to_owned(),
            day: applied.day,
            in_doubt: applied.in_doubt,
        }
    }

    /// What is known about which zone it is.
    #[must_use]
    pub(crate) fn identity(&self) -> Identity<'_> {
        Identity::new(&self.zone, self.zone_id.as_ref(), self.account_id.as_ref())
    }
}

impl ProjectZone {
    /// A zone that the files of a commit name, with the ids that its file states.
    #[must_use]
    pub fn new(
        zone: ZoneName,
        zone_id: Option<ZoneId>,
        account_id: Option<AccountId>,
        differs: bool,
    ) -> Self {
        Self { zone, zone_id, account_id, differs }
    }

    /// What is known about which zone it is.
    #[must_use]
    pub(crate) fn identity(&self) -> Identity<'_> {
        Identity::new(&self.zone, self.zone_id.as_ref(), self.account_id.as_ref())
    }
}

impl fmt::Display for Record {
    /// The text of the tag.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let json = serde_json::to_string_pretty(self).map_err(|_| fmt::Error)?;
        let commit: String = self.commit.chars().take(12).collect();
        writeln!(f, "{MARK} {}: {commit}, {}\n\n{json}", self.number, self.day)
    }
}
