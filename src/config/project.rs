//! The project file `botform.yaml`: the account, the request rate, the guards, the policy.

use super::check::{Fields, checked};
use super::policy;
use super::yaml::{Options, member};
use crate::model::{AccountId, Diagnostic, Digest, Guards, Input, Policy, Rate, Threshold};
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
    let input = Input { path: file.to_owned(), digest: Digest::of_bytes(bytes) };
    checked(file, bytes, Options::default(), |fields, _| read(fields, input))
}

fn read(fields: &mut Fields<'_>, input: Input) -> Option<Project> {
    fields.mapping("", "a project file")?;
    fields.known_keys("", &KEYS, "a project file");
    Some(Project {
        input: Some(input),
        account_id: fields.parsed("", "account_id", "an account id", AccountId::try_from),
        rate: rate(fields),
        concurrency: fields.whole("", "concurrency", 1, MAX_CONCURRENCY),
        guards: guards(fields),
        policy: policy::read(fields),
    })
}

fn rate(fields: &mut Fields<'_>) -> Option<Rate> {
    let (pointer, text) = fields.text("", "rate")?;
    match text.parse() {
        Ok(rate) => Some(rate),
        Err(error) => {
            let problem = fields.doc.problem_at_value(&pointer, error.to_string());
            fields.push(problem.hint("Cloudflare allows 1200 requests in 300 seconds: `1200/300`"));
            None
        }
    }
}

fn guards(fields: &mut Fields<'_>) -> Guards {
    let parent = "/guards";
    if fields.mapping(parent, "guards").is_none() {
        return Guards::default();
    }
    fields.known_keys(parent, &GUARDS, "`guards`");
    Guards {
        max_zones: threshold(fields, parent, "max_zones"),
        max_loosening: fields.whole(parent, "max_loosening", 0, Threshold::MAX_COUNT),
        max_failures: threshold(fields, parent, "max_failures"),
    }
}

fn threshold(fields: &mut Fields<'_>, parent: &str, key: &str) -> Option<Threshold> {
    let pointer = member(parent, key);
    match fields.doc.get(&pointer)? {
        Json::String(text) => match text.parse() {
            Ok(Threshold::Percent(percent)) => Some(Threshold::Percent(percent)),
            Ok(Threshold::Count(count)) => {
                let problem =
                    fields.doc.problem_at_value(&pointer, format!("`{key}` has a number in quotes"));
                let mut problem = problem.hint(format!("write `{count}`"));
                problem = problem.replacement(Some(count.to_string()));
                fields.push(problem);
                None
            }
            Err(error) => {
                fields.push(fields.doc.problem_at_value(&pointer, error.to_string()));
                None
            }
        },
        Json::Number(_) => fields.whole(parent, key, 0, Threshold::MAX_COUNT).map(Threshold::Count),
        _ => {
            fields.mismatch(&pointer, key, "a number such as `10`, or a part such as `5%`");
            None
        }
    }
}

#[cfg(test)]
#[path = "project_tests.rs"]
mod tests;
