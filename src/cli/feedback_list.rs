//! `feedback list`: the reports of the account's zones.

use super::connect::Session;
use super::feedback_args::FeedbackList as Args;
use super::moments::Window;
use super::output::Output;
use super::{
    Exit, Failure, accounts, connect, environment, feedback, inputs, output, planning, progress, stopping,
};
use crate::api::ZoneEntry;
use crate::config;
use crate::emulator::World;
use crate::model::{AccountId, Report, ZoneName, ZoneReports};
use crate::render::{FeedbackTable, clean, feedback_csv, feedback_json, feedback_jsonl};
use crate::run::Stop;
use std::sync::Arc;

/// A format of listed reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    /// For people.
    Table,
    /// One document.
    Json,
    /// A report a line.
    JsonLines,
    /// For spreadsheets.
    Csv,
}

const FORMATS: [(&str, Format); 4] =
    [("table", Format::Table), ("json", Format::Json), ("jsonl", Format::JsonLines), ("csv", Format::Csv)];

/// How many names are asked for one by one.
const MOST_NAMES: usize = 8;

/// Lists reports.
pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let outputs = output::parse(&args.outputs, &FORMATS)?;
    outputs.iter().try_for_each(Output::check)?;
    let window = Window::of(args.since, args.until, environment::instant())?;
    connect::need_world(&args.connection, "examples/feedback-world.yaml")?;
    let project = inputs::project()?;
    let account = accounts::find(args.account.as_deref(), &project)?;
    planning::runtime()?.block_on(async {
        let stop = Arc::new(Stop::default());
        let session = connect::open_on(&args.connection, World::default, &project).await?;
        stopping::listen(&stop);
        let zones = zones(args, account.as_ref(), &session).await?;
        planning::announce(&session, zones.len());
        let bar = progress::bar(zones.len(), "reading");
        let mut listed = feedback::work(&session, &stop).list(zones, &|| bar.inc(1)).await;
        bar.finish_and_clear();
        for zone in &mut listed {
            if let Ok(reports) = &mut zone.reports {
                reports.retain(|report| is_wanted(report, args.kind.as_deref(), &window));
            }
        }
        show(&listed, &outputs)?;
        let failures = listed.iter().filter(|zone| zone.reports.is_err()).count();
        Ok(Exit::of_failures(failures, listed.len() - failures))
    })
}

/// The zones that are asked for, of all that the credentials see.
async fn zones(
    args: &Args,
    account: Option<&AccountId>,
    session: &Session,
) -> Result<Vec<ZoneEntry>, Failure> {
    if let Some(named) = named(args, account, session).await? {
        return Ok(named);
    }
    let all = session.client.all_zones(account).await.map_err(|error| connect::failure(&error))?;
    if all.is_empty() {
        let message = match account {
            Some(account) => format!("the credentials see no zone of account {account}"),
            None => "the credentials see no zone".to_owned(),
        };
        return Err(Failure::new(message)
            .hint("the token needs `Zone Read` beside `Bot Management Feedback Report Read`, and zones as resources"));
    }
    config::select(all, |zone| &zone.name, &args.zones)
        .map_err(|error| Failure::new(error.to_string()).maybe_hint(error.hint()))
}

/// The zones that are asked for by name, without paging through all that the credentials see; `None` if there is a
/// pattern, or a name without a zone, which the whole list can explain.
async fn named(
    args: &Args,
    account: Option<&AccountId>,
    session: &Session,
) -> Result<Option<Vec<ZoneEntry>>, Failure> {
    let names: Result<Vec<_>, _> =
        args.zones.iter().map(|name| ZoneName::try_from(name.to_ascii_lowercase())).collect();
    let Some(names) = names.ok().filter(|names| (1..=MOST_NAMES).contains(&names.len())) else {
        return Ok(None);
    };
    let zones = session.client.zones_named(&names, account).await;
    let zones = zones.map_err(|error| connect::failure(&error))?;
    let is_found = |name: &ZoneName| zones.iter().any(|zone| zone.name == name.as_str());
    let are_found = names.iter().all(is_found);
    Ok(are_found.then_some(zones))
}

/// Whether a report is of the type and time that are asked for; one that tells no time is never left out for it.
fn is_wanted(report: &Report, kind: Option<&str>, window: &Window) -> bool {
    let at = report.created_at().or_else(|| report.instant("last_request_seen_at"));
    kind.is_none_or(|kind| report.kind() == Some(kind)) && at.is_none_or(|at| window.holds(at))
}

fn show(zones: &[ZoneReports], outputs: &[Output<Format>]) -> Result<(), Failure> {
    for output in outputs {
        let text = match output.format {
            Format::Json => {
                output.write_json(&feedback_json(zones))?;
                continue;
            }
            Format::Table => FeedbackTable::new(zones, output.paint()).to_string(),
            Format::JsonLines => feedback_jsonl(zones),
            Format::Csv => feedback_csv(zones),
        };
        output.write(&text)?;
    }
    let is_told = outputs.iter().any(|output| output.format == Format::Table && output.file.is_none());
    for zone in zones.iter().filter(|_| !is_told) {
        if let Err(why) = &zone.reports {
            let hint = why.hint.as_ref().map(|hint| format!("  hint: {}\n", clean(hint))).unwrap_or_default();
            output::say(&format!("error: zone {}: {}\n{hint}", clean(&zone.zone), clean(&why.message)));
        }
    }
    Ok(())
}
