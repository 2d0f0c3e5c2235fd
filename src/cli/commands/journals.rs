//! `undo` without a journal: lists what the journals of the state folder, or of another folder, wrote, and who wrote
//! it.

use crate::cli::args::Undo as Args;
use crate::cli::output::{Format, Output, ReportFormat, Wanted};
use crate::cli::write::journals_in_state;
use crate::cli::{Failure, environment};
use crate::files::{self, Pick};
use crate::render::{JournalRow, JournalStatus, JournalsText, Sent, journals_json};
use crate::report::Ending;
use crate::run::{JournalError, JournalSummary, ZoneWrites, is_under_way};
use std::path::{Path, PathBuf};

/// Lists the journals of the state folder, the newest first. Nothing is sent.
pub(super) fn list(args: &Args) -> Result<Ending, Failure> {
    show(args, &journals_in_state(), &environment::state_folder())
}

/// Lists the journals below a folder, such as the artifacts of some runs.
pub(super) fn list_below(args: &Args, folder: &Path) -> Result<Ending, Failure> {
    let journals = below(folder);
    if journals.is_empty() {
        let what = format!("there is no journal below {}", folder.display());
        return Err(Failure::new(what).hint("a journal has a name such as journal.jsonl"));
    }
    show(args, &journals, folder)
}

/// The journals below a folder.
fn below(folder: &Path) -> Vec<PathBuf> {
    let pick = Pick {
        skip: &|name, _| name == ".git",
        take: &|path| path.extension().is_some_and(|end| end == "jsonl"),
    };
    let found = files::resolve(folder).map(|folder| files::walk(&folder, pick)).unwrap_or_default();
    found.into_iter().filter(|found| found.place.is_ok()).map(|found| folder.join(found.below)).collect()
}

fn show(args: &Args, journals: &[PathBuf], folder: &Path) -> Result<Ending, Failure> {
    refuse_undoing(args)?;
    let outputs = args.outputs.outputs.iter().map(of_list).collect::<Result<Vec<_>, _>>()?;
    let outputs = Wanted::new(&outputs).check()?;
    journals.iter().try_for_each(|path| outputs.files.reads(path))?;
    let mut rows: Vec<_> = journals.iter().map(|path| row(path)).collect();
    rows.sort_by(|one, two| (&two.begun, &two.path).cmp(&(&one.begun, &one.path)));
    let (folder, detail) = (folder.display().to_string(), args.outputs.detail());
    outputs.show(|output| match output.format {
        Format::Text => output.write(&JournalsText::new(&rows, &folder, output.page(), detail).to_string()),
        Format::Json => output.write_json(&journals_json(&rows)),
    });
    outputs.finish(Ok(Ending::Done))
}

/// A list has fewer formats than the report of an undo.
fn of_list(output: &Output<ReportFormat>) -> Result<Output<Format>, Failure> {
    let format = match output.format {
        ReportFormat::Text => Format::Text,
        ReportFormat::Json => Format::Json,
        _ => {
            let what = format!("`undo --output {}` names no journal to undo", output.word());
            return Err(Failure::usage(what).hint("the list of journals is text or json"));
        }
    };
    Ok(Output { format, file: output.file.clone() })
}

fn row(path: &Path) -> JournalRow {
    let summary = JournalSummary::read(path);
    let status = match &summary {
        Err(_) => JournalStatus::Unreadable,
        Ok(_) if is_under_way(path) => JournalStatus::Running,
        Ok(summary) if summary.in_flight.is_empty() => JournalStatus::Finished,
        Ok(_) => JournalStatus::Open,
    };
    let problem = summary.as_ref().err().map(JournalError::in_one_line);
    let JournalSummary { begun, api, zones, in_flight, last, .. } = summary.unwrap_or_default();
    let is_read = |text: String| problem.is_none().then_some(text);
    let begun = if last.begun.is_empty() { begun } else { last.begun };
    let sent = last.zones.into_iter().map(|ZoneWrites { zone, settings, outcome }| (zone, settings, outcome));
    JournalRow {
        path: path.display().to_string(),
        status,
        begun: is_read(begun),
        api: is_read(api),
        writer: last.writer,
        zones,
        in_flight: in_flight.len(),
        sent: Sent::grouped(sent),
        problem,
    }
}

/// Refuses flags that only make sense with a journal.
fn refuse_undoing(args: &Args) -> Result<(), Failure> {
    let (writes, guards) = (&args.writes, &args.writes.guards);
    let given = [
        ("--zone", !args.selected.zones.is_empty()),
        ("--exclude", !args.selected.exclude.is_empty()),
        ("--undo-moved", !args.undo_moved.is_empty()),
        ("--auto-approve", writes.auto_approve),
        ("--metrics", writes.metrics.is_some()),
        ("--journal", writes.journal.is_some()),
        ("--canary", writes.canary.is_some()),
        ("--max-failures", writes.max_failures.is_some()),
        ("--max-zones", guards.max_zones.is_some()),
        ("--max-loosening", guards.max_loosening.is_some()),
        ("--unprotect", !guards.unprotect.is_empty()),
        ("--override-policy", !guards.override_policy.is_empty()),
    ];
    match given.iter().find(|(_, is_given)| *is_given) {
        Some((flag, _)) => Err(Failure::usage(format!("`undo {flag}` names no journal to undo"))
            .hint("`botform undo` alone lists the journals; name one of them")),
        None => Ok(()),
    }
}
