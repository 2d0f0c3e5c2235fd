//! Annotations of GitHub Actions: commands on stdout that point at lines of the YAML, and the values for later steps.
//! GitHub shows ten of a level and step, so that equal ones are one, and the rest is counted.

use crate::model::{Digest, Place, Severity, clean, plural};
use crate::plan::{Plan, Summary};
use crate::render::said::of_zones;
use crate::render::seen::sentences;
use crate::report::{Item, Report, together};
use std::fmt;

/// How many annotations of a level GitHub shows.
const MOST: usize = 10;

/// How many names of an annotation are shown.
const NAMES: usize = 5;

/// The longest message.
const LONGEST: usize = 2_000;

/// A report as annotations, and its counts in a last line.
#[derive(Clone, Copy, Debug)]
pub struct Annotations<'a>(&'a Report<'a>);

impl<'a> Annotations<'a> {
    /// A view of a report.
    #[must_use]
    pub fn new(report: &'a Report<'a>) -> Self {
        Self(report)
    }
}

impl fmt::Display for Annotations<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(report) = self;
        let said = together(report.items());
        let mut levels =
            [("error", Severity::Error), ("warning", Severity::Warning), ("notice", Severity::Note)];
        // Which rules are softer comes first, since all else passed by them.
        if !report.weakened().is_empty() {
            levels.swap(0, 1);
        }
        for (word, severity) in levels {
            let is_of_level = |same: &&Vec<Item<'_>>| same.iter().all(|item| item.severity == severity);
            level(f, report, word, &said.iter().filter(is_of_level).collect::<Vec<_>>())?;
        }
        let line = format!("botform {}: {}", report.verb.word(), report.headline(|text| text));
        write!(f, "{} (exit code {}: {})", clean(&line), report.ending.code(), report.verdict())?;
        match sentences(report).join(" ") {
            seen if seen.is_empty() => writeln!(f),
            seen => writeln!(f, ". {seen}"),
        }
    }
}

/// The annotations of a level: all, or all but the last and how many are left.
fn level(f: &mut fmt::Formatter<'_>, report: &Report<'_>, word: &str, all: &[&Vec<Item<'_>>]) -> fmt::Result {
    let shown = if all.len() > MOST { MOST - 1 } else { all.len() };
    let (shown, left) = all.split_at(shown);
    shown.iter().try_for_each(|same| annotation(f, report, word, same))?;
    match left.iter().map(|same| same.len()).sum::<usize>() {
        0 => Ok(()),
        left => writeln!(
            f,
            "::{word} title=botform::{} are not shown here: see the job summary",
            plural(left, "further message")
        ),
    }
}

fn annotation(f: &mut fmt::Formatter<'_>, report: &Report<'_>, word: &str, same: &[Item<'_>]) -> fmt::Result {
    let Some(first) = same.first() else { return Ok(()) };
    let mut properties = Vec::new();
    if let Some(file) = first.file {
        properties.push(format!("file={}", property(&report.path(file))));
        if let Some(Place { line, column }) = first.place {
            properties.push(format!("line={line},col={column}"));
            properties.extend(
                first
                    .end_column
                    .filter(|end| *end > column)
                    .map(|end| format!("endLine={line},endColumn={end}")),
            );
        }
    }
    properties.push(format!("title={}", property(&format!("botform {}", first.rule.0))));
    let text: String = of_zones(same, NAMES).chars().take(LONGEST).collect();
    writeln!(f, "::{word} {}::{}", properties.join(","), data(&text))
}

/// A message as a command's data.
fn data(text: &str) -> String {
    clean(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A text as a command's property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// The values for later steps, as `GITHUB_OUTPUT` takes them.
#[must_use]
pub fn github_values(report: &Report<'_>) -> String {
    let Summary { change, loosens, shuts_out, .. } = report.summary();
    let digest = report.plan.map(Plan::digest);
    let digest = digest.as_ref().map(Digest::short).unwrap_or_default();
    let (code, reason) = (report.ending.code(), report.ending.word());
    let weakened = report.weakened().len();
    format!(
        "changes={change}\nloosens={loosens}\nshuts-out={shuts_out}\nweakened={weakened}\ndigest={digest}\nexit-code={code}\nexit-reason={reason}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Diagnostic;
    use crate::report::{Ending, Verb};

    fn annotations(problems: &[Diagnostic]) -> String {
        Annotations::new(&Report { problems, ..Report::new(Verb::Validate, Ending::Failed) }).to_string()
    }

    #[test]
    fn properties_and_data_are_escaped_as_the_runner_reads_them() {
        let said = Diagnostic::of_file("a,b:c%.yaml", "50%\r\n::error::x")
            .at("a,b:c%.yaml", Place { line: 2, column: 3 });
        insta::assert_snapshot!(annotations(&[said]), @r"
        ::error file=a%2Cb%3Ac%25.yaml,line=2,col=3,title=botform file::50%25\u{d}\u{a}::error::x
        botform validate: 1 error (exit code 1: failed: there is no usable result)
        ");
    }

    #[test]
    fn ten_of_a_level_are_shown_and_the_rest_is_counted() {
        let said: Vec<_> = (0..25).map(|n| Diagnostic::of_file(format!("{n}.yaml"), "wrong")).collect();
        let text = annotations(&said);
        assert_eq!(text.lines().filter(|line| line.starts_with("::error ")).count(), 10);
        assert!(text.contains("16 further messages are not shown here"), "{text}");
        assert_eq!(annotations(&said[..10]).matches("::error ").count(), 10);
    }
}
