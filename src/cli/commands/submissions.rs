//! `submissions`: email-security submissions, written page by page. It only reads.

use crate::api::{SubmissionPages, SubmissionQuery};
use crate::catalogue::submissions::DEFAULT_DAYS;
use crate::cli::args::{Age, Filter, Submissions as Args, Window};
use crate::cli::environment::Clock;
use crate::cli::output::{
    Level, ListFormat, Notice, Output, Outputs, Progress, RowWriter as Writer, Wanted, say,
};
use crate::cli::{Context, Failure, inputs, session};
use crate::emulator::World;
use crate::model::{Notation, Submission, SubmissionSummary, plural};
use crate::render::{SummaryText, summary_json};
use crate::report::Ending;
use crate::run::Stop;
use jiff::{SignedDuration, Timestamp};

/// How many overdue submissions a warning names.
const MOST_NAMED: usize = 20;

/// Lists submissions, or counts them.
pub(crate) fn run(args: &Args) -> Result<Ending, Failure> {
    session::check_world(&args.connection, "examples/submissions-world.yaml")?;
    let outputs = Wanted::new(&args.outputs).reads(args.connection.world_file()).check()?;
    outputs.finish(list(args, &outputs))
}

fn list(args: &Args, outputs: &Outputs<ListFormat>) -> Result<Ending, Failure> {
    let clock = Clock::start();
    let query = query(args, clock.started())?;
    let watch = watch(args, &query, clock.started())?;
    let project = inputs::project(&outputs.files, Vec::new())?;
    let account = session::require_account(args.account.as_deref(), &project)?;
    let cx = Context::connect(outputs, &args.connection, project, clock, World::default)?;
    say_window(args, &query);
    let client = cx.session.client.of_account(&account).map_err(|error| session::failure(&error))?;
    let pages = client.submission_pages(&account, &query);
    let (writers, summary) = match args.summary {
        true => (Vec::new(), Some(SubmissionSummary::new(clock.started()))),
        false => (outputs.iter().map(Writer::begin).collect::<Result<_, _>>()?, None),
    };
    let mut run = Run { writers, summary, watch, rows: 0 };
    let progress = Progress::of_waits(client.budget().into());
    let pulled = cx.block_on(progress.during(run.pull(pages, &cx.stop)));
    let Run { writers, summary, watch, rows } = run;
    if let Err(failure) = pulled {
        writers.into_iter().try_for_each(Writer::break_off)?;
        let shown = if summary.is_none() { rows } else { 0 };
        return Err(failure.ending(Ending::of_failures(1, shown)));
    }
    writers.into_iter().for_each(|writer| {
        outputs.keep(writer.end());
    });
    if let Some(summary) = &summary {
        show_summary(summary, outputs);
    }
    let is_overdue = watch.is_some_and(|watch| watch.warn());
    Ok(Ending::Done.detailed(args.detailed_exitcode && is_overdue))
}

/// The consumers of the rows.
struct Run {
    writers: Vec<Writer>,
    summary: Option<SubmissionSummary>,
    watch: Option<Watch>,
    rows: usize,
}

impl Run {
    async fn pull(&mut self, mut pages: SubmissionPages, stop: &Stop) -> Result<(), Failure> {
        while self.is_wanted() {
            let page = tokio::select! {
                page = pages.next_page() => page.map_err(|error| session::failure(&error))?,
                () = stop.requested() => return Err(Failure::new("interrupted before the last page")),
            };
            let Some(rows) = page else { break };
            self.take(&rows)?;
        }
        Ok(())
    }

    /// Whether any consumer still wants rows.
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

fn show_summary(summary: &SubmissionSummary, outputs: &Outputs<ListFormat>) {
    outputs.show(|output| match output.format {
        ListFormat::Json => output.write_json(&summary_json(summary)),
        ListFormat::Jsonl => output.write_as(&format!("{}\n", summary_json(summary)), Notation::Json),
        ListFormat::Table | ListFormat::Csv => {
            output.write(&SummaryText::new(summary, output.page().paint).to_string())
        }
    });
}

/// The query, with both ends of the time range pinned: the API's default range moves from page to page.
fn query(args: &Args, now: Timestamp) -> Result<SubmissionQuery, Failure> {
    let Filter { since, until, kind, status, escalated_from_user, query: text, submission_id, .. } =
        &args.filter;
    let Filter { original_disposition, requested_disposition, outcome_disposition, .. } = &args.filter;
    refuse_csv_of_counts(args)?;
    let default = now.saturating_sub(SignedDuration::from_hours(24 * DEFAULT_DAYS)).unwrap_or(now);
    let window = Window::of(*since, *until, now)?;
    let (start, end) = (window.since.unwrap_or(default), window.until.unwrap_or(now));
    if start > end {
        return Err(Failure::usage(format!("the time range from {start} to {end} is empty"))
            .hint("add `--since`; without it, the last 30 days are listed"));
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

/// Rejects `--summary` as CSV: its tables do not fit into one CSV file.
fn refuse_csv_of_counts(args: &Args) -> Result<(), Failure> {
    let is_csv = |output: &Output<ListFormat>| output.format == ListFormat::Csv;
    if args.summary && args.outputs.iter().any(is_csv) {
        return Err(Failure::usage("`--summary` has several tables, which do not fit into one CSV file")
            .hint("write it as table or json, or list the rows as csv"));
    }
    Ok(())
}

/// Watches for overdue submissions if `--max-age` is given; fails if the query cannot return any.
fn watch(args: &Args, query: &SubmissionQuery, now: Timestamp) -> Result<Option<Watch>, Failure> {
    let Some(Age { length, typed }) = &args.max_age else { return Ok(None) };
    let before = now.saturating_sub(*length).unwrap_or(Timestamp::MIN);
    if query.start().is_some_and(|start| start >= before) {
        return Err(Failure::usage("nothing in the time range is older than `--max-age`")
            .hint("add an earlier `--since`; without it, the last 30 days are listed"));
    }
    if query.value("status").is_some_and(|status| status != "unreviewed") {
        return Err(Failure::usage(
            "`--max-age` looks for unreviewed submissions, which `--status` excludes",
        ));
    }
    Ok(Some(Watch::new(before, typed.clone())))
}

/// Prints the default time range if none was given.
fn say_window(args: &Args, query: &SubmissionQuery) {
    if args.filter.since.is_none()
        && let Some(start) = query.start()
    {
        let start = start.round(jiff::Unit::Second).unwrap_or(start);
        say(
            Level::Note,
            format!(
                "showing the last {DEFAULT_DAYS} days, since {start}; use `--since` for another time range"
            ),
        );
    }
}

/// Counts the unreviewed submissions from before an instant, and keeps the first ones for a message.
#[derive(Debug)]
struct Watch {
    before: Timestamp,
    age: String,
    count: usize,
    named: Vec<String>,
}

impl Watch {
    /// Watches for submissions requested before an instant; `age` is the user's spelling of it.
    fn new(before: Timestamp, age: String) -> Self {
        Self { before, age, count: 0, named: Vec::new() }
    }

    /// Counts a row if it is overdue.
    fn add(&mut self, row: &Submission) {
        let is_older = row.requested_instant().is_some_and(|at| at < self.before);
        if !row.is_unreviewed() || !is_older {
            return;
        }
        self.count += 1;
        if self.named.len() < MOST_NAMED {
            let members = [row.requested_at(), row.submission_id(), row.subject()];
            let members: Vec<_> = members.into_iter().flatten().collect();
            self.named.push(members.join("  "));
        }
    }

    /// Lists them on stderr, and returns whether there are any.
    fn warn(&self) -> bool {
        if self.count == 0 {
            return false;
        }
        let (count, age) = (plural(self.count, "unreviewed submission"), &self.age);
        let verb = if self.count == 1 { "is" } else { "are" };
        let message = Notice::new(Level::Warning, format!("{count} {verb} older than {age}:"));
        let mut message = self.named.iter().fold(message, Notice::line);
        if self.count > self.named.len() {
            message = message.line(format!("and {} more", self.count - self.named.len()));
        }
        message.say();
        true
    }
}
