//! `feedback list`: the reports of the account's zones.

use super::plan::work;
use crate::api::{UnusableZone, ZoneEntry};
use crate::cli::args::{FeedbackList as Args, Window};
use crate::cli::context::{Job, Work};
use crate::cli::fleet::{Selection, say_unread};
use crate::cli::output::{LIST_FORMATS, ListFormat, Outputs, Progress, Task, Wanted, say};
use crate::cli::session::Bare;
use crate::cli::{Context, Failure, inputs, session};
use crate::model::{Notation, Report, ZoneReports, clean};
use crate::render::{FeedbackTable, feedback_csv, feedback_json, feedback_jsonl};
use crate::report::Ending;

/// Lists reports.
pub(crate) fn run(args: &Args) -> Result<Ending, Failure> {
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
        let selection = Selection {
            selected: &args.selected,
            account: account.as_ref(),
            permission: "Bot Management Feedback Report Read",
        };
        let (zones, unusable) = selection.list(cx).await?;
        cx.announce(Work::reading(zones.len()));
        let listed = list(args, &window, zones, cx).await;
        show(&cx.outputs, &listed);
        say_unread(&unusable.iter().map(UnusableZone::diagnostic).collect::<Vec<_>>());
        let unlisted = listed.iter().filter(|zone| zone.reports.is_err()).count();
        Ok(Ending::of_failures(unlisted + unusable.len(), listed.len() - unlisted))
    })
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
        ListFormat::JsonLines => output.write_as(&feedback_jsonl(zones), Notation::Json),
        ListFormat::Csv => output.write(&feedback_csv(zones)),
    });
    let is_seen = outputs.iter().any(|output| output.format == ListFormat::Table && output.file.is_none());
    for zone in zones.iter().filter(|_| !is_seen) {
        if let Err(why) = &zone.reports {
            let hint = why
                .hint
                .as_ref()
                .map(|hint| format!("  hint: {}\n", clean(&hint.to_string())))
                .unwrap_or_default();
            say(&format!("error: zone {}: {}\n{hint}", clean(&zone.zone), clean(&why.message.to_string())));
        }
    }
}
