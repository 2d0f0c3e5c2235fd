//! What `plan` and `apply` share: from the arguments to the plan.

use crate::catalogue;
use crate::cli::args::Planning as Args;
use crate::cli::earlier as baseline;
use crate::cli::environment;
use crate::cli::inputs::Inputs;
use crate::cli::output::progress;
use crate::cli::session::Session;
use crate::cli::{Exit, Failure};
use crate::plan::{Plan, Status, Summary};
use crate::run::{Planning, Stop, plan_zones};
use std::collections::BTreeSet;

/// The runtime of a run: the work is waiting, so one thread is enough.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| Failure::of(&error))
}

/// Reads the zones and makes the plan, which takes zones and files over from the inputs.
pub(crate) async fn make(
    args: &Args,
    inputs: &mut Inputs,
    session: &Session,
    stop: &Stop,
) -> Result<Plan, Failure> {
    let planning = Planning {
        concurrency: session.concurrency,
        send_unavailable: send_unavailable(&args.send_unavailable)?,
        today: environment::today(),
        baselines: baseline::load(args, inputs)?,
        may_loosen: baseline::may_loosen(args, inputs)?,
        stop,
    };
    announce(session, inputs.zones.len());
    let bar = progress::bar(inputs.zones.len(), "reading");
    let zones =
        plan_zones(&session.client, std::mem::take(&mut inputs.zones), &planning, &|_| bar.inc(1)).await;
    bar.finish_and_clear();
    let files = std::mem::take(&mut inputs.files);
    Ok(Plan::build(environment::now(), session.address.clone(), files, zones))
}

/// Tells how long the reading will take, where the request budget makes it long.
pub(crate) fn announce(session: &Session, zones: usize) {
    let requests = (zones + zones.div_ceil(50)) as u64;
    let eta = session.client.eta(requests);
    if eta.as_secs() >= 30 {
        crate::cli::output::say(&format!(
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
pub(crate) fn exit(plan: &Plan, detailed: bool) -> Exit {
    let Summary { change, in_sync, blocked, failed, .. } = plan.summary();
    match Exit::of_failures(blocked + failed, change + in_sync) {
        Exit::Done if detailed && plan.zones.iter().any(|zone| zone.status() == Status::Change) => {
            Exit::Changes
        }
        exit => exit,
    }
}
