//! Merges the results of the shards of one plan: each zone ends as the result of its shard says. Without that result,
//! its outcome is unknown.

use super::Unmergeable;
use super::whole::{self, Part};
use crate::model::{Diagnostic, Digest, Finding, Outcome, Shard, ZoneId, ZoneName, ZoneOutcome};
use crate::plan::{Claim, Plan, ZonePlan};
use serde::Deserialize;
use std::collections::BTreeMap;

/// What is read from the result of one part.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct ShardResult {
    created_at: jiff::Timestamp,
    api: String,
    #[serde(default)]
    claim: Option<Claim>,
    selection: Of,
    zones: Vec<Ended>,
}

/// Which part it is.
#[derive(Clone, Copy, Debug, Deserialize)]
struct Of {
    #[serde(default)]
    shard: Option<Shard>,
}

/// How one zone ended.
#[derive(Clone, Debug, Deserialize)]
struct Ended {
    zone: ZoneName,
    zone_id: Option<ZoneId>,
    /// The live object that it was planned against.
    base: Option<Digest>,
    outcome: Outcome,
    #[serde(default)]
    findings: Vec<Finding>,
    #[serde(default)]
    diagnostics: Vec<Diagnostic>,
}

impl ShardResult {
    /// Reads what `apply --output json` wrote; `name` is that of the file, for messages.
    ///
    /// # Errors
    /// It is something else.
    pub(crate) fn read(name: &str, text: &[u8]) -> Result<Self, Unmergeable> {
        serde_json::from_slice(text)
            .map_err(|error| Unmergeable::Form { name: name.to_owned(), why: error.to_string() })
    }

    /// Its part, compared with a plan.
    fn part<'a>(&'a self, name: &'a str, plan: &Plan) -> Part<'a> {
        let other = |what| Unmergeable::OtherPlan { name: name.to_owned(), what };
        let zones = self.zones.iter().map(|end| &end.zone).collect();
        Part { name, shard: self.selection.shard, zones, wrong: self.differs(plan).map(other) }
    }

    /// The member of the plan document that shows that it is the result of another plan.
    fn differs(&self, plan: &Plan) -> Option<&'static str> {
        let provenance = plan.provenance();
        // `created_at` alone is not enough: two plans may be made in the same second.
        let planned: BTreeMap<_, _> =
            plan.zones().iter().map(|zone| ((&zone.zone, zone.zone_id.as_ref()), zone.base())).collect();
        let is_planned = |end: &Ended| planned.get(&(&end.zone, end.zone_id.as_ref())) == Some(&end.base);
        let agree = [
            ("created_at", self.created_at == provenance.created_at),
            ("api", self.api == provenance.api),
            ("claim", self.claim == provenance.claim),
            ("zones", self.zones.iter().all(is_planned)),
        ];
        agree.into_iter().find_map(|(member, agrees)| (!agrees).then_some(member))
    }
}

/// The outcome of each zone of a plan, in its order, from the results of its parts, each with the name of its file; and
/// the parts without a result.
///
/// # Errors
/// Every reason why they are not the results of the parts of this plan.
pub(crate) fn merge_results(
    plan: &Plan,
    results: Vec<(String, ShardResult)>,
) -> Result<(Vec<ZoneOutcome>, Vec<Shard>), Vec<Unmergeable>> {
    let missing = whole::missing(results.iter().map(|(name, result)| result.part(name, plan)).collect())?;
    let all = results.into_iter().flat_map(|(_, result)| result.zones);
    let mut ends: BTreeMap<_, _> = all.map(|end| ((end.zone.clone(), end.zone_id.clone()), end)).collect();
    let end = |zone: &ZonePlan| match ends.remove(&(zone.zone.clone(), zone.zone_id.clone())) {
        Some(end) => ended(zone, end),
        None if zone.is_written() => ZoneOutcome::because(
            Outcome::Unknown,
            Diagnostic::error("its shard sent no result: the zone may have been written")
                .hint("plan again to see what is live"),
        ),
        None => zone.unwritten_end(),
    };
    Ok((plan.zones().iter().map(end).collect(), missing))
}

/// How a zone ended, without the diagnostics that the plan has already: a result repeats those first.
fn ended(zone: &ZonePlan, end: Ended) -> ZoneOutcome {
    let planned = zone.diagnostics().filter(|said| end.diagnostics.contains(said)).count();
    let Ended { outcome, findings, diagnostics, .. } = end;
    ZoneOutcome { outcome, findings, diagnostics: diagnostics.into_iter().skip(planned).collect() }
}
