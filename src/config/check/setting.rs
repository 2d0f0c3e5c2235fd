//! The names under `settings`, in waivers and policies; and the rules across settings, as far as one file shows them:
//! with the other setting unmanaged, only live can.

use super::Fields;
use super::fields::{listed, shown};
use crate::catalogue::{self, Need, Setting, Value, Variant};
use crate::config::suggest;
use crate::config::yaml::member;
use crate::model::{Place, Severity};

/// Finds the setting of a key: on a plan variant, or on any where none is known.
pub(super) fn setting_of_key(
    fields: &mut Fields<'_>,
    parent: &str,
    key: &str,
    plan: Option<Variant>,
    top: &[&str],
) -> Option<&'static Setting> {
    let pointer = member(parent, key);
    let found = catalogue::find(key);
    let problem = match (found, plan) {
        (Some(setting), _) if setting.is_read_only() => {
            let mut problem = fields.doc.problem_at_key(&pointer, format!("`{key}` is read-only"));
            problem = problem.label("only Cloudflare sets it".to_owned());
            problem.hint("remove it")
        }
        (Some(setting), Some(plan)) if !setting.is_settable_on(plan) => {
            return not_available(fields, &pointer, setting, plan);
        }
        (Some(setting), _) => return Some(setting),
        (None, _) if top.contains(&key) => {
            let message = format!("`{key}` does not belong under `settings`");
            let mut problem = fields.doc.problem_at_key(&pointer, message);
            problem = problem.label("a key of the zone file itself".to_owned());
            problem.hint("move it to the top level of the file")
        }
        (None, _) => return unknown(fields, &pointer, key, plan),
    };
    fields.push(problem);
    None
}

/// Finds the setting of a key on whatever variant.
pub(in crate::config) fn setting_key(
    fields: &mut Fields<'_>,
    parent: &str,
    key: &str,
) -> Option<&'static Setting> {
    setting_of_key(fields, parent, key, None, &[])
}

/// Finds a settable setting by the text of a value, on whatever variant.
pub(super) fn setting_named(fields: &mut Fields<'_>, parent: &str, key: &str) -> Option<&'static Setting> {
    let (pointer, name) = fields.text(parent, key)?;
    let found = catalogue::find(name).filter(|setting| !setting.is_read_only());
    if found.is_none() {
        let message = format!("{} is not a setting", shown(&name.into()));
        let problem = fields.doc.problem_at_value(&pointer, message);
        fields.push_meant(problem, suggest(name, names(None)), || all(None));
    }
    found
}

fn unknown(
    fields: &mut Fields<'_>,
    pointer: &str,
    key: &str,
    plan: Option<Variant>,
) -> Option<&'static Setting> {
    let problem = fields.doc.problem_at_key(pointer, format!("unknown setting {}", shown(&key.into())));
    let meant = suggest(key, names(plan)).or_else(|| suggest(key, names(None)));
    let label = plan.map_or("not a setting".to_owned(), |plan| format!("not a setting of {plan}"));
    fields.push_meant(problem.label(label), meant, || all(plan));
    None
}

fn not_available(
    fields: &mut Fields<'_>,
    pointer: &str,
    setting: &'static Setting,
    plan: Variant,
) -> Option<&'static Setting> {
    let name = setting.name;
    let needed: Vec<&str> = setting.settable_on.iter().map(|variant| variant.word()).collect();
    let needed = needed.join(" or ");
    let message = format!("`{name}` is not available on {plan} (needs {needed})");
    let mut problem = fields.doc.problem_at_key(pointer, message);
    problem = problem.label(format!("not a setting of {plan}"));
    let neutral = setting.neutral.map(Value::to_json);
    let instead = setting.instead.iter().find(|(variant, _)| *variant == plan).map(|(_, instead)| instead);
    let instead = instead.filter(|_| fields.doc.get(pointer) != neutral.as_ref());
    problem.hint = Some(match instead {
        Some(instead) => format!("{instead}; where an earlier plan left it on, `stale: clean` turns it off"),
        None => "remove it, or correct `plan` if the zone has another one".to_owned(),
    });
    if fields.doc.get("/plan").is_some() {
        problem = problem.related(fields.doc.related_at_value("/plan", "the plan variant of this file"));
    }
    fields.push(problem);
    None
}

fn names(plan: Option<Variant>) -> impl Iterator<Item = &'static str> {
    let is_meant = move |setting: &&Setting| match plan {
        Some(plan) => setting.is_settable_on(plan),
        None => !setting.is_read_only(),
    };
    catalogue::settings().filter(is_meant).map(|setting| setting.name)
}

fn all(plan: Option<Variant>) -> String {
    let of = plan.map(|plan| format!(" of {plan}")).unwrap_or_default();
    format!("the settings{of} are {}", listed(names(plan)))
}

/// The settings of a file, each with its value and place.
type Settings = [(&'static Setting, Value, Place)];

/// Checks the settings of a file against the `needs` and `idle_while` of their rows.
pub(super) fn check_rules(fields: &mut Fields<'_>, settings: &Settings, plan: Option<Variant>) {
    for (setting, value, _) in settings {
        for need in setting.needs.iter().filter(|need| need.value == *value) {
            check_need(fields, setting, need, settings);
        }
        if plan.is_some_and(|plan| is_idle(setting, *value, plan, settings)) {
            warn_idle(fields, setting);
        }
    }
}

fn value_of(settings: &Settings, name: &str) -> Option<Value> {
    settings.iter().find(|(setting, ..)| setting.name == name).map(|(_, value, _)| *value)
}

fn check_need(fields: &mut Fields<'_>, setting: &Setting, need: &Need, settings: &Settings) {
    let (name, Need { value, of, is, why }) = (setting.name, need);
    if value_of(settings, of).is_none_or(|other| other == *is) {
        return;
    }
    let pointer = member("/settings", of);
    let mut problem = fields.doc.problem_at_value(&pointer, format!("`{name}: {value}` needs `{of}: {is}`"));
    problem = problem.label((*why).to_owned());
    problem = problem.related(fields.doc.related_at_value(&member("/settings", name), "required by this"));
    problem.hint = Some(format!("write `{of}: {is}`, or remove `{name}: {value}`"));
    problem = problem.replacement(Some(is.to_string()));
    fields.push(problem);
}

/// Whether the file alone shows that a setting has no effect.
fn is_idle(setting: &Setting, value: Value, plan: Variant, settings: &Settings) -> bool {
    setting.is_idle(value, plan, |name| value_of(settings, name))
}

fn warn_idle(fields: &mut Fields<'_>, setting: &Setting) {
    let (name, pointer) = (setting.name, member("/settings", setting.name));
    let others = setting.idle_while.iter().map(|(name, _)| *name);
    let mut problem = fields.doc.problem_at_key(&pointer, setting.idle_message());
    problem.severity = Severity::Warning;
    let neutral =
        setting.neutral.map_or_else(String::new, |neutral| format!(", or write `{name}: {neutral}`"));
    fields.push(problem.hint(format!("change one of {}{neutral}", listed(others))));
}
