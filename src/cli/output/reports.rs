//! Reports in all formats. A new one takes a variant and a match arm here, and a view in `render`.

use super::formats::{StepFiles, Wanted};
use super::written::{append_text, write_text};
use super::{Output, Outputs};
use crate::api::Traffic;
use crate::cli::Failure;
use crate::cli::environment::{self, Clock};
use crate::files;
use crate::model::Notation;
use crate::render::{
    Annotations, COMMENT, HtmlReport, Markdown, Metrics, ReportJson, Room, github_values, gitlab, junit,
    sarif,
};
use crate::report::{Report, Verb};
use clap::ValueEnum;

/// A format of reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Text,
    /// The plan document, or the problems that kept a run from making one
    Json,
    /// Comments on pull requests
    Markdown,
    /// Annotations, the job summary and values for later steps of GitHub Actions
    Github,
    /// Code scanning
    Sarif,
    /// Test reports
    Junit,
    /// The merge-request widget of GitLab
    Gitlab,
    /// One self-contained page
    Html,
}

/// The limit of GitHub for the summary of a step: a larger one is refused as a whole.
const SUMMARY_BYTES: u64 = 1 << 20;

/// The maximum size of an earlier run's metrics file.
const METRICS_BYTES: u64 = 1 << 20;

impl<'a> Wanted<'a, Format> {
    /// The reports that `--output` asks for. Each is written even if the run ends without a result.
    pub(crate) fn reports(outputs: &[Output<Format>], verb: Verb) -> Self {
        let on_failure = Some((verb, show_failure as fn(&Outputs<Format>, Verb, &Failure)));
        Self::new(outputs).of_step(on_failure, step_files)
    }
}

/// The files that GitHub Actions gives a step for its summary and outputs.
pub(super) fn step_files(outputs: &[Output<Format>]) -> StepFiles {
    if outputs.iter().all(|output| output.format != Format::Github) {
        return Vec::new();
    }
    let names = ["GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT"];
    names.into_iter().filter_map(|name| Some((name, environment::variable(name)?.into()))).collect()
}

/// Shows a report in all outputs; `text` gives the text output, if there is one.
pub(crate) fn show_report(
    outputs: &Outputs<Format>,
    report: &Report<'_>,
    text: impl Fn(&Output<Format>) -> Option<String>,
) {
    outputs.show(|output| match output.format {
        Format::Text => text(output).map_or(Ok(()), |text| output.write(&text)),
        _ => write_report(output, report),
    });
}

/// Writes a report in any format but text, which takes more than a report to make.
pub(crate) fn write_report(output: &Output<Format>, report: &Report<'_>) -> Result<(), Failure> {
    let links = environment::link_base();
    let folder = environment::folder_in_checkout();
    let report = &Report { links: links.as_deref(), folder: &folder, ..*report };
    match output.format {
        Format::Text => Ok(()),
        Format::Json => output.write_json(&ReportJson(report)),
        Format::Markdown => output.write(&Markdown::new(report, COMMENT).to_string()),
        Format::Github => show_on_github(output, report),
        Format::Sarif => output.write_json(&sarif(report)),
        Format::Junit => output.write(&junit(report).map_err(|error| Failure::of(&error))?),
        Format::Gitlab => output.write_json(&gitlab(report)),
        Format::Html => output.write(&HtmlReport::new(report).to_string()),
    }
}

/// Writes annotations, and the job summary and step outputs if the environment names files for them.
fn show_on_github(output: &Output<Format>, report: &Report<'_>) -> Result<(), Failure> {
    for (name, path) in step_files(std::slice::from_ref(output)) {
        append_text(&path, |there| match name {
            "GITHUB_OUTPUT" => github_values(report),
            _ => {
                // The step may have written a part of the summary before.
                let room = SUMMARY_BYTES.saturating_sub(there + 1);
                Markdown::new(report, Room::Bytes(usize::try_from(room).unwrap_or_default())).to_string()
            }
        })?;
    }
    output.write_as(&Annotations::new(report).to_string(), Notation::Annotations)
}

/// Shows that a run ended without a result. As text that is on stderr already.
pub(super) fn show_failure(outputs: &Outputs<Format>, verb: Verb, failure: &Failure) {
    let problems = failure.diagnostics();
    let report = Report { problems: &problems, ..Report::new(verb, failure.ended()) };
    show_report(outputs, &report, |_| None);
    write_metrics(outputs, &report, &Traffic::default());
}

/// Writes the metrics of a run, if a file is given for them: as a whole or not at all, since a collector may read them
/// at any time.
pub(crate) fn write_metrics(outputs: &Outputs<Format>, report: &Report<'_>, traffic: &Traffic) {
    let Some(path) = &outputs.metrics else { return };
    // A run that fails keeps the time of the last success.
    let earlier = files::read_own(path, METRICS_BYTES).unwrap_or_default();
    let metrics = Metrics {
        report,
        requests: &traffic.by_status(),
        waited: traffic.waited,
        now: Clock::seconds(),
        last_success: Metrics::last_success(&String::from_utf8_lossy(&earlier)),
    };
    outputs.keep(write_text(path, &metrics.to_string(), Notation::Text));
}
