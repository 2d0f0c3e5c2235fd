//! The problems of files, as JSON and in one closing line.

use super::plural;
use crate::model::{Place, Problem};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;

/// The problems as a document, for editors and pipelines.
#[must_use]
pub fn problems_json(zones: usize, problems: &[Problem]) -> Json {
    json!({
        "format_version": "1.0",
        "zones": zones,
        "problems": problems.iter().map(problem).collect::<Vec<_>>(),
    })
}

fn problem(problem: &Problem) -> Json {
    let Problem { severity, file, place, excerpt: _, message, label, hint, replacement, related } = problem;
    json!({
        "severity": severity.word(),
        "file": file,
        "line": place.map(|Place { line, .. }| line),
        "column": place.map(|Place { column, .. }| column),
        "message": message,
        "rule": label,
        "hint": hint,
        "replacement": replacement,
        "related": related.as_ref().map(|related| json!({
            "line": related.place.line,
            "column": related.place.column,
            "message": related.label,
        })),
    })
}

/// How many errors there are in how many files; nothing where the problems are seen at a glance.
#[must_use]
pub fn problems_count(problems: &[Problem]) -> Option<String> {
    let errors: Vec<_> = problems.iter().filter(|problem| problem.is_error()).collect();
    let files: BTreeSet<_> = errors.iter().map(|problem| &problem.file).collect();
    (errors.len() > 1)
        .then(|| format!("{} in {}", plural(errors.len(), "error"), plural(files.len(), "file")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_counted_by_file_and_warnings_are_not() {
        let mut warning = Problem::of_file("c.yaml", "old");
        warning.severity = crate::model::Severity::Warning;
        let one = Problem::of_file("a.yaml", "wrong");
        assert_eq!(problems_count(&[one.clone(), warning.clone()]), None);
        let many = [one.clone(), one, Problem::of_file("b.yaml", "wrong"), warning];
        assert_eq!(problems_count(&many).as_deref(), Some("3 errors in 2 files"));
    }

    #[test]
    fn a_problem_is_a_row_of_json() {
        let document = problems_json(2, &[Problem::of_file("a.yaml", "the file is empty").hint("write it")]);
        assert_eq!(document["zones"], 2);
        assert_eq!(
            document["problems"][0],
            json!({"severity": "error", "file": "a.yaml", "line": null, "column": null,
                "message": "the file is empty", "rule": null, "hint": "write it", "replacement": null,
                "related": null})
        );
    }
}
