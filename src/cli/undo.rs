//! `undo`: plans the way back from a journal, and applies it like any other plan.

use super::args::Undo as Args;
use super::output::FORMATS;
use super::writing::{Approval, Writing};
use super::{Exit, Failure, connect, environment, inputs, output, planning, stopping};
use crate::config;
use crate::plan::Plan;
use crate::run::{Planning, Stop, Undo, plan_zones, read_journal, undo};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Brings back the values from before an apply.
pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let outputs = output::parse(&args.outputs.outputs, &FORMATS)?;
    let project = inputs::project()?;
    let bytes = std::fs::read(&args.of)
        .map_err(|error| Failure::new(format!("cannot read the journal {}: {error}", args.of.display())))?;
    let records = read_journal(&args.of).map_err(|error| Failure::of(&error))?;
    let file = args.of.display().to_string();
    let Undo { api, zones, lost } = undo(&records, &file);
    let zones = config::select(zones, |zone| zone.zone.as_str(), &args.zones)
        .map_err(|error| Failure::new(error.to_string()).maybe_hint(error.hint()))?;
    let lost = lost.into_iter().filter(|(zone, _)| zones.iter().any(|kept| kept.zone.as_str() == zone));
    lost.for_each(|(zone, what)| output::say(&format!("warning: {zone}: {what}\n")));
    connect::check_address(&api, &args.connection, "the journal was written")?;
    planning::runtime()?.block_on(async {
        let stop = Arc::new(Stop::default());
        let session = connect::open(&args.connection, &zones, &project).await?;
        stopping::listen(&stop);
        let planning = Planning {
            concurrency: session.concurrency,
            send_unavailable: BTreeSet::new(),
            today: environment::today(),
            baselines: BTreeMap::new(),
            may_loosen: BTreeSet::new(),
            stop: &stop,
        };
        let planned = plan_zones(&session.client, &zones, &planning, &|_| {}).await;
        let input = crate::model::Input { path: file, digest: crate::model::Digest::of_bytes(&bytes) };
        let plan = Plan::build(environment::now(), session.address.clone(), vec![input], planned);
        let approval = if args.writes.auto_approve { Approval::Given } else { Approval::Asked };
        let writing = Writing {
            args: &args.writes,
            outputs: &outputs,
            detail: args.outputs.detail,
            session: &session,
            project: &project,
            stop: &stop,
        };
        writing.run(&plan, approval).await
    })
}
