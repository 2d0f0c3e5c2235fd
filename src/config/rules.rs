//! The rules across settings, as far as one file tells: with the other setting unmanaged, only live can say.

use super::check::{Fields, listed};
use crate::catalogue::{Need, Setting, Value, Variant};
use crate::config::yaml::member;
use crate::model::{Place, Severity};

/// The settings of a file, each with its value and place.
type Settings = [(&'static Setting, Value, Place)];

/// Checks the settings of a file against the `needs` and `idle_while` of their rows.
pub(super) fn check(fields: &mut Fields<'_>, settings: &Settings, plan: Option<Variant>) {
    for (setting, value, _) in settings {
        for need in setting.needs.iter().filter(|need| need.value == *value) {
            check_need(fields, setting, need, settings);
        }
        if plan.is_some_and(|plan| is_idle(setting, *value, plan, settings)) {
            tell_idle(fields, setting);
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

/// Whether the file alone tells that a setting has no effect.
fn is_idle(setting: &Setting, value: Value, plan: Variant, settings: &Settings) -> bool {
    setting.is_idle(value, plan, |name| value_of(settings, name))
}

fn tell_idle(fields: &mut Fields<'_>, setting: &Setting) {
    let (name, pointer) = (setting.name, member("/settings", setting.name));
    let others = setting.idle_while.iter().map(|(name, _)| *name);
    let mut problem = fields.doc.problem_at_key(&pointer, setting.idle_message());
    problem.severity = Severity::Warning;
    let neutral =
        setting.neutral.map_or_else(String::new, |neutral| format!(", or write `{name}: {neutral}`"));
    fields.push(problem.hint(format!("change one of {}{neutral}", listed(others))));
}
