//! `snapshot`: saves the live state of zones, so that plans can be made where no token may be.

use crate::api::UnusableZone;
use crate::cli::args::Snapshot as Args;
use crate::cli::context::{Job, Work};
use crate::cli::fleet::{Selection, say_unread};
use crate::cli::output::{Output, Progress, Task, Wanted, print, save_snapshot};
use crate::cli::session::Bare;
use crate::cli::{Context, Failure, inputs, reviewed, session};
use crate::files::{self, FileError};
use crate::model::{AccountId, clean, plural};
use crate::report::Ending;
use crate::run::{Seen, Snapshot, read_zones};
use std::path::Path;

/// The largest snapshot that is read: some hundred thousand zones.
const MOST_BYTES: u64 = 256 << 20;

/// Takes a snapshot.
pub(crate) fn run(args: &Args) -> Result<Ending, Failure> {
    let file = Some(args.file.as_path()).filter(|file| *file != Path::new("-"));
    let job = Job {
        wanted: Wanted::new(&[], &[("text", ())]).writes("snapshot", file),
        connection: &args.connection,
        world: Bare::Needed("examples/world.yaml"),
        // It is announced once the zones are known.
        work: |_: &Option<AccountId>| Work::reading(0),
    };
    let load = |files: &_, _| {
        file.map_or(Ok(()), may_replace)?;
        let project = inputs::project(files, Vec::new())?;
        let account = session::find_account(args.live.account.as_deref(), &project)?;
        Ok((account, project))
    };
    Context::run(job, load, async |cx, account| {
        let selection = Selection::of(&args.live, account.as_ref());
        let (seen, unusable) = read_live(cx, selection).await?;
        if cx.stop.is_requested() {
            return Err(Failure::new("interrupted: no snapshot was written"));
        }
        let unread: Vec<_> = seen.iter().filter_map(|zone| zone.live.as_ref().err().cloned()).collect();
        let (zones, failures) = (seen.len() - unread.len(), unread.len() + unusable.len());
        say_unread(&unusable.iter().map(UnusableZone::diagnostic).chain(unread).collect::<Vec<_>>());
        if zones == 0 {
            return Err(Failure::new("no zone could be read: no snapshot was written"));
        }
        let snapshot = Snapshot::new(cx.clock.started(), cx.session.address.clone(), seen);
        let more = if failures == 0 { String::new() } else { format!(", {failures} unreadable") };
        match file {
            Some(file) => {
                save_snapshot(file, &snapshot)?;
                print(&format!("{} in {}{more}\n", plural(zones, "zone"), clean(&file.to_string_lossy())))?;
            }
            None => Output { format: (), file: None }.write_json(&snapshot)?,
        }
        Ok(Ending::of_failures(failures, zones))
    })
}

/// Refuses to replace a file that is no snapshot.
fn may_replace(file: &Path) -> Result<(), Failure> {
    // A plan has such a member too, further in.
    const MARK: &str = "\n  \"taken_at\"";
    reviewed::may_replace_by(file, "snapshot", &[MARK], &format!("`snapshot {}`", file.display()))
}

/// Lists and reads live zones, after saying how many and how long.
pub(super) async fn read_live(
    cx: &Context<()>,
    selection: Selection<'_>,
) -> Result<(Vec<Seen>, Vec<UnusableZone>), Failure> {
    let (entries, unusable) = selection.list(cx).await?;
    cx.announce_any(Work { verb: "reading", zones: entries.len(), requests: entries.len() });
    let (client, concurrency) = (&cx.session.client, cx.session.concurrency);
    let progress = Progress::new(client.budget(), entries.len(), Task::READING);
    let inc = || progress.inc();
    let seen = progress.during(read_zones(client, entries, concurrency, &cx.stop, &inc)).await;
    Ok((seen, unusable))
}

/// Reads a snapshot.
pub(in crate::cli) fn load(path: &Path) -> Result<Snapshot, Failure> {
    let file = files::open_up_to(path, MOST_BYTES).map_err(|error: FileError| {
        Failure::new(format!("cannot read the snapshot {}: {error}", path.display()))
            .hint("`botform snapshot FILE` takes one")
    })?;
    Snapshot::read(file).map_err(|error| {
        Failure::of(&error).context(format!("{} is refused", path.display())).hint(error.hint())
    })
}
