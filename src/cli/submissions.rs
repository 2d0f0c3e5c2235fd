//! `submissions`: email-security submissions, written as their pages come. It only reads.

use super::moments::{Age, Window};
use super::output::Output;
use super::submissions_args::{Filter, Submissions as Args};
use super::submissions_watch::Watch;
use super::submissions_write::{FORMATS, Format, Writer};
use super::{Exit, Failure, accounts, connect, environment, inputs, output, planning, stopping};
use crate::api::{SubmissionPages, SubmissionQuery};
use crate::catalogue::submissions::DEFAULT_DAYS;
use crate::emulator::World;
use crate::model::{Submission, SubmissionSummary};
use crate::render::{SummaryText, summary_json};
use crate::run::Stop;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

/// Lists submissions, or counts them.
pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let outputs = output::parse(&args.outputs, &FORMATS)?;
    check_outputs(args, &outputs)?;
    connect::need_world(&args.connection, "examples/submissions-world.yaml")?;
    let now = environment::instant();
    let query = query(args, now)?;
    let watch = watch(args, &query, now)?;
    let project = inputs::project()?;
    let account = accounts::require(args.account.as_deref(), &project)?;
    planning::runtime()?.block_on(async {
        let stop = Arc::new(Stop::default());
        let session = connect::open_on(&args.connection, World::default, &project).await?;
        stopping::listen(&stop);
        tell_window(args, &query);
        let pages = session.client.submission_pages(&account, &query);
        let writers = match args.summary {
            true => Vec::new(),
            false => outputs.iter().map(Writer::begin).collect::<Result<_, _>>()?,
        };
        let run = Run { writers, summary: args.summary.then(|| SubmissionSummary::new(now)), watch, rows: 0 };
        run.finish(pages, &stop, &outputs, args.detailed_exitcode).await
    })
}

/// All that rows go into.
struct Run {
    writers: Vec<Writer>,
    summary: Option<SubmissionSummary>,
    watch: Option<Watch>,
    rows: usize,
}

impl Run {
    async fn finish(
        mut self,
        pages: SubmissionPages,
        stop: &Stop,
        outputs: &[Output<Format>],
        detailed: bool,
    ) -> Result<Exit, Failure> {
        let pulled = self.pull(pages, stop).await;
        let Self { writers, summary, watch, rows } = self;
        if let Err(failure) = pulled {
            writers.into_iter().try_for_each(Writer::break_off)?;
            let is_shown = summary.is_none() && rows > 0;
            return Err(failure.exit(if is_shown { Exit::Partial } else { Exit::Failed }));
        }
        writers.into_iter().try_for_each(Writer::end)?;
        if let Some(summary) = &summary {
            show_summary(summary, outputs)?;
        }
        let is_overdue = watch.is_some_and(|watch| watch.tell());
        Ok(if is_overdue && detailed { Exit::Changes } else { Exit::Done })
    }

    async fn pull(&mut self, mut pages: SubmissionPages, stop: &Stop) -> Result<(), Failure> {
        while self.is_wanted() {
            let page = tokio::select! {
                page = pages.next_page() => page.map_err(|error| connect::failure(&error))?,
                () = stop.requested() => return Err(Failure::new("interrupted before the last page")),
            };
            let Some(rows) = page else { break };
            self.take(&rows)?;
        }
        Ok(())
    }

    /// Whether anybody still wants rows.
    fn is_wanted(&self) -> bool {
        self.summary.is_some() || self.watch.is_some() || self.writers.iter().any(Writer::is_open)
    }

    fn take(&mut self, rows: &[Submission]) -> Result<(), Failure> {
        self.rows += rows.len();
        for row in rows {
            if let Some(summary) = &mut self.summary {
                summary.add(row);
            }
            if let Some(watch) = &mut self.watch {
                watch.add(row);
            }
        }
        self.writers.iter_mut().try_for_each(|writer| writer.rows(rows))
    }
}

fn show_summary(summary: &SubmissionSummary, outputs: &[Output<Format>]) -> Result<(), Failure> {
    outputs.iter().try_for_each(|output| match output.format {
        Format::Json => output.write_json(&summary_json(summary)),
        Format::JsonLines => output.write(&format!("{}\n", summary_json(summary))),
        Format::Table | Format::Csv => output.write(&SummaryText::new(summary, output.paint()).to_string()),
    })
}

fn check_outputs(args: &Args, outputs: &[Output<Format>]) -> Result<(), Failure> {
    if args.summary && outputs.iter().any(|output| output.format == Format::Csv) {
        return Err(Failure::usage("`--summary` has several tables, which do not go into one CSV")
            .hint("write it as table or json, or list the rows as csv"));
    }
    outputs.iter().try_for_each(Output::check)
}

/// The query, with both ends of the time range pinned: the API's own default moves from page to page.
fn query(args: &Args, now: Timestamp) -> Result<SubmissionQuery, Failure> {
    let Filter { since, until, kind, status, escalated_from_user, query: text, submission_id, .. } =
        &args.filter;
    let Filter { original_disposition, requested_disposition, outcome_disposition, .. } = &args.filter;
    let default = now.saturating_sub(SignedDuration::from_hours(24 * DEFAULT_DAYS)).unwrap_or(now);
    let window = Window::of(*since, *until, now)?;
    let (start, end) = (window.since.unwrap_or(default), window.until.unwrap_or(now));
    if start > end {
        return Err(Failure::usage(format!("the time range from {start} to {end} holds nothing"))
            .hint("add `--since`; without it the last 30 days are meant"));
    }
    let from_user = escalated_from_user.map(|from_user| from_user.to_string());
    let filters = [
        ("type", kind),
        ("status", status),
        ("original_disposition", original_disposition),
        ("requested_disposition", requested_disposition),
        ("outcome_disposition", outcome_disposition),
        ("escalated_from_user", &from_user),
        ("query", text),
        ("submission_id", submission_id),
        ("order", &Some(args.order.clone())),
        ("direction", &Some(args.direction.clone())),
    ];
    let set = filters.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
    let mut query = SubmissionQuery::until(end).since(start);
    for (name, value) in set {
        query = query.filter(name, value).map_err(|error| Failure::usage(error.to_string()))?;
    }
    Ok(query)
}

/// Watches for old ones, where that is asked for and the query could show any.
fn watch(args: &Args, query: &SubmissionQuery, now: Timestamp) -> Result<Option<Watch>, Failure> {
    let Some(Age { length, typed }) = &args.max_age else { return Ok(None) };
    let before = now.saturating_sub(*length).unwrap_or(Timestamp::MIN);
    if query.start().is_some_and(|start| start >= before) {
        return Err(Failure::usage("nothing in the time range is older than `--max-age`")
            .hint("add a `--since` that is longer ago; without it the last 30 days are meant"));
    }
    if query.value("status").is_some_and(|status| status != "unreviewed") {
        return Err(Failure::usage("`--max-age` looks for unreviewed ones, which `--status` leaves out"));
    }
    Ok(Some(Watch::new(before, typed.clone())))
}

/// Says aloud which window is meant where nobody named one.
fn tell_window(args: &Args, query: &SubmissionQuery) {
    if args.filter.since.is_none()
        && let Some(start) = query.start()
    {
        let start = start.round(jiff::Unit::Second).unwrap_or(start);
        output::say(&format!(
            "note: the last {DEFAULT_DAYS} days, since {start}; `--since` names another time\n"
        ));
    }
}
