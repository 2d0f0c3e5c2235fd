//! What the rules as they were would have refused. It refuses nothing: whether a rule may be softer is for the
//! reviewers to say, who must know what passes by it.

use super::{Break, ProjectRules, RuleKind, Weakened};
use crate::diff::{Row, unread};
use crate::model::{Desired, Guards, Identity, Place, Policy};
use crate::plan::Plan;
use crate::plan::guards::{max_loosening, max_zones};
use crate::plan::policies::{applies, wanted};
use jiff::civil::Date;

/// Notes in a plan which of its softened rules it breaks as they were.
pub(crate) fn judge_plan(plan: &mut Plan, then: ProjectRules<'_>, today: Date) {
    let mut weakened = plan.take_weakened();
    for found in &mut weakened {
        found.breaks = match found.kind {
            RuleKind::Policy | RuleKind::Exception => {
                let zones = plan.zones().iter();
                let zones = zones.map(|zone| Judged {
                    zone: zone.identity(),
                    label: plan.label(zone),
                    file: &zone.file,
                    rows: zone.rows(),
                });
                of_policy(found, then.policies, zones, today)
            }
            RuleKind::Guard => of_guard(&found.name, then.guards, plan).into_iter().collect(),
            RuleKind::Protection | RuleKind::Freeze => of_zone(found, plan).into_iter().collect(),
            RuleKind::Waiver | RuleKind::Since => Vec::new(),
        };
    }
    plan.put_weakened(weakened);
}

/// Notes which softened policies the files of zones break as they were.
pub(crate) fn judge_files(weakened: &mut [Weakened], zones: &[Desired], then: ProjectRules<'_>, today: Date) {
    let is_of_policy = |found: &&mut Weakened| matches!(found.kind, RuleKind::Policy | RuleKind::Exception);
    let mut weakened: Vec<_> = weakened.iter_mut().filter(is_of_policy).collect();
    if weakened.is_empty() {
        return;
    }
    for zone in zones {
        let rows = unread(zone, today);
        for found in &mut weakened {
            let label = zone.zone.to_string();
            let judged = Judged { zone: zone.identity(), label, file: &zone.file, rows: &rows };
            let breaks = of_policy(found, then.policies, [judged], today);
            found.breaks.extend(breaks);
        }
    }
}

/// A zone that policies judge.
struct Judged<'z> {
    zone: Identity<'z>,
    label: String,
    file: &'z str,
    rows: &'z [Row],
}

fn of_policy<'z>(
    found: &Weakened,
    then: &[Policy],
    zones: impl IntoIterator<Item = Judged<'z>>,
    today: Date,
) -> Vec<Break> {
    let Some(policy) = then.iter().find(|policy| policy.id == found.name) else { return Vec::new() };
    let is_meant = |setting: &str| found.setting.as_deref().is_none_or(|meant| meant == setting);
    let judged = zones.into_iter().filter(|judged| applies(policy, judged.zone, today));
    let breaks = judged.flat_map(|Judged { zone: _, label, file, rows }| {
        let breaches = wanted(&policy.rule, file, rows).into_iter();
        breaches.filter(|breach| is_meant(breach.setting)).map(move |breach| {
            let (file, place) = breach.at.unzip();
            let line = place.map(|place: Place| place.line);
            Break { what: breach.what, zone: Some(label.clone()), file, line }
        })
    });
    breaks.collect()
}

fn of_guard(name: &str, then: Guards, plan: &Plan) -> Option<Break> {
    let all = then.zone_files.unwrap_or(plan.provenance().zone_files);
    let refusal = match name {
        "max_zones" => max_zones(plan, then.max_zones?, all)?,
        "max_loosening" => max_loosening(plan, then.max_loosening?)?,
        // How many zones fail is not known before they are written.
        _ => return None,
    };
    Some(Break { what: refusal.message, zone: None, file: None, line: None })
}

/// A zone that would have been planned only, and is written.
fn of_zone(found: &Weakened, plan: &Plan) -> Option<Break> {
    let is_planned_only = matches!(found.name.as_str(), "protect" | "freeze");
    let mut written =
        plan.changing().filter(|zone| is_planned_only && found.file.as_ref() == Some(&zone.file));
    written.next().map(|zone| Break {
        what: "the zone would be written".to_owned(),
        zone: Some(plan.label(zone)),
        file: found.file.clone(),
        line: found.line,
    })
}
