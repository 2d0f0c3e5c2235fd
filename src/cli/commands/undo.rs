//! `undo`: plans the values from before an apply, and applies it like any other plan.

use crate::cli::args::Undo as Args;
use crate::cli::context::{Job, Work};
use crate::cli::environment::Clock;
use crate::cli::inputs::{self, seed};
use crate::cli::output::{Files, Wanted, say};
use crate::cli::planning::{self, Choices};
use crate::cli::session::Bare;
use crate::cli::write::{Approval, Missing, Now, Writing};
use crate::cli::{Context, Exit, Failure, session};
use crate::emulator::World;
use crate::files;
use crate::model::{Diagnostic, Digest, Input, clean};
use crate::plan::{Plan, ZonePlan};
use crate::render::Verb;
use crate::run::{MOST_JOURNAL_BYTES, Undo, is_under_way, read_journal, undo};

/// Brings back the values from before an apply.
pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    let job = Job {
        wanted: Wanted::reports(&args.outputs.outputs, Verb::Undo)
            .writes("--journal", args.writes.journal.as_deref())
            .metrics(args.writes.metrics.as_deref())
            .reads(Some(&args.of))
            .keeps_exit(),
        connection: &args.connection,
        world: Bare::Matching(|(undo, ..): &(Undo, Input, Now)| World::matching(undo.zones.iter().map(seed))),
        work: |(undo, ..)| Work::reading(undo.zones.len()),
    };
    let load = |files: &Files, clock: Clock| {
        let mut project = inputs::project(files, Vec::new())?;
        inputs::check_overrides(&args.writes.guards, &project)?;
        let (mut undo, journal) = read(args)?;
        undo.zones = inputs::select(undo.zones, |zone| zone.zone.as_str(), &args.selected)?;
        session::check_address(&undo.api, &args.connection, "the journal was written")?;
        let now = Now::look(std::mem::take(&mut undo.files), files, &mut project, clock.today())?;
        Ok(((undo, journal, now), project))
    };
    Context::run(job, load, async |cx, (undo, journal, now)| {
        let choices = Choices::of_guards(&args.writes.guards);
        let provenance = choices.provenance(cx, vec![journal]);
        let mut zones = planning::read(cx, undo.zones, choices).await;
        note_lost(&mut zones, &undo.lost, args.selected.is_all());
        let mut plan = Plan::build(provenance, zones);
        now.block(&mut plan, Missing::IsSaid);
        let approval = Approval::of(&args.writes);
        Ok(Writing { cx, verb: Verb::Undo, args: &args.writes, detail: args.outputs.detail, approval }
            .run(&plan)
            .await)
    })
}

/// The undo of a journal, and the journal as the input of the plan.
fn read(args: &Args) -> Result<(Undo, Input), Failure> {
    let of = args.of.display();
    if is_under_way(&args.of) {
        return Err(Failure::new(format!("the journal {of} belongs to a run that has not ended"))
            .hint("wait until it ends, or stop it"));
    }
    let bytes = files::read_own(&args.of, MOST_JOURNAL_BYTES)
        .map_err(|error| Failure::new(format!("cannot read the journal {of}: {error}")))?;
    let records = read_journal(&args.of).map_err(|error| Failure::of(&error))?;
    let input = Input { path: of.to_string(), digest: Digest::of_bytes(&bytes) };
    Ok((undo(&records, &input.path), input))
}

/// Puts what cannot be brought back beside its zone, or on stderr where the zone cannot even be named.
fn note_lost(planned: &mut [ZonePlan], lost: &[(String, String)], all: bool) {
    for (name, what) in lost {
        match planned.iter_mut().find(|zone| zone.zone.as_str() == name) {
            Some(zone) => {
                zone.notes.push(Diagnostic::warning(format!("cannot be brought back: {what}")));
            }
            None if all => say(&format!("warning: {}: {}\n", clean(name), clean(what))),
            None => {}
        }
    }
}
