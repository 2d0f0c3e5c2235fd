//! The run of an import: reads the zones, makes all files, shows or writes them, counts.

use super::baseline::Wanted as Baseline;
use super::file::{Existing, Made, Making};
use super::folder::{Called, Folder};
use super::report::{ImportReport, Mode};
use super::terraform::Terraform;
use crate::api::{UnusableZone, ZoneEntry};
use crate::cli::args::{Import as Args, Selected};
use crate::cli::commands::snapshot::{load as load_snapshot, read_live};
use crate::cli::environment::Clock;
use crate::cli::fleet::{MOST_SHOWN, Selection, say_unread};
use crate::cli::output::{Format, Level, Notice, Output, Outputs, Wanted, print, say};
use crate::cli::{Context, Failure, inputs, session};
use crate::model::{AccountId, Named, clean, matches};
use crate::render::{Paint, Unified};
use crate::report::Ending;
use crate::run::{Seen, Snapshot};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// The inputs of an import.
struct Loaded {
    folder: Folder,
    baseline: Option<Baseline>,
    terraform: Option<Terraform>,
    /// Whether the project has several accounts: a file that names its account spares a request to each of the others.
    names_account: bool,
    clock: Clock,
    paint: Paint,
}

/// Imports live zones, or those of a snapshot.
pub(crate) fn run(args: &Args) -> Result<Ending, Failure> {
    if args.from.is_none() {
        session::check(&args.connection)?;
    }
    let outputs = Wanted::new(&[Output::stdout(Format::Text)])
        .reads(args.from.as_deref())
        .reads(args.terraform.as_deref())
        .reads(args.connection.world_file())
        .check()?;
    outputs.finish(import(args, &outputs))
}

fn import(args: &Args, outputs: &Outputs<Format>) -> Result<Ending, Failure> {
    let (clock, paint) = (Clock::start(), Output::stdout(Format::Text).page().paint);
    let snapshot = args.from.as_deref().map(load_snapshot).transpose()?;
    let terraform = args.terraform.as_deref().map(Terraform::load).transpose()?;
    let (folder, project) = Folder::load(&args.folder, &outputs.files)?;
    let account = session::find_account(args.live.account.as_deref(), &project)?;
    let baseline = args.baseline.as_deref().map(|name| Baseline::of(name, &folder)).transpose()?;
    let ids = terraform.as_ref().map(|terraform| terraform.ids.clone());
    let selection = Selection { ids: ids.as_ref(), ..Selection::of(&args.live, account.as_ref()) };
    let names_account = !project.accounts.is_empty();
    let loaded = Loaded { folder, baseline, terraform, names_account, clock, paint };
    if let Some(snapshot) = snapshot {
        return write(args, loaded, chosen(&snapshot, selection)?, &[]);
    }
    let world = || loaded.folder.world(clock.today());
    let cx = Context::connect(outputs, &args.connection, project, clock, world)?;
    let (seen, unusable) = cx.block_on(read_live(&cx, selection))?;
    write(args, loaded, seen, &unusable)
}

/// The selected zones of a snapshot, by name.
fn chosen(snapshot: &Snapshot, selection: Selection<'_>) -> Result<Vec<Seen>, Failure> {
    let mut by_id: BTreeMap<_, _> =
        snapshot.seen().into_iter().map(|seen| (seen.entry.id.clone(), seen)).collect();
    let entries = by_id.values().map(|seen| Ok(seen.entry.clone())).collect();
    let mut chosen: Vec<_> = selection.choose(entries)?.into_iter().flatten().collect();
    chosen.sort_by(|one, other| (&one.name, &one.id).cmp(&(&other.name, &other.id)));
    Ok(chosen.iter().filter_map(|entry| by_id.remove(&entry.id)).collect())
}

/// Makes all files, and writes them or shows what would be written.
fn write(args: &Args, loaded: Loaded, seen: Vec<Seen>, unusable: &[UnusableZone]) -> Result<Ending, Failure> {
    let Loaded { folder, baseline, mut terraform, names_account, clock, paint } = loaded;
    let folder = &folder;
    let baseline = match baseline {
        Some(baseline) => baseline.propose(folder, &seen, args.all_settings, terraform.as_ref())?,
        None => None,
    };
    let (all, today) = (args.all_settings, clock.today());
    let making = Making { folder, all, names_account, baseline: baseline.as_ref(), today };
    let mut report = ImportReport::begin(
        if args.diff { Mode::Preview } else { Mode::Write },
        unusable.len() + folder.broken(),
    );
    let mut unread: Vec<_> = unusable.iter().map(UnusableZone::diagnostic).collect();
    let (mut problems, mut diffs, mut differing) = (Vec::new(), String::new(), Vec::new());
    // Zones that were left out by a flag are not missing.
    if let Some(terraform) = terraform.as_ref().filter(|_| args.live.selected.is_all()) {
        let listed = seen.iter().map(|seen| seen.entry.id.as_str());
        let listed = listed.chain(unusable.iter().map(|zone| zone.id.as_str())).collect();
        problems = terraform.problems(&listed);
        problems.iter().for_each(|_| report.add_failed());
    }
    if let Some(baseline) = &baseline {
        if baseline.is_new() && args.diff {
            diffs = baseline.difference(paint);
        } else if baseline.is_new() {
            baseline.write().map_err(|problem| {
                inputs::report(&[problem]).err().unwrap_or_else(|| Failure::shown(Ending::Failed))
            })?;
        }
        report.add_baseline(baseline);
    }
    let (shared, mut paths) = (shared(&seen, unusable, &args.live.selected), BTreeSet::new());
    for Seen { entry, live, .. } in &seen {
        let made = match live {
            Ok(live) => {
                let is_shared = shared.contains(entry.name.as_str());
                let called = if is_shared { Called::AsOthers } else { Called::Alone };
                let held = terraform.as_ref().and_then(|terraform| terraform.of(&entry.id));
                making.make(entry, live, (called, existing(args, entry)), held)
            }
            Err(why) => {
                report.add_unreadable(why);
                unread.push(why.clone());
                continue;
            }
        };
        let written = made.and_then(|made| match made {
            Some(made) if made.is_changed() && !made.stays() && !args.diff => {
                made.write().map(|()| Some(made))
            }
            made => Ok(made),
        });
        match written {
            Ok(Some(made)) => {
                if args.diff && made.is_changed() {
                    let _ = write!(diffs, "{}", difference(&made, paint));
                } else if made.is_changed() && !made.stays() {
                    paths.insert(made.path.to_string_lossy().into_owned());
                }
                differing.extend(made.stays().then(|| {
                    format!(
                        "{} differs from live: {}",
                        clean(&made.path.to_string_lossy()),
                        made.told.join(", ")
                    )
                }));
                if let (Some(terraform), Ok(live)) = (&mut terraform, live) {
                    terraform.note(entry, live, made.variant(), made.before.is_none());
                }
                report.add(&made);
                problems.extend(made.left);
            }
            Ok(None) => {}
            Err(problem) => {
                report.add_failed();
                problems.push(problem);
            }
        }
    }
    // Each file was checked on its own; it can still conflict with existing files.
    let refused = if paths.is_empty() { Vec::new() } else { folder.refused(&paths) };
    refused.iter().for_each(|_| report.add_failed());
    problems.extend(refused);
    say_unread(&unread);
    inputs::show(&problems);
    let said = terraform.as_ref().map(Terraform::said).unwrap_or_default();
    print(&format!("{diffs}{said}{}{report}\n", listed(&differing)))?;
    if report.has_differing() {
        Notice::new(Level::Note, "existing files stay as they are")
            .hint("`--zone NAME` takes the live values of one zone into its file, `--adopt` those of all zones; or run `apply`")
            .say();
    }
    if folder.schema.is_none() && report.has_new() {
        let text = "for completion in editors, run `botform schema zone > schemas/zone.schema.json` next to the folder first";
        say(Level::Note, text);
    }
    Ok(report.exit())
}

/// What happens to the file that a zone has.
fn existing(args: &Args, entry: &ZoneEntry) -> Existing {
    let ids = [entry.account_id.as_ref().map(AccountId::as_str), Some(entry.id.as_str())];
    let named = Named { name: &entry.name, ids };
    let is_asked = args.adopt || args.terraform.is_none() && args.live.selected.names(named);
    if is_asked { Existing::Adopts } else { Existing::Stays }
}

/// Lines of what differs, the first ones of many.
fn listed(lines: &[String]) -> String {
    let mut text: String = lines.iter().take(MOST_SHOWN).map(|line| format!("{line}\n")).collect();
    if lines.len() > MOST_SHOWN {
        let _ = writeln!(text, "… and {} more", lines.len() - MOST_SHOWN);
    }
    text
}

/// The names that zones of several accounts share, usable or not, and those that were selected with an account.
fn shared<'s>(seen: &'s [Seen], unusable: &'s [UnusableZone], selected: &Selected) -> BTreeSet<&'s str> {
    let names = || seen.iter().map(|seen| seen.entry.name.as_str());
    let pairs = names().zip(names().skip(1)).filter(|(one, next)| one == next).map(|(one, _)| one);
    let called =
        || selected.zones.iter().chain(&selected.exclude).filter_map(|called| called.split_once('@'));
    let pairs = pairs.chain(unusable.iter().map(|zone| zone.name.as_str()));
    pairs.chain(names().filter(|name| called().any(|(called, _)| matches(called, name)))).collect()
}

fn difference(made: &Made, paint: Paint) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (before, after) = (made.before.as_deref().map(text), text(&made.after));
    Unified::new(&made.path.to_string_lossy(), before.as_deref(), &after, paint).to_string()
}
