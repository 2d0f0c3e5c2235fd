//! `merge`: merges the plans of several machines, or the results of applying one plan on several machines.

use crate::api::Traffic;
use crate::cli::approving::Settling;
use crate::cli::args::{Guards, Merge as Args};
use crate::cli::output::{
    Level, Notice, Outputs, ReportFormat, Wanted, save_plan, say, say_all, show_report, write_metrics,
};
use crate::cli::reviewed::{self, Saved};
use crate::cli::write::{guarded, look, say_refusals};
use crate::cli::{Failure, environment::Clock, inputs};
use crate::model::{Diagnostic, Shard, clean};
use crate::plan::{Merged, Plan, ShardPlan, ShardResult, Status, Unmergeable, merge, merge_results};
use crate::render::{OutcomesText, PlanText};
use crate::report::{Ending, Report, Verb, Written};
use crate::run::ZoneFiles;
use std::path::PathBuf;

/// Merges plans, or results.
pub(crate) fn run(args: &Args) -> Result<Ending, Failure> {
    let outputs = Wanted::reports(&args.outputs.outputs, Verb::Plan)
        .replaces("--out", args.out.as_deref(), reviewed::may_replace)
        .writes("--last-applied", args.last_applied.as_deref())
        .metrics(args.metrics.as_deref())
        .reads_all(args.files.iter().map(PathBuf::as_path))
        .check()?;
    outputs.finish(run_on(args, &outputs))
}

fn run_on(args: &Args, outputs: &Outputs<ReportFormat>) -> Result<Ending, Failure> {
    let (mut plans, mut results, mut wrong) = (Vec::new(), Vec::new(), Vec::new());
    let mut without = Vec::new();
    for path in &args.files {
        let name = path.display().to_string();
        match reviewed::load_plan_or_result(path)? {
            Saved::Plan(plan) => plans.push(ShardPlan { name, plan: *plan }),
            Saved::Result(text) => match ShardResult::read(&name, &text) {
                Ok(result) => results.push((name, result)),
                Err(error) => wrong.push(error),
            },
            Saved::Problems(problems) => without.extend(problems.first().map(|why| {
                let why = why.message.to_string();
                Diagnostic::error(format!("{name}: the run ended without a result: {}", clean(&why)))
            })),
        }
    }
    if !wrong.is_empty() {
        return Err(unmergeable(&wrong));
    }
    say_all(&without.iter().map(Notice::from).collect::<Vec<_>>());
    // If no shard has a result, the plan is recognized by having no shard of its own.
    let is_whole = |part: &ShardPlan| part.plan.provenance().selection.shard.is_none();
    let has_results = !results.is_empty() || !without.is_empty() && plans.iter().all(is_whole);
    match (has_results, plans.len()) {
        (false, _) => merge_plans(args, outputs, plans, without),
        (true, 1) => match plans.pop() {
            Some(ShardPlan { plan, .. }) => settle(args, outputs, &plan, results, without),
            None => Ok(Ending::Failed),
        },
        (true, plans) => Err(Failure::usage(match plans {
            0 => "the results of shards need the plan that they applied",
            _ => "the results of shards need exactly one plan",
        })
        .hint("give the one plan that all shards applied, and the result of each")),
    }
}

/// Shows that files do not belong together.
fn unmergeable(wrong: &[Unmergeable]) -> Failure {
    let problems: Vec<_> = wrong.iter().map(|error| Diagnostic::error(error.to_string())).collect();
    say_all(&problems.iter().map(Notice::from).collect::<Vec<_>>());
    Failure::shown(Ending::Partial).with_problems(&problems)
}

/// The parts that are missing, as problems that are shown.
fn missing(parts: &[Shard], hint: &str) -> Vec<Diagnostic> {
    let problem = |shard: &Shard| Diagnostic::error(Unmergeable::Missing(*shard).to_string()).hint(hint);
    let problems: Vec<_> = parts.iter().map(problem).collect();
    say_all(&problems.iter().map(Notice::from).collect::<Vec<_>>());
    problems
}

fn merge_plans(
    args: &Args,
    outputs: &Outputs<ReportFormat>,
    parts: Vec<ShardPlan>,
    without: Vec<Diagnostic>,
) -> Result<Ending, Failure> {
    let Merged { mut plan, missing: lacks } = merge(parts).map_err(|wrong| unmergeable(&wrong))?;
    let mut problems =
        missing(&lacks, "run its `plan` again, and give that plan too; nothing is saved without it");
    problems.extend(without);
    let (clock, guards) = (Clock::start(), Guards::default());
    let mut project = inputs::project(&outputs.files, Vec::new())?;
    let now = look(plan.sources().cloned(), &outputs.files, &mut project, clock.today())?;
    now.block(&mut plan);
    let refusals =
        guarded(&guards, &project, &plan, ZoneFiles::Now(&now), None).err().map_or_else(Vec::new, Vec::from);
    // A refused plan is never applied, so claiming its zones would only leave them in doubt.
    let may_claim = lacks.is_empty() && refusals.is_empty();
    if let Some(file) = args.last_applied.as_deref().filter(|_| may_claim) {
        plan = Settling::claim_merged(plan, file)?;
    }
    let saved = args.out.as_deref().filter(|_| lacks.is_empty());
    let saved = saved.filter(|path| outputs.keep(save_plan(path, &plan)));
    let ending = Ending::of_plan(&plan, &refusals, lacks.len());
    let differs = plan.zones().iter().any(|zone| zone.status() == Status::Change);
    let ending = outputs.settle(ending.detailed(args.detailed_exitcode && differs));
    let report = Report {
        plan: Some(&plan),
        refusals: &refusals,
        problems: &problems,
        ..Report::new(Verb::Plan, ending)
    };
    show_report(outputs, &report, |output| {
        Some(PlanText::new(&plan, output.page(), args.outputs.detail()).to_string())
    });
    say_refusals("apply would be refused", &refusals);
    if let Some(path) = saved {
        say(Level::Info, format!("saved to {}", path.display()));
    }
    write_metrics(outputs, &report, &Traffic::default());
    Ok(ending)
}

/// Shows what all shards did of a plan, and settles the record that it claimed.
fn settle(
    args: &Args,
    outputs: &Outputs<ReportFormat>,
    plan: &Plan,
    results: Vec<(String, ShardResult)>,
    without: Vec<Diagnostic>,
) -> Result<Ending, Failure> {
    if args.out.is_some() {
        return Err(Failure::usage("`--out` saves a merged plan, but these files are results")
            .hint("write the merged result with `--output json=FILE`"));
    }
    let (outcomes, lacks) = merge_results(plan, results).map_err(|wrong| unmergeable(&wrong))?;
    let mut problems =
        missing(&lacks, "give the result of its run too; without it, what it wrote is not known");
    problems.extend(without);
    if let Some(file) = &args.last_applied {
        reviewed::check_last_claim(plan)?;
        Settling::of_plan(plan, file)?.settle(plan, &outcomes);
    }
    let ending = match Ending::of_outcomes(&outcomes, Written::PartOfSaved, false) {
        Ending::Done if !problems.is_empty() => Ending::Partial,
        ending => ending,
    };
    let ending = outputs.settle(ending);
    let report = Report {
        plan: Some(plan),
        outcomes: Some(&outcomes),
        problems: &problems,
        ..Report::new(Verb::Apply, ending)
    };
    let text = |page| OutcomesText::new(plan, &outcomes, page, args.outputs.detail()).to_string();
    show_report(outputs, &report, |output| Some(text(output.page())));
    write_metrics(outputs, &report, &Traffic::default());
    Ok(ending)
}
