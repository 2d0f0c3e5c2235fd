//! From a saved document to a plan. Nothing in it is trusted: digest, version, settings, values, bodies and bases
//! are checked, and what does not agree is refused.

use super::wire::{InputV1, PlanV1};
use super::{Plan, Status, ZonePlan, read_zone, strict, write};
use crate::diff::{Change, ChangeReason, StaleAction};
use crate::model::{Digest, Input, Live};
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

/// Reads a saved plan. The order of the checks is: JSON, version, outcomes, digest, form, content.
///
/// # Errors
/// The first check that fails.
pub fn read(text: &[u8]) -> Result<Plan, PlanFileError> {
    let document = strict::parse(text).map_err(PlanFileError::Json)?;
    check_version(&document)?;
    if holds_outcomes(&document) {
        return Err(PlanFileError::Outcomes);
    }
    let digest = check_digest(&document)?;
    let typed: PlanV1 = serde_json::from_value(document).map_err(PlanFileError::Form)?;
    let known = serde_json::to_value(&typed).map_err(PlanFileError::Form)?;
    let PlanV1 { created_at, api, inputs, zones, .. } = typed;
    let zones = zones
        .iter()
        .map(|wire| read_zone::zone(wire).map_err(|why| refuse(&wire.zone, why)))
        .collect::<Result<Vec<_>, _>>()?;
    zones.iter().try_for_each(|zone| check_writes(zone).map_err(|why| refuse(zone.zone.as_str(), why)))?;
    check_ids(&zones)?;
    let plan = Plan::build(created_at, api, inputs.into_iter().map(input).collect(), zones);
    check_agreement(&known, &write::document(&plan))?;
    Ok(plan.with_digest(digest))
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

fn check_digest(document: &Json) -> Result<Digest, PlanFileError> {
    let stated = document.get("digest").and_then(Json::as_str).unwrap_or("missing");
    let found = write::digest(document);
    if stated == found.as_str() {
        return Ok(found);
    }
    Err(PlanFileError::Digest { stated: stated.chars().take(80).collect(), found })
}

fn check_ids(zones: &[ZonePlan]) -> Result<(), PlanFileError> {
    let mut ids: Vec<_> =
        zones.iter().filter_map(|zone| zone.zone_id.as_ref().map(|id| (id, &zone.zone))).collect();
    ids.sort();
    match ids.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        Some(pair) => Err(refuse(pair[1].1.as_str(), "its zone id stands in the plan twice")),
        None => Ok(()),
    }
}

/// Whether what would be written is what a plan of this zone can write.
fn check_writes(zone: &ZonePlan) -> Result<(), String> {
    let changing = zone.status() == Status::Change;
    if changing == zone.changes().is_empty() {
        return Err("its status and its changes do not agree".to_owned());
    }
    if changing && (zone.zone_id.is_none() || zone.seen().is_none()) {
        return Err("it would be written without an id or a base".to_owned());
    }
    let mut names: Vec<_> = zone.changes().iter().map(|change| change.setting().name).collect();
    names.sort_unstable();
    if let Some(pair) = names.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(format!("`{}` would change twice", pair[0]));
    }
    match zone.changes().iter().find(|change| !may_write(zone, change)) {
        Some(change) => Err(format!("`{}` cannot be written on {}", change.setting().name, zone.plan)),
        None => Ok(()),
    }
}

/// A declared setting is one of the file's plan variant; a clean-up is one of a member that stands there as stale.
fn may_write(zone: &ZonePlan, change: &Change) -> bool {
    let setting = change.setting();
    match change.reason() {
        ChangeReason::Declared => setting.is_settable_on(zone.plan),
        ChangeReason::Stale => {
            let variant = zone.seen().and_then(Live::variant).unwrap_or(zone.plan);
            let stands = zone.stale.iter().any(|member| {
                member.setting == setting.name
                    && member.action == StaleAction::Clean
                    && Some(&member.value) == change.before()
            });
            stands && !setting.is_settable_on(variant)
        }
    }
}

/// All that is derived, and the order of all, must be what botform itself would have written: bodies, bases,
/// effects, counts. A reviewer reads these, and only the changes are applied.
fn check_agreement(stated: &Json, derived: &Json) -> Result<(), PlanFileError> {
    const FREE: [&str; 3] = ["created_at", "tool_version", "digest"];
    let members = derived.as_object().into_iter().flatten();
    for (key, derived) in members.filter(|(key, _)| !FREE.contains(&key.as_str()) && *key != "format_version")
    {
        let stated = stated.get(key).unwrap_or(&Json::Null);
        if stated == derived {
            continue;
        }
        return Err(match key.as_str() {
            "zones" => differing_zone(stated, derived),
            "summary" => refuse("*", "the summary does not count its zones"),
            key => refuse("*", format!("its `{key}` is not as botform writes it")),
        });
    }
    Ok(())
}

fn differing_zone(stated: &Json, derived: &Json) -> PlanFileError {
    let mut pairs = stated.as_array().into_iter().flatten().zip(derived.as_array().into_iter().flatten());
    let Some((stated, derived)) = pairs.find(|(stated, derived)| stated != derived) else {
        return refuse("*", "its zones are not as botform writes them");
    };
    let mut members = derived.as_object().into_iter().flatten();
    let why = match members.find(|(key, value)| stated.get(key) != Some(value)).map(|(key, _)| key.as_str()) {
        Some("base") => "its base is not the digest of the live object it shows".to_owned(),
        Some("body") => "its body is not that of its changes".to_owned(),
        Some("zone") => "its zones are not in their order".to_owned(),
        Some(key) => format!("its `{key}` does not agree with the rest of it"),
        None => "it holds members that no plan has".to_owned(),
    };
    refuse(stated.get("zone").and_then(Json::as_str).unwrap_or_default(), why)
}

fn refuse(zone: &str, why: impl Into<String>) -> PlanFileError {
    PlanFileError::Zone { zone: zone.to_owned(), why: why.into() }
}

fn input(input: InputV1) -> Input {
    let InputV1 { path, sha256 } = input;
    Input { path, digest: Digest::from_text(sha256) }
}
