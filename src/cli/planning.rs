//! From zones to their plan: reading them, and what `plan`, `apply` and `undo` ask of it.

use super::args::Planning as Args;
use super::inputs::Inputs;
use super::output::progress_bar;
use super::{Context, Exit, Failure, earlier};
use crate::catalogue;
use crate::cli::environment::Clock;
use crate::diff::Baseline;
use crate::model::{Desired, Input};
use crate::plan::{Plan, Status, Summary, ZonePlan};
use crate::run::{Planning, plan_zones};
use std::collections::{BTreeMap, BTreeSet};

/// What the arguments say about planning, checked against the zone files.
#[derive(Debug, Default)]
pub(crate) struct Choices {
    send_unavailable: BTreeSet<&'static str>,
    baselines: BTreeMap<String, Baseline>,
    may_loosen: BTreeSet<String>,
}

impl Choices {
    /// Reads the arguments. No request is needed for that, so that what is wrong with them is said before any.
    pub(crate) fn read(args: &Args, inputs: &Inputs) -> Result<Self, Failure> {
        Ok(Self {
            send_unavailable: send_unavailable(&args.send_unavailable)?,
            baselines: earlier::load(args, inputs)?,
            may_loosen: earlier::may_loosen(args, inputs)?,
        })
    }
}

/// Reads the zones of files and makes their plan.
pub(crate) async fn make<F: Copy>(cx: &Context<F>, inputs: Inputs, choices: Choices) -> Plan {
    let Inputs { zones, files } = inputs;
    let zones = read(cx, zones, choices).await;
    build(cx, zones, files)
}

/// Reads zones and plans each.
pub(crate) async fn read<F: Copy>(cx: &Context<F>, zones: Vec<Desired>, choices: Choices) -> Vec<ZonePlan> {
    let Choices { send_unavailable, baselines, may_loosen } = choices;
    let planning = Planning {
        concurrency: cx.session.concurrency,
        send_unavailable,
        today: cx.clock.today(),
        baselines,
        may_loosen,
        stop: &cx.stop,
    };
    let bar = progress_bar(zones.len(), "reading");
    let zones = plan_zones(&cx.session.client, zones, &planning, &|_| bar.inc(1)).await;
    bar.finish_and_clear();
    zones
}

/// The plan of zones that were read.
pub(crate) fn build<F>(cx: &Context<F>, zones: Vec<ZonePlan>, files: Vec<Input>) -> Plan {
    Plan::build(Clock::now(), cx.session.address.clone(), files, zones)
}

fn send_unavailable(names: &[String]) -> Result<BTreeSet<&'static str>, Failure> {
    let find = |name: &String| {
        let setting = catalogue::find(name).filter(|setting| !setting.is_read_only());
        setting.map(|setting| setting.name).ok_or_else(|| {
            Failure::usage(format!(
                "`--send-unavailable {name}`: there is no such setting that can be written"
            ))
            .hint("`botform explain` lists all settings")
        })
    };
    names.iter().map(find).collect()
}

/// The exit code of a plan.
pub(crate) fn exit(plan: &Plan, detailed: bool) -> Exit {
    let Summary { change, in_sync, blocked, failed, .. } = plan.summary();
    let has_changes = || plan.zones.iter().any(|zone| zone.status() == Status::Change);
    Exit::of_failures(blocked + failed, change + in_sync).detailed(detailed && has_changes())
}
