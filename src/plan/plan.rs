//! The plan of a run, its provenance, and the digest that is approved.

use super::{ApprovedBy, Claim, Left, MovedSince, RuleKind, Source, Summary, TakenOver, Weakened, ZonePlan};
use crate::diff::Verdict;
use crate::model::{Canonical, Diagnostic, Digest, Input, RowImpacts, Shard, Threshold, ZoneId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// The flags by which a person allowed or limited something for one plan. They are part of what is approved.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[non_exhaustive]
pub struct Overrides {
    /// Settings that are sent although live does not report them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub send_unavailable: Vec<String>,
    /// Zones that may be loosened although somebody tightened them by hand.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub confirm_loosening: Vec<String>,
    /// Protected zones that are written anyway.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unprotect: Vec<String>,
    /// Zones that are undone although somebody changed them after the apply.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub undo_moved: Vec<String>,
    /// Policies that are overridden.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub override_policy: Vec<String>,
    /// The most zones that may change: a number, or a share such as `5%`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub max_zones: Option<Threshold>,
    /// The most changes that may loosen protection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_loosening: Option<u32>,
}

/// The zones that a run was limited to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub(crate) struct Selection {
    /// The names or patterns of `--zone`.
    pub zones: Vec<String>,
    /// The names or patterns of `--exclude`.
    pub exclude: Vec<String>,
    /// The shard, such as `2/8`, if the run was one of several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<Shard>,
    /// The git revision that zone files had to differ from, if the run was limited to such zones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed_since: Option<String>,
    /// The zones that the run did not reach in its time; absent if there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<Left>,
}

/// The provenance of a plan: when, against what, and from which files and flags it was made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Provenance {
    /// When it was made.
    pub created_at: jiff::Timestamp,
    /// The day (UTC) that waivers and freezes were judged on.
    pub as_of: jiff::civil::Date,
    /// The address of the API it was made against, or `emulate:`.
    pub api: String,
    /// What the live settings were read from.
    pub source: Source,
    /// The paths of the run.
    pub paths: Vec<String>,
    /// The zones it was limited to.
    pub(crate) selection: Selection,
    /// How many zone files the project has.
    pub zone_files: usize,
    /// The flags given.
    pub overrides: Overrides,
    /// The commit that was checked out; `None` outside of a checkout.
    pub commit: Option<String>,
    /// The git revision or record that it was compared with.
    pub since: Option<String>,
    /// The recorded commit, if the files are older than it: such a plan is never written.
    pub older_than: Option<String>,
    /// The rules that are softer than at `since`, sorted.
    pub(crate) weakened: Vec<Weakened>,
    /// What changed since an earlier snapshot, if it was compared with one.
    pub(crate) moved_since: Option<MovedSince>,
    /// The files it was made from, by path.
    pub(crate) inputs: Vec<Input>,
    /// The record claimed by the run that made it.
    pub(crate) claim: Option<Claim>,
    /// The reviewed plans that approve what it writes, if it was restricted to them.
    pub(crate) approved: Vec<ApprovedBy>,
}

impl Provenance {
    /// A plan made at a time, on its day, against an address.
    #[must_use]
    pub fn new(created_at: jiff::Timestamp, api: String) -> Self {
        let at = created_at.round(jiff::Unit::Second).unwrap_or(created_at);
        let as_of = at.to_zoned(jiff::tz::TimeZone::UTC).date();
        Self { created_at: at, as_of, api, ..Self::default() }
    }
}

/// What a run would write, zone by zone, and what it was made from.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct Plan {
    pub(super) provenance: Provenance,
    pub(super) zones: Vec<ZonePlan>,
    /// Whether it was read from a document: time has passed, and this run saw none of the zones.
    is_saved: bool,
}

/// Why a plan is not the approved one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotApproved {
    /// The text is not a digest, or has too few digits of one.
    #[error("`{text}` is not a digest")]
    NoDigest {
        /// What was given, in lower case.
        text: String,
    },
    /// Another plan was approved.
    #[error("the plan has the digest {found}, but {approved} was approved")]
    Other {
        /// The digits of the plan's digest.
        found: String,
        /// The approved digits.
        approved: String,
    },
}

impl Plan {
    /// Builds a plan; the order in which zones were read does not matter. If a zone was planned from a snapshot, that
    /// is the source of the plan, whatever the caller states.
    pub fn build(mut provenance: Provenance, mut zones: Vec<ZonePlan>) -> Self {
        for taken_at in zones.iter_mut().filter_map(|zone| zone.taken_at.take()) {
            provenance.source = Source::snapshot(taken_at);
        }
        provenance.inputs.sort();
        zones.sort_by(|one, two| key(one).cmp(&key(two)));
        Self { provenance, zones, is_saved: false }
    }

    /// States which zones its snapshot had taken over from earlier ones.
    pub(crate) fn state_taken_over(&mut self, taken_over: Option<TakenOver>) {
        self.provenance.source.taken_over = taken_over;
    }

    /// States which zones the run did not reach in its time.
    pub(crate) fn state_left(&mut self, left: Option<Left>) {
        self.provenance.selection.left = left;
    }

    /// Marks the plan as read from a document.
    pub(super) fn into_saved(self) -> Self {
        Self { is_saved: true, ..self }
    }

    /// Its provenance and its zones.
    pub(super) fn into_parts(self) -> (Provenance, Vec<ZonePlan>) {
        (self.provenance, self.zones)
    }

    /// Whether it was read from a document.
    #[must_use]
    pub fn is_saved(&self) -> bool {
        self.is_saved
    }

    /// Its provenance.
    #[must_use]
    pub fn provenance(&self) -> &Provenance {
        &self.provenance
    }

    /// The zones, by name and id.
    pub fn zones(&self) -> &[ZonePlan] {
        &self.zones
    }

    /// The name of one of its zones, with the id of the account if another zone has the same name.
    #[must_use]
    pub fn label(&self, zone: &ZonePlan) -> String {
        let first = self.zones.partition_point(|other| other.zone < zone.zone);
        match self.zones.get(first + 1).is_some_and(|second| second.zone == zone.zone) {
            true => zone.identity().label(),
            false => zone.zone.shown(),
        }
    }

    /// Keeps some of its zones; this changes the digest.
    pub fn only(mut self, keep: impl FnMut(&ZonePlan) -> bool) -> Self {
        self.zones.retain(keep);
        self
    }

    /// The part of the plan that one of several machines writes, with its own digest.
    pub(crate) fn shard(mut self, shard: Shard) -> Self {
        self.provenance.selection.shard = Some(shard);
        self.only(|zone| shard.holds(&zone.zone))
    }

    /// Blocks the zones for which `why` gives a reason: nothing of them is written, and the digest changes.
    pub fn block(&mut self, mut why: impl FnMut(&ZonePlan) -> Option<Diagnostic>) {
        for zone in &mut self.zones {
            let reason = why(zone);
            zone.blocks.extend(reason);
        }
    }

    /// Leaves out rows of its zones, each with the verdict that says why, and adds a note about them.
    pub(super) fn restrict(
        &mut self,
        mut what: impl FnMut(&ZonePlan) -> (Vec<(usize, Verdict)>, Option<Diagnostic>),
    ) {
        for zone in &mut self.zones {
            let (left_out, note) = what(zone);
            for (index, verdict) in left_out {
                zone.rows[index].verdict = verdict;
            }
            zone.notes.extend(note);
        }
    }

    /// States the record that the run claimed, and the reviewed plans that approve what it writes.
    pub(crate) fn claimed(mut self, claim: Option<Claim>, approved: Vec<ApprovedBy>) -> Self {
        (self.provenance.claim, self.provenance.approved) = (claim, approved);
        self
    }

    /// Adds notes about each zone; they do not change what is written.
    pub fn note(&mut self, mut what: impl FnMut(&ZonePlan) -> Vec<Diagnostic>) {
        for zone in &mut self.zones {
            let notes = what(zone);
            zone.notes.extend(notes);
        }
    }

    /// Adds what changes would have done to requests, by the index of the zone. Nothing that is approved changes.
    pub(crate) fn add_impact(&mut self, impact: Vec<(usize, RowImpacts)>) {
        for (index, impact) in impact {
            if let Some(zone) = self.zones.get_mut(index) {
                zone.impact = impact;
            }
        }
    }

    /// Takes the softer rules out, until [`Self::put_weakened`].
    pub(super) fn take_weakened(&mut self) -> Vec<Weakened> {
        std::mem::take(&mut self.provenance.weakened)
    }

    /// Puts the softer rules back.
    pub(super) fn put_weakened(&mut self, weakened: Vec<Weakened>) {
        self.provenance.weakened = weakened;
    }

    /// The counts.
    #[must_use]
    pub fn summary(&self) -> Summary {
        Summary::of(&self.zones)
    }

    /// The files and folders that it was made from, as far as it states them: they may protect a zone by now.
    pub fn sources(&self) -> impl Iterator<Item = &String> {
        let Provenance { paths, inputs, .. } = &self.provenance;
        let inputs = inputs.iter().map(|input| &input.path);
        paths.iter().chain(inputs).chain(self.changing().filter_map(|zone| zone.file.as_ref()))
    }

    /// The zones that would be written.
    pub fn changing(&self) -> impl Iterator<Item = &ZonePlan> {
        self.zones.iter().filter(|zone| zone.is_written())
    }

    /// The digest that a reviewer approves: it covers the exact writes, the live objects they were planned against, and
    /// the softer rules. Two plans with one digest write the same to the same zones, and weaken the same rules.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let Provenance { api, overrides, weakened, .. } = &self.provenance;
        let mut canonical = Canonical::default();
        canonical.text("{\"api\":");
        canonical.json(api);
        canonical.text(",\"overrides\":");
        canonical.json(overrides);
        // Left out if empty: a comparison that found nothing softer must not change the digest.
        if !weakened.is_empty() {
            canonical.text(",\"weakened\":");
            canonical.json(&weakened.iter().map(Softer::from).collect::<Vec<_>>());
        }
        canonical.text(",\"zones\":[");
        for (index, zone) in self.changing().enumerate() {
            canonical.text(if index > 0 { "," } else { "" });
            canonical.value(&approved(zone));
        }
        canonical.text("]}");
        canonical.digest()
    }

    /// Compares the digest with the approved one, of which the first 32 digits are enough.
    ///
    /// # Errors
    /// Another plan was approved, or the text is not a digest.
    pub fn expect(&self, approved: &str) -> Result<(), NotApproved> {
        let approved = approved.to_ascii_lowercase();
        if approved.len() < Digest::SHOWN || !approved.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(NotApproved::NoDigest { text: approved });
        }
        let digest = self.digest();
        match digest.as_str().starts_with(&approved) {
            true => Ok(()),
            false => Err(NotApproved::Other { found: digest.short().to_owned(), approved }),
        }
    }
}

fn key(zone: &ZonePlan) -> (&str, Option<&ZoneId>, Option<&str>) {
    (zone.zone.as_str(), zone.zone_id.as_ref(), zone.file.as_deref())
}

/// What the digest of a plan covers of a softer rule.
#[derive(Serialize)]
struct Softer<'a> {
    kind: RuleKind,
    what: &'a str,
    zone: Option<&'a str>,
}

impl<'a> From<&'a Weakened> for Softer<'a> {
    fn from(Weakened { kind, what, zone, .. }: &'a Weakened) -> Self {
        Self { kind: *kind, what, zone: zone.as_deref() }
    }
}

/// What the digest of a plan covers of a zone.
fn approved(zone: &ZonePlan) -> Json {
    let members = [
        ("base", zone.base().map(|base| base.as_str().into())),
        ("body", zone.body().map(Json::Object)),
        ("zone", Some(zone.zone.as_str().into())),
        ("zone_id", zone.zone_id.as_ref().map(|id| id.as_str().into())),
    ];
    members.into_iter().map(|(name, member)| (name.to_owned(), member.unwrap_or_default())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Variant;
    use crate::diff::Context;
    use crate::model::{Desired, Live};
    use serde_json::json;

    #[test]
    fn the_digest_is_that_of_the_document_that_the_schema_states() {
        let zone = |name: &str| {
            let mut want = Desired::new(name.parse().unwrap(), Variant::SbfmPro);
            want.set("ai_search", "block").unwrap();
            let live = Live::read([("ai_search".to_owned(), "disabled".into())].into_iter().collect());
            let id = "0".repeat(32).try_into().unwrap();
            ZonePlan::build(&want, id, live, &Context::of_day(jiff::civil::Date::default()))
        };
        for names in [&[][..], &["a.example"], &["a.example", "b.example", "c.example"]] {
            let zones = names.iter().map(|name| zone(name)).collect();
            let plan = Plan::build(Provenance { api: "a".to_owned(), ..Provenance::default() }, zones);
            let approved = |zone: &ZonePlan| json!({"base": zone.base(), "body": zone.body(), "zone": zone.zone.as_str(), "zone_id": zone.zone_id});
            let zones: Vec<_> = plan.zones().iter().map(approved).collect();
            let stated = Digest::of_json(&json!({"api": "a", "overrides": {}, "zones": zones}));
            assert_eq!(plan.digest().as_str(), stated.as_str(), "{names:?}");
            assert_eq!(plan.expect(stated.short()), Ok(()));
            let word = "z".repeat(Digest::SHOWN);
            assert!(matches!(plan.expect(&word), Err(NotApproved::NoDigest { .. })));
            let short = &stated.as_str()[..Digest::SHOWN - 1];
            assert_eq!(plan.expect(short), Err(NotApproved::NoDigest { text: short.to_owned() }));
        }
    }
}
