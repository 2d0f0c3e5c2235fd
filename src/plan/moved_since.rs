//! What a plan says about changes since an earlier snapshot: zones as a whole, and the rows that changed outside.

use super::Plan;
use crate::diff::{Effect, Row, Verdict, mark_outside};
use crate::model::{AccountId, Live, LiveValue, Who, ZoneId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// What was compared with an earlier snapshot, and what happened to zones since then.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct MovedSince {
    /// When the snapshot was taken, RFC 3339.
    #[schemars(with = "String")]
    pub taken_at: jiff::Timestamp,
    /// How many zones were compared value by value.
    pub compared: usize,
    /// How many zones were not compared: they were not read, then or now, or were outside the scope of one of the two.
    pub not_compared: usize,
    /// The flags that limited the snapshot or this run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limited_to: Vec<String>,
    /// What was read again, if the audit log chose the zones to read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_log: Option<ByLog>,
    /// What happened to zones, by name and id.
    pub zones: Vec<MovedZone>,
}

/// How many zones were read again, and why; the others were taken over from the earlier snapshot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct ByLog {
    /// The audit log shows a write since they were read.
    pub written: usize,
    /// Their files want other values than then.
    pub file: usize,
    /// They are new, were not read then, or are on another plan.
    pub new: usize,
    /// It was their turn.
    pub turn: usize,
    /// The audit log of their account could not be read.
    pub no_log: usize,
    /// Not read again: these were taken over.
    pub taken_over: usize,
}

impl ByLog {
    /// How many were read again.
    pub(crate) fn read(&self) -> usize {
        let Self { written, file, new, turn, no_log, taken_over: _ } = self;
        written + file + new + turn + no_log
    }
}

impl MovedSince {
    /// The zones of which something changed.
    pub(crate) fn changed(&self) -> impl Iterator<Item = &MovedZone> {
        self.zones.iter().filter(|zone| zone.what.is_change())
    }
}

/// What happened to a zone since an earlier snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct MovedZone {
    /// Its name.
    pub zone: String,
    /// Its id; the present one if it changed.
    pub zone_id: String,
    /// The id of its account; null if it is not known.
    #[schemars(with = "Option<String>")]
    pub account_id: Option<AccountId>,
    /// What happened to it.
    pub what: WhatMoved,
    /// The earlier plan variant or id; only if it changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// The present plan variant or id; only if it changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<String>,
    /// The settings that changed, if no file manages the zone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub settings: Vec<MovedSetting>,
    /// Why it was not compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What can happen to a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WhatMoved {
    /// It is not in the snapshot.
    New,
    /// It no longer exists, or the credentials do not see it.
    Gone,
    /// It has another plan variant.
    Variant,
    /// Its name belongs to another zone now.
    OtherId,
    /// No file manages it, and settings of it changed.
    Settings,
    /// It was not read, then or now.
    NotCompared,
}

impl WhatMoved {
    /// Whether something changed, as far as is known.
    pub(crate) fn is_change(self) -> bool {
        self != Self::NotCompared
    }
}

/// A setting of a zone that no file manages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct MovedSetting {
    /// The setting.
    pub setting: String,
    /// Whether it is a member of `stale_zone_configuration`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stale: bool,
    /// The earlier value; null if GET did not report it.
    pub before: Json,
    /// The present value; null if GET does not report it.
    pub now: Json,
    /// What the change does to protection.
    pub effect: Option<Effect>,
    /// Who changed it, by the account's audit log; only with `--who`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<Who>,
}

impl MovedSetting {
    /// The settings that differ between two live objects.
    pub(crate) fn between(then: &Live, now: &Live) -> Vec<Self> {
        let mut rows = Vec::new();
        mark_outside(&mut rows, now, then);
        let json = |value: &Option<LiveValue>| value.as_ref().map_or(Json::Null, LiveValue::to_json);
        let setting = |row: &Row| {
            let before = row.changed_outside().map_or(Json::Null, |was| json(&was.before));
            let (setting, stale, effect) = (row.name().to_owned(), row.stale, row.effect);
            Self { setting, stale, before, now: json(&row.live), effect, who: None }
        };
        rows.iter().map(setting).collect()
    }
}

impl Plan {
    /// Marks what changed outside in its zones. None of it is written, so the digest does not change.
    pub(crate) fn mark_outside<'t>(&mut self, then: impl Fn(&ZoneId) -> Option<&'t Live>) {
        for zone in &mut self.zones {
            let Ok(now) = &zone.live else { continue };
            if let Some(then) = zone.zone_id.as_ref().and_then(&then) {
                mark_outside(&mut zone.rows, now, then);
            }
        }
    }

    /// States what was read again.
    pub(crate) fn state_by_log(&mut self, by_log: ByLog) {
        if let Some(moved) = &mut self.provenance.moved_since {
            moved.by_log = Some(by_log);
        }
    }

    /// States what happened to zones since an earlier snapshot.
    pub(crate) fn state_moved(&mut self, moved: MovedSince) {
        self.provenance.moved_since = Some(moved);
    }

    /// Whether something differs from the snapshot that it was compared with.
    #[must_use]
    pub(crate) fn has_changed_outside(&self) -> bool {
        let is_outside = |row: &Row| matches!(row.verdict, Verdict::ChangedOutside(_));
        self.zones.iter().any(|zone| zone.rows.iter().any(is_outside))
            || self.provenance.moved_since.as_ref().is_some_and(|moved| moved.changed().next().is_some())
    }
}
