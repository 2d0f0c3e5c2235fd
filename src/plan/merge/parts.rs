//! Merges the plans of all parts: they must have been made from the same inputs, and each zone must come from the part
//! that it belongs to.

use super::Unmergeable;
use super::whole::{self, Part};
use crate::model::Shard;
use crate::plan::weakened::judge_guards;
use crate::plan::{Left, Plan, Provenance, Selection, Weakened};

/// The plan of one part, and the name of its file.
#[derive(Clone, Debug)]
pub(crate) struct ShardPlan {
    /// The name of the file, for messages.
    pub(crate) name: String,
    /// Its plan.
    pub(crate) plan: Plan,
}

impl ShardPlan {
    fn shard(&self) -> Option<Shard> {
        self.plan.provenance().selection.shard
    }

    /// Its part, compared with the first one.
    fn part(&self, head: Option<&Self>) -> Part<'_> {
        let Self { name, plan } = self;
        let mixed = head.filter(|_| self.shard().is_some()).and_then(|head| {
            let what = differs(head.plan.provenance(), plan.provenance())?;
            Some(Unmergeable::Mixed { name: name.clone(), other: head.name.clone(), what })
        });
        let zones = plan.zones().iter().map(|zone| &zone.zone).collect();
        Part { name, shard: self.shard(), zones, wrong: mixed }
    }
}

/// The merged plans of several parts.
#[derive(Clone, Debug)]
#[must_use]
pub(crate) struct Merged {
    /// The plan of all zones of all parts that are there.
    pub(crate) plan: Plan,
    /// The missing parts: without them the plan is incomplete and must not be approved as the whole.
    pub(crate) missing: Vec<Shard>,
}

/// Merges the plans of parts.
///
/// # Errors
/// Every reason why they are not the parts of one plan. A missing part is not an error.
pub(crate) fn merge(parts: Vec<ShardPlan>) -> Result<Merged, Vec<Unmergeable>> {
    let head = parts.iter().find(|part| part.shard().is_some());
    let missing = whole::missing(parts.iter().map(|part| part.part(head)).collect())?;
    Ok(Merged { plan: joined(parts), missing })
}

/// The first member, as the plan document calls it, in which two parts do not agree.
fn differs(one: &Provenance, other: &Provenance) -> Option<&'static str> {
    let Provenance {
        // Shards are planned at different times, on several machines.
        created_at: _,
        commit,
        as_of,
        api,
        source,
        paths,
        selection,
        zone_files,
        overrides,
        since,
        older_than,
        // Each part only knows what its own zones break.
        weakened: _,
        moved_since,
        inputs,
        claim,
        approved,
    } = other;
    let whole = |selection: &Selection| Selection { shard: None, left: None, ..selection.clone() };
    let agree = [
        ("commit", one.commit == *commit),
        ("as_of", one.as_of == *as_of),
        ("api", one.api == *api),
        ("source", one.source == *source),
        ("paths", one.paths == *paths),
        ("selection", whole(&one.selection) == whole(selection)),
        ("zone_files", one.zone_files == *zone_files),
        ("overrides", one.overrides == *overrides),
        ("since", one.since == *since),
        ("older_than", one.older_than == *older_than),
        ("moved_since", one.moved_since == *moved_since),
        ("inputs", one.inputs == *inputs),
        ("claim", one.claim == *claim),
        ("approved", one.approved == *approved),
    ];
    agree.into_iter().find_map(|(member, agrees)| (!agrees).then_some(member))
}

/// One plan of all zones, as old as its oldest part, with the softer rules of all parts.
fn joined(parts: Vec<ShardPlan>) -> Plan {
    let mut provenance: Option<Provenance> = None;
    let mut zones = Vec::new();
    for ShardPlan { name: _, plan } in parts {
        let (mut of_part, more) = plan.into_parts();
        zones.extend(more);
        let Some(joined) = &mut provenance else {
            of_part.selection.shard = None;
            provenance = Some(of_part);
            continue;
        };
        joined.created_at = joined.created_at.min(of_part.created_at);
        let left = [joined.selection.left.take(), of_part.selection.left];
        joined.selection.left = left.into_iter().flatten().reduce(Left::and);
        add_weakened(&mut joined.weakened, of_part.weakened);
    }
    // Saved, since its parts were: time has passed since its zones were read.
    let mut plan = Plan::build(provenance.unwrap_or_default(), zones).into_saved();
    judge_guards(&mut plan);
    plan
}

/// Adds the softer rules of another part; a rule that both name lists what it breaks in either.
fn add_weakened(all: &mut Vec<Weakened>, more: Vec<Weakened>) {
    for rule in more {
        let is_same = |other: &&mut Weakened| {
            (other.kind, &other.what, &other.zone) == (rule.kind, &rule.what, &rule.zone)
        };
        match all.iter_mut().find(is_same) {
            Some(there) => {
                let new: Vec<_> =
                    rule.breaks.into_iter().filter(|found| !there.breaks.contains(found)).collect();
                there.breaks.extend(new);
            }
            None => all.push(rule),
        }
    }
    all.sort();
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    #[test]
    fn the_plan_of_all_parts_is_as_old_as_the_oldest() {
        let part = |shard: &str, second| {
            let mut made = Provenance { created_at: Timestamp::constant(second, 0), ..Provenance::default() };
            made.selection.shard = Some(shard.parse().unwrap());
            ShardPlan { name: shard.to_owned(), plan: Plan::build(made, Vec::new()) }
        };
        for seconds in [[7, 9, 8], [9, 7, 8], [9, 8, 7]] {
            let parts = ["1/3", "2/3", "3/3"].iter().zip(seconds).map(|(shard, second)| part(shard, second));
            let merged = merge(parts.collect()).unwrap();
            assert!(merged.missing.is_empty());
            assert_eq!(merged.plan.provenance().created_at.as_second(), 7, "{seconds:?}");
        }
    }
}
