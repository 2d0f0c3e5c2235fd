//! `undo`: plans the values from before an apply, and applies it like any other plan. Without a journal it lists those
//! of the state folder.

use super::journals;
use crate::cli::args::Undo as Args;
use crate::cli::context::{Job, Work};
use crate::cli::environment::Clock;
use crate::cli::inputs::{self, seed};
use crate::cli::output::{Files, Wanted, say};
use crate::cli::planning::{self, Choices};
use crate::cli::session::Bare;
use crate::cli::write::{self, Approval, Writing};
use crate::cli::{Context, Failure, session};
use crate::emulator::World;
use crate::files;
use crate::model::{Diagnostic, Digest, Input, clean};
use crate::plan::{FilesNow, Plan, ZonePlan};
use crate::report::{Ending, Verb};
use crate::run::{Lost, MOST_JOURNAL_BYTES, Undo, ZoneFiles, is_under_way};
use std::io::BufReader;
use std::path::Path;

/// The undo of a journal, the journal as the input of the plan, the zones that are undone although they moved, and what
/// the zone files say by now.
type Loaded = (Undo, Input, Vec<String>, FilesNow);

/// Brings back the values from before an apply, or lists the journals.
pub(crate) fn run(args: &Args) -> Result<Ending, Failure> {
    match &args.of {
        Some(of) => undo(args, of),
        None => journals::list(args),
    }
}

fn undo(args: &Args, of: &Path) -> Result<Ending, Failure> {
    let job = Job {
        wanted: Wanted::reports(&args.outputs.outputs, Verb::Undo)
            .writes("--journal", args.writes.journal.as_deref())
            .metrics(args.writes.metrics.as_deref())
            .reads(Some(of))
            .keeps_exit(),
        connection: &args.connection,
        world: Bare::Matching(|(undo, ..): &Loaded| World::matching(undo.zones.iter().map(seed))),
        work: |(undo, ..)| Work::reading(undo.zones.len()),
    };
    let load = |files: &Files, clock: Clock| {
        let mut project = inputs::project(files, Vec::new())?;
        inputs::check_overrides(&args.writes.guards, &project)?;
        let (mut undo, journal) = read(of)?;
        undo.zones = inputs::select(undo.zones, |zone| zone.identity().into(), &args.selected)?;
        session::check_address(&undo.api, &args.connection, "the journal was written")?;
        inputs::one_zone_each("--unprotect", &args.writes.guards.unprotect, &undo.zones)?;
        inputs::one_zone_each("--undo-moved", &args.undo_moved, &undo.zones)?;
        let moved = args.undo_moved.iter().map(|called| called.to_ascii_lowercase()).collect();
        let now = write::look(undo.files.clone(), files, &mut project, clock.today())?;
        Ok(((undo, journal, moved, now), project))
    };
    Context::run(job, load, async |cx, (mut undo, journal, moved, now)| {
        let choices = Choices::of_guards(&args.writes.guards);
        let mut provenance = choices.provenance(cx, vec![journal]);
        provenance.overrides.undo_moved = moved;
        let mut zones = planning::read(cx, std::mem::take(&mut undo.zones), choices).await;
        note_lost(&mut zones, &undo.lost, args.selected.is_all());
        let mut plan = Plan::build(provenance, zones);
        undo.block(&mut plan);
        now.block(&mut plan);
        let is_of_files = undo.files.iter().any(|file| file.ends_with(".yaml") || file.ends_with(".yml"));
        if is_of_files && plan.changing().next().is_some() {
            say(
                "note: this changes the live zones and not the zone files: revert the commit too, or the next `apply` writes it again\n",
            );
        }
        let approval = Approval::of(&args.writes);
        let detail = args.outputs.detail;
        let files = ZoneFiles::Now(&now);
        let writing =
            Writing { cx, verb: Verb::Undo, args: &args.writes, detail, approval, files, warnings: &[] };
        Ok(writing.run(&plan).await)
    })
}

/// The undo of a journal, and the journal as the input of the plan.
fn read(of: &Path) -> Result<(Undo, Input), Failure> {
    if is_under_way(of) {
        return Err(Failure::new(format!(
            "the journal {} belongs to a run that has not ended",
            of.display()
        ))
        .hint("wait until it ends, or stop it"));
    }
    let undo = Undo::read(of).map_err(|error| Failure::of(&error))?;
    let digest = files::open_up_to(of, MOST_JOURNAL_BYTES)
        .map_err(Into::into)
        .and_then(|file| Digest::of_reader(BufReader::new(file)))
        .map_err(|error| Failure::new(format!("cannot read the journal {}: {error}", of.display())))?;
    Ok((undo, Input { path: of.display().to_string(), digest }))
}

/// Puts what cannot be brought back beside its zone, or on stderr where the zone cannot even be named.
fn note_lost(planned: &mut [ZonePlan], lost: &[Lost], all: bool) {
    for Lost { zone: name, zone_id, what, .. } in lost {
        let is_meant = |zone: &&mut ZonePlan| {
            zone.zone.as_str() == name && zone.zone_id.as_ref().is_none_or(|id| id.as_str() == zone_id)
        };
        match planned.iter_mut().find(is_meant) {
            Some(zone) => {
                zone.notes.push(Diagnostic::warning(format!("cannot be brought back: {what}")));
            }
            None if all => say(&format!("warning: {}: {}\n", clean(name), clean(what))),
            None => {}
        }
    }
}
