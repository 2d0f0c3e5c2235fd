//! The project file `botform.yaml`: the accounts, the request rate, the guards, the policy.

use super::check::{Check, account_id, items, rate, revision, threshold, token_variable, value, whole};
use super::keys::{MAX_CONCURRENCY, PROJECT};
use super::policy;
use super::text::sort;
use super::yaml::{Cursor, Options, read_document};
use crate::model::{
    Account, AccountId, Diagnostic, Digest, Guards, Input, Policy, Rate, Threshold, TokenVariable,
};
use std::collections::BTreeMap;

/// The contents of a project file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Project {
    /// The file; `None` if there is none.
    pub(crate) input: Option<Input>,
    /// The account of zones that do not name one.
    pub account_id: Option<AccountId>,
    /// The accounts with a credential of their own, in the file's order; each is there once.
    pub(crate) accounts: Vec<Account>,
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
        hide_pasted(&mut problems, document.cursor());
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
        accounts: accounts(check, root),
        rate: value(root, "rate", rate),
        concurrency: value(root, "concurrency", |at, key| whole(at, key, 1, MAX_CONCURRENCY)),
        since: value(root, "since", revision).map(str::to_owned),
        guards: root.get("guards").map(guards).unwrap_or_default(),
        policy: policy::read(check, root),
    })
}

/// The accounts. One that is listed twice would have two credentials, and none of them is meant more than the other.
fn accounts(check: &mut Check, root: Cursor<'_>) -> Vec<Account> {
    let mut first: BTreeMap<AccountId, Cursor<'_>> = BTreeMap::new();
    let mut accounts = Vec::new();
    for at in items(root, "accounts") {
        let Some(id) = value(at, "account_id", account_id) else { continue };
        let id_at = at.get("account_id").unwrap_or(at);
        if let Some(first) = first.get(&id) {
            let problem = id_at.problem(format!("account `{}` is listed a second time", id.as_str()));
            check.push(problem.related(first.related("the first one")).hint("remove one of the two"));
            continue;
        }
        first.insert(id.clone(), id_at);
        let token = at.get("token").zip(value(at, "token", token_variable));
        accounts.extend(token.map(|(token_at, token)| Account::new(id, token, token_at.place())));
    }
    accounts
}

/// Takes the source line away from problems that would show a token: somebody may have pasted one where the name of its
/// variable belongs, and the run does not know it as a secret.
fn hide_pasted(problems: &mut [Diagnostic], root: Cursor<'_>) {
    let texts = items(root, "accounts").into_iter().filter_map(|at| at.get("token")?.value().as_str());
    let pasted: Vec<_> =
        texts.filter(|text| !text.is_empty() && text.parse::<TokenVariable>().is_err()).collect();
    let shows = |problem: &Diagnostic| {
        let line = problem.marked().excerpt.as_ref();
        line.is_some_and(|line| pasted.iter().any(|pasted| line.text.contains(pasted)))
    };
    for problem in problems.iter_mut().filter(|problem| shows(problem)) {
        *problem = problem.clone().excerpt(None);
    }
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
