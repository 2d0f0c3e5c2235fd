//! Chooses which zones to read again, by the audit logs, which show what was written since a snapshot. A log is a hint
//! and no proof, since entries can be late or missing: the other zones take turns, so that each is read within the
//! rotation at the latest.

use crate::api::ZoneEntry;
use crate::diff::{Context, Row, diff};
use crate::model::{AccountId, Desired, Digest, Live, StalePolicy, ZoneId};
use crate::run::fetch::lookup;
use crate::run::{Snapshot, ZoneTimes};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::str::FromStr;

/// How far Cloudflare's clock and ours may differ: an entry that seems older than a read by less than this may be
/// newer.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

/// Within how many nights each zone is read at least once, whatever the log says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rotation(u32);

impl Rotation {
    /// The most nights.
    const MOST: u32 = 366;

    /// That many nights, from 1.
    fn of(nights: u32) -> Option<Self> {
        (1..=Self::MOST).contains(&nights).then_some(Self(nights))
    }
}

impl FromStr for Rotation {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let nights = text.strip_prefix("1/").and_then(|nights| nights.parse().ok());
        nights.and_then(Self::of).ok_or("write a share such as `1/7`: a seventh of the zones each night")
    }
}

/// Why a zone is read again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Why {
    /// The snapshot does not hold it, could not read it, or shows another plan.
    New,
    /// The log of its account could not be read, or its account is not known.
    NoLog,
    /// The log shows a write.
    Written,
    /// Its file wants other values.
    File,
    /// It is its turn.
    Turn,
}

/// What suggests that zones may have changed.
#[derive(Debug, Default)]
pub(crate) struct Hints {
    /// When zones were written, by the logs; `None` for an entry without a time, which counts as new.
    pub written: BTreeMap<ZoneId, Vec<Option<Timestamp>>>,
    /// The accounts whose log was read to its end.
    pub whole: BTreeSet<AccountId>,
    /// The zones whose files want other values than at the snapshot.
    pub files: HashSet<ZoneId>,
}

impl Hints {
    fn is_written_since(&self, zone: &ZoneId, read_at: Timestamp) -> bool {
        let since = read_at.saturating_sub(SKEW).unwrap_or(read_at);
        let times = self.written.get(zone).into_iter().flatten();
        times.into_iter().any(|at| at.is_none_or(|at| at >= since))
    }

    /// Why a zone is read again, apart from its turn.
    fn why(&self, zone: &ZoneEntry, before: &Snapshot) -> Option<Why> {
        let (then, times) = (before.entry(&zone.id)?, before.times(&zone.id)?);
        let is_on_other_plan = then.legacy_id != zone.legacy_id;
        let has_log = zone.account_id.as_ref().is_some_and(|account| self.whole.contains(account));
        match () {
            () if is_on_other_plan || then.name != zone.name => Some(Why::New),
            () if !has_log => Some(Why::NoLog),
            () if self.is_written_since(&zone.id, times.read_at) => Some(Why::Written),
            () if self.files.contains(&zone.id) => Some(Why::File),
            () => None,
        }
    }
}

/// The zones to read again, and the others.
#[derive(Debug, Default)]
pub(crate) struct Choice {
    /// The zones to read, and why.
    pub read: Vec<(ZoneEntry, Why)>,
    /// Those that are taken over from the snapshot.
    pub kept: Vec<ZoneEntry>,
}

impl Choice {
    /// How many zones are read again for this reason.
    pub(crate) fn count(&self, why: Why) -> usize {
        self.read.iter().filter(|(_, other)| *other == why).count()
    }
}

/// Chooses which zones are read again. Turns go to the zones that were taken over most often, then to those read
/// longest ago.
pub(crate) fn choose(before: &Snapshot, zones: Vec<ZoneEntry>, hints: &Hints, rotation: Rotation) -> Choice {
    // Rounded up: with fewer a night, some zones would not be reached within the rotation.
    let share = zones.len().div_ceil(rotation.0 as usize);
    let mut choice = Choice::default();
    let mut rest: Vec<(ZoneTimes<'_>, ZoneEntry)> = Vec::new();
    for zone in zones {
        let is_read = before.live(&zone.id).is_some_and(|live| live.is_ok());
        match before.times(&zone.id).filter(|_| is_read) {
            None => choice.read.push((zone, Why::New)),
            Some(times) => match hints.why(&zone, before) {
                Some(why) => choice.read.push((zone, why)),
                None => rest.push((times, zone)),
            },
        }
    }
    let key = |(times, zone): &(ZoneTimes<'_>, ZoneEntry)| {
        (std::cmp::Reverse(times.taken_over), times.read_at, zone.id.clone())
    };
    rest.sort_by_cached_key(key);
    for (place, (times, zone)) in rest.into_iter().enumerate() {
        // To keep it now would be one more time that it is taken over.
        let is_due = times.taken_over.saturating_add(1) >= rotation.0;
        if is_due || place < share {
            choice.read.push((zone, Why::Turn));
        } else {
            choice.kept.push(zone);
        }
    }
    choice
}

/// What the files of zones want, and which of them want other values than at an earlier snapshot. Where the snapshot
/// does not say what a file wanted, a file that differs from its live settings counts.
pub(crate) fn wanted_by_files(
    before: &Snapshot,
    zones: &[ZoneEntry],
    wants: &[Desired],
    today: Date,
) -> (BTreeMap<ZoneId, Digest>, HashSet<ZoneId>) {
    let listed = Snapshot::of_list(zones);
    let (mut wanted, mut moved) = (BTreeMap::new(), HashSet::new());
    for want in wants {
        // A file whose zone does not exist is reported when it is planned.
        let Ok(entry) = listed.pick(&lookup(want)) else { continue };
        let digest = digest(want, today);
        let is_moved = match before.times(&entry.id).and_then(|times| times.wanted) {
            Some(then) => *then != digest,
            None => {
                before.live(&entry.id).is_some_and(|live| live.is_ok_and(|live| differs(want, live, today)))
            }
        };
        if is_moved {
            moved.insert(entry.id.clone());
        }
        wanted.insert(entry.id, digest);
    }
    (wanted, moved)
}

fn differs(want: &Desired, live: &Live, today: Date) -> bool {
    diff(want, live, &Context::of_day(today)).rows.iter().any(Row::differs)
}

/// The digest of what a file wants on a day.
fn digest(want: &Desired, today: Date) -> Digest {
    // As of the day: the end of a temporary value changes what the file wants, though not the file.
    let want = want.on(today);
    let settings = want.settings().map(|(setting, wanted)| (setting.name.to_owned(), wanted.value.to_json()));
    let settings: serde_json::Map<_, _> = settings.collect();
    let cleans = want.stale == StalePolicy::Clean;
    Digest::of_json(
        &serde_json::json!({ "cleans": cleans, "plan": want.plan().word(), "settings": settings }),
    )
}

#[cfg(test)]
#[path = "by_log_tests.rs"]
mod tests;
