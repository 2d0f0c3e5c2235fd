//! `undo`: plans the values from before an apply, and applies it like any other plan. Without a journal it lists those
//! of the state folder.

use super::journals;
use crate::cli::args::{Selected, Undo as Args};
use crate::cli::context::Work;
use crate::cli::environment::Clock;
use crate::cli::inputs::{self, seed};
use crate::cli::output::{Level, Notice, Outputs, ReportFormat, Wanted, say};
use crate::cli::planning::{self, Choices};
use crate::cli::write::{self, Approval, Writing};
use crate::cli::{Context, Failure, session};
use crate::emulator::World;
use crate::files;
use crate::model::{Diagnostic, Digest, Input, Undone};
use crate::plan::{Plan, ZonePlan};
use crate::report::{Ending, Verb};
use crate::run::{Lost, MOST_JOURNAL_BYTES, Undo, ZoneFiles, is_under_way};
use std::io::BufReader;
use std::path::Path;

/// Restores the values from before an apply, or lists the journals.
pub(crate) fn run(args: &Args) -> Result<Ending, Failure> {
    let Some(of) = &args.of else { return journals::list(args) };
    if of.is_dir() {
        return journals::list_below(args, of);
    }
    let clock = Clock::start();
    session::check(&args.connection)?;
    let outputs = Wanted::reports(&args.outputs.outputs, Verb::Undo)
        .writes("--journal", args.writes.journal.as_deref())
        .metrics(args.writes.metrics.as_deref())
        .reads(args.connection.world_file())
        .reads(Some(of))
        .keeps_exit()
        .check()?;
    outputs.finish(undo(args, of, &outputs, clock))
}

fn undo(args: &Args, of: &Path, outputs: &Outputs<ReportFormat>, clock: Clock) -> Result<Ending, Failure> {
    let Args { writes, connection, undo_moved, .. } = args;
    let mut project = inputs::project(&outputs.files, Vec::new())?;
    inputs::check_overrides(&writes.guards, &project)?;
    let (mut undo, journal) = read(of)?;
    undo.zones = inputs::select(undo.zones, |zone| zone.identity().into(), &args.selected)?;
    session::check_address(&undo.api, connection, "the journal was written")?;
    inputs::one_zone_each("--unprotect", &writes.guards.unprotect, &undo.zones)?;
    inputs::one_zone_each("--undo-moved", undo_moved, &undo.zones)?;
    let now = write::look(undo.files.clone(), &outputs.files, &mut project, clock.today())?;
    let world = || World::matching(undo.zones.iter().map(seed));
    let cx = Context::connect(outputs, connection, project, clock, world)?;
    let budgets = cx.session.client.budgets(undo.zones.iter().map(|zone| zone.account_id.as_ref()));
    cx.announce(Work::reading(undo.zones.len()), &budgets);
    let choices = Choices::of_guards(&writes.guards);
    let mut provenance = choices.provenance(&cx, vec![journal]);
    provenance.overrides.undo_moved = undo_moved.iter().map(|called| called.to_ascii_lowercase()).collect();
    let mut zones = cx.block_on(planning::read(&cx, std::mem::take(&mut undo.zones), choices));
    note_lost(&mut zones, &undo.lost, &args.selected);
    let mut plan = Plan::build(provenance, zones);
    undo.block(&mut plan);
    now.block(&mut plan);
    say_files_stay(&plan, &undo);
    let (approval, files) = (Approval::of(writes), ZoneFiles::Now(&now));
    let writing = Writing::new(&cx, Verb::Undo, (writes, &args.outputs), approval, files);
    let undoes = Undone::new(of.file_name().unwrap_or_default().to_string_lossy(), &undo.at);
    Ok(cx.block_on(Writing { undoes: Some(&undoes), ..writing }.run(&plan)))
}

/// Says that the zone files still want what is undone.
fn say_files_stay(plan: &Plan, undo: &Undo) {
    let is_of_files = undo.files.iter().any(|file| file.ends_with(".yaml") || file.ends_with(".yml"));
    if is_of_files && plan.changing().next().is_some() {
        Notice::new(Level::Note, "this changes the live zones, but not the zone files")
            .hint("revert the commit too, or the next `apply` writes it again")
            .say();
    }
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

/// Notes what cannot be restored with its zone, or on stderr if the zone cannot be identified.
fn note_lost(planned: &mut [ZonePlan], lost: &[Lost], selected: &Selected) {
    for Lost { zone: name, zone_id, what, .. } in lost {
        let is_meant = |zone: &&mut ZonePlan| {
            zone.zone.as_str() == name && zone.zone_id.as_ref().is_none_or(|id| id.as_str() == zone_id)
        };
        match planned.iter_mut().find(is_meant) {
            Some(zone) => {
                zone.notes.push(Diagnostic::warning(format!("cannot be restored: {what}")));
            }
            None if selected.is_all() => say(Level::Warning, format!("{name}: {what}")),
            None => {}
        }
    }
}
