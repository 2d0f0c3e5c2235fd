//! A baseline: settings that zone files extend, for all plan variants or for one; and the `extends` of both.

use super::phrases::{listed, mismatch, shown};
use super::setting::{setting_key, setting_on};
use super::{Check, setting_value};
use crate::catalogue::{Setting, Value, Variant};
use crate::config::checks::Named;
use crate::config::keys::{BASELINE, ZONE};
use crate::config::suggest;
use crate::config::yaml::{Cursor, YamlDocument};
use crate::model::{Diagnostic, DiagnosticKind, Extended};
use std::path::Path;
use std::sync::Arc;

/// The pattern of a baseline's path, for schemas.
pub(in crate::config) const PATH_PATTERN: &str = "^[^/].*\\.ya?ml$";

/// How many baselines a file may extend.
pub(in crate::config) const MOST_BASELINES: usize = 64;

type Values = Vec<(&'static Setting, Value)>;

/// A baseline that was read.
#[derive(Debug)]
pub(in crate::config) struct Baseline {
    document: YamlDocument,
    settings: Values,
    plans: Vec<(Variant, Values)>,
}

/// A baseline that a zone file extends, and the path that leads to it.
#[derive(Debug)]
pub(in crate::config) struct Link<'b> {
    pub(in crate::config) baseline: &'b Baseline,
    /// Its file, and the entries of `extends` that lead to it.
    pub(in crate::config) extended: Arc<Extended>,
}

/// A setting of a baseline that a zone's plan variant does not have.
#[derive(Debug)]
pub(in crate::config) struct Foreign {
    /// The message, without the zone file.
    pub(in crate::config) problem: Diagnostic,
    /// The plan variant of the zone.
    pub(in crate::config) plan: Variant,
}

impl Baseline {
    /// Checks a document: returns what could be read, and every problem.
    pub(in crate::config) fn check(document: YamlDocument) -> (Self, Vec<Diagnostic>) {
        let mut check = Check::default();
        let root = document.cursor();
        let (mut settings, mut plans) = (Values::new(), Vec::new());
        if root.members().is_none() {
            let problem = root.problem(format!("a baseline must be a mapping, not {}", shown(root.value())));
            check.push(problem.hint("start the file with `settings:`"));
        } else {
            check.file_with(root, &BASELINE, of_zone_files);
            settings = values(&mut check, root.get("settings"), "settings", None);
            plans = variants(&mut check, root);
        }
        (Self { settings, plans, document }, check.problems)
    }

    /// The document.
    pub(in crate::config) fn root(&self) -> Cursor<'_> {
        self.document.cursor()
    }

    /// The settings for a plan variant: those for all variants, then those for this one.
    pub(super) fn settings(&self, plan: Variant) -> impl Iterator<Item = Named<'_>> {
        let own = self.plans.iter().find(|(variant, _)| *variant == plan);
        let own = own.map(|(_, values)| values.as_slice()).unwrap_or_default();
        let own_at = self.root().get("plans").and_then(|plans| plans.get(plan.word()));
        named(self.root().get("settings"), &self.settings).chain(named(own_at, own))
    }
}

fn named<'b>(
    at: Option<Cursor<'b>>,
    values: &'b [(&'static Setting, Value)],
) -> impl Iterator<Item = Named<'b>> {
    values.iter().filter_map(move |(setting, value)| Some((*setting, *value, at?.get(setting.name)?)))
}

/// The problem of a key that belongs in zone files.
fn of_zone_files(key: &str, at: Cursor<'_>) -> Option<Diagnostic> {
    ZONE.find(key)?;
    let problem = at.problem_at_key(format!("`{key}` belongs in zone files, not in a baseline"));
    let problem = problem.label("not a key of a baseline");
    Some(problem.hint(format!("the keys of a baseline are {}", listed(BASELINE.names()))))
}

fn variants(check: &mut Check, root: Cursor<'_>) -> Vec<(Variant, Values)> {
    let Some(at) = root.get("plans") else { return Vec::new() };
    let mut plans = Vec::new();
    for (key, member) in check.mapping(at, "plans").unwrap_or_default() {
        match Variant::parse(key) {
            Some(plan) => plans.push((plan, values(check, Some(member), key, Some(plan)))),
            None => {
                let words = || Variant::ALL.iter().map(|variant| variant.word());
                let meant = suggest(key, words());
                let problem = member.problem_at_key(format!("{} is not a plan variant", shown(&key.into())));
                let problem = problem.label(format!("one of {}", listed(words())));
                check.push(problem.replacement(meant.map(str::to_owned)));
            }
        }
    }
    plans
}

/// The settings of a mapping, on a plan variant or on any.
fn values(check: &mut Check, at: Option<Cursor<'_>>, name: &str, plan: Option<Variant>) -> Values {
    let Some(at) = at else { return Values::new() };
    let Some(members) = check.mapping(at, name) else { return Values::new() };
    let mut values = Values::new();
    for (key, member) in members {
        let setting = match plan {
            Some(plan) => setting_on(check, key, member, plan),
            None => setting_key(check, key, member),
        };
        let Some(setting) = setting else { continue };
        values.extend(setting_value(check, member, setting).map(|value| (setting, value)));
    }
    values
}

/// The paths that a document extends, as written; items that are not paths are left out.
pub(in crate::config) fn extends(root: Cursor<'_>) -> Vec<(Cursor<'_>, &str)> {
    let Some(at) = root.get("extends") else { return Vec::new() };
    let items = at.items().unwrap_or_else(|| vec![at]);
    // `check_extends` reports a longer list; here the limit keeps it from being read anyway.
    items.into_iter().take(MOST_BASELINES).filter_map(|at| Some((at, path(at)?))).collect()
}

fn path(at: Cursor<'_>) -> Option<&str> {
    at.value().as_str().filter(|path| wrong_path(path).is_none())
}

/// Rejects items that are not paths of baselines.
pub(super) fn check_extends(check: &mut Check, at: Cursor<'_>) {
    const WANTED: &str = "a file such as `../baselines/retail.yaml`, or a list of them";
    let items = at.items().unwrap_or_else(|| vec![at]);
    if items.len() > MOST_BASELINES {
        check.push(at.problem_at_key(format!("more than {MOST_BASELINES} baselines are extended")));
        return;
    }
    for at in items {
        match at.value().as_str().map(wrong_path) {
            Some(None) => {}
            Some(Some((what, hint))) => {
                let problem = at.problem(format!("{} {what}", shown(at.value())));
                check.push(problem.hint(hint));
            }
            None => check.push(mismatch(at, "extends", WANTED)),
        }
    }
}

/// What is wrong with the written path of a baseline, and what to do about it.
fn wrong_path(path: &str) -> Option<(&'static str, &'static str)> {
    const RELATIVE: &str = "write the path from the folder of this file, such as `../baselines/retail.yaml`";
    if Path::new(path).is_absolute() || path.starts_with('/') {
        return Some(("is an absolute path", RELATIVE));
    }
    // An error shows source lines: a path such as `.env` must not make it print another file of the checkout.
    if ![".yaml", ".yml"].iter().any(|end| path.len() > end.len() && path.ends_with(end))
        || path.contains('\n')
    {
        return Some(("is not the path of a baseline", "a baseline ends in `.yaml` or `.yml`"));
    }
    None
}

/// The problem of a setting that the zone's plan variant does not have.
pub(super) fn foreign((setting, _, at): &Named<'_>, plan: Variant) -> Foreign {
    let needed: Vec<&str> = setting.settable_on.iter().map(|variant| variant.word()).collect();
    let (name, needed) = (setting.name, needed.join(" or "));
    let own = setting.settable_on.first().map_or("", |variant| variant.word());
    let problem = at
        .problem_at_key(format!("`{name}` is not available on {plan} (needs {needed})"))
        .kind(DiagnosticKind::NotAvailable)
        .label("not available to every zone that extends this")
        .hint(format!("move it to `plans: {{{own}: …}}`: only zones of that plan variant read it there"));
    Foreign { problem, plan }
}
