//! The plan document, version 1: its members, and how they are written. It is written zone by zone, so that it is
//! never held as a whole; `read.rs` reads it.

use super::row::{RowDocument, row};
use crate::catalogue::Variant;
use crate::model::{AccountId, Diagnostic, Finding, Input, Live, Outcome, ZoneId, ZoneOutcome, schema_of};
use crate::plan::{
    ApprovedBy, Claim, Coverage, MovedSince, Overrides, Plan, Protected, Provenance, Refusal, Selection,
    Source, Status, Summary, Weakened, ZonePlan,
};
use schemars::JsonSchema;
use schemars::generate::Contract;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value as Json};

/// The version that is written; readers refuse another major number.
pub(super) const FORMAT_VERSION: &str = "1.0";

/// A plan for Cloudflare Bot Management settings, or the result of applying one.
#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(title = "botform plan")]
pub(super) struct Document<Zones> {
    /// The version of this format; readers ignore unknown members and refuse another major number.
    pub(super) format_version: String,
    /// Features of the format that a reader must know to apply the plan.
    #[serde(default)]
    pub(super) requires: Vec<String>,
    /// The version of botform that wrote the document.
    pub(super) tool_version: String,
    /// When the plan was made, RFC 3339.
    #[schemars(with = "String")]
    pub(super) created_at: jiff::Timestamp,
    /// The day (UTC) that waivers, freezes and temporary values were judged on.
    #[schemars(with = "String")]
    pub(super) as_of: jiff::civil::Date,
    /// The address of the API that the plan was made against, or `emulate:`.
    pub(super) api: String,
    /// What the live settings were read from.
    pub(super) source: Source,
    /// The paths of the run.
    pub(super) paths: Vec<String>,
    /// The zones that the run was limited to.
    pub(super) selection: Selection,
    /// How many zone files the project has.
    pub(super) zone_files: usize,
    /// The flags given that allow or limit what is written.
    pub(super) overrides: Overrides,
    /// The commit that was checked out when the plan was made; only where one was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) commit: Option<String>,
    /// The git revision or record that the plan was compared with; null if there was none.
    pub(super) since: Option<String>,
    /// The recorded commit, if the files are older than it: such a plan is never written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) older_than: Option<String>,
    /// The rules that are softer than at `since`; only if there are any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) weakened: Vec<Weakened>,
    /// What changed since an earlier snapshot; only if the plan was compared with one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) moved_since: Option<MovedSince>,
    /// The files that the plan was made from, by path.
    pub(super) inputs: Vec<Input>,
    /// The record that this run claimed: only a plan with a claim can settle it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) claim: Option<Claim>,
    /// The reviewed plans that approve what it writes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) approved: Vec<ApprovedBy>,
    /// The zones, by name and id.
    pub(super) zones: Zones,
    /// The guards and policies that refuse the plan; only if there are any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) refusals: Vec<RefusalDocument>,
    /// What no file manages; only with `--coverage`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) coverage: Option<Coverage>,
    /// The counts.
    pub(super) summary: Summary,
    /// The sha256 of the canonical JSON (RFC 8785) of `{api, overrides, zones: [{base, body, zone, zone_id}]}`, with
    /// the zones that would be written and, if rules are softer, `weakened: [{kind, what, zone}]`, as they stand here.
    /// In the result of an apply: the digest of the plan that was applied.
    pub(super) digest: String,
}

/// A guard or a policy that refuses a plan.
#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Refusal")]
pub(super) struct RefusalDocument {
    /// The guard: `older`, `twice`, `protection`, `max-zones`, `max-loosening` or `policy`.
    guard: String,
    /// What is refused, with the number, the threshold and the zones.
    message: String,
    /// What to do about it.
    hint: String,
}

impl From<&Refusal> for RefusalDocument {
    fn from(refusal: &Refusal) -> Self {
        let Refusal { guard, message, hint, broken: _ } = refusal;
        Self { guard: guard.to_string(), message: message.clone(), hint: hint.clone() }
    }
}

/// The plan of one zone.
#[derive(PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Zone")]
pub(super) struct ZoneDocument {
    /// The name of the zone.
    pub(super) zone: String,
    /// The id of the zone; null if it could not be found.
    #[schemars(with = "Option<String>")]
    pub(super) zone_id: Option<ZoneId>,
    /// The id of its account; null if it is not known.
    #[schemars(with = "Option<String>")]
    pub(super) account_id: Option<AccountId>,
    /// The zone's plan as `GET /zones` reports it.
    pub(super) legacy_id: Option<Box<str>>,
    /// The plan variant of the zone file.
    pub(super) plan: Variant,
    /// The plan variant that the live settings show; null if they show none.
    pub(super) live_plan: Option<Variant>,
    /// The zone file; empty for a zone that has none.
    pub(super) file: String,
    /// What the plan means for the zone.
    pub(super) status: Status,
    /// The digest of `live`: what apply compares with; null if the zone was not read.
    pub(super) base: Option<String>,
    /// The object that GET returned, without `using_latest_model` and what is null; null if the zone was not read.
    #[serde(deserialize_with = "super::strict::object")]
    pub(super) live: Option<Map<String, Json>>,
    /// A row for each setting that the file names or GET reports, then one for each stale setting, by name.
    pub(super) settings: Vec<RowDocument>,
    /// The exact body of the PUT; null if nothing is written. If some rows are clean-ups (`stale` or `leftover`) and
    /// others are not, it is sent in two parts: the members of the others first and, after a GET, those of the
    /// clean-ups.
    #[serde(deserialize_with = "super::strict::object")]
    pub(super) body: Option<Map<String, Json>>,
    /// Why the zone is planned but not written; null if it may be written.
    pub(super) protected: Option<Protected>,
    /// The messages about the zone.
    pub(super) diagnostics: Vec<Diagnostic>,
    /// What apply did; only in the result of an apply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) outcome: Option<Outcome>,
    /// Where the read-back differs from the plan; only in the result of an apply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) findings: Option<Vec<Finding>>,
}

/// The document of a plan, or of its apply.
#[derive(Clone, Copy, Debug)]
pub struct PlanDocument<'a> {
    plan: &'a Plan,
    outcomes: Option<&'a [ZoneOutcome]>,
    refusals: &'a [Refusal],
    coverage: Option<&'a Coverage>,
}

impl<'a> PlanDocument<'a> {
    /// The document of a plan.
    #[must_use]
    pub fn new(plan: &'a Plan) -> Self {
        Self::of_run(plan, None, &[], None)
    }

    /// The document of an apply: that of the plan, with an outcome for each zone, in the order of the plan.
    #[must_use]
    pub fn with_outcomes(plan: &'a Plan, outcomes: &'a [ZoneOutcome]) -> Self {
        Self::of_run(plan, Some(outcomes), &[], None)
    }

    /// The document of a run: its plan, with the outcomes, refusals and coverage.
    #[must_use]
    pub(crate) fn of_run(
        plan: &'a Plan,
        outcomes: Option<&'a [ZoneOutcome]>,
        refusals: &'a [Refusal],
        coverage: Option<&'a Coverage>,
    ) -> Self {
        Self { plan, outcomes, refusals, coverage }
    }
}

impl Serialize for PlanDocument<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Provenance {
            created_at,
            as_of,
            api,
            source,
            paths,
            selection,
            zone_files,
            overrides,
            commit,
            since,
            older_than,
            weakened,
            moved_since,
            inputs,
            claim,
            approved,
        } = self.plan.provenance().clone();
        let summary = self.plan.summary();
        Document {
            format_version: FORMAT_VERSION.to_owned(),
            requires: source.requires().map(str::to_owned).into_iter().collect(),
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
            created_at,
            as_of,
            api,
            source,
            paths,
            selection,
            zone_files,
            overrides,
            commit,
            since,
            older_than,
            weakened,
            moved_since,
            inputs,
            claim,
            approved,
            zones: Zones(*self),
            refusals: self.refusals.iter().map(RefusalDocument::from).collect(),
            coverage: self.coverage.cloned(),
            summary: self
                .outcomes
                .map_or_else(|| summary.clone(), |outcomes| summary.clone().with_outcomes(outcomes)),
            digest: self.plan.digest().to_string(),
        }
        .serialize(serializer)
    }
}

/// The zones of a document. Each is built when it is written: a plan can hold thousands.
struct Zones<'a>(PlanDocument<'a>);

impl Serialize for Zones<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let PlanDocument { plan, outcomes, .. } = self.0;
        serializer.collect_seq(plan.zones().iter().enumerate().map(|(index, planned)| {
            let mut document = ZoneDocument::from(planned);
            if let Some(ZoneOutcome { outcome, findings, diagnostics }) =
                outcomes.and_then(|outcomes| outcomes.get(index))
            {
                document.outcome = Some(*outcome);
                document.findings = Some(findings.clone());
                document.diagnostics.extend(diagnostics.iter().cloned());
            }
            document
        }))
    }
}

impl From<&ZonePlan> for ZoneDocument {
    fn from(planned: &ZonePlan) -> Self {
        let ZonePlan {
            zone,
            zone_id,
            account_id,
            legacy_id,
            plan,
            file,
            protected,
            blocks: _,
            notes: _,
            taken_at: _,
            live: _,
            rows: _,
            impact: _,
        } = planned;
        Self {
            zone: zone.to_string(),
            zone_id: zone_id.clone(),
            account_id: account_id.clone(),
            legacy_id: legacy_id.clone(),
            plan: *plan,
            live_plan: planned.live().and_then(Live::variant),
            file: file.clone().unwrap_or_default(),
            status: planned.status(),
            base: planned.base().map(|base| base.to_string()),
            live: planned.live().map(Live::to_object),
            settings: planned
                .all_rows()
                .iter()
                .map(|member| RowDocument {
                    impact: planned.impact_of(member).cloned(),
                    ..row(member, planned.path())
                })
                .collect(),
            body: planned.body(),
            protected: protected.clone(),
            diagnostics: planned.diagnostics().cloned().collect(),
            outcome: None,
            findings: None,
        }
    }
}

/// The JSON Schema of the document. Its enums are open: a later version may know more words.
#[must_use]
pub(crate) fn schema() -> Json {
    let mut schema = schema_of::<Document<Vec<ZoneDocument>>>(Contract::Deserialize).to_value();
    open_enums(&mut schema);
    schema
}

/// Turns each list of words into a text with these words as examples.
fn open_enums(schema: &mut Json) {
    match schema {
        Json::Object(members) => {
            let words = match (members.get("enum"), members.get("oneOf")) {
                (Some(Json::Array(words)), _) => Some(words.clone()),
                (_, Some(Json::Array(cases))) => {
                    cases.iter().map(|case| case.get("const").cloned()).collect()
                }
                _ => None,
            };
            if let Some(words) = words {
                members.remove("enum");
                members.remove("oneOf");
                members.insert("type".to_owned(), "string".into());
                members.insert("examples".to_owned(), Json::Array(words));
            }
            members.values_mut().for_each(open_enums);
        }
        Json::Array(items) => items.iter_mut().for_each(open_enums),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Digest;
    use crate::plan::{Guard, ProjectRules, weakened};
    use serde_json::json;

    #[test]
    fn the_document_has_exactly_the_members_of_its_schema() {
        let inputs = vec![Input { path: "zones/a.yaml".to_owned(), digest: Digest::of_bytes(b"zone") }];
        let at = "2026-11-23T00:00:00Z".parse().unwrap();
        let older_than = Some("applied".to_owned());
        let claim = Some(Claim { number: 1, commit: "c".repeat(40) });
        let approved = vec![ApprovedBy { digest: "d".repeat(64), commit: "c".repeat(40) }];
        let project = ProjectRules { since: Some("applied"), ..ProjectRules::default() };
        let weakened = weakened(project, ProjectRules::default(), [], jiff::civil::Date::default());
        let made = Provenance {
            inputs,
            commit: Some("c".repeat(40)),
            older_than,
            claim,
            approved,
            weakened,
            moved_since: Some(MovedSince::default()),
            ..Provenance::new(at, "emulate:".to_owned())
        };
        let plan = Plan::build(made, Vec::new());
        let refusal = Refusal {
            guard: Guard::Policy,
            message: "no".to_owned(),
            hint: "yes".to_owned(),
            broken: Vec::new(),
        };
        let refusals = [refusal];
        let coverage = Coverage::default();
        let document = PlanDocument::of_run(&plan, None, &refusals, Some(&coverage));
        let document = serde_json::to_value(document).unwrap();
        let members: Vec<_> = document.as_object().unwrap().keys().collect();
        let schema = schema();
        let described: Vec<_> = schema["properties"].as_object().unwrap().keys().collect();
        assert_eq!(members, described);
        assert_eq!(document["format_version"], FORMAT_VERSION);
    }

    #[test]
    fn words_are_open_wherever_they_stand_in_a_schema() {
        let mut schema =
            json!({"anyOf": [{"enum": ["a", "b"]}, {"type": "null"}], "items": {"oneOf": [{"const": "c"}]}});
        open_enums(&mut schema);
        let open = |words: &[&str]| json!({"type": "string", "examples": words});
        assert_eq!(schema, json!({"anyOf": [open(&["a", "b"]), {"type": "null"}], "items": open(&["c"])}));
    }
}
