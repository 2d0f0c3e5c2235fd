//! A zone file: its keys, then its settings by its plan variant.

use super::baseline::{Foreign, Link, check_extends};
use super::fields::{BASELINE_KEYS, ZONE_KEYS, did_you_mean, mismatch, shown};
use super::setting::{read_only, setting_named, setting_of_file};
use super::temporary::temporary;
use super::{Check, listed, setting_value};
use crate::catalogue::{self, Setting, Variant};
use crate::config::checks::{Named, ZoneFile};
use crate::config::suggest;
use crate::config::yaml::{Cursor, Document};
use crate::model::{
    AccountId, Desired, Diagnostic, Freeze, StalePolicy, Waiver, Wanted, WantedBy, ZoneId, ZoneName,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a zone file says together with its baselines, and all that is wrong with its shape.
#[derive(Debug, Default)]
pub(in crate::config) struct Checked<'d> {
    /// The desired state, if it could be read.
    pub(in crate::config) desired: Option<Desired>,
    /// What else there is to check.
    pub(in crate::config) zone: Option<ZoneFile<'d>>,
    /// The problems.
    pub(in crate::config) problems: Vec<Diagnostic>,
    /// The settings of its baselines that its plan variant does not have.
    pub(in crate::config) foreign: Vec<Foreign>,
}

/// The baselines of a zone file.
#[derive(Debug)]
pub(in crate::config) struct Links<'b> {
    /// Those that could be read: later ones win.
    pub(in crate::config) links: Vec<Link<'b>>,
    /// Whether that is all of them, without errors.
    pub(in crate::config) is_whole: bool,
}

/// Checks the shape of a zone file, with the baselines that it extends: the file wins over all of them.
pub(in crate::config) fn check_document<'d>(document: &'d Document, links: &'d Links<'d>) -> Checked<'d> {
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
    let plan = plan(check, root);
    let variant = plan.map(|(plan, _)| plan);
    let zone = check.parsed(root, "zone", "a zone name", ZoneName::try_from);
    let zone_id = check.parsed(root, "zone_id", "a zone id", ZoneId::try_from);
    let account_id = check.parsed(root, "account_id", "an account id", AccountId::try_from);
    let stale = check.word(root, "stale", StalePolicy::ALL).unwrap_or_default();
    let custom_rules_in_place = check.toggle(root, "custom_rules_in_place").unwrap_or_default();
    let protect = check.toggle(root, "protect").unwrap_or_default();
    let freeze = freeze(check, root);
    let accept = accept(check, root);
    let own = settings(check, root, plan);
    let resolved = resolved(own, variant, &links.links, &mut checked.foreign);
    let temporary = temporary(check, root, variant);
    if let Some((zone, plan)) = zone.zip(variant) {
        let place = root.get("zone").unwrap_or(root).place();
        let mut desired = Desired::in_file(root.source().file().to_owned(), zone, plan, place);
        desired.plan_place = root.get("plan").map(Cursor::place);
        desired.zone_id = zone_id;
        desired.account_id = account_id;
        desired.stale = stale;
        desired.stale_place = root.get("stale").map(Cursor::key_place);
        desired.custom_rules_in_place = custom_rules_in_place;
        desired.protect = protect;
        desired.freeze = freeze;
        desired.accept = accept.iter().map(|(waiver, _)| waiver.clone()).collect();
        desired.temporary = temporary.iter().map(|(entry, ..)| entry.clone()).collect();
        let mut wanted = resolved.iter();
        // The names and values were checked by the same plan variant.
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

/// Checks that it is a mapping of the keys that a zone file has.
fn keys(check: &mut Check, root: Cursor<'_>) -> Option<()> {
    let Some(members) = root.members() else {
        let problem = root.problem(format!("a zone file is a mapping, not {}", shown(root.value())));
        check.push(problem.hint("begin with `zone:`, `plan:` and `settings:`"));
        return None;
    };
    members.into_iter().for_each(|(key, at)| top_key(check, key, at));
    check.require(root, "zone", "zone: example.com");
    check.require_with(root, "plan", &format!("add `plan:` with the zone's variant ({})", variants()));
    if root.get("extends").is_none() {
        check.require_with(root, "settings", missing_settings(root));
    }
    check_extends(check, root);
    Some(())
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
                all.insert(named.0, (named, WantedBy::Baseline(Arc::clone(&link.extended))));
            } else {
                foreign.push(super::baseline::foreign(&named, plan));
            }
        }
    }
    all.extend(own.into_iter().map(|named| (named.0, (named, WantedBy::Settings))));
    all.into_values().collect()
}

/// The plan variants, with what they stand for.
fn variants() -> String {
    let of = |variant: &Variant| format!("`{variant}`: {}", variant.meaning());
    Variant::ALL.iter().map(of).collect::<Vec<_>>().join("; ")
}

fn missing_settings(root: Cursor<'_>) -> &'static str {
    let members = root.members().unwrap_or_default();
    match members.iter().any(|(key, _)| catalogue::find(key).is_some()) {
        true => "add `settings:`, with the settings of the file below it",
        false => "add `settings:` with what is to be managed, or `settings: {}` to manage nothing",
    }
}

fn top_key(check: &mut Check, key: &str, at: Cursor<'_>) {
    if ZONE_KEYS.contains(&key) {
        return;
    }
    if catalogue::find(key).is_some_and(Setting::is_read_only) {
        check.push(read_only(at.problem_at_key(""), key));
    } else if catalogue::find(key).is_some() {
        let problem = at.problem_at_key(format!("`{key}` belongs under `settings`"));
        let problem = problem.label("a setting, not a key of the zone file");
        check.push(problem.hint("move it under `settings:`"));
    } else if BASELINE_KEYS.contains(&key) {
        let problem = at.problem_at_key(format!("`{key}` is a key of baselines, not of a zone file"));
        let problem = problem.label("not a key of a zone file");
        check.push(problem.hint("put it into a file in a folder `baselines`, and name that under `extends`"));
    } else {
        check.unknown_key(at, key, &ZONE_KEYS, "a zone file");
    }
}

fn plan<'d>(check: &mut Check, root: Cursor<'d>) -> Option<(Variant, Cursor<'d>)> {
    let at = root.get("plan")?;
    if at.value().is_null() {
        check.push(mismatch(at, "plan", "a plan variant").hint(format!("write one of {}", variants())));
        return None;
    }
    let text = at.value().as_str().unwrap_or_default();
    let found = Variant::parse(text);
    if found.is_none() {
        let words: Vec<_> = Variant::ALL.iter().map(|variant| variant.word()).collect();
        let plan = text.trim().to_lowercase();
        let of_plan = Variant::ALL.iter().copied().find(|variant| variant.legacy_id() == plan);
        let meant = of_plan.map(Variant::word).or_else(|| suggest(text, words.iter().copied()));
        let hint = match of_plan {
            Some(Variant::BmEnterprise) => {
                "`bm_enterprise` with the Bot Management add-on, `sbfm_business` without it".to_owned()
            }
            Some(variant) => format!("the variant of the plan `{plan}` is `{variant}`"),
            None => did_you_mean(meant).unwrap_or_else(variants),
        };
        let problem = at.problem(format!("{} is not a plan variant", shown(at.value())));
        let problem = problem.label(format!("one of {}", listed(words))).hint(hint);
        check.push(problem.replacement(meant.map(str::to_owned)));
    }
    found.map(|plan| (plan, at))
}

fn freeze(check: &mut Check, root: Cursor<'_>) -> Option<Freeze> {
    let at = root.get("freeze")?;
    check.mapping(at, "freeze")?;
    check.known_keys(at, &["reason", "until"], "`freeze`");
    let (reason, until) = check.reason_and_end(at)?;
    Some(Freeze { reason, until })
}

fn accept<'d>(check: &mut Check, root: Cursor<'d>) -> Vec<(Waiver, Cursor<'d>)> {
    let items = check.items(root, "accept").into_iter();
    items.filter_map(|at| waiver(check, at)).collect()
}

fn waiver<'d>(check: &mut Check, at: Cursor<'d>) -> Option<(Waiver, Cursor<'d>)> {
    check.mapping(at, "an item of `accept`")?;
    check.known_keys(at, &["setting", "reason", "until"], "an item of `accept`");
    check.require(at, "setting", "setting: fight_mode");
    let setting = setting_named(check, at, "setting");
    let (reason, until) = check.reason_and_end(at)?;
    let named = at.get("setting")?;
    Some((Waiver { setting: setting?, reason, until, place: named.place() }, named))
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
        let Some(setting) = setting_of_file(check, key, member, plan, &ZONE_KEYS) else { continue };
        let Some(value) = setting_value(check, member, setting) else { continue };
        settings.push((setting, value, member));
    }
    settings
}
