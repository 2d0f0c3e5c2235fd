//! The commands that use no API: `validate`, `show`, `schema`, and `emulator`, which serves one.

use crate::cli::args::{self, Schema, SchemaName, Show, Validate};
use crate::cli::environment::Clock;
use crate::cli::output::{Level, Outputs, ReportFormat, Wanted, as_file, print, say, show_report};
use crate::cli::{Failure, environment, inputs, reviewed, session, signals};
use crate::config::{LoadedReports, Project};
use crate::emulator::{Emulator, Recorded, World};
use crate::model::{Desired, Diagnostic, plural};
use crate::plan::{Weakened, broken_by_files, judge_files};
use crate::render::{PlanText, weakened_text};
use crate::report::{Ending, Report, Verb};
use crate::{config, emulator as stand_in, files, plan, render, run};
use jiff::civil::Date;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// `validate`: shows all problems of all files, including broken policies, or that all files are valid.
pub(crate) fn validate(args: &Validate) -> Result<Ending, Failure> {
    let outputs = Wanted::reports(&args.outputs, Verb::Validate).check()?;
    outputs.finish(check(args, &outputs))
}

fn check(args: &Validate, outputs: &Outputs<ReportFormat>) -> Result<Ending, Failure> {
    let clock = Clock::start();
    let today = clock.today();
    let (mut inputs, project, mut problems) = inputs::read(&args.zones.paths, &outputs.files)?;
    let reports = reports(args, std::mem::take(&mut inputs.reports), clock, outputs)?;
    problems.extend(reports.problems);
    let reports: Vec<_> = reports.reports.into_iter().map(|report| report.file).collect();
    problems.extend(config::dated(&inputs.zones, today));
    let errors = problems.iter().filter(|problem| problem.is_error()).count();
    let mut files = inputs.zones.iter().filter_map(|zone| zone.file.clone()).collect();
    let mut weakened = Vec::new();
    let broken = match inputs::choose(inputs, &args.zones.selected) {
        Ok(chosen) => {
            let broken = broken_by_files(&chosen.zones, &project.policy, today);
            if let Some(revision) = args.since.as_deref().or(project.since.as_deref()) {
                match softened(revision, args, &chosen.zones, &project, today) {
                    Ok((found, unknown)) => {
                        weakened = found;
                        problems.extend(unknown);
                    }
                    Err(failure) if failure.ended() == Ending::Usage => return Err(failure),
                    // The problems of the files are shown anyway.
                    Err(failure) => problems.extend(failure.diagnostics()),
                }
            }
            let (zones, reports) =
                (chosen.zones.into_iter().filter_map(|zone| zone.file), reports.iter().cloned());
            files = zones.chain(reports).collect::<Vec<_>>();
            inputs::with_lines(broken)
        }
        Err(failure) if errors == 0 => return Err(failure),
        Err(_) => Vec::new(),
    };
    let errors = problems.iter().filter(|problem| problem.is_error()).count();
    let ending = Ending::of_files(errors, broken.len());
    problems.extend(broken);
    problems.sort_by(|one, other| (&one.file, one.place).cmp(&(&other.file, other.place)));
    inputs::show(&problems);
    let is_valid = !problems.iter().any(Diagnostic::is_error);
    let report = Report {
        problems: &problems,
        weakened: &weakened,
        files: &files,
        ..Report::new(Verb::Validate, ending)
    };
    show_report(outputs, &report, |output| {
        let (valid, softer) = (output.page().paint.good("valid"), weakened_text(&report, output.page()));
        match &output.file {
            _ if is_valid => {
                let zones = format!("{} {valid}", plural(files.len() - reports.len(), "zone file"));
                let reports = match reports.len() {
                    0 => String::new(),
                    count => format!(", {} {valid}", plural(count, "feedback report")),
                };
                Some(format!("{softer}{zones}{reports}\n"))
            }
            Some(_) => Some(softer + &as_file(&problems)),
            None => Some(softer).filter(|softer| !softer.is_empty()),
        }
    });
    Ok(ending)
}

/// The feedback reports: those that were named, and with the default paths those of the project.
fn reports(
    args: &Validate,
    named: Vec<PathBuf>,
    clock: Clock,
    outputs: &Outputs<ReportFormat>,
) -> Result<LoadedReports, Failure> {
    let folder = PathBuf::from(config::REPORTS_FOLDER);
    let is_default = args.zones.paths == [Path::new(inputs::DEFAULT_PATH)];
    let of_project = Some(folder).filter(|folder| is_default && folder.is_dir());
    let paths: Vec<_> = named.into_iter().chain(of_project).collect();
    if paths.is_empty() {
        return Ok(LoadedReports::default());
    }
    paths.iter().try_for_each(|path| outputs.files.reads_below(path))?;
    let mut loaded = inputs::loader(&environment::current_folder()?).reports(&paths, clock.started());
    // An empty folder is the beginning of one.
    loaded.problems.retain(|problem| problem.file.as_deref().is_none_or(|file| !Path::new(file).is_dir()));
    Ok(loaded)
}

/// The rules that are softer than at a revision, with what the files break of them, and what is not known.
fn softened(
    revision: &str,
    args: &Validate,
    zones: &[Desired],
    project: &Project,
    today: Date,
) -> Result<(Vec<Weakened>, Vec<Diagnostic>), Failure> {
    let then = reviewed::rules_at(revision, &args.zones, zones)?;
    let mut weakened = then.weakened(project, zones, today);
    judge_files(&mut weakened, zones, then.project(project), today);
    Ok((weakened, then.unknown))
}

/// `show`: shows a saved plan in any format.
pub(crate) fn show(args: &Show) -> Result<Ending, Failure> {
    let outputs = Wanted::reports(&args.outputs.outputs, Verb::Show).reads(Some(&args.plan)).check()?;
    let shown = reviewed::load_plan(&args.plan, None).map(|plan| {
        let report = Report { plan: Some(&plan), ..Report::new(Verb::Show, Ending::Done) };
        let text = |page| PlanText::new(&plan, page, args.outputs.detail()).to_string();
        show_report(&outputs, &report, |output| Some(text(output.page())));
        Ending::Done
    });
    outputs.finish(shown)
}

/// `schema`: prints the JSON Schema of a document.
pub(crate) fn schema(args: &Schema) -> Result<Ending, Failure> {
    let schema = match args.name {
        SchemaName::Zone => config::zone_schema(),
        SchemaName::Baseline => config::baseline_schema(),
        SchemaName::Project => config::project_schema(),
        SchemaName::Feedback => config::feedback_schema(),
        SchemaName::Plan => plan::schema(),
        SchemaName::Problems => render::problems_schema(),
        SchemaName::World => stand_in::schema(),
        SchemaName::Doctor => render::doctor_schema(),
        SchemaName::Explanation => render::explanation_schema(),
        SchemaName::Journal => run::journal_schema(),
        SchemaName::Journals => render::journals_schema(),
        SchemaName::Snapshot => run::snapshot_schema(),
        SchemaName::FeedbackList => render::feedback_list_schema(),
        SchemaName::FeedbackPlan => render::feedback_plan_schema(),
        SchemaName::Submissions => render::submissions_schema(),
        SchemaName::SubmissionsSummary => render::submissions_summary_schema(),
        SchemaName::Why => render::why_schema(),
    };
    print(&format!("{schema:#}\n"))?;
    Ok(Ending::Done)
}

/// `emulator`: serves a world over HTTP until it is stopped.
pub(crate) fn emulator(args: &args::Emulator) -> Result<Ending, Failure> {
    let mut world = match &args.world {
        Some(path) => session::read_world(path)?,
        None => World::matching([]),
    };
    if let Some(milliseconds) = args.latency_ms {
        world.set_latency(Duration::from_millis(milliseconds.into()));
    }
    if world.zone_names().next().is_none() {
        say(Level::Info, "the world is empty, so it has no zones; use `--world FILE` to serve another one");
    }
    let keep = requests(args.requests.as_deref())?;
    signals::runtime()?.block_on(async {
        let emulator = Emulator::observed(world, args.listen, keep)
            .await
            .map_err(|error| Failure::new(format!("cannot listen on {}: {error}", args.listen)))?;
        say(
            Level::Info,
            "serving until Ctrl-C; point CLOUDFLARE_BASE_URL at the address, with any CLOUDFLARE_API_TOKEN",
        );
        // Print the address last: a script that reads it may send a request at once.
        print(&format!("{}\n", reachable(&emulator.base_url(), args.listen)))?;
        signals::wait().await.map_err(|error| Failure::of(&error).context("cannot listen for signals"))?;
        Ok(Ending::Done)
    })
}

/// Appends each request to a file, if given, before its reply is sent.
fn requests(path: Option<&Path>) -> Result<impl Fn(&Recorded) + Send + Sync + 'static, Failure> {
    let open = |path: &Path| {
        let unwritable = |error| Failure::of(&error).context(format!("cannot write {}", path.display()));
        files::open_append(path).map_err(unwritable)
    };
    let file = path.map(open).transpose()?;
    Ok(move |recorded: &Recorded| {
        let Some(mut file) = file.as_ref() else { return };
        // One write per line, so that a reader never sees half a line. Ignore errors: a full disk must not stop the
        // emulator.
        let line = serde_json::to_string(recorded).unwrap_or_default() + "\n";
        let _ = file.write_all(line.as_bytes());
    })
}

/// A loopback address for an emulator that listens on all addresses.
fn reachable(base_url: &str, listen: std::net::SocketAddr) -> String {
    if !listen.ip().is_unspecified() {
        return base_url.to_owned();
    }
    let all = if listen.is_ipv4() { "0.0.0.0" } else { "[::]" };
    base_url.replacen(all, if listen.is_ipv4() { "127.0.0.1" } else { "[::1]" }, 1)
}
