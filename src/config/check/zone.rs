//! Checks a zone file: its keys, then its settings against its plan variant.

use super::baseline::{Foreign, Link};
use super::phrases::{mismatch, shown};
use super::read::{self, items, value};
use super::setting::{read_only, setting_of_file};
use super::temporary::temporary;
use super::{Check, setting_value};
use crate::catalogue::{self, Variant};
use crate::config::checks::{Named, ZoneFile};
use crate::config::keys::{BASELINE, ZONE};
use crate::config::yaml::{Cursor, YamlDocument};
use crate::model::{Desired, Diagnostic, Freeze, StalePolicy, Waiver, Wanted, WantedBy};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A zone file resolved with its baselines, and every problem of its shape.
#[derive(Debug, Default)]
pub(in crate::config) struct Checked<'d> {
    /// The desired state, if it could be read.
    pub(in crate::config) desired: Option<Desired>,
    /// The file for the checks beyond its shape.
    pub(in crate::config) zone: Option<ZoneFile<'d>>,
    pub(in crate::config) problems: Vec<Diagnostic>,
    /// The settings of its baselines that its plan variant does not have.
    pub(in crate::config) foreign: Vec<Foreign>,
}

/// The baselines of a zone file.
#[derive(Debug)]
pub(in crate::config) struct Links<'b> {
    /// The baselines that could be read: later ones win.
    pub(in crate::config) links: Vec<Link<'b>>,
    /// Whether all of them could be read without errors.
    pub(in crate::config) is_whole: bool,
}

/// Checks the shape of a zone file, with the baselines that it extends: the file wins over all of them.
pub(in crate::config) fn check_document<'d>(document: &'d YamlDocument, links: &'d Links<'d>) -> Checked<'d> {
    let mut checked = Checked::default();
    let mut check = Check::default();
    if keys(&mut check, document.cursor()).is_some() {
        read(&mut check, document.cursor(), links, &mut checked);
    }
    checked.desired = checked.desired.filter(|_| links.is_whole && checked.foreign.is_empty());
    checked.problems = check.problems;
    checked
}

fn read<'d>(check: &mut Check, root: Cursor<'d>, links: &'d Links<'d>, checked: &mut Checked<'d>) {
    let plan = value(root, "plan", read::plan).zip(root.get("plan"));
    // Without a valid plan variant everything else is still checked, so that one run reports all problems.
    let variant = plan.map(|(plan, _)| plan);
    let stale = value(root, "stale", |at, key| read::word(at, key, StalePolicy::ALL)).unwrap_or_default();
    let accept: Vec<_> = items(root, "accept").into_iter().filter_map(waiver).collect();
    let own = settings(check, root, plan);
    let resolved = resolved(own, variant, &links.links, &mut checked.foreign);
    let temporary = temporary(check, root, variant);
    if let Some((zone, plan)) = value(root, "zone", read::zone_name).zip(variant) {
        let place = root.get("zone").unwrap_or(root).place();
        let toggle = |key: &str| value(root, key, read::toggle).unwrap_or_default();
        let mut desired = Desired::in_file(root.source().file().to_owned(), zone, plan, place);
        desired.plan_place = root.get("plan").map(Cursor::place);
        desired.zone_id = value(root, "zone_id", read::zone_id);
        desired.account_id = value(root, "account_id", read::account_id);
        desired.stale = stale;
        desired.stale_place = root.get("stale").map(Cursor::key_place);
        desired.custom_rules_in_place = toggle("custom_rules_in_place");
        desired.protect = toggle("protect");
        desired.freeze = root.get("freeze").and_then(freeze);
        desired.accept = accept.iter().map(|(waiver, _)| waiver.clone()).collect();
        desired.temporary = temporary.iter().map(|(entry, ..)| entry.clone()).collect();
        let mut wanted = resolved.iter();
        // `Desired::set` cannot fail: names and values were checked against the same plan variant.
        let is_set = wanted.all(|((setting, value, at), by)| {
            let wanted = Wanted { value: *value, place: at.key_place(), by: by.clone() };
            desired.set_wanted(setting, wanted).is_ok()
        });
        checked.desired = is_set.then_some(desired);
    }
    let settings = resolved.into_iter().map(|(named, _)| named).collect();
    checked.zone =
        Some(ZoneFile { root, plan: variant, stale, settings, temporary, accept, is_whole: links.is_whole });
}

/// Checks the keys of a zone file.
fn keys(check: &mut Check, root: Cursor<'_>) -> Option<()> {
    if root.members().is_none() {
        let problem = root.problem(format!("a zone file must be a mapping, not {}", shown(root.value())));
        check.push(problem.hint("start the file with `zone:`, `plan:` and `settings:`"));
        return None;
    }
    check.file_with(root, &ZONE, elsewhere)
}

/// The settings of the baselines and of the file itself, each once, by name.
fn resolved<'d>(
    own: Vec<Named<'d>>,
    plan: Option<Variant>,
    links: &'d [Link<'_>],
    foreign: &mut Vec<Foreign>,
) -> Vec<(Named<'d>, WantedBy)> {
    let mut all = BTreeMap::new();
    for (link, plan) in links.iter().filter_map(|link| Some((link, plan?))) {
        for named in link.baseline.settings(plan) {
            if named.0.is_settable_on(plan) {
                // Later baselines replace the values of earlier ones, and the file's own, below, replace all.
                all.insert(named.0, (named, WantedBy::Baseline(Arc::clone(&link.extended))));
            } else {
                foreign.push(super::baseline::foreign(&named, plan));
            }
        }
    }
    all.extend(own.into_iter().map(|named| (named.0, (named, WantedBy::Settings))));
    all.into_values().collect()
}

/// The problem of a key that belongs elsewhere.
fn elsewhere(key: &str, at: Cursor<'_>) -> Option<Diagnostic> {
    if let Some(setting) = catalogue::find(key) {
        if setting.is_read_only() {
            return Some(read_only(at.problem_at_key(""), key));
        }
        let problem = at.problem_at_key(format!("`{key}` belongs under `settings`"));
        let problem = problem.label("a setting, not a key of the zone file");
        return Some(problem.hint("move it under `settings:`"));
    }
    BASELINE.find(key)?;
    let problem = at.problem_at_key(format!("`{key}` belongs in a baseline, not in a zone file"));
    let problem = problem.label("not a key of a zone file");
    Some(problem.hint("move it to a file in a folder `baselines`, and list that file under `extends`"))
}

fn freeze(at: Cursor<'_>) -> Option<Freeze> {
    Some(Freeze { reason: value(at, "reason", read::said)?, until: value(at, "until", read::date)? })
}

fn waiver(at: Cursor<'_>) -> Option<(Waiver, Cursor<'_>)> {
    let (setting, named) = (value(at, "setting", read::setting)?, at.get("setting")?);
    let Freeze { reason, until } = freeze(at)?;
    Some((Waiver { setting, reason, until, place: named.place() }, named))
}

fn settings<'d>(check: &mut Check, root: Cursor<'d>, plan: Option<(Variant, Cursor<'_>)>) -> Vec<Named<'d>> {
    let Some(at) = root.get("settings") else { return Vec::new() };
    let Some(members) = at.members() else {
        let problem = mismatch(at, "settings", "a mapping");
        let nothing = "write `settings: {}` to manage nothing";
        check.push(if at.value().is_null() { problem.hint(nothing) } else { problem });
        return Vec::new();
    };
    let mut settings = Vec::new();
    for (key, member) in members {
        let Some(setting) = setting_of_file(check, key, member, plan) else { continue };
        let Some(value) = setting_value(check, member, setting) else { continue };
        settings.push((setting, value, member));
    }
    settings
}
