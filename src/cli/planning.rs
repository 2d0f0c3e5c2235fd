//! From zones to their plan: reading them, and the choices that `plan`, `apply` and `undo` make.

use super::args::{Guards, Planning as Args};
use super::environment::Clock;
use super::inputs::Inputs;
use super::output::progress_bar;
use super::signals::runtime;
use super::{Context, Exit, Failure, reviewed};
use crate::catalogue;
use crate::diff::Earlier;
use crate::model::{Desired, Input};
use crate::plan::{Overrides, Plan, Provenance, Selection, Source, SourceKind, Status, Summary, ZonePlan};
use crate::run::{CONCURRENCY, Planning, Snapshot, Stop, plan_zones};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// What the arguments say about planning, checked against the zone files.
#[derive(Debug, Default)]
pub(crate) struct Choices {
    send_unavailable: BTreeSet<&'static str>,
    earlier: BTreeMap<String, Earlier>,
    may_loosen: BTreeSet<String>,
    /// What the plan states of it.
    stated: Provenance,
}

impl Choices {
    /// Reads the arguments. No request is needed for that, so that errors in them are reported before any is sent.
    pub(crate) fn read(args: &Args, guards: &Guards, inputs: &mut Inputs) -> Result<Self, Failure> {
        unprotect(&guards.unprotect, inputs)?;
        let send_unavailable = send_unavailable(&args.send_unavailable)?;
        let may_loosen = reviewed::may_loosen(args, inputs)?;
        let mut overrides = overrides(guards);
        overrides.send_unavailable = send_unavailable.iter().map(|name| (*name).to_owned()).collect();
        overrides.confirm_loosening = may_loosen.iter().cloned().collect();
        let slashed = |path: &PathBuf| path.to_string_lossy().replace('\\', "/");
        let stated = Provenance {
            paths: args.zones.paths.iter().map(slashed).collect(),
            selection: Selection { zones: args.zones.zones.clone(), exclude: Vec::new() },
            zone_files: inputs.zone_files,
            since: args.since.clone().or_else(|| args.since_plan.as_ref().map(slashed)),
            overrides,
            ..Provenance::default()
        };
        Ok(Self { send_unavailable, earlier: reviewed::load(args, inputs)?, may_loosen, stated })
    }

    /// What an undo is planned with: the guards alone.
    pub(crate) fn of_guards(guards: &Guards) -> Self {
        let stated = Provenance { overrides: overrides(guards), ..Provenance::default() };
        Self { stated, ..Self::default() }
    }

    /// Where a plan that is made with these choices comes from.
    pub(crate) fn provenance<F>(&self, cx: &Context<F>, inputs: Vec<Input>) -> Provenance {
        let kind = if cx.session.is_emulated() { SourceKind::Emulator } else { SourceKind::Api };
        self.provenance_from(Source { kind, taken_at: None }, &cx.session.address, inputs)
    }

    fn provenance_from(&self, source: Source, api: &str, inputs: Vec<Input>) -> Provenance {
        let Provenance { created_at, as_of, api, .. } =
            Provenance::new(jiff::Timestamp::now(), api.to_owned());
        Provenance { created_at, as_of, api, inputs, source, ..self.stated.clone() }
    }

    /// How zones are planned with these choices.
    fn planning(self, concurrency: usize, clock: Clock, stop: Stop) -> Planning {
        let Self { send_unavailable, earlier, may_loosen, stated: _ } = self;
        Planning { concurrency, send_unavailable, today: clock.today(), earlier, may_loosen, stop }
    }
}

/// What the guards' flags allow or limit.
fn overrides(guards: &Guards) -> Overrides {
    Overrides {
        unprotect: guards.unprotect.iter().map(|name| name.to_ascii_lowercase()).collect(),
        override_policy: guards.override_policy.clone(),
        max_zones: guards.max_zones.map(|most| most.to_string()),
        max_loosening: guards.max_loosening,
        ..Overrides::default()
    }
}

/// Lifts the protection of zones, each of which must be one of the run.
fn unprotect(names: &[String], inputs: &mut Inputs) -> Result<(), Failure> {
    for name in names {
        let is_meant = |zone: &&mut Desired| zone.zone.as_str().eq_ignore_ascii_case(name);
        let mut zones = inputs.zones.iter_mut().filter(is_meant).peekable();
        if zones.peek().is_none() {
            return Err(Failure::usage(format!("`--unprotect {name}`: {name} is not a zone of this run")));
        }
        zones.for_each(|zone| (zone.protect, zone.freeze) = (false, None));
    }
    Ok(())
}

/// Reads the zones of files and makes their plan.
pub(crate) async fn make<F: Copy>(cx: &Context<F>, inputs: Inputs, choices: Choices) -> Plan {
    let Inputs { zones, files, zone_files: _ } = inputs;
    let provenance = choices.provenance(cx, files);
    Plan::build(provenance, read(cx, zones, choices).await)
}

/// Reads zones and plans each.
pub(crate) async fn read<F: Copy>(cx: &Context<F>, zones: Vec<Desired>, choices: Choices) -> Vec<ZonePlan> {
    let planning = choices.planning(cx.session.concurrency, cx.clock, Stop::clone(&cx.stop));
    let bar = progress_bar(zones.len(), "reading");
    let zones = plan_zones(&cx.session.client, zones, &planning, &|_| bar.inc(1)).await;
    bar.finish_and_clear();
    zones
}

/// Makes the plan of zones of files from a snapshot: nothing is sent. The address is that of the snapshot, so that the
/// digest is that of a plan from the live zones where no zone has moved.
pub(crate) fn from_snapshot(
    snapshot: &Snapshot,
    clock: Clock,
    inputs: Inputs,
    choices: Choices,
) -> Result<Plan, Failure> {
    let Inputs { zones, files, zone_files: _ } = inputs;
    let provenance = choices.provenance_from(Source::snapshot(snapshot.taken_at()), snapshot.api(), files);
    let planning = choices.planning(CONCURRENCY, clock, Stop::default());
    let zones = runtime()?.block_on(plan_zones(snapshot, zones, &planning, &|_| {}));
    Ok(Plan::build(provenance, zones))
}

fn send_unavailable(names: &[String]) -> Result<BTreeSet<&'static str>, Failure> {
    let find = |name: &String| {
        let setting = catalogue::find(name).filter(|setting| !setting.is_read_only());
        setting.map(|setting| setting.name).ok_or_else(|| {
            Failure::usage(format!("`--send-unavailable {name}`: no setting with this name can be written"))
                .hint("`botform explain` lists all settings")
        })
    };
    names.iter().map(find).collect()
}

/// The exit code of a plan.
pub(crate) fn exit(plan: &Plan, detailed: bool) -> Exit {
    let Summary { change, in_sync, blocked, failed, .. } = plan.summary();
    let has_changes = || plan.zones().iter().any(|zone| zone.status() == Status::Change);
    Exit::of_failures(blocked + failed, change + in_sync).detailed(detailed && has_changes())
}
