//! A zone file: its keys, then its settings by its plan variant.

use super::fields::shown;
use super::fields::{did_you_mean, mismatch};
use super::setting::{setting_named, setting_of_file};
use super::{Check, listed, setting_value};
use crate::catalogue::{self, Variant};
use crate::config::rules::{self, Named};
use crate::config::suggest;
use crate::config::yaml::{Cursor, Document};
use crate::model::{AccountId, Desired, Diagnostic, Freeze, Severity, StalePolicy, Waiver, ZoneId, ZoneName};

/// The keys of a zone file.
pub(super) const KEYS: [&str; 10] = [
    "zone",
    "zone_id",
    "account_id",
    "plan",
    "settings",
    "stale",
    "custom_rules_in_place",
    "protect",
    "freeze",
    "accept",
];

/// Checks a zone file; a desired state comes out if nothing is wrong.
pub(in crate::config) fn check_document(document: &Document) -> (Option<Desired>, Vec<Diagnostic>) {
    let mut check = Check::default();
    let desired = desired(&mut check, document.cursor());
    let is_right = !check.problems.iter().any(Diagnostic::is_error);
    (desired.filter(|_| is_right), check.problems)
}

fn desired(check: &mut Check, root: Cursor<'_>) -> Option<Desired> {
    let Some(members) = root.members() else {
        let problem = root.problem(format!("a zone file is a mapping, not {}", shown(root.value())));
        check.push(problem.hint("begin with `zone:`, `plan:` and `settings:`"));
        return None;
    };
    members.into_iter().for_each(|(key, at)| top_key(check, key, at));
    check.require(root, "zone", "zone: example.com");
    check.require_with(root, "plan", &format!("add `plan:` with the zone's variant ({})", variants()));
    check.require_with(root, "settings", missing_settings(root));
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
    let settings = settings(check, root, plan);
    rules::check(check, &settings, variant);
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
    for (setting, value, at) in settings {
        // The names and values were checked by the same plan variant.
        desired.set_at(setting, value, at.key_place()).ok()?;
    }
    Some(desired)
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
    if KEYS.contains(&key) {
        return;
    }
    if catalogue::find(key).is_some() {
        let problem = at.problem_at_key(format!("`{key}` belongs under `settings`"));
        let problem = problem.label("a setting, not a key of the zone file");
        check.push(problem.hint("move it under `settings:`"));
    } else {
        check.unknown_key(at, key, &KEYS, "a zone file");
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
        let Some(setting) = setting_of_file(check, key, member, plan, &KEYS) else { continue };
        let Some(value) = setting_value(check, member, setting) else { continue };
        settings.push((setting, value, member));
    }
    settings
}
