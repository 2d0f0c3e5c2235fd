//! GitHub Actions annotations: commands on stdout that point at lines of the YAML, and the values for later steps.
//! GitHub shows ten per level and step, so equal ones are merged and the rest is counted.

use crate::model::{Digest, Place, Severity, clean};
use crate::plan::{Plan, Summary};
use crate::render::said::of_zones;
use crate::render::seen::sentences;
use crate::report::{Item, Report, Urgency, together};
use std::collections::BTreeMap;
use std::fmt;

/// How many annotations of a level GitHub shows per step.
const MOST: usize = 10;

/// How many zones an annotation names.
const NAMES: usize = 5;

/// The longest message, in characters.
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
        let mut said = together(report.items());
        said.sort_by_key(|same| same.first().map(|item| (Urgency::of(item), item.severity)));
        let said = each_alone(said);
        let mut levels = [Severity::Error, Severity::Warning, Severity::Note].map(|severity| {
            let is_of_level = |same: &&Vec<Item<'_>>| same.iter().all(|item| item.severity == severity);
            (severity, said.iter().filter(is_of_level).collect::<Vec<_>>())
        });
        // The level with the most urgent annotation comes first.
        let urgency = |all: &[&Vec<Item<'_>>]| {
            all.first().and_then(|same| same.first()).map_or(Urgency::Rest, Urgency::of)
        };
        levels.sort_by_key(|(severity, all)| (urgency(all), *severity));
        for (severity, all) in levels {
            level(f, report, word(severity), &all)?;
        }
        let line = format!("botform {}: {}", report.verb.word(), report.headline());
        write!(f, "{} (exit code {}: {}).", clean(&line), report.ending.code(), report.verdict())?;
        sentences(report).iter().try_for_each(|sentence| write!(f, " {sentence}"))?;
        match report.plan.map(Plan::digest) {
            Some(digest) => writeln!(f, " Digest: {}", digest.short()),
            None => writeln!(f),
        }
    }
}

/// The word of a level.
fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    }
}

/// Splits groups into single annotations, each at its own place, as long as all of a level still fit; most urgent
/// first.
fn each_alone(groups: Vec<Vec<Item<'_>>>) -> Vec<Vec<Item<'_>>> {
    let severity = |same: &[Item<'_>]| same.first().map(|item| item.severity);
    let mut counts = BTreeMap::new();
    groups.iter().for_each(|same| *counts.entry(severity(same)).or_insert(0) += 1);
    let mut shown = Vec::new();
    for same in groups {
        let count = counts.entry(severity(&same)).or_default();
        if *count - 1 + same.len() <= MOST {
            *count += same.len() - 1;
            shown.extend(same.into_iter().map(|item| vec![item]));
        } else {
            shown.push(same);
        }
    }
    shown
}

/// The annotations of a level: all, or one less than fit and how many are left out.
fn level(f: &mut fmt::Formatter<'_>, report: &Report<'_>, word: &str, all: &[&Vec<Item<'_>>]) -> fmt::Result {
    let shown = if all.len() > MOST { MOST - 1 } else { all.len() };
    let (shown, left) = all.split_at(shown);
    shown.iter().try_for_each(|same| annotation(f, report, word, same))?;
    match left.iter().map(|same| same.len()).sum::<usize>() {
        0 => Ok(()),
        left => writeln!(
            f,
            "::{word} title=botform::{} not shown here: see the job summary",
            match left {
                1 => "1 further message is".to_owned(),
                left => format!("{left} further messages are"),
            }
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

/// The values for later steps, in the format of `GITHUB_OUTPUT`.
#[must_use]
pub fn github_values(report: &Report<'_>) -> String {
    let (change, Summary { loosens, shuts_out, .. }) = (report.zones_to_change(), report.summary());
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
        botform validate: 1 error (exit code 1: failed: there is no usable result).
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
