//! The project file `botform.yaml`: the account, the request rate, the guards, the policy.

use super::check::{Check, mismatch};
use super::policy;
use super::text::sort;
use super::yaml::{Cursor, Options, read_document};
use crate::model::{AccountId, Diagnostic, Digest, Guards, Input, InvalidRate, Policy, Rate, Threshold};
use serde_json::Value as Json;

/// The keys of a project file.
pub(super) const KEYS: [&str; 5] = ["account_id", "rate", "concurrency", "guards", "policy"];

/// The keys of its guards.
pub(super) const GUARDS: [&str; 3] = ["max_zones", "max_loosening", "max_failures"];

/// The most requests at a time.
pub const MAX_CONCURRENCY: u32 = 256;

/// What a project file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Project {
    /// The file; `None` if there is none.
    pub input: Option<Input>,
    /// The account of zones that name none.
    pub account_id: Option<AccountId>,
    /// The request rate.
    pub rate: Option<Rate>,
    /// How many zones are read at a time.
    pub concurrency: Option<u32>,
    /// The guards.
    pub guards: Guards,
    /// The policy rules, in the file's order.
    pub policy: Vec<Policy>,
}

/// Checks the bytes of a project file: the project if nothing is wrong, and all there is to say about it.
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
    check.mapping(root, "a project file")?;
    check.known_keys(root, &KEYS, "a project file");
    Some(Project {
        input: Some(input),
        account_id: check.parsed(root, "account_id", "an account id", AccountId::try_from),
        rate: rate(check, root),
        concurrency: check.whole(root, "concurrency", 1, MAX_CONCURRENCY),
        guards: guards(check, root),
        policy: policy::read(check, root),
    })
}

fn rate(check: &mut Check, root: Cursor<'_>) -> Option<Rate> {
    let at = root.get("rate")?;
    let text = at.value().as_str().or_else(|| at.written().filter(|_| at.value().is_number()));
    let Some(text) = text else {
        check.push(mismatch(at, "rate", "a request rate such as `1200/300`"));
        return None;
    };
    let wrong = |error: InvalidRate| {
        let problem = at.problem(error.to_string());
        check.push(problem.hint("Cloudflare allows 1200 requests in 300 seconds: `1200/300`"));
    };
    text.parse().map_err(wrong).ok()
}

fn guards(check: &mut Check, root: Cursor<'_>) -> Guards {
    let Some(at) = root.get("guards") else { return Guards::default() };
    if check.mapping(at, "guards").is_none() {
        return Guards::default();
    }
    check.known_keys(at, &GUARDS, "`guards`");
    Guards {
        max_zones: threshold(check, at, "max_zones"),
        max_loosening: check.whole(at, "max_loosening", 0, Threshold::MAX_COUNT),
        max_failures: threshold(check, at, "max_failures"),
        zone_files: None,
    }
}

fn threshold(check: &mut Check, parent: Cursor<'_>, key: &str) -> Option<Threshold> {
    let at = parent.get(key)?;
    let problem = match at.value() {
        Json::Number(_) => {
            return check.whole(parent, key, 0, Threshold::MAX_COUNT).map(Threshold::Count);
        }
        Json::String(text) => match text.parse() {
            Ok(Threshold::Percent(percent)) => return Some(Threshold::Percent(percent)),
            Ok(Threshold::Count(count)) => {
                let problem = at.problem(format!("`{key}` has a number in quotes"));
                problem.hint(format!("write `{count}`")).replacement(count.to_string())
            }
            Err(error) => at.problem(error.to_string()),
        },
        _ => mismatch(at, key, "a number such as `10`, or a part such as `5%`"),
    };
    check.push(problem);
    None
}

#[cfg(test)]
#[path = "project_tests.rs"]
mod tests;
