//! From a saved document to a plan. Nothing in it is trusted: digest, version, settings, values, bodies and bases
//! are checked, and what does not agree is refused.

use super::wire::{ChangeV1, DiagnosticV1, ReasonV1, SeverityV1, StaleActionV1, StatusV1, WaivedV1, ZoneV1};
use super::wire::{InputV1, OriginV1, PlanV1};
use super::{Plan, Protected, Status, ZonePlan, write};
use crate::catalogue::{self, Setting, Variant};
use crate::diff::{Change, InSync, Origin, StaleAction, StaleMember, Waived};
use crate::model::{Diagnostic, Digest, Input, Live, LiveValue, Place, Severity, ZoneId, ZoneName};
use serde_json::Value as Json;

/// Why a document is not a plan that can be applied.
#[derive(Debug, thiserror::Error)]
pub enum PlanFileError {
    /// It is no JSON.
    #[error("the plan file is not valid JSON")]
    Json(#[source] serde_json::Error),
    /// A member is missing or has another type.
    #[error("the plan file does not have the form of a plan")]
    Form(#[source] serde_json::Error),
    /// Another major version, or none.
    #[error("the plan file has format version {0}, and this version of botform reads 1.x")]
    Version(String),
    /// Its digest is not that of its content.
    #[error(
        "the plan file was changed after it was written: its digest is {stated}, its content has {found}"
    )]
    Digest {
        /// The digest it states.
        stated: String,
        /// The digest of its content.
        found: Digest,
    },
    /// It holds outcomes.
    #[error("the file holds the outcomes of an apply: it is a report, not a plan")]
    Outcomes,
    /// A zone does not agree with itself or with the catalogue.
    #[error("zone `{zone}` of the plan file: {why}")]
    Zone {
        /// The zone.
        zone: String,
        /// What does not agree.
        why: String,
    },
}

impl PlanFileError {
    /// The way out.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Version(_) => "use the version of botform that wrote it, or run `plan --out` again",
            Self::Outcomes => "give the file that `plan --out` wrote",
            Self::Json(_) | Self::Form(_) | Self::Digest { .. } | Self::Zone { .. } => {
                "run `plan --out` again and have the new plan reviewed"
            }
        }
    }
}

/// Reads a saved plan. The order of the checks is: JSON, version, digest, form, content.
///
/// # Errors
/// The first check that fails.
pub fn read(text: &[u8]) -> Result<Plan, PlanFileError> {
    let document: Json = serde_json::from_slice(text).map_err(PlanFileError::Json)?;
    check_version(&document)?;
    if holds_outcomes(&document) {
        return Err(PlanFileError::Outcomes);
    }
    check_digest(&document)?;
    let typed: PlanV1 = serde_json::from_value(document.clone()).map_err(PlanFileError::Form)?;
    let PlanV1 { created_at, api, inputs, zones, .. } = typed;
    let zones = zones.into_iter().map(read_zone).collect::<Result<Vec<_>, _>>()?;
    check_names(&zones)?;
    let plan = Plan::build(created_at, api, inputs.into_iter().map(input).collect(), zones);
    check_counts(&plan, &document)?;
    Ok(plan)
}

fn check_version(document: &Json) -> Result<(), PlanFileError> {
    let version = document.get("format_version").unwrap_or(&Json::Null);
    let major = version.as_str().and_then(|text| text.split('.').next());
    if major == Some("1") { Ok(()) } else { Err(PlanFileError::Version(version.to_string())) }
}

fn holds_outcomes(document: &Json) -> bool {
    let zones = document.get("zones").and_then(Json::as_array);
    zones.is_some_and(|zones| zones.iter().any(|zone| zone.get("outcome").is_some()))
        || document.pointer("/summary/outcomes").is_some()
}

fn check_digest(document: &Json) -> Result<(), PlanFileError> {
    let stated = document.get("digest").and_then(Json::as_str).unwrap_or("missing");
    let found = write::digest(document);
    if stated == found.as_str() {
        return Ok(());
    }
    Err(PlanFileError::Digest { stated: stated.chars().take(80).collect(), found })
}

fn check_names(zones: &[ZonePlan]) -> Result<(), PlanFileError> {
    let mut ids: Vec<_> =
        zones.iter().filter_map(|zone| zone.zone_id.as_ref().map(|id| (id, &zone.zone))).collect();
    ids.sort();
    match ids.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        Some(pair) => Err(refuse(pair[1].1.as_str(), "its zone id stands in the plan twice")),
        None => Ok(()),
    }
}

/// The summary is what a reviewer reads first, so it must be that of the zones.
fn check_counts(plan: &Plan, document: &Json) -> Result<(), PlanFileError> {
    let counted = serde_json::to_value(write::Document::new(plan)).unwrap_or_default();
    let stated = document.get("summary").unwrap_or(&Json::Null);
    let agrees = counted["summary"]
        .as_object()
        .is_some_and(|counts| counts.iter().all(|(name, count)| stated.get(name) == Some(count)));
    if agrees { Ok(()) } else { Err(refuse("*", "the summary does not count its zones")) }
}

fn refuse(zone: &str, why: impl Into<String>) -> PlanFileError {
    PlanFileError::Zone { zone: zone.to_owned(), why: why.into() }
}

fn input(input: InputV1) -> Input {
    let InputV1 { path, sha256 } = input;
    Input { path, digest: Digest::from_text(sha256) }
}

fn read_zone(wire: ZoneV1) -> Result<ZonePlan, PlanFileError> {
    let name = wire.zone.clone();
    zone(wire).map_err(|why| refuse(&name, why))
}

fn zone(wire: ZoneV1) -> Result<ZonePlan, String> {
    let plan = Variant::parse(&wire.plan).ok_or_else(|| format!("`{}` is no plan variant", wire.plan))?;
    let changes = wire.changes.iter().map(change).collect::<Result<Vec<_>, _>>()?;
    let seen = wire.base.is_some().then(|| seen(&wire)).transpose()?;
    let zone = ZonePlan {
        zone: ZoneName::try_from(wire.zone.clone()).map_err(|error| error.to_string())?,
        zone_id: wire.zone_id.clone().map(ZoneId::try_from).transpose().map_err(|error| error.to_string())?,
        plan,
        file: wire.file.clone(),
        protected: wire
            .protected
            .as_ref()
            .map(|protected| -> Result<_, String> {
                let until = protected.until.as_deref().map(date).transpose()?;
                Ok(Protected { reason: protected.reason.clone(), until })
            })
            .transpose()?,
        diagnostics: wire.diagnostics.iter().map(diagnostic).collect(),
        in_sync: wire.in_sync.iter().map(in_sync).collect::<Result<_, _>>()?,
        stale: wire
            .stale
            .iter()
            .map(|member| StaleMember {
                setting: member.setting.clone(),
                value: member.value.clone(),
                action: match member.action {
                    StaleActionV1::Report => StaleAction::Report,
                    StaleActionV1::Clean => StaleAction::Clean,
                    StaleActionV1::Accept => StaleAction::Accept,
                },
            })
            .collect(),
        waived: wire.waived.iter().map(waived).collect::<Result<_, _>>()?,
        status: status(wire.status),
        seen,
        changes,
    };
    agree(&zone, &wire)?;
    Ok(zone)
}

/// What is derived must be what is written.
fn agree(zone: &ZonePlan, wire: &ZoneV1) -> Result<(), String> {
    let changing = zone.status() == Status::Change;
    if changing == zone.changes().is_empty() {
        return Err("its status and its changes do not agree".to_owned());
    }
    if zone.body() != wire.body {
        return Err("its body is not that of its changes".to_owned());
    }
    if changing && (zone.zone_id.is_none() || zone.seen().is_none()) {
        return Err("it would be written without an id or a base".to_owned());
    }
    let read = matches!(zone.status(), Status::Change | Status::InSync);
    if read && zone.base().map(|base| base.to_string()) != wire.base {
        return Err("its base is not the digest of the live object it shows".to_owned());
    }
    if zone.changes().iter().zip(&wire.changes).any(|(change, wire)| change.effect().word() != effect(wire)) {
        return Err("the effect of a change is not the one it has".to_owned());
    }
    Ok(())
}

fn effect(wire: &ChangeV1) -> &'static str {
    match wire.effect {
        super::wire::EffectV1::Tightens => "tightens",
        super::wire::EffectV1::Loosens => "loosens",
        super::wire::EffectV1::Neither => "neither",
    }
}

fn find(name: &str) -> Result<&'static Setting, String> {
    catalogue::find(name)
        .filter(|setting| !setting.is_read_only())
        .ok_or_else(|| format!("`{name}` is no setting that this version can write"))
}

fn change(wire: &ChangeV1) -> Result<Change, String> {
    let setting = find(&wire.setting)?;
    let after =
        setting.read(&wire.after).ok_or_else(|| format!("`{}` cannot be {}", setting.name, wire.after))?;
    let place = wire.line.zip(wire.column).map(|(line, column)| Place { line, column });
    let before = reported(&wire.before);
    let built = match wire.reason {
        ReasonV1::Declared => {
            let live = before.map(|json| LiveValue::read(setting, json));
            Change::declared(setting, after, live.as_ref(), place)
        }
        ReasonV1::Stale => before
            .and_then(|json| Change::clean(setting, json, place))
            .filter(|change| change.after() == after),
    };
    let origin = wire.origin.map(|origin| match origin {
        OriginV1::Drift => Origin::Drift,
        OriginV1::Pending => Origin::Pending,
        OriginV1::Both => Origin::Both,
    });
    built
        .map(|change| change.with_origin(origin))
        .ok_or_else(|| format!("its change of `{}` changes nothing, or is no clean-up", setting.name))
}

fn reported(json: &Json) -> Option<&Json> {
    (!json.is_null()).then_some(json)
}

/// The live object that the plan was made against, put together from all that the document shows of it.
fn seen(wire: &ZoneV1) -> Result<Live, String> {
    let mut live = Live::default();
    for (name, value) in wire.in_sync.iter().chain(&wire.unmanaged) {
        live = live.with_setting(find(name)?, reported(value));
    }
    for change in wire.changes.iter().filter(|change| change.reason == ReasonV1::Declared) {
        live = live.with_setting(find(&change.setting)?, reported(&change.before));
    }
    for member in &wire.stale {
        live = live.with_stale(&member.setting, Some(&member.value));
    }
    let is_stale = |name: &str| wire.stale.iter().any(|member| member.setting == name);
    for waived in wire.waived.iter().filter(|waived| !waived.wanted.is_null() && !is_stale(&waived.setting)) {
        live = live.with_setting(find(&waived.setting)?, reported(&waived.live));
    }
    for (key, value) in &wire.unknown {
        live = live.with_unknown(key, value.clone());
    }
    Ok(live)
}

fn in_sync((name, value): (&String, &Json)) -> Result<InSync, String> {
    let setting = find(name)?;
    Ok(InSync { setting, live: reported(value).map(|json| LiveValue::read(setting, json)) })
}

fn waived(wire: &WaivedV1) -> Result<Waived, String> {
    let setting = find(&wire.setting)?;
    Ok(Waived {
        setting,
        live: reported(&wire.live).cloned(),
        wanted: reported(&wire.wanted)
            .map(|json| setting.read(json).ok_or_else(|| format!("`{}` cannot be {json}", setting.name)))
            .transpose()?,
        reason: wire.reason.clone(),
        until: date(&wire.until)?,
    })
}

fn date(text: &str) -> Result<jiff::civil::Date, String> {
    text.parse().map_err(|_| format!("`{text}` is no date"))
}

fn status(wire: StatusV1) -> Status {
    match wire {
        StatusV1::InSync => Status::InSync,
        StatusV1::Change => Status::Change,
        StatusV1::Blocked => Status::Blocked,
        StatusV1::Failed => Status::Failed,
    }
}

fn diagnostic(wire: &DiagnosticV1) -> Diagnostic {
    Diagnostic {
        severity: match wire.severity {
            SeverityV1::Error => Severity::Error,
            SeverityV1::Warning => Severity::Warning,
            SeverityV1::Note => Severity::Note,
        },
        message: wire.message.clone(),
        code: wire.code,
        http_status: wire.http_status,
        cf_ray: wire.cf_ray.clone(),
        hint: wire.hint.clone(),
        file: wire.file.clone(),
        place: wire.line.zip(wire.column).map(|(line, column)| Place { line, column }),
    }
}
