//! `why`: finds what stopped a request, and the smallest change that lets it pass. It reads only.

use crate::api::{Lookup, ReadZones as _};
use crate::cli::args::{Why as Args, Window as Range};
use crate::cli::environment::Clock;
use crate::cli::fleet::{Selection, say_unread};
use crate::cli::inputs::{self, DEFAULT_PATH, Inputs};
use crate::cli::output::{ExplainFormat as Format, Level, Output, Outputs, Wanted, minutes, say};
use crate::cli::{Context, Failure, session};
use crate::config::Project;
use crate::files;
use crate::model::{
    Desired, Diagnostic, NewReport, RayId, Window, ZoneId, ZoneName, plain_or_quoted, plural,
};
use crate::render::{WhyMarkdown, WhyText, why_json};
use crate::report::Ending;
use crate::run::{Target, WhyQuestion, why};
use jiff::SignedDuration;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

/// How far back to search by default: the analytics of every plan allow that.
const LENGTH: SignedDuration = SignedDuration::from_hours(24);

/// Looks for a request, and shows what stopped it.
pub(crate) fn run(args: &Args) -> Result<Ending, Failure> {
    let clock = Clock::start();
    session::check(&args.connection)?;
    let question = question(args, clock)?;
    let outputs = Wanted::new(&args.outputs)
        .replaces("--feedback", args.feedback.as_deref(), may_write)
        .reads(args.connection.world_file())
        .check()?;
    outputs.finish(answer(args, &outputs, &question, clock))
}

/// Refuses to replace an existing file: it may be somebody's report.
fn may_write(path: &Path) -> Result<(), Failure> {
    match files::is_there(path) {
        true => Err(Failure::usage(format!("{} already exists", path.display())).hint("name a new file")),
        false => Ok(()),
    }
}

fn question(args: &Args, clock: Clock) -> Result<WhyQuestion, Failure> {
    let typed = args.ray.join(" ");
    let ray = (!args.ray.is_empty()).then(|| typed.parse::<RayId>()).transpose();
    let ray = ray.map_err(|error| Failure::usage(error.to_string()))?;
    // Not shown: it is somebody's address.
    let address =
        args.ip.as_ref().map(|text| text.trim().parse::<IpAddr>().map(|ip| ip.to_string())).transpose();
    let address = address.map_err(|_| Failure::usage("the value of `--ip` is not an IP address"))?;
    let is_open = ray.is_none() && address.is_none() && args.user_agent.is_none() && args.path.is_none();
    if is_open {
        return Err(Failure::usage("nothing to search for")
            .hint("give the Ray id of the request, or `--zone` with `--ip`, `--user-agent` or `--path`"));
    }
    let now = clock.started();
    let Range { since, until } = Range::of(args.since, args.until, now)?;
    let to = until.unwrap_or(now).min(now);
    let from = since.unwrap_or_else(|| to.saturating_sub(LENGTH).unwrap_or(to));
    if from >= to {
        return Err(Failure::usage("the period to search is empty, or in the future"));
    }
    let (user_agent, path) = (args.user_agent.clone(), args.path.clone());
    Ok(WhyQuestion { ray, address, user_agent, path, window: Window { from, to }, now })
}

fn answer(
    args: &Args,
    outputs: &Outputs<Format>,
    question: &WhyQuestion,
    clock: Clock,
) -> Result<Ending, Failure> {
    let (inputs, project) = load(args, outputs)?;
    let cx = Context::connect(outputs, &args.connection, project, clock, || inputs.world())?;
    let targets = cx.block_on(targets(&cx, args, &inputs.zones))?;
    announce(&cx, targets.len());
    let found = cx.block_on(why(&cx.session.client, &targets, question, &cx.stop));
    let written = args.feedback.as_deref().map(|path| write(path, found.report.as_ref(), outputs));
    let why = &found.why;
    outputs.show(|output| match output.format {
        Format::Text => output.write(&WhyText::new(why, output.page()).to_string()),
        Format::Markdown => output.write(&WhyMarkdown(why).to_string()),
        Format::Json => output.write_json(&why_json(why)),
    });
    let failed = why.zones.iter().filter(|zone| zone.failed.is_some()).count();
    let ending = match written {
        Some(false) => Ending::Failed,
        _ => Ending::of_failures(failed, why.zones_asked.saturating_sub(failed)),
    };
    Ok(if cx.stop.is_requested() { ending.stopped() } else { ending })
}

/// Says how long the search takes, if the limit of the analytics makes it long: two queries for ten zones.
fn announce(cx: &Context<'_, Format>, zones: usize) {
    let time = cx.session.client.query_budgets().eta(2 * zones.div_ceil(10) as u64);
    if time.as_secs() >= 30 {
        let (zones, time) = (plural(zones, "zone"), minutes(time));
        say(
            Level::Info,
            format!(
                "searching {zones} takes up to {time} within the limit of the analytics; `--zone` searches fewer"
            ),
        );
    }
}

/// The zone files. They only add to the answer, so files with errors are reported and do not end the run.
fn load(args: &Args, outputs: &Outputs<Format>) -> Result<(Inputs, Project), Failure> {
    let is_default = args.files == [PathBuf::from(DEFAULT_PATH)];
    let paths: &[PathBuf] =
        if is_default && !files::is_there(Path::new(DEFAULT_PATH)) { &[] } else { &args.files };
    let (inputs, project, problems) = inputs::read(paths, &outputs.files)?;
    let errors: Vec<_> = problems.into_iter().filter(Diagnostic::is_error).collect();
    inputs::show(&errors);
    Ok((inputs, project))
}

/// The zones to search: the selected ones, else those of the files, else all that the token sees.
async fn targets(cx: &Context<'_, Format>, args: &Args, wants: &[Desired]) -> Result<Vec<Target>, Failure> {
    if args.selected.is_all() && !wants.is_empty() {
        return of_files(cx, wants).await;
    }
    let account = session::account_of_files(&args.connection, &cx.project)?;
    let permission = "Zone Analytics Read";
    let selection = Selection { selected: &args.selected, account: account.as_ref(), ids: None, permission };
    let (zones, unusable) = selection.list(cx).await?;
    say_unread(&unusable.iter().map(crate::api::UnusableZone::diagnostic).collect::<Vec<_>>());
    let target = |zone: crate::api::ZoneEntry| {
        let want = wants.iter().find(|want| is_file_of(want, &zone.name, &zone.id));
        Target { id: zone.id, name: zone.name, want: want.cloned() }
    };
    Ok(zones.into_iter().map(target).collect())
}

fn is_file_of(want: &Desired, name: &str, id: &ZoneId) -> bool {
    ZoneName::try_from(name.to_owned()).is_ok_and(|name| name == want.zone)
        && want.zone_id.as_ref().is_none_or(|pinned| pinned == id)
}

async fn of_files(cx: &Context<'_, Format>, wants: &[Desired]) -> Result<Vec<Target>, Failure> {
    let lookup = |want: &Desired| {
        let mut lookup = Lookup::new(want.zone.clone());
        (lookup.zone_id, lookup.account_id) = (want.zone_id.clone(), want.account_id.clone());
        lookup
    };
    let lookups: Vec<_> = wants.iter().map(lookup).collect();
    let entries = cx.session.client.resolve(&lookups).await;
    let (mut targets, mut unread) = (Vec::new(), Vec::new());
    let mut first = None;
    for (want, entry) in wants.iter().zip(entries) {
        match entry {
            Ok(zone) => targets.push(Target { id: zone.id, name: zone.name, want: Some(want.clone()) }),
            Err(error) => {
                unread.push(error.diagnostic());
                first.get_or_insert(error);
            }
        }
    }
    match first.filter(|_| targets.is_empty()) {
        Some(error) => Err(session::failure(&error)),
        None => {
            say_unread(&unread);
            Ok(targets)
        }
    }
}

/// Writes the report; false if there is none, or it could not be written.
fn write(path: &Path, report: Option<&(String, NewReport)>, outputs: &Outputs<Format>) -> bool {
    let Some((zone, report)) = report else {
        say(
            Level::Error,
            "no report was written: only Business and Enterprise zones can send one, and it must have scores, which are only known for what `sbfm_definitely_automated` stops",
        );
        return false;
    };
    let file = Output { format: Format::Text, file: Some(path.to_owned()) };
    let is_written = outputs.keep(file.write(&report_file(zone, report)));
    if is_written {
        say(
            Level::Info,
            format!("the report is in {}; check it, then `botform feedback submit {0}`", path.display()),
        );
    }
    is_written
}

/// A report as a file. The values come from strangers' requests, so they are quoted.
fn report_file(zone: &str, report: &NewReport) -> String {
    let mut text = "# What is definitely automated has the score 1. The events do not say which detection it was: correct\n# `requests_by_score_src` if you know.\n".to_owned();
    text.push_str(&format!("zone: {}\n", plain_or_quoted(zone)));
    for (name, value) in report.members() {
        let value = match value {
            serde_json::Value::String(text) => plain_or_quoted(text),
            other => other.to_string(),
        };
        text.push_str(&format!("{name}: {value}\n"));
    }
    text
}
