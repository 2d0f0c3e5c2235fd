//! The plan of one zone.

use crate::catalogue::Variant;
use crate::diff::{Change, Context, InSync, StaleMember, Waived, ZoneDiff, diff};
use crate::model::{Desired, Diagnostic, Digest, Freeze, Live, ZoneId, ZoneName};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// What a plan means for a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Nothing is to be written.
    InSync,
    /// Something is to be written.
    Change,
    /// Something cannot or may not be written, so nothing of the zone is.
    Blocked,
    /// The zone could not be read.
    Failed,
}

impl Status {
    /// The word used in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::InSync => "in_sync",
            Self::Change => "change",
            Self::Blocked => "blocked",
            Self::Failed => "failed",
        }
    }

    /// Whether it counts as failed for the exit code.
    #[must_use]
    pub const fn is_failure(self) -> bool {
        matches!(self, Self::Blocked | Self::Failed)
    }
}

/// Why a zone is only ever planned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Protected {
    /// Why.
    pub reason: String,
    /// The last day (UTC); nothing if it has no end.
    pub until: Option<jiff::civil::Date>,
}

impl Protected {
    /// The standing protection of a file, or its freeze if that has not ended.
    #[must_use]
    pub fn of(want: &Desired, today: jiff::civil::Date) -> Option<Self> {
        let freeze = want.freeze.as_ref().filter(|freeze| freeze.until >= today);
        match (want.protect, freeze) {
            (true, None) => Some(Self { reason: "the file says `protect: true`".to_owned(), until: None }),
            (true, Some(freeze)) => {
                let Freeze { reason, until } = freeze;
                let reason =
                    format!("the file says `protect: true`; it is also frozen until {until}: {reason}");
                Some(Self { reason, until: None })
            }
            (false, Some(freeze)) => Some(Self { reason: freeze.reason.clone(), until: Some(freeze.until) }),
            (false, None) => None,
        }
    }
}

/// What is to be done about one zone, and what was seen of it.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct ZonePlan {
    /// The zone.
    pub zone: ZoneName,
    /// Its id, once it is known.
    pub zone_id: Option<ZoneId>,
    /// The plan variant of the file.
    pub plan: Variant,
    /// The zone file, relative to the folder the plan was made in.
    pub file: String,
    /// Whether and why the zone is only ever planned.
    pub protected: Option<Protected>,
    /// What there is to say.
    pub diagnostics: Vec<Diagnostic>,
    /// The managed settings that need no write, by name.
    pub in_sync: Vec<InSync>,
    /// The stale members that still act on traffic, by name.
    pub stale: Vec<StaleMember>,
    /// The accepted deviations, by name.
    pub waived: Vec<Waived>,
    pub(super) status: Status,
    pub(super) seen: Option<Live>,
    pub(super) changes: Vec<Change>,
}

impl ZonePlan {
    fn empty(want: &Desired, zone_id: Option<ZoneId>, status: Status, today: jiff::civil::Date) -> Self {
        Self {
            zone: want.zone.clone(),
            zone_id,
            plan: want.plan(),
            file: want.file.clone(),
            protected: Protected::of(want, today),
            diagnostics: Vec::new(),
            in_sync: Vec::new(),
            stale: Vec::new(),
            waived: Vec::new(),
            status,
            seen: None,
            changes: Vec::new(),
        }
    }

    /// The plan of a zone that was read.
    pub fn build(want: &Desired, zone_id: ZoneId, live: Live, context: &Context) -> Self {
        let ZoneDiff { changes, blocks, notes, in_sync, stale, waived } = diff(want, &live, context);
        let status = match (blocks.is_empty(), changes.is_empty()) {
            (false, _) => Status::Blocked,
            (true, true) => Status::InSync,
            (true, false) => Status::Change,
        };
        Self {
            diagnostics: blocks.into_iter().chain(notes).collect(),
            in_sync,
            stale,
            waived,
            changes: if status == Status::Change { changes } else { Vec::new() },
            seen: Some(live),
            ..Self::empty(want, Some(zone_id), status, context.today)
        }
    }

    /// The plan of a zone that may not be read or written.
    pub fn blocked(
        want: &Desired,
        zone_id: Option<ZoneId>,
        why: Diagnostic,
        today: jiff::civil::Date,
    ) -> Self {
        Self { diagnostics: vec![why], ..Self::empty(want, zone_id, Status::Blocked, today) }
    }

    /// The plan of a zone that could not be read.
    pub fn failed(
        want: &Desired,
        zone_id: Option<ZoneId>,
        why: Diagnostic,
        today: jiff::civil::Date,
    ) -> Self {
        Self { diagnostics: vec![why], ..Self::empty(want, zone_id, Status::Failed, today) }
    }

    /// What the plan means for the zone.
    #[must_use]
    pub fn status(&self) -> Status {
        self.status
    }

    /// The live object the plan was made against; nothing if it was not read.
    #[must_use]
    pub fn seen(&self) -> Option<&Live> {
        self.seen.as_ref()
    }

    /// The digest of the live object the plan was made against.
    #[must_use]
    pub fn base(&self) -> Option<Digest> {
        self.seen.as_ref().map(Live::digest)
    }

    /// What would be written: declared settings by name, then stale ones by name.
    #[must_use]
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// The exact body of the PUT; nothing if nothing is written.
    #[must_use]
    pub fn body(&self) -> Option<Map<String, Json>> {
        (!self.changes.is_empty()).then(|| {
            self.changes
                .iter()
                .map(|change| (change.setting().name.to_owned(), change.after().to_json()))
                .collect()
        })
    }

    /// The reported settings that the file does not name.
    #[must_use]
    pub fn unmanaged(&self) -> BTreeMap<&'static str, Json> {
        let managed = |name| {
            self.in_sync.iter().any(|member| member.setting.name == name)
                || self.changes.iter().any(|change| change.setting().name == name)
                || self.waived.iter().any(|waived| waived.setting.name == name && waived.wanted.is_some())
        };
        self.seen
            .iter()
            .flat_map(Live::settings)
            .filter(|(setting, _)| !managed(setting.name))
            .map(|(setting, value)| (setting.name, value.to_json()))
            .collect()
    }
}
