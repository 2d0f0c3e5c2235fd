//! What `plan` and `apply` share: from the arguments to the plan.

use super::args::{Guards, Planning as Args};
use super::connect::Session;
use super::inputs::Inputs;
use super::{Exit, Failure, baseline, environment, progress};
use crate::catalogue;
use crate::plan::{Overrides, Plan, Provenance, Selection, Source, SourceKind, Status, Summary};
use crate::run::{Planning, Stop, plan_zones};
use std::collections::BTreeSet;

/// The runtime of a run: the work is waiting, so one thread is enough.
pub(super) fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| Failure::of(&error))
}

/// Reads the zones and makes the plan, which takes zones and files over from the inputs.
pub(super) async fn make(
    args: &Args,
    guards: &Guards,
    inputs: &mut Inputs,
    session: &Session,
    stop: &Stop,
) -> Result<Plan, Failure> {
    unprotect(&guards.unprotect, inputs)?;
    let planning = Planning {
        concurrency: session.concurrency,
        send_unavailable: send_unavailable(&args.send_unavailable)?,
        today: environment::today(),
        earlier: baseline::load(args, inputs)?,
        may_loosen: baseline::may_loosen(args, inputs)?,
        stop,
    };
    announce(session, inputs.zones.len());
    let bar = progress::bar(inputs.zones.len(), "reading");
    let zones =
        plan_zones(&session.client, std::mem::take(&mut inputs.zones), &planning, &|_| bar.inc(1)).await;
    bar.finish_and_clear();
    Ok(Plan::build(provenance(args, guards, inputs, session), zones))
}

/// Where a plan of these arguments comes from.
fn provenance(args: &Args, guards: &Guards, inputs: &mut Inputs, session: &Session) -> Provenance {
    let mut overrides = overrides(guards);
    overrides.send_unavailable.clone_from(&args.send_unavailable);
    overrides.confirm_loosening.clone_from(&args.confirm_loosening);
    let is_emulated = session.address == super::connect::EMULATED;
    let kind = if is_emulated { SourceKind::Emulator } else { SourceKind::Api };
    let slashed = |path: &std::path::PathBuf| path.to_string_lossy().replace('\\', "/");
    Provenance {
        source: Source { kind, taken_at: None },
        paths: args.zones.paths.iter().map(slashed).collect(),
        selection: Selection { zones: args.zones.zones.clone(), exclude: Vec::new() },
        zone_files: inputs.zone_files,
        overrides,
        since: args.since.clone().or_else(|| args.baseline.as_ref().map(slashed)),
        inputs: std::mem::take(&mut inputs.files),
        ..Provenance::new(environment::instant(), session.address.clone())
    }
}

/// What the guards' flags allow or limit.
pub(super) fn overrides(guards: &Guards) -> Overrides {
    let mut overrides = Overrides::default();
    overrides.unprotect.clone_from(&guards.unprotect);
    overrides.override_policy.clone_from(&guards.override_policy);
    overrides.max_zones = guards.max_zones.map(|most| most.to_string());
    overrides.max_loosening = guards.max_loosening;
    overrides
}

/// Lifts the protection of zones, each of which must be one of the run.
fn unprotect(names: &[String], inputs: &mut Inputs) -> Result<(), Failure> {
    for name in names {
        let mut zones = inputs.zones.iter_mut().filter(|zone| zone.zone.as_str() == name).peekable();
        if zones.peek().is_none() {
            return Err(Failure::usage(format!("`--unprotect {name}` names no zone of this run")));
        }
        zones.for_each(|zone| (zone.protect, zone.freeze) = (false, None));
    }
    Ok(())
}

/// Tells how long the reading will take, where the request budget makes it long.
pub(super) fn announce(session: &Session, zones: usize) {
    let requests = (zones + zones.div_ceil(50)) as u64;
    let eta = session.client.eta(requests);
    if eta.as_secs() >= 30 {
        super::output::say(&format!(
            "reading {zones} zones takes {requests} requests, about {} within the request budget\n",
            minutes(eta)
        ));
    }
}

fn minutes(eta: std::time::Duration) -> String {
    match eta.as_secs() {
        seconds @ 0..=90 => format!("{seconds} seconds"),
        seconds => format!("{} minutes", seconds.div_ceil(60)),
    }
}

fn send_unavailable(names: &[String]) -> Result<BTreeSet<&'static str>, Failure> {
    names
        .iter()
        .map(|name| {
            catalogue::find(name)
                .filter(|setting| !setting.is_read_only())
                .map(|setting| setting.name)
                .ok_or_else(|| {
                    Failure::usage(format!(
                        "`--send-unavailable {name}` names no setting that can be written"
                    ))
                })
        })
        .collect()
}

/// The exit code of a plan.
pub(super) fn exit(plan: &Plan, detailed: bool) -> Exit {
    let Summary { change, in_sync, blocked, failed, .. } = plan.summary();
    match Exit::of_failures(blocked + failed, change + in_sync) {
        Exit::Done if detailed && plan.zones().iter().any(|zone| zone.status() == Status::Change) => {
            Exit::Changes
        }
        exit => exit,
    }
}
