//! `snapshot`: saves the live state of zones, for plans in places that must not have a token.

use crate::api::UnusableZone;
use crate::cli::args::{Selected, Snapshot as Args};
use crate::cli::context::Work;
use crate::cli::environment::Clock;
use crate::cli::fleet::{Selection, say_unread};
use crate::cli::output::{Format, Output, Outputs, Progress, Task, Wanted, print, save_snapshot};
use crate::cli::{Context, Failure, inputs, reviewed, session};
use crate::emulator::World;
use crate::files::{self, FileError};
use crate::model::{clean, plural};
use crate::report::Ending;
use crate::run::{Scope, Seen, Snapshot, read_zones};
use std::path::Path;

/// The maximum size of a snapshot: enough for some hundred thousand zones.
const MOST_BYTES: u64 = 256 << 20;

/// Takes a snapshot.
pub(crate) fn run(args: &Args) -> Result<Ending, Failure> {
    session::check_world(&args.connection, "examples/world.yaml")?;
    let file = Some(args.file.as_path()).filter(|file| *file != Path::new("-"));
    let outputs = Wanted::new(&[Output::stdout(Format::Text)])
        .writes("snapshot", file)
        .reads(args.connection.world_file())
        .check()?;
    outputs.finish(take(args, file, &outputs))
}

fn take(args: &Args, file: Option<&Path>, outputs: &Outputs<Format>) -> Result<Ending, Failure> {
    let clock = Clock::start();
    file.map_or(Ok(()), may_replace)?;
    let project = inputs::project(&outputs.files, Vec::new())?;
    let account = session::find_account(args.live.account.as_deref(), &project)?;
    let cx = Context::connect(outputs, &args.connection, project, clock, World::default)?;
    let (seen, unusable) = cx.block_on(read_live(&cx, Selection::of(&args.live, account.as_ref())))?;
    if cx.stop.is_requested() {
        return Err(Failure::new("interrupted: no snapshot was written"));
    }
    let unread: Vec<_> = seen.iter().filter_map(|zone| zone.live.as_ref().err().cloned()).collect();
    let (read, failures) = (seen.len() - unread.len(), unread.len() + unusable.len());
    say_unread(&unusable.iter().map(UnusableZone::diagnostic).chain(unread).collect::<Vec<_>>());
    if read == 0 {
        return Err(Failure::new("no zone could be read: no snapshot was written"));
    }
    let snapshot = Snapshot::new(clock.started(), cx.session.address.clone(), seen);
    let Selected { zones, exclude } = args.live.selected.clone();
    let snapshot = snapshot.limited_to(Scope { account_id: account, zones, exclude });
    let more = if failures == 0 { String::new() } else { format!(", {failures} unreadable") };
    match file {
        Some(file) => {
            save_snapshot(file, &snapshot)?;
            print(&format!("{} in {}{more}\n", plural(read, "zone"), clean(&file.to_string_lossy())))?;
        }
        None => Output::stdout(Format::Json).write_json(&snapshot)?,
    }
    Ok(Ending::of_failures(failures, read))
}

/// Refuses to replace a file that is not a snapshot.
pub(super) fn may_replace(file: &Path) -> Result<(), Failure> {
    // A plan has this member too, but not at the top.
    const MARK: &str = "\n  \"taken_at\"";
    reviewed::may_replace_by(file, "snapshot", &[MARK], &format!("`snapshot {}`", file.display()))
}

/// Lists and reads live zones, after printing their number and the expected time.
pub(super) async fn read_live(
    cx: &Context<'_, Format>,
    selection: Selection<'_>,
) -> Result<(Vec<Seen>, Vec<UnusableZone>), Failure> {
    let (entries, unusable) = selection.list(cx).await?;
    let budgets = cx.session.client.budgets(entries.iter().map(|zone| zone.account_id.as_ref()));
    cx.announce_any(Work { verb: "reading", zones: entries.len(), requests: entries.len() }, &budgets);
    let (client, concurrency) = (&cx.session.client, cx.session.concurrency);
    let progress = Progress::new(budgets, entries.len(), Task::READING);
    let inc = || progress.inc();
    let seen = progress.during(read_zones(client, entries, concurrency, &cx.stop, &inc)).await;
    Ok((seen, unusable))
}

/// Reads a snapshot.
pub(in crate::cli) fn load(path: &Path) -> Result<Snapshot, Failure> {
    let file = files::open_document(path, MOST_BYTES).map_err(|error: FileError| {
        Failure::new(format!("cannot read the snapshot {}: {error}", path.display()))
            .hint("run `botform snapshot FILE` to take one")
    })?;
    Snapshot::read(file).map_err(|error| {
        Failure::of(&error).context(format!("{} is refused", path.display())).hint(error.hint())
    })
}
