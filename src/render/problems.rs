//! The problems of files, as JSON and in one closing line.

use super::parts::FORMAT_VERSION;
use super::plural;
use crate::model::Diagnostic;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// The result of `validate`, for editors and pipelines.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "botform problems")]
pub(super) struct Problems<'p> {
    /// The version of this format.
    format_version: &'static str,
    /// How many zone files there are; without errors, how many were chosen.
    zones: usize,
    /// All that is wrong or worth a warning, sorted by file and place.
    problems: &'p [Diagnostic],
}

/// The problems as a document.
#[must_use]
pub fn problems_json(zones: usize, problems: &[Diagnostic]) -> Json {
    serde_json::json!(Problems { format_version: FORMAT_VERSION, zones, problems })
}

/// How many errors there are in how many files; `None` where the problems are seen at a glance.
#[must_use]
pub fn problems_count(problems: &[Diagnostic]) -> Option<String> {
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
            problems_json(2, &[Diagnostic::of_file("a.yaml", "the file is empty").hint("write it")]);
        assert_eq!(document["zones"], 2);
        assert_eq!(
            document["problems"][0],
            json!({"severity": "error", "kind": "file", "file": "a.yaml", "line": null, "column": null,
                "message": "the file is empty", "rule": null, "hint": "write it", "replacement": null,
                "related": null, "code": null, "http_status": null, "cf_ray": null})
        );
    }
}
