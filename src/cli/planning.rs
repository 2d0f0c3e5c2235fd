//! From zone files to their plan: reading the zones, with the choices of `plan`, `apply` and `undo`.

use super::args::{Guards, Planning as Args, Selected};
use super::environment::Clock;
use super::inputs::{self, Inputs};
use super::output::{Progress, Task};
use super::reviewed::{self, Before, Changed, Recorded, Rules};
use super::signals::runtime;
use super::{Context, Failure, session};
use crate::catalogue::{self, Setting};
use crate::config::Project;
use crate::diff::Earlier;
use crate::model::{Desired, Input, Shard};
use crate::plan::{
    Overrides, Plan, Provenance, Selection, Source, SourceKind, Status, ZonePlan, judge_plan, warn_of_live,
};
use crate::run::{CONCURRENCY, Planning, Round, Snapshot, Stop, Turns, plan_zones};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

/// The choices that the arguments make about planning, checked against the zone files.
#[derive(Debug, Default)]
pub(crate) struct Choices {
    send_unavailable: BTreeSet<&'static str>,
    earlier: BTreeMap<String, Earlier>,
    /// The zones whose files were deleted.
    gone: Vec<Desired>,
    may_loosen: BTreeSet<String>,
    /// The record that the zones were compared with.
    recorded: Option<Recorded>,
    /// The rules as they were.
    rules: Arc<Rules>,
    /// The choices as the plan states them.
    stated: Provenance,
}

/// What a run is limited to, apart from the names of zones.
#[derive(Debug, Default)]
pub(crate) struct Limit {
    /// One of several shards.
    pub(crate) part: Option<Shard>,
    /// The zones whose files changed.
    pub(crate) changed: Option<Changed>,
}

impl Choices {
    /// Reads the arguments. This takes no request, so that wrong arguments are reported before anything is sent.
    pub(crate) fn read(
        args: &Args,
        guards: &Guards,
        inputs: &mut Inputs,
        project: &Project,
        clock: Clock,
    ) -> Result<Self, Failure> {
        let account = session::account_of_files(&args.connection, project)?;
        for zone in &mut inputs.zones {
            zone.account_id = zone.account_id.take().or_else(|| account.clone());
        }
        inputs::one_zone_each("--unprotect", &guards.unprotect, &inputs.zones)?;
        let send_unavailable = send_unavailable(&args.send_unavailable, inputs)?;
        let may_loosen = reviewed::may_loosen(args, inputs)?;
        let Before { earlier, gone, recorded, older_than, rules } = reviewed::load(args, inputs, project)?;
        let weakened = rules.weakened(project, &inputs.zones, clock.today());
        inputs::show(&rules.unknown);
        inputs.warnings.extend(rules.unknown.iter().cloned());
        // After the rules are compared: what the files say counts, not what a flag lifts for this plan.
        unprotect(&guards.unprotect, inputs);
        let mut overrides = overrides(guards);
        overrides.send_unavailable = send_unavailable.iter().map(|name| (*name).to_owned()).collect();
        overrides.confirm_loosening = may_loosen.iter().cloned().collect();
        let Selected { zones, exclude } = &args.zones.selected;
        let slashed = |path: &PathBuf| path.to_string_lossy().replace('\\', "/");
        let stated = Provenance {
            paths: args.zones.paths.iter().map(slashed).collect(),
            selection: Selection { zones: zones.clone(), exclude: exclude.clone(), ..Selection::default() },
            zone_files: inputs.zone_files,
            commit: args.zones.paths.first().and_then(|path| reviewed::commit_at(path)),
            since: reviewed::since(args, project)
                .map(str::to_owned)
                .or_else(|| args.since_plan.as_ref().map(slashed)),
            older_than,
            weakened,
            overrides,
            ..Provenance::default()
        };
        let rules = Arc::new(rules);
        Ok(Self { send_unavailable, earlier, gone, may_loosen, recorded, rules, stated })
    }

    /// Limits the run. The arguments must be checked against all zones before: a flag may name a zone of another shard.
    pub(crate) fn limit(&mut self, limit: Limit, inputs: &mut Inputs) {
        let Limit { part, changed } = limit;
        if let Some(Changed { since, is_changed }) = changed {
            let mut is_changed = is_changed.into_iter();
            inputs.zones.retain(|_| is_changed.next().unwrap_or(true));
            self.stated.selection.changed_since = Some(since);
        }
        if let Some(part) = part {
            inputs.zones.retain(|zone| part.holds(&zone.zone));
            self.gone.retain(|zone| part.holds(&zone.zone));
            self.stated.selection.shard = Some(part);
        }
    }

    /// Takes the record that the zones were compared with.
    pub(crate) fn take_recorded(&mut self) -> Option<Recorded> {
        self.recorded.take()
    }

    /// The choices of an undo: only the guards.
    pub(crate) fn of_guards(guards: &Guards) -> Self {
        let stated = Provenance { overrides: overrides(guards), ..Provenance::default() };
        Self { stated, ..Self::default() }
    }

    /// The provenance of a plan that is made with these choices.
    pub(crate) fn provenance<F>(&self, cx: &Context<'_, F>, inputs: Vec<Input>) -> Provenance {
        let kind = if cx.session.is_emulated() { SourceKind::Emulator } else { SourceKind::Api };
        self.provenance_from(Source { kind, ..Source::default() }, &cx.session.address, inputs, cx.clock)
    }

    /// The plan states the day on which the run started, even if it passes midnight.
    fn provenance_from(&self, source: Source, api: &str, inputs: Vec<Input>, clock: Clock) -> Provenance {
        let Provenance { created_at, as_of, api, .. } = Provenance::new(clock.started(), api.to_owned());
        Provenance { created_at, as_of, api, inputs, source, ..self.stated.clone() }
    }

    /// The planning of zones with these choices.
    fn planning(self, concurrency: usize, clock: Clock, stop: Stop) -> Planning {
        let Self { send_unavailable, earlier, gone: _, may_loosen, recorded: _, rules: _, stated: _ } = self;
        let planning = Planning::new(clock.today());
        Planning { concurrency, send_unavailable, earlier, may_loosen, stop, ..planning }
    }
}

/// What the flags of guards allow or limit.
pub(crate) fn overrides(guards: &Guards) -> Overrides {
    Overrides {
        unprotect: guards.unprotect.iter().map(|name| name.to_ascii_lowercase()).collect(),
        override_policy: guards.override_policy.clone(),
        max_zones: guards.max_zones,
        max_loosening: guards.max_loosening,
        ..Overrides::default()
    }
}

/// Lifts the protection of the zones that `--unprotect` names.
fn unprotect(called: &[String], inputs: &mut Inputs) {
    let is_meant = |zone: &&mut Desired| called.iter().any(|called| zone.identity().is_called(called));
    inputs.zones.iter_mut().filter(is_meant).for_each(|zone| (zone.protect, zone.freeze) = (false, None));
}

/// Reads the zones of the files and makes their plan.
pub(crate) async fn make<F: Copy>(cx: &Context<'_, F>, inputs: Inputs, choices: Choices) -> Plan {
    let Inputs { mut zones, files, zone_files: _, reports: _, warnings: _ } = inputs;
    let (provenance, gone) = (choices.provenance(cx, files), choices.gone.clone());
    let rules = Arc::clone(&choices.rules);
    zones.extend(gone.iter().cloned());
    let zones = read(cx, zones, choices).await;
    built(provenance, zones, &gone, (&cx.project, &rules), cx.clock)
}

/// Reads zones in turn until a time, and makes the plan of those that were reached and have files.
pub(crate) async fn make_in_time<F: Copy>(
    cx: &Context<'_, F>,
    inputs: Inputs,
    choices: Choices,
    turns: Turns<'_>,
    until: Instant,
) -> (Plan, Round) {
    let Inputs { mut zones, files, zone_files: _, reports: _, warnings: _ } = inputs;
    let (provenance, gone) = (choices.provenance(cx, files), choices.gone.clone());
    let rules = Arc::clone(&choices.rules);
    zones.extend(gone.iter().cloned());
    let planning = choices.planning(cx.session.concurrency, cx.clock, Stop::clone(&cx.stop));
    let planning = Planning { until: Some(until), ..planning };
    let most = if turns.watches { zones.len().max(turns.listed.len()) } else { zones.len() };
    let budgets = cx.session.client.budgets(zones.iter().map(|zone| zone.account_id.as_ref()));
    let progress = Progress::new(budgets, most, Task::READING);
    let done = |zone: &ZonePlan| count(&progress, zone);
    let mut round = progress.during(turns.run(&cx.session.client, zones, &planning, &done)).await;
    let zones = std::mem::take(&mut round.zones);
    (built(provenance, zones, &gone, (&cx.project, &rules), cx.clock), round)
}

/// The plan of zones, with notes on deleted files, on live values that break a policy, and on what the earlier rules
/// would have refused.
fn built(
    provenance: Provenance,
    mut zones: Vec<ZonePlan>,
    gone: &[Desired],
    (project, then): (&Project, &Rules),
    clock: Clock,
) -> Plan {
    zones.retain_mut(|zone| !gone.iter().any(|left| zone.is_of(left)) || reviewed::leaves(zone));
    let mut plan = Plan::build(provenance, zones);
    warn_of_live(&mut plan, &project.policy, clock.today());
    judge_plan(&mut plan, then.project(project), clock.today());
    plan
}

/// Reads and plans zones.
pub(crate) async fn read<F: Copy>(
    cx: &Context<'_, F>,
    zones: Vec<Desired>,
    choices: Choices,
) -> Vec<ZonePlan> {
    let planning = choices.planning(cx.session.concurrency, cx.clock, Stop::clone(&cx.stop));
    let budgets = cx.session.client.budgets(zones.iter().map(|zone| zone.account_id.as_ref()));
    let progress = Progress::new(budgets, zones.len(), Task::READING);
    let done = |zone: &ZonePlan| count(&progress, zone);
    progress.during(plan_zones(&cx.session.client, zones, &planning, &done)).await
}

fn count(progress: &Progress<'_>, zone: &ZonePlan) {
    tracing::info!(zone.name = zone.zone.as_str(), status = ?zone.status(), "planned");
    match zone.status() {
        Status::Failed => progress.inc_as("failed".to_owned()),
        _ => progress.inc(),
    }
}

/// Makes the plan from a snapshot, without requests. It states the address of the snapshot, so that the digest is the
/// same as that of a plan from the live zones if no zone has moved.
pub(crate) fn from_snapshot(
    snapshot: &Snapshot,
    project: &Project,
    clock: Clock,
    inputs: Inputs,
    choices: Choices,
) -> Result<Plan, Failure> {
    let Inputs { mut zones, files, zone_files: _, reports: _, warnings: _ } = inputs;
    let provenance =
        choices.provenance_from(Source::snapshot(snapshot.taken_at()), snapshot.api(), files, clock);
    let (gone, rules) = (choices.gone.clone(), Arc::clone(&choices.rules));
    zones.extend(gone.iter().cloned());
    let planning = choices.planning(CONCURRENCY, clock, Stop::default());
    let zones = runtime()?.block_on(plan_zones(snapshot, zones, &planning, &|_| {}));
    let mut plan = built(provenance, zones, &gone, (project, &rules), clock);
    plan.state_taken_over(snapshot.taken_over());
    Ok(plan)
}

/// The settings of `--send-unavailable`, each of which must be in a zone file of the run.
fn send_unavailable(names: &[String], inputs: &Inputs) -> Result<BTreeSet<&'static str>, Failure> {
    let settable: Vec<_> = catalogue::settings().filter(|setting| !setting.is_read_only()).collect();
    let known = settable.iter().map(|setting| setting.name);
    inputs::check_known("--send-unavailable", names, "setting", known)
        .map_err(|failure| failure.or_hint("`botform explain` lists all settings"))?;
    let is_given = |setting: &&Setting| names.iter().any(|name| setting.name.eq_ignore_ascii_case(name));
    let given: Vec<_> = settable.into_iter().filter(|setting| is_given(setting)).collect();
    let is_named = |setting: &Setting| inputs.zones.iter().any(|zone| zone.get(setting).is_some());
    match given.iter().find(|setting| !is_named(setting)) {
        Some(setting) => Err(Failure::usage(format!(
            "`--send-unavailable {0}` has no effect: no zone file of this run has `{0}`",
            setting.name
        ))
        .hint("write the setting under `settings` in a zone file, or omit the flag")),
        None => Ok(given.into_iter().map(|setting| setting.name).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Variant;

    #[test]
    fn a_part_of_the_zones_is_also_a_part_of_those_that_are_gone() {
        let zone = |n: usize| Desired::new(format!("zone-{n}.example").parse().unwrap(), Variant::SbfmPro);
        let zones = || (0..9).map(zone).collect::<Vec<_>>();
        for part in ["1/2", "2/2"] {
            let part: Shard = part.parse().unwrap();
            let mut choices = Choices { gone: zones(), ..Choices::default() };
            let mut inputs = Inputs {
                zones: zones(),
                files: Vec::new(),
                reports: Vec::new(),
                zone_files: 9,
                warnings: Vec::new(),
            };
            choices.limit(Limit { part: Some(part), changed: None }, &mut inputs);
            let names =
                |zones: &[Desired]| zones.iter().map(|zone| zone.zone.to_string()).collect::<Vec<_>>();
            let held: Vec<_> = zones().into_iter().filter(|zone| part.holds(&zone.zone)).collect();
            assert!(held.len() < 9 && !held.is_empty());
            assert_eq!((names(&choices.gone), names(&inputs.zones)), (names(&held), names(&held)));
        }
    }
}
