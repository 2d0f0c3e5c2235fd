//! A zone file: its keys, then its settings by its plan variant.

use super::baseline::{Foreign, Link, check_extends};
use super::fields::{BASELINE_KEYS, ZONE_KEYS, did_you_mean, mismatch, shown};
use super::setting::{read_only, setting_named, setting_of_file};
use super::temporary::{check_way_back, temporary};
use super::{Check, listed, setting_value};
use crate::catalogue::{self, Setting, Variant};
use crate::config::rules::{self, Named};
use crate::config::suggest;
use crate::config::yaml::{Cursor, Document};
use crate::model::{
    AccountId, Desired, Diagnostic, Freeze, Severity, StalePolicy, Temporary, Waiver, Wanted, WantedBy,
    ZoneId, ZoneName,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a zone file says together with its baselines, and all that is wrong with it.
#[derive(Debug, Default)]
pub(in crate::config) struct Checked {
    /// The desired state, if nothing is wrong.
    pub(in crate::config) desired: Option<Desired>,
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

/// Checks a zone file, with the baselines that it extends: the file wins over all of them.
pub(in crate::config) fn check_document(document: &Document, links: &Links<'_>) -> Checked {
    let (mut check, mut foreign) = (Check::default(), Vec::new());
    let desired = desired(&mut check, document.cursor(), links, &mut foreign);
    let is_right = links.is_whole && foreign.is_empty() && !check.problems.iter().any(Diagnostic::is_error);
    Checked { desired: desired.filter(|_| is_right), problems: check.problems, foreign }
}

fn desired(
    check: &mut Check,
    root: Cursor<'_>,
    links: &Links<'_>,
    foreign: &mut Vec<Foreign>,
) -> Option<Desired> {
    keys(check, root)?;
    let plan = plan(check, root);
    let variant = plan.map(|(plan, _)| plan);
    let zone = check.parsed(root, "zone", "a zone name", ZoneName::try_from);
    let zone_id = check.parsed(root, "zone_id", "a zone id", ZoneId::try_from);
    let account_id = check.parsed(root, "account_id", "an account id", AccountId::try_from);
    let stale = check.word(root, "stale", StalePolicy::ALL);
    let custom_rules_in_place = check.toggle(root, "custom_rules_in_place");
    if custom_rules_in_place == Some(true) {
        tell_idle_rules(check, root, variant, stale.unwrap_or_default());
    }
    let protect = check.toggle(root, "protect");
    let freeze = freeze(check, root);
    let accept = accept(check, root);
    let own = settings(check, root, plan);
    let resolved = resolved(own, variant, &links.links, foreign);
    let temporary = dated(check, root, &resolved, variant, links.is_whole);
    let place = root.get("zone").unwrap_or(root).place();
    let mut desired = Desired::in_file(root.source().file().to_owned(), zone?, variant?, place);
    desired.plan_place = root.get("plan").map(Cursor::place);
    desired.zone_id = zone_id;
    desired.account_id = account_id;
    desired.stale = stale.unwrap_or_default();
    desired.stale_place = root.get("stale").map(Cursor::key_place);
    desired.custom_rules_in_place = custom_rules_in_place.unwrap_or_default();
    desired.protect = protect.unwrap_or_default();
    desired.freeze = freeze;
    desired.accept = accept;
    desired.temporary = temporary;
    for ((setting, value, at), by) in resolved {
        // The names and values were checked by the same plan variant.
        desired.set_wanted(setting, Wanted { value, place: at.key_place(), by }).ok()?;
    }
    Some(desired)
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

/// The temporary values, with the rules across settings before and after their end.
fn dated(
    check: &mut Check,
    root: Cursor<'_>,
    resolved: &[(Named<'_>, WantedBy)],
    plan: Option<Variant>,
    is_whole: bool,
) -> Vec<Temporary> {
    let named: Vec<Named<'_>> = resolved.iter().map(|(named, _)| *named).collect();
    let temporary = temporary(check, root, plan);
    if is_whole {
        check_way_back(check, root, &temporary, &named);
    }
    rules::check(check, root, &named, plan);
    rules::check_until(check, root, named, &temporary, plan);
    temporary.into_iter().map(|(entry, _)| entry).collect()
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

/// Warns of a promise that nothing asks for.
fn tell_idle_rules(check: &mut Check, root: Cursor<'_>, plan: Option<Variant>, stale: StalePolicy) {
    let Some(at) = root.get("custom_rules_in_place") else { return };
    let is_asked = plan.is_none_or(|plan| plan == Variant::BmEnterprise) && stale == StalePolicy::Clean;
    if !is_asked {
        let problem = at.problem_at_key("`custom_rules_in_place` has no effect here");
        let problem = problem.label("it is asked for by `stale: clean` on bm_enterprise alone");
        check.push(problem.severity(Severity::Warning).hint("remove it"));
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

fn accept(check: &mut Check, root: Cursor<'_>) -> Vec<Waiver> {
    let mut waivers: Vec<Waiver> = Vec::new();
    for at in check.items(root, "accept") {
        let Some((waiver, named)) = waiver(check, at) else { continue };
        if waivers.iter().any(|earlier| earlier.setting == waiver.setting) {
            let problem = named.problem(format!("`{}` is accepted more than once", waiver.setting.name));
            check.push(problem.severity(Severity::Warning).hint("keep the one that ends last"));
        }
        waivers.push(waiver);
    }
    waivers
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
