//! A zone file: its keys, then its settings by its plan variant.

use super::setting::{setting_named, setting_of_key};
use super::value::shown;
use super::waiver::reason_and_end;
use super::{Fields, listed, setting_value};
use crate::catalogue::{self, Setting, Value, Variant};
use crate::config::yaml::{Document, member};
use crate::config::{rules, suggest};
use crate::model::{
    AccountId, Desired, Diagnostic, Freeze, Place, Severity, StalePolicy, Waiver, ZoneId, ZoneName,
};
use serde_json::{Map, Value as Json};

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
pub(in crate::config) fn check_document(doc: &Document) -> (Option<Desired>, Vec<Diagnostic>) {
    let mut fields = Fields::new(doc);
    let desired = desired(&mut fields);
    let is_right = !fields.problems.iter().any(Diagnostic::is_error);
    (desired.filter(|_| is_right), fields.problems)
}

fn desired(fields: &mut Fields<'_>) -> Option<Desired> {
    let Some(members) = fields.doc.root().as_object() else {
        let message = format!("a zone file is a mapping, not {}", shown(fields.doc.root()));
        let problem = fields.doc.problem_at_value("", message);
        fields.push(problem.hint("begin with `zone:`, `plan:` and `settings:`"));
        return None;
    };
    top_keys(fields, members);
    fields.require("", "zone", "zone: example.com");
    fields.require("", "plan", "plan: bot_fight_mode");
    fields.require("", "settings", "settings: {}");
    let plan = plan(fields);
    let zone = fields.parsed("", "zone", "a zone name", ZoneName::try_from);
    let zone_id = fields.parsed("", "zone_id", "a zone id", ZoneId::try_from);
    let account_id = fields.parsed("", "account_id", "an account id", AccountId::try_from);
    let stale = fields.word("", "stale", StalePolicy::ALL);
    let custom_rules_in_place = fields.toggle("", "custom_rules_in_place");
    let protect = fields.toggle("", "protect");
    let freeze = freeze(fields);
    let accept = accept(fields);
    let settings = settings(fields, plan);
    rules::check(fields, &settings, plan);
    let place = fields.doc.value_place("/zone");
    let plan_place = fields.doc.value_place("/plan");
    let mut desired = Desired::in_file(fields.doc.source().file().to_owned(), zone?, plan?, place);
    desired.plan_place = Some(plan_place);
    desired.zone_id = zone_id;
    desired.account_id = account_id;
    desired.stale = stale.unwrap_or_default();
    desired.stale_place = stale.map(|_| fields.doc.key_place("/stale"));
    desired.custom_rules_in_place = custom_rules_in_place.unwrap_or_default();
    desired.protect = protect.unwrap_or_default();
    desired.freeze = freeze;
    desired.accept = accept;
    for (setting, value, place) in settings {
        // The names and values were checked by the same plan variant.
        desired.set_at(setting, value, place).ok()?;
    }
    Some(desired)
}

fn top_keys(fields: &mut Fields<'_>, members: &Map<String, Json>) {
    for key in members.keys().filter(|key| !KEYS.contains(&key.as_str())) {
        let pointer = member("", key);
        if catalogue::find(key).is_some() {
            let mut problem =
                fields.doc.problem_at_key(&pointer, format!("`{key}` belongs under `settings`"));
            problem = problem.label("a setting, not a key of the zone file".to_owned());
            fields.push(problem.hint("move it under `settings:`"));
        } else {
            fields.unknown_key(&pointer, key, &KEYS, "a zone file");
        }
    }
}

fn plan(fields: &mut Fields<'_>) -> Option<Variant> {
    let (pointer, text) = fields.text("", "plan")?;
    let found = Variant::parse(text);
    if found.is_none() {
        let words = || Variant::ALL.iter().map(|variant| variant.word());
        let message = format!("{} is not a plan variant", shown(&text.into()));
        let mut problem = fields.doc.problem_at_value(&pointer, message);
        problem = problem.label(format!("one of {}", listed(words())));
        let plan = text.trim().to_lowercase();
        let of_plan = Variant::ALL.iter().copied().find(|variant| variant.legacy_id() == plan);
        let meant = of_plan.map(Variant::word).or_else(|| suggest(text, words()));
        problem.hint = match (of_plan, meant) {
            (Some(Variant::BmEnterprise), _) => {
                Some("`bm_enterprise` with the Bot Management add-on, `sbfm_business` without it".to_owned())
            }
            (Some(variant), _) => Some(format!("the variant of the plan `{plan}` is `{variant}`")),
            (None, Some(meant)) => Some(format!("did you mean `{meant}`?")),
            (None, None) => {
                let all: Vec<_> = Variant::ALL.iter().map(|v| format!("`{v}`: {}", v.meaning())).collect();
                Some(all.join("; "))
            }
        };
        problem = problem.replacement(meant.map(str::to_owned));
        fields.push(problem);
    }
    found
}

fn freeze(fields: &mut Fields<'_>) -> Option<Freeze> {
    fields.mapping("/freeze", "freeze")?;
    fields.known_keys("/freeze", &["reason", "until"], "`freeze`");
    let (reason, until) = reason_and_end(fields, "/freeze")?;
    Some(Freeze { reason, until })
}

fn accept(fields: &mut Fields<'_>) -> Vec<Waiver> {
    let mut waivers: Vec<Waiver> = Vec::new();
    for pointer in fields.items("", "accept") {
        let Some(waiver) = waiver(fields, &pointer) else { continue };
        if waivers.iter().any(|earlier| earlier.setting == waiver.setting) {
            let message = format!("`{}` is accepted more than once", waiver.setting.name);
            let mut problem = fields.doc.problem_at_value(&member(&pointer, "setting"), message);
            problem.severity = Severity::Warning;
            fields.push(problem.hint("keep the one that ends last"));
        }
        waivers.push(waiver);
    }
    waivers
}

fn waiver(fields: &mut Fields<'_>, pointer: &str) -> Option<Waiver> {
    fields.mapping(pointer, "an item of `accept`")?;
    fields.known_keys(pointer, &["setting", "reason", "until"], "an item of `accept`");
    fields.require(pointer, "setting", "setting: fight_mode");
    let setting = setting_named(fields, pointer, "setting");
    let (reason, until) = reason_and_end(fields, pointer)?;
    let place = fields.doc.value_place(&member(pointer, "setting"));
    Some(Waiver { setting: setting?, reason, until, place })
}

fn settings(fields: &mut Fields<'_>, plan: Option<Variant>) -> Vec<(&'static Setting, Value, Place)> {
    let Some(value) = fields.doc.get("/settings") else { return Vec::new() };
    let Some(members) = value.as_object() else {
        let problem = fields.mismatched("/settings", "settings", "a mapping");
        fields.push(if value.is_null() {
            problem.hint("write `settings: {}` to manage nothing")
        } else {
            problem
        });
        return Vec::new();
    };
    let mut settings = Vec::new();
    for key in members.keys() {
        let pointer = member("/settings", key);
        let Some(setting) = setting_of_key(fields, "/settings", key, plan, &KEYS) else { continue };
        let Some(value) = setting_value(fields, &pointer, setting) else { continue };
        settings.push((setting, value, fields.doc.key_place(&pointer)));
    }
    settings
}
