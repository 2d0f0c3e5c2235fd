//! The problems of files: drawn or listed with their count, and as JSON.

use super::Page;
use super::layout::cells;
use super::parts::{FORMAT_VERSION, severity_word};
use crate::model::{Diagnostic, Marked, Place, clean, plural};
use crate::plan::Weakened;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

/// The result of `validate`, for editors and pipelines.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "botform problems")]
pub(super) struct Problems<'p> {
    /// The version of this format.
    format_version: &'static str,
    /// How many zone files there are; without errors, how many were chosen.
    zones: usize,
    /// The rules that are softer than at the compared revision; only if there are any.
    #[serde(skip_serializing_if = "<[Weakened]>::is_empty")]
    weakened: &'p [Weakened],
    /// All errors, warnings and notes, sorted by file and place.
    problems: &'p [Diagnostic],
}

/// The problems as a document.
#[must_use]
pub fn problems_json(zones: usize, weakened: &[Weakened], problems: &[Diagnostic]) -> Json {
    serde_json::json!(Problems { format_version: FORMAT_VERSION, zones, weakened, problems })
}

/// From how many problems on equal ones are shown once.
const GROUP_FROM: usize = 12;

/// How many problems are drawn: nobody reads more, and one generated file can hold thousands.
const MOST_DRAWN: usize = 200;

/// How many lines the problems of many files take, and how many of them may be drawings.
const MOST_LINES: usize = 54;
const MOST_DRAWN_LINES: usize = 40;

/// The problems of files as text: each is drawn or, if there are many, each kind once with the files that have it. If
/// many files have many kinds, the rest is listed without drawings.
#[must_use]
pub fn problems_text(problems: &[Diagnostic], page: Page, draw: impl Fn(&Diagnostic) -> String) -> String {
    let kinds = kinds(problems);
    let files: BTreeSet<_> = problems.iter().map(|problem| &problem.file).collect();
    let is_crowd = files.len() >= GROUP_FROM;
    let (mut text, mut shown) = (String::new(), 0);
    for kind in &kinds {
        let drawn = format!("{}{}\n", drawing(kind.first, page, &draw), kind.others(page));
        let has_room = shown < MOST_DRAWN && (!is_crowd || lines(&text) + lines(&drawn) <= MOST_DRAWN_LINES);
        let listed = if has_room { drawn } else { kind.line(page) };
        if shown > 0 && (shown >= MOST_DRAWN || is_crowd && lines(&text) + lines(&listed) > MOST_LINES) {
            break;
        }
        text.push_str(&listed);
        shown += 1;
    }
    if kinds.len() > shown {
        let more: usize = kinds.iter().skip(shown).map(|kind| 1 + kind.others.len()).sum();
        let more = format!("… and {more} more; `validate --output json` shows them all");
        text.push_str(&format!("{}\n\n", page.wrap(&more, 0, 2)));
    }
    if let Some(count) = problems_count(problems) {
        text.push_str(if text.ends_with("\n\n") { "" } else { "\n" });
        text.push_str(&format!("{count}\n"));
    }
    text
}

/// A drawing that fits the page: a rule too long to stand beside its mark goes below, and sentences are wrapped.
fn drawing(problem: &Diagnostic, page: Page, draw: &impl Fn(&Diagnostic) -> String) -> String {
    let drawn = draw(problem);
    let fits = |line: &str| page.width.is_none_or(|width| cells(line) <= width);
    let is_sentence = |line: &str| {
        let plain = anstream::adapter::strip_str(line).to_string();
        ["error", "warning", "note", "help", " = "]
            .iter()
            .any(|start| plain.trim_start().starts_with(start.trim_start()))
    };
    let Marked { excerpt, label, replacement, related } = problem.marked().clone();
    let (mut drawn, mut rule) = (drawn, None);
    if !drawn.lines().all(|line| fits(line) || is_sentence(line)) && label.is_some() {
        let mut plain = Diagnostic::new(problem.severity, problem.message.clone())
            .kind(problem.kind)
            .maybe_hint(problem.hint.clone())
            .excerpt(excerpt)
            .replacement(replacement);
        (plain.file, plain.place) = (problem.file.clone(), problem.place);
        drawn = draw(&related.into_iter().fold(plain, Diagnostic::related));
        rule = label;
    }
    drawn.truncate(drawn.trim_end().len());
    drawn.extend(rule.map(|rule| format!("\n = rule: {}", clean(&rule))));
    drawn
        .lines()
        .map(|line| if is_sentence(line) { page.wrap(line, 0, 3) } else { line.to_owned() } + "\n")
        .collect()
}

fn lines(text: &str) -> usize {
    text.lines().count()
}

/// A problem, and the others that say the same of other places.
struct Kind<'p> {
    first: &'p Diagnostic,
    others: Vec<&'p Diagnostic>,
}

/// The problems in their order; if there are many, equal ones are grouped.
fn kinds(problems: &[Diagnostic]) -> Vec<Kind<'_>> {
    let mut kinds: Vec<Kind<'_>> = Vec::new();
    let mut places: BTreeMap<_, usize> = BTreeMap::new();
    for problem in problems {
        let Diagnostic { severity, message, hint, .. } = problem;
        let Marked { label, replacement, .. } = problem.marked();
        let said = (severity, message, hint, label, replacement);
        match places.get(&said).and_then(|place| kinds.get_mut(*place)) {
            Some(kind) if problems.len() >= GROUP_FROM => kind.others.push(problem),
            _ => {
                places.insert(said, kinds.len());
                kinds.push(Kind { first: problem, others: Vec::new() });
            }
        }
    }
    kinds
}

impl Kind<'_> {
    /// The files of the others.
    fn others(&self, page: Page) -> String {
        if self.others.is_empty() {
            return String::new();
        }
        let mut places: Vec<_> = self.others.iter().map(|other| place(other)).collect();
        places.dedup();
        let names = page.names("", places.iter().map(String::as_str), 4, "");
        format!(" = the same in {}:\n{names}\n", plural(self.others.len(), "other place"))
    }

    /// The problem without a drawing.
    fn line(&self, page: Page) -> String {
        let word = severity_word(self.first.severity);
        let more = match self.others.len() {
            0 => String::new(),
            more => format!(" (and {})", plural(more, "other place")),
        };
        let text = format!("{}: {}{more}", place(self.first), clean(&self.first.message.to_string()));
        format!("{word}: {}\n", page.wrap(&text, word.len() + 2, 2))
    }
}

/// Where a problem is.
fn place(problem: &Diagnostic) -> String {
    let file = clean(problem.file.as_deref().unwrap_or_default());
    match problem.place {
        Some(Place { line, .. }) => format!("{file}:{line}"),
        None => file.into_owned(),
    }
}

/// How many errors there are in how many files; `None` for a single error.
#[must_use]
fn problems_count(problems: &[Diagnostic]) -> Option<String> {
    let errors: Vec<_> = problems.iter().filter(|problem| problem.is_error()).collect();
    let files: BTreeSet<_> = errors.iter().map(|problem| &problem.file).collect();
    (errors.len() > 1)
        .then(|| format!("{} in {}", plural(errors.len(), "error"), plural(files.len(), "file")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn errors_are_counted_by_file_and_warnings_are_not() {
        let mut warning = Diagnostic::of_file("c.yaml", "old");
        warning.severity = crate::model::Severity::Warning;
        let one = Diagnostic::of_file("a.yaml", "wrong");
        assert_eq!(problems_count(&[one.clone(), warning.clone()]), None);
        let many = [one.clone(), one, Diagnostic::of_file("b.yaml", "wrong"), warning];
        assert_eq!(problems_count(&many).as_deref(), Some("3 errors in 2 files"));
    }

    #[test]
    fn a_problem_is_a_row_of_json() {
        let document =
            problems_json(2, &[], &[Diagnostic::of_file("a.yaml", "the file is empty").hint("write it")]);
        assert_eq!(document["zones"], 2);
        assert_eq!(
            document["problems"][0],
            json!({"severity": "error", "kind": "file", "file": "a.yaml", "line": null, "column": null,
                "message": "the file is empty", "rule": null, "hint": "write it", "replacement": null,
                "related": null, "code": null, "http_status": null, "cf_ray": null})
        );
    }
}
