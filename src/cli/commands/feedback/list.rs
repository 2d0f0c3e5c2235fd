//! `feedback list`: the reports of the account's zones.

use super::plan::work;
use crate::api::{UnusableZone, ZoneEntry};
use crate::cli::args::{FeedbackList as Args, Window};
use crate::cli::context::Work;
use crate::cli::environment::Clock;
use crate::cli::fleet::{Selection, say_unread};
use crate::cli::output::{Level, ListFormat, Notice, Outputs, Progress, Task, Wanted};
use crate::cli::{Context, Failure, inputs, session};
use crate::emulator::World;
use crate::model::{FeedbackReport, Notation, ZoneReports};
use crate::render::{FeedbackTable, feedback_csv, feedback_json, feedback_jsonl};
use crate::report::Ending;

/// Lists reports.
pub(crate) fn run(args: &Args) -> Result<Ending, Failure> {
    session::check_world(&args.connection, "examples/feedback-world.yaml")?;
    let outputs = Wanted::new(&args.outputs).reads(args.connection.world_file()).check()?;
    outputs.finish(list_and_show(args, &outputs))
}

fn list_and_show(args: &Args, outputs: &Outputs<ListFormat>) -> Result<Ending, Failure> {
    let clock = Clock::start();
    let window = Window::of(args.since, args.until, clock.started())?;
    let project = inputs::project(&outputs.files, Vec::new())?;
    let account = session::find_account(args.account.as_deref(), &project)?;
    let selection = Selection {
        selected: &args.selected,
        account: account.as_ref(),
        ids: None,
        permission: "Bot Management Feedback Report Read",
    };
    let cx = Context::connect(outputs, &args.connection, project, clock, World::default)?;
    let (zones, unusable) = cx.block_on(selection.list(&cx))?;
    let budgets = cx.session.client.budgets(zones.iter().map(|zone| zone.account_id.as_ref()));
    cx.announce(Work::reading(zones.len()), &budgets);
    let listed = cx.block_on(list(args, &window, zones, &cx));
    show(outputs, &listed);
    say_unread(&unusable.iter().map(UnusableZone::diagnostic).collect::<Vec<_>>());
    let unlisted = listed.iter().filter(|zone| zone.reports.is_err()).count();
    Ok(Ending::of_failures(unlisted + unusable.len(), listed.len() - unlisted))
}

async fn list(
    args: &Args,
    window: &Window,
    zones: Vec<ZoneEntry>,
    cx: &Context<'_, ListFormat>,
) -> Vec<ZoneReports> {
    let budgets = cx.session.client.budgets(zones.iter().map(|zone| zone.account_id.as_ref()));
    let progress = Progress::new(budgets, zones.len(), Task::READING);
    let mut listed = progress.during(work(cx).list(zones, &|| progress.inc())).await;
    for zone in &mut listed {
        if let Ok(reports) = &mut zone.reports {
            reports.retain(|report| is_wanted(report, args.kind.as_deref(), window));
        }
    }
    listed
}

/// Whether a report has the selected type and time; a report without a creation time is always shown.
fn is_wanted(report: &FeedbackReport, kind: Option<&str>, window: &Window) -> bool {
    let at = report.created_at().or_else(|| report.instant("last_request_seen_at"));
    kind.is_none_or(|kind| report.kind() == Some(kind)) && at.is_none_or(|at| window.holds(at))
}

fn show(outputs: &Outputs<ListFormat>, zones: &[ZoneReports]) {
    outputs.show(|output| match output.format {
        ListFormat::Json => output.write_json(&feedback_json(zones)),
        ListFormat::Table => output.write(&FeedbackTable::new(zones, output.page()).to_string()),
        ListFormat::Jsonl => output.write_as(&feedback_jsonl(zones), Notation::Json),
        ListFormat::Csv => output.write(&feedback_csv(zones)),
    });
    let is_seen = outputs.iter().any(|output| output.format == ListFormat::Table && output.file.is_none());
    for zone in zones.iter().filter(|_| !is_seen) {
        if let Err(why) = &zone.reports {
            let text = format!("zone {}: {}", zone.zone, why.message);
            let hint = why.hint.as_ref().map(ToString::to_string);
            Notice::new(Level::Error, text).maybe_hint(hint.as_deref()).say();
        }
    }
}
