//! The project file `botform.yaml`: the account, the request rate, the guards, the policy.

use super::check::{Check, account_id, rate, revision, threshold, value, whole};
use super::keys::{MAX_CONCURRENCY, PROJECT};
use super::policy;
use super::text::sort;
use super::yaml::{Cursor, Options, read_document};
use crate::model::{AccountId, Diagnostic, Digest, Guards, Input, Policy, Rate, Threshold};

/// The contents of a project file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Project {
    /// The file; `None` if there is none.
    pub input: Option<Input>,
    /// The account of zones that do not name one.
    pub account_id: Option<AccountId>,
    /// The request rate.
    pub rate: Option<Rate>,
    /// How many zones are read at a time.
    pub concurrency: Option<u32>,
    /// The git revision that was applied last.
    pub since: Option<String>,
    /// The guards.
    pub guards: Guards,
    /// The policy rules, in the file's order.
    pub policy: Vec<Policy>,
}

/// Checks the bytes of a project file: returns the project if it has no errors, and all problems.
#[must_use]
pub fn check_project_text(file: &str, bytes: &[u8]) -> (Option<Project>, Vec<Diagnostic>) {
    let (document, mut problems) = read_document(file, bytes, Options::default());
    let mut project = None;
    if let Some(document) = &document {
        let mut check = Check::default();
        let input = Input { path: file.to_owned(), digest: Digest::of_bytes(bytes) };
        project = read(&mut check, document.cursor(), input);
        problems.extend(check.problems);
    }
    sort(&mut problems);
    let is_right = !problems.iter().any(Diagnostic::is_error);
    (project.filter(|_| is_right), problems)
}

fn read(check: &mut Check, root: Cursor<'_>, input: Input) -> Option<Project> {
    check.file(root, &PROJECT)?;
    Some(Project {
        input: Some(input),
        account_id: value(root, "account_id", account_id),
        rate: value(root, "rate", rate),
        concurrency: value(root, "concurrency", |at, key| whole(at, key, 1, MAX_CONCURRENCY)),
        since: value(root, "since", revision).map(str::to_owned),
        guards: root.get("guards").map(guards).unwrap_or_default(),
        policy: policy::read(check, root),
    })
}

fn guards(at: Cursor<'_>) -> Guards {
    Guards {
        max_zones: value(at, "max_zones", threshold),
        max_loosening: value(at, "max_loosening", |at, key| whole(at, key, 0, Threshold::MAX_COUNT)),
        max_failures: value(at, "max_failures", threshold),
        zone_files: None,
    }
}

#[cfg(test)]
#[path = "project_tests.rs"]
mod tests;
