//! `undo`: plans the way back from a journal, and applies it like any other plan.

use super::args::Undo as Args;
use super::connect::Session;
use super::output::FORMATS;
use super::writing::{Approval, Writing};
use super::{Exit, Failure, connect, environment, inputs, output, planning, protection, stopping};
use crate::config;
use crate::files;
use crate::model::{Desired, Diagnostic, Digest, Input};
use crate::plan::{Plan, ZonePlan};
use crate::run::{MOST_JOURNAL_BYTES, Planning, Stop, Undo, is_under_way, plan_zones, read_journal, undo};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Brings back the values from before an apply.
pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let outputs = output::parse(&args.outputs.outputs, &FORMATS)?;
    let project = inputs::project()?;
    let (Undo { api, zones, lost, files }, journal) = read(args)?;
    let zones = config::select(zones, |zone| zone.zone.as_str(), &args.zones)
        .map_err(|error| Failure::new(error.to_string()).maybe_hint(error.hint()))?;
    connect::check_address(&api, &args.connection, "the journal was written")?;
    planning::runtime()?.block_on(async {
        let stop = Arc::new(Stop::default());
        let session = connect::open(&args.connection, &zones, &project).await?;
        stopping::listen(&stop);
        let mut planned = plan_back(zones, &session, &stop).await;
        protection::add(&mut planned, files)?;
        tell_lost(&mut planned, &lost, args.zones.is_empty());
        let plan = Plan::build(environment::now(), session.address.clone(), vec![journal], planned);
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

/// The way back that a journal tells, and the journal as the input of the plan.
fn read(args: &Args) -> Result<(Undo, Input), Failure> {
    let of = args.of.display();
    if is_under_way(&args.of) {
        return Err(Failure::new(format!("the journal {of} belongs to a run that is under way"))
            .hint("wait until it has ended, or end it"));
    }
    let bytes = files::read_own(&args.of, MOST_JOURNAL_BYTES)
        .map_err(|error| Failure::new(format!("cannot read the journal {of}: {error}")))?;
    let records = read_journal(&args.of).map_err(|error| Failure::of(&error))?;
    let input = Input { path: of.to_string(), digest: Digest::of_bytes(&bytes) };
    Ok((undo(&records, &input.path), input))
}

async fn plan_back(zones: Vec<Desired>, session: &Session, stop: &Stop) -> Vec<ZonePlan> {
    let planning = Planning {
        concurrency: session.concurrency,
        send_unavailable: BTreeSet::new(),
        today: environment::today(),
        baselines: BTreeMap::new(),
        may_loosen: BTreeSet::new(),
        stop,
    };
    plan_zones(&session.client, zones, &planning, &|_| {}).await
}

/// Puts what cannot be brought back beside its zone; of a zone that cannot even be named, it goes to stderr.
fn tell_lost(planned: &mut [ZonePlan], lost: &[(String, String)], all: bool) {
    for (name, what) in lost {
        match planned.iter_mut().find(|zone| zone.zone.as_str() == name) {
            Some(zone) => {
                zone.diagnostics.push(Diagnostic::warning(format!("cannot be brought back: {what}")));
            }
            None if all => output::say(&format!("warning: {}: {what}\n", crate::render::clean(name))),
            None => {}
        }
    }
}
