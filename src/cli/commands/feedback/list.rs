//! `feedback list`: the reports of the account's zones.

use super::plan::work;
use crate::api::{ApiError, ZoneEntry};
use crate::cli::args::{FeedbackList as Args, Window};
use crate::cli::context::{Job, Work};
use crate::cli::inputs;
use crate::cli::output::{LIST_FORMATS, ListFormat, Outputs, Progress, Task, Wanted, say};
use crate::cli::session::Bare;
use crate::cli::{Context, Exit, Failure, session};
use crate::model::{AccountId, Report, ZoneName, ZoneReports, clean, clean_json};
use crate::render::{FeedbackTable, feedback_csv, feedback_json, feedback_jsonl};

/// How many names are looked up one by one.
const MOST_NAMES: usize = 8;

/// Lists reports.
pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    let job = Job {
        wanted: Wanted::new(&args.outputs, &LIST_FORMATS),
        connection: &args.connection,
        world: Bare::Needed("examples/feedback-world.yaml"),
        // It is announced once the zones are known.
        work: |_| Work::reading(0),
    };
    let load = |files: &_, clock: crate::cli::environment::Clock| {
        let window = Window::of(args.since, args.until, clock.started())?;
        let project = inputs::project(files, Vec::new())?;
        let account = session::find_account(args.account.as_deref(), &project)?;
        Ok(((window, account), project))
    };
    Context::run(job, load, async |cx, (window, account)| {
        let zones = zones(args, account.as_ref(), cx).await?;
        cx.announce(Work::reading(zones.len()));
        let listed = list(args, &window, zones, cx).await;
        show(&cx.outputs, &listed);
        let failures = listed.iter().filter(|zone| zone.reports.is_err()).count();
        Ok(Exit::of_failures(failures, listed.len() - failures))
    })
}

/// The selected zones, of all that the credentials can see.
async fn zones(
    args: &Args,
    account: Option<&AccountId>,
    cx: &Context<ListFormat>,
) -> Result<Vec<ZoneEntry>, Failure> {
    let listed = async {
        match named(args, account, cx).await? {
            Some(named) => Ok(named),
            None => cx.session.client.all_zones(account).await,
        }
    };
    let all = tokio::select! {
        all = listed => all.map_err(|error| session::failure(&error))?,
        () = cx.stop.requested() => return Err(Failure::new("interrupted before the zones were listed")),
    };
    if all.is_empty() {
        let message = match account {
            Some(account) => format!("the credentials see no zone of account {account}"),
            None => "the credentials see no zone".to_owned(),
        };
        return Err(Failure::new(message)
            .hint("the token needs the permissions `Zone Read` and `Bot Management Feedback Report Read`, for the zones in question"));
    }
    inputs::select(all, |zone| &zone.name, &args.selected)
}

/// The zones that are selected by name, without paging through all that the credentials see; `None` if there is a
/// pattern, or a name without a zone, which the whole list can explain.
async fn named(
    args: &Args,
    account: Option<&AccountId>,
    cx: &Context<ListFormat>,
) -> Result<Option<Vec<ZoneEntry>>, ApiError> {
    let names: Result<Vec<_>, _> =
        args.selected.zones.iter().map(|name| ZoneName::try_from(name.to_ascii_lowercase())).collect();
    let Some(names) = names.ok().filter(|names| (1..=MOST_NAMES).contains(&names.len())) else {
        return Ok(None);
    };
    let zones = cx.session.client.zones_named(&names, account).await?;
    let is_found = |name: &ZoneName| zones.iter().any(|zone| zone.name == name.as_str());
    let are_found = names.iter().all(is_found);
    Ok(are_found.then_some(zones))
}

async fn list(
    args: &Args,
    window: &Window,
    zones: Vec<ZoneEntry>,
    cx: &Context<ListFormat>,
) -> Vec<ZoneReports> {
    let progress = Progress::new(cx.session.client.budget(), zones.len(), Task::READING);
    let mut listed = progress.during(work(cx).list(zones, &|| progress.inc())).await;
    for zone in &mut listed {
        if let Ok(reports) = &mut zone.reports {
            reports.retain(|report| is_wanted(report, args.kind.as_deref(), window));
        }
    }
    listed
}

/// Whether a report has the selected type and time; one without a time is never left out because of that.
fn is_wanted(report: &Report, kind: Option<&str>, window: &Window) -> bool {
    let at = report.created_at().or_else(|| report.instant("last_request_seen_at"));
    kind.is_none_or(|kind| report.kind() == Some(kind)) && at.is_none_or(|at| window.holds(at))
}

fn show(outputs: &Outputs<ListFormat>, zones: &[ZoneReports]) {
    outputs.show(|output| match output.format {
        ListFormat::Json => output.write_json(&feedback_json(zones)),
        ListFormat::Table => output.write(&FeedbackTable::new(zones, output.page()).to_string()),
        ListFormat::JsonLines => output.write(&clean_json(&feedback_jsonl(zones))),
        ListFormat::Csv => output.write(&feedback_csv(zones)),
    });
    let is_seen = outputs.iter().any(|output| output.format == ListFormat::Table && output.file.is_none());
    for zone in zones.iter().filter(|_| !is_seen) {
        if let Err(why) = &zone.reports {
            let hint = why.hint.as_ref().map(|hint| format!("  hint: {}\n", clean(hint))).unwrap_or_default();
            say(&format!("error: zone {}: {}\n{hint}", clean(&zone.zone), clean(&why.message)));
        }
    }
}
