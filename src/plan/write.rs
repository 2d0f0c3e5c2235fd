//! From the plan to its document.

use super::wire::{
    ChangeV1, DiagnosticV1, EffectV1, FORMAT_VERSION, FindingKindV1, FindingV1, InputV1, OriginV1, OutcomeV1,
    PlanV1, ProtectedV1, ReasonV1, SeverityV1, StaleActionV1, StaleV1, StatusV1, SummaryV1, WaivedV1, ZoneV1,
};
use super::{Plan, Protected, Status, Summary, ZonePlan};
use crate::diff::{Change, ChangeReason, Effect, Origin, StaleAction, StaleMember, Waived};
use crate::model::{
    Canonical, Diagnostic, Digest, Finding, FindingKind, Input, Live, LiveValue, Outcome, Severity,
    ZoneOutcome,
};
use serde::ser::{Serialize, SerializeStruct as _, Serializer};
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// The members that the digest of a document leaves out.
const OUTSIDE_DIGEST: [&str; 3] = ["digest", "created_at", "tool_version"];

/// The document of a plan, or of its apply. It is written zone by zone, so that it is never held as a whole.
#[derive(Clone, Copy, Debug)]
pub struct Document<'a> {
    plan: &'a Plan,
    outcomes: Option<&'a [ZoneOutcome]>,
}

impl<'a> Document<'a> {
    /// The document of a plan.
    #[must_use]
    pub fn new(plan: &'a Plan) -> Self {
        Self { plan, outcomes: None }
    }

    /// The document of an apply: that of the plan, with an outcome for each zone, in the order of the plan.
    #[must_use]
    pub fn with_outcomes(plan: &'a Plan, outcomes: &'a [ZoneOutcome]) -> Self {
        Self { plan, outcomes: Some(outcomes) }
    }

    fn zone(&self, index: usize, planned: &ZonePlan) -> ZoneV1 {
        let mut wire = zone(planned);
        if let Some(ZoneOutcome { outcome, findings, diagnostics }) =
            self.outcomes.and_then(|outcomes| outcomes.get(index))
        {
            wire.outcome = Some(outcome_v1(*outcome));
            wire.findings = Some(findings.iter().map(finding).collect());
            wire.diagnostics.extend(diagnostics.iter().map(diagnostic));
        }
        wire
    }

    fn zones(&self) -> impl Iterator<Item = ZoneV1> {
        self.plan.zones.iter().enumerate().map(|(index, planned)| self.zone(index, planned))
    }

    fn summary(&self) -> SummaryV1 {
        let mut counts = summary(self.plan.summary());
        counts.outcomes = self.outcomes.map(|outcomes| {
            let mut by_word = BTreeMap::new();
            for outcome in outcomes {
                *by_word.entry(outcome.outcome.word().to_owned()).or_insert(0) += 1;
            }
            by_word
        });
        counts
    }
}

impl Serialize for Document<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Plan { created_at, api, inputs, zones: _, read_as: _ } = self.plan;
        let mut document = serializer.serialize_struct("PlanV1", 8)?;
        document.serialize_field("format_version", FORMAT_VERSION)?;
        document.serialize_field("tool_version", env!("CARGO_PKG_VERSION"))?;
        document.serialize_field("created_at", created_at)?;
        document.serialize_field("api", api)?;
        document.serialize_field("inputs", &inputs.iter().map(input).collect::<Vec<_>>())?;
        document.serialize_field("zones", &Zones(self))?;
        document.serialize_field("summary", &self.summary())?;
        // A plan that was read is written without what this version does not know of it, and so with another digest.
        let digest = match self.outcomes {
            None => digest_of(self.plan),
            Some(_) => self.plan.digest(),
        };
        document.serialize_field("digest", digest.as_str())?;
        document.end()
    }
}

/// The zones of a document, each made when it is written.
struct Zones<'a>(&'a Document<'a>);

impl Serialize for Zones<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.zones())
    }
}

/// The JSON Schema of the document.
#[must_use]
pub fn schema() -> Json {
    let settings = schemars::generate::SchemaSettings::draft07();
    let mut schema = settings.into_generator().into_root_schema_for::<PlanV1>();
    schema.insert("title".to_owned(), "botform plan".into());
    schema.to_value()
}

/// The whole document, to compare one that was read with.
pub(super) fn document(plan: &Plan) -> Json {
    serde_json::to_value(Document::new(plan)).unwrap_or_default()
}

/// The digest of a plan: that of its document, without holding it.
pub(super) fn digest_of(plan: &Plan) -> Digest {
    let json = |value: serde_json::Result<Json>| value.unwrap_or_default();
    let members = BTreeMap::from([
        ("api", Json::from(plan.api.as_str())),
        ("format_version", Json::from(FORMAT_VERSION)),
        ("inputs", json(serde_json::to_value(plan.inputs.iter().map(input).collect::<Vec<_>>()))),
        ("summary", json(serde_json::to_value(summary(plan.summary())))),
        ("zones", Json::Null),
    ]);
    let mut canonical = Canonical::default();
    canonical.list('{', members, '}', |canonical, (key, member)| {
        canonical.value(&key.into());
        canonical.text(":");
        match key {
            "zones" => canonical.list('[', &plan.zones, ']', |canonical, planned| {
                canonical.value(&json(serde_json::to_value(zone(planned))));
            }),
            _ => canonical.value(&member),
        }
    });
    canonical.digest()
}

/// The digest of a parsed document: white space may change, values not.
pub(super) fn digest(document: &Json) -> Digest {
    let mut counted = document.clone();
    if let Some(members) = counted.as_object_mut() {
        OUTSIDE_DIGEST.iter().for_each(|key| {
            members.remove(*key);
        });
    }
    Digest::of_json(&counted)
}

fn input(input: &Input) -> InputV1 {
    let Input { path, digest } = input;
    InputV1 { path: path.clone(), sha256: digest.as_str().to_owned() }
}

fn zone(zone: &ZonePlan) -> ZoneV1 {
    let ZonePlan { zone: name, zone_id, plan, file, protected, diagnostics, in_sync, stale, waived, .. } =
        zone;
    ZoneV1 {
        zone: name.to_string(),
        zone_id: zone_id.as_ref().map(ToString::to_string),
        plan: plan.to_string(),
        live_plan: zone.seen().and_then(Live::variant).map(|variant| variant.to_string()),
        file: file.clone(),
        status: status(zone.status()),
        base: zone.base().map(|base| base.to_string()),
        changes: zone.changes().iter().map(|member| change(member, file)).collect(),
        body: zone.body(),
        in_sync: in_sync
            .iter()
            .map(|member| {
                let live = member.live.as_ref().map_or(Json::Null, LiveValue::to_json);
                (member.setting.name.to_owned(), live)
            })
            .collect(),
        unmanaged: zone.unmanaged().into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        unknown: zone.seen().map(|live| live.unknown().clone()).unwrap_or_default(),
        stale: stale.iter().map(stale_member).collect(),
        waived: waived.iter().map(waived_v1).collect(),
        protected: protected.as_ref().map(protected_v1),
        diagnostics: diagnostics.iter().map(diagnostic).collect(),
        outcome: None,
        findings: None,
    }
}

fn change(change: &Change, file: &str) -> ChangeV1 {
    ChangeV1 {
        setting: change.setting().name.to_owned(),
        before: change.before().cloned().unwrap_or_default(),
        after: change.after().to_json(),
        effect: match change.effect() {
            Effect::Tightens => EffectV1::Tightens,
            Effect::Loosens => EffectV1::Loosens,
            Effect::Neither => EffectV1::Neither,
        },
        reason: match change.reason() {
            ChangeReason::Declared => ReasonV1::Declared,
            ChangeReason::Stale => ReasonV1::Stale,
        },
        origin: change.origin().map(|origin| match origin {
            Origin::Drift => OriginV1::Drift,
            Origin::Pending => OriginV1::Pending,
            Origin::Both => OriginV1::Both,
        }),
        file: change.place().map(|_| file.to_owned()),
        line: change.place().map(|place| place.line),
        column: change.place().map(|place| place.column),
    }
}

fn stale_member(member: &StaleMember) -> StaleV1 {
    let StaleMember { setting, value, action } = member;
    StaleV1 {
        setting: setting.clone(),
        value: value.clone(),
        action: match action {
            StaleAction::Report => StaleActionV1::Report,
            StaleAction::Clean => StaleActionV1::Clean,
            StaleAction::Accept => StaleActionV1::Accept,
        },
    }
}

fn waived_v1(waived: &Waived) -> WaivedV1 {
    let Waived { setting, live, wanted, reason, until } = waived;
    WaivedV1 {
        setting: setting.name.to_owned(),
        live: live.clone().unwrap_or_default(),
        wanted: wanted.map_or(Json::Null, crate::catalogue::Value::to_json),
        reason: reason.clone(),
        until: until.to_string(),
    }
}

fn protected_v1(protected: &Protected) -> ProtectedV1 {
    let Protected { reason, until } = protected;
    ProtectedV1 { reason: reason.clone(), until: until.map(|until| until.to_string()) }
}

fn diagnostic(diagnostic: &Diagnostic) -> DiagnosticV1 {
    let Diagnostic { severity, message, code, http_status, cf_ray, hint, file, place } = diagnostic;
    DiagnosticV1 {
        severity: match severity {
            Severity::Error => SeverityV1::Error,
            Severity::Warning => SeverityV1::Warning,
            Severity::Note => SeverityV1::Note,
        },
        message: message.clone(),
        code: *code,
        http_status: *http_status,
        cf_ray: cf_ray.clone(),
        hint: hint.clone(),
        file: file.clone(),
        line: place.map(|place| place.line),
        column: place.map(|place| place.column),
    }
}

fn finding(finding: &Finding) -> FindingV1 {
    let Finding { setting, kind, expected, live } = finding;
    FindingV1 {
        setting: setting.clone(),
        kind: match kind {
            FindingKind::NotTaken => FindingKindV1::NotTaken,
            FindingKind::Kept => FindingKindV1::Kept,
            FindingKind::Moved => FindingKindV1::Moved,
            FindingKind::NotReported => FindingKindV1::NotReported,
        },
        expected: expected.clone().unwrap_or_default(),
        live: live.clone().unwrap_or_default(),
    }
}

fn status(status: Status) -> StatusV1 {
    match status {
        Status::InSync => StatusV1::InSync,
        Status::Change => StatusV1::Change,
        Status::Blocked => StatusV1::Blocked,
        Status::Failed => StatusV1::Failed,
    }
}

fn outcome_v1(outcome: Outcome) -> OutcomeV1 {
    match outcome {
        Outcome::Applied => OutcomeV1::Applied,
        Outcome::InSync => OutcomeV1::InSync,
        Outcome::Blocked => OutcomeV1::Blocked,
        Outcome::Failed => OutcomeV1::Failed,
        Outcome::Stale => OutcomeV1::Stale,
        Outcome::NotApplied => OutcomeV1::NotApplied,
        Outcome::Collateral => OutcomeV1::Collateral,
        Outcome::Refused => OutcomeV1::Refused,
        Outcome::Throttled => OutcomeV1::Throttled,
        Outcome::Unknown => OutcomeV1::Unknown,
        Outcome::Unverified => OutcomeV1::Unverified,
        Outcome::NotAttempted => OutcomeV1::NotAttempted,
    }
}

fn summary(summary: Summary) -> SummaryV1 {
    let Summary { zones, change, in_sync, blocked, failed, settings, stale, tightens, loosens, waived } =
        summary;
    SummaryV1 {
        zones,
        change,
        in_sync,
        blocked,
        failed,
        settings,
        stale,
        tightens,
        loosens,
        waived,
        outcomes: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::wire::FORMAT_VERSION;

    fn plan() -> Plan {
        let digest = Digest::of_bytes(b"zone");
        let inputs = vec![Input { path: "zones/a.yaml".to_owned(), digest }];
        Plan::build("2026-11-23T00:00:00Z".to_owned(), "emulate:".to_owned(), inputs, Vec::new())
    }

    #[test]
    fn the_streamed_digest_is_that_of_the_document() {
        let document = serde_json::to_value(Document::new(&plan())).unwrap();
        assert_eq!(document["digest"], digest(&document).as_str());
        assert_eq!(document["format_version"], FORMAT_VERSION);
    }

    #[test]
    fn the_document_has_exactly_the_members_of_its_schema() {
        let document = serde_json::to_value(Document::new(&plan())).unwrap();
        let members: Vec<_> = document.as_object().unwrap().keys().collect();
        let schema = schema();
        let described: Vec<_> = schema["properties"].as_object().unwrap().keys().collect();
        assert_eq!(members, described);
    }
}
