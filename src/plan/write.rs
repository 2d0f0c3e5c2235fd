//! From the plan to its document.

use super::wire::{
    ChangeV1, DiagnosticV1, EffectV1, FORMAT_VERSION, FindingKindV1, FindingV1, InputV1, OriginV1, OutcomeV1,
    PlanV1, ProtectedV1, ReasonV1, SeverityV1, StaleActionV1, StaleV1, StatusV1, SummaryV1, WaivedV1, ZoneV1,
};
use super::{Plan, Protected, Status, Summary, ZonePlan};
use crate::diff::{Change, ChangeReason, Effect, Origin, StaleAction, StaleMember, Waived};
use crate::model::{
    Diagnostic, Digest, Finding, FindingKind, Input, Live, LiveValue, Outcome, Severity, ZoneOutcome,
};
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// The members that the digest of a document leaves out.
const OUTSIDE_DIGEST: [&str; 3] = ["digest", "created_at", "tool_version"];

/// The document of a plan, with its digest.
#[must_use]
pub fn write(plan: &Plan) -> Json {
    let mut document = document(plan);
    let digest = digest(&document);
    document["digest"] = digest.as_str().into();
    document
}

/// The document of an apply: that of the plan, with an outcome for each zone, in the order of the plan.
#[must_use]
pub fn with_outcomes(plan: &Plan, outcomes: &[ZoneOutcome]) -> Json {
    let mut document = typed(plan);
    document.digest = plan.digest().as_str().to_owned();
    let mut counts = BTreeMap::new();
    for (zone, outcome) in document.zones.iter_mut().zip(outcomes) {
        let ZoneOutcome { outcome, findings, diagnostics } = outcome;
        *counts.entry(outcome.word().to_owned()).or_insert(0) += 1;
        zone.outcome = Some(outcome_v1(*outcome));
        zone.findings = Some(findings.iter().map(finding).collect());
        zone.diagnostics.extend(diagnostics.iter().map(diagnostic));
    }
    document.summary.outcomes = Some(counts);
    serde_json::to_value(document).unwrap_or_default()
}

/// The JSON Schema of the document.
#[must_use]
pub fn schema() -> Json {
    let settings = schemars::generate::SchemaSettings::draft07();
    let mut schema = settings.into_generator().into_root_schema_for::<PlanV1>();
    schema.insert("title".to_owned(), "botform plan".into());
    schema.to_value()
}

/// The document without its digest.
pub(super) fn document(plan: &Plan) -> Json {
    serde_json::to_value(typed(plan)).unwrap_or_default()
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

fn typed(plan: &Plan) -> PlanV1 {
    let Plan { created_at, api, inputs, zones, read_as: _ } = plan;
    PlanV1 {
        format_version: FORMAT_VERSION.to_owned(),
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        created_at: created_at.clone(),
        api: api.clone(),
        inputs: inputs.iter().map(input).collect(),
        zones: zones.iter().map(zone).collect(),
        summary: summary(plan.summary()),
        digest: String::new(),
    }
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
