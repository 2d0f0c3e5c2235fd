//! The form of a saved plan: what follows from the live object and the wanted values is left out of the file, since
//! whoever reads it derives that again. A document with all of its members is read as well.

use super::document::ZoneDocument;
use super::row_document::{COLUMN, RowDocument};
use super::{Status, ZonePlan};
use crate::diff::VerdictKind;
use serde::ser::{Error as _, Serialize, Serializer};
use serde_json::{Map, Value as Json};

/// What a reader must know of such a file, in `requires`.
pub(super) const DERIVED: &str = "derived";

impl ZoneDocument {
    /// The zone without what follows from the rest of it.
    pub(super) fn without_derived(mut self) -> Self {
        self.status = self.status.filter(|status| matches!(status, Status::Blocked | Status::Failed));
        (self.base, self.live_plan, self.body) = (None, None, None);
        for row in &mut self.settings {
            row.leave_out();
        }
        self
    }

    /// The JSON of a zone that was left without it: without members that are null or empty, too.
    fn short_json(&self) -> serde_json::Result<Json> {
        let mut zone = serde_json::to_value(self)?;
        let Some(members) = zone.as_object_mut() else { return Ok(zone) };
        members.retain(|_, member| !is_nothing(member));
        let rows = members.get_mut("settings").and_then(Json::as_array_mut);
        for row in rows.into_iter().flatten().filter_map(Json::as_object_mut) {
            // Null says here that GET did not report it before.
            row.retain(|name, member| name == "before" || !is_nothing(member));
            if let Some(at) = row.get_mut("at").and_then(Json::as_object_mut) {
                shorten(at, &self.file);
            }
        }
        Ok(zone)
    }

    /// Names the zone file again where a place leaves it out.
    pub(super) fn with_places(mut self) -> Self {
        for at in self.settings.iter_mut().filter_map(|row| row.at.as_mut()).filter(|at| at.file.is_empty()) {
            at.file.clone_from(&self.file);
        }
        self
    }
}

/// A zone in this form.
pub(super) struct Short(ZoneDocument);

impl From<&ZonePlan> for Short {
    fn from(planned: &ZonePlan) -> Self {
        Self(ZoneDocument::from(planned).without_derived())
    }
}

impl Serialize for Short {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.short_json().map_err(S::Error::custom)?.serialize(serializer)
    }
}

impl RowDocument {
    fn leave_out(&mut self) {
        (self.live, self.effect) = (Json::Null, None);
        self.cautions.clear();
        // A verdict counts where it says what a file or an earlier time says. That a stale setting is cleaned is such a
        // verdict, since no row of the file names it.
        let follows = |kind: &VerdictKind| match kind {
            VerdictKind::Unread | VerdictKind::Unmanaged | VerdictKind::InSync => true,
            VerdictKind::Change => !self.stale,
            VerdictKind::ChangedOutside
            | VerdictKind::Accepted
            | VerdictKind::Held
            | VerdictKind::Unapproved
            | VerdictKind::Blocked
            | VerdictKind::CannotClean => false,
        };
        self.verdict = self.verdict.filter(|kind| !follows(kind));
    }
}

fn is_nothing(member: &Json) -> bool {
    member.is_null() || member.as_array().is_some_and(Vec::is_empty)
}

/// A place in the zone file, at the usual column, is its line.
fn shorten(at: &mut Map<String, Json>, file: &str) {
    at.retain(|name, member| match name.as_str() {
        "file" => *member != file,
        "column" => *member != COLUMN,
        _ => true,
    });
}
