//! The names under `settings`, and in waivers and policies.

use super::Check;
use super::phrases::{did_you_mean, listed, shown};
use crate::catalogue::{self, Setting, Value, Variant};
use crate::config::keys::ZONE;
use crate::config::suggest;
use crate::config::yaml::Cursor;
use crate::model::{Diagnostic, DiagnosticKind};
use serde_json::Value as Json;

/// Finds the setting of a key under `settings` of a zone file, on the plan variant of that file if it is known.
pub(super) fn setting_of_file(
    check: &mut Check,
    key: &str,
    at: Cursor<'_>,
    plan: Option<(Variant, Cursor<'_>)>,
) -> Option<&'static Setting> {
    let problem = match (catalogue::find(key), plan) {
        (Some(setting), Some((plan, plan_at)))
            if !setting.is_read_only() && !setting.is_settable_on(plan) =>
        {
            not_available(at.problem_at_key(""), at.value(), setting, plan)
                .related(plan_at.related("the plan variant of this file"))
        }
        (None, _) if ZONE.find(key).is_some() => {
            let problem = at.problem_at_key(format!("`{key}` does not belong under `settings`"));
            let problem = problem.label("a key of the zone file itself");
            problem.hint("move it to the top level of the file")
        }
        (_, plan) => return setting_of_key(check, key, at, plan.map(|(plan, _)| plan)),
    };
    check.push(problem);
    None
}

/// Finds the setting of a key on any variant.
pub(in crate::config) fn setting_key(
    check: &mut Check,
    key: &str,
    at: Cursor<'_>,
) -> Option<&'static Setting> {
    setting_of_key(check, key, at, None)
}

/// Finds the setting of a key on a plan variant.
pub(super) fn setting_on(
    check: &mut Check,
    key: &str,
    at: Cursor<'_>,
    plan: Variant,
) -> Option<&'static Setting> {
    let found = setting_of_key(check, key, at, Some(plan))?;
    if found.is_settable_on(plan) {
        return Some(found);
    }
    check.push(not_available(at.problem_at_key(""), at.value(), found, plan));
    None
}

fn setting_of_key(
    check: &mut Check,
    key: &str,
    at: Cursor<'_>,
    plan: Option<Variant>,
) -> Option<&'static Setting> {
    let problem = match catalogue::find(key) {
        Some(setting) if !setting.is_read_only() => return Some(setting),
        Some(_) => read_only(at.problem_at_key(""), key),
        None => {
            let meant = suggest(key, names(plan)).or_else(|| suggest(key, names(None)));
            let label = plan.map_or("not a setting".to_owned(), |plan| format!("not a setting of {plan}"));
            let problem = at.problem_at_key(format!("unknown setting {}", shown(&key.into())));
            problem.label(label).hint(hint(meant, plan)).replacement(meant.map(str::to_owned))
        }
    };
    check.push(problem);
    None
}

/// Turns a problem into that of a read-only setting.
pub(super) fn read_only(mut problem: Diagnostic, name: &str) -> Diagnostic {
    problem.message = format!("`{name}` is read-only").into();
    problem.label("only Cloudflare sets it").hint("remove it")
}

/// Finds a settable setting by the text of a value, on any variant.
pub(super) fn setting_named(at: Cursor<'_>, name: &str) -> Result<&'static Setting, Box<Diagnostic>> {
    match catalogue::find(name) {
        Some(setting) if setting.is_read_only() => Err(Box::new(read_only(at.problem(""), name))),
        Some(setting) => Ok(setting),
        None => {
            let meant = suggest(name, names(None));
            let problem = at.problem(format!("{} is not a setting", shown(&name.into())));
            Err(Box::new(problem.hint(hint(meant, None)).replacement(meant.map(str::to_owned))))
        }
    }
}

/// Rejects a setting, named by a value, that the plan variant does not have.
pub(super) fn available<'s>(
    check: &mut Check,
    at: Cursor<'_>,
    value: Option<Cursor<'_>>,
    setting: &'s Setting,
    plan: Option<Variant>,
) -> Option<&'s Setting> {
    let Some(plan) = plan.filter(|plan| !setting.is_settable_on(*plan)) else { return Some(setting) };
    let value = value.map_or(&Json::Null, Cursor::value);
    check.push(not_available(at.problem(""), value, setting, plan));
    None
}

/// Turns a problem into that of a setting that the plan variant does not have, whatever its value.
fn not_available(mut problem: Diagnostic, value: &Json, setting: &Setting, plan: Variant) -> Diagnostic {
    let needed: Vec<&str> = setting.settable_on.iter().map(|variant| variant.word()).collect();
    let needed = needed.join(" or ");
    let neutral = setting.neutral.map(Value::to_json);
    let instead = setting.instead.iter().find(|(variant, _)| *variant == plan).map(|(_, instead)| instead);
    let instead = instead.filter(|_| Some(value) != neutral.as_ref());
    let hint = match instead {
        Some(instead) => format!("{instead}; where an earlier plan left it on, `stale: clean` turns it off"),
        None => "remove it, or correct `plan` if the zone has another one".to_owned(),
    };
    problem.message = format!("`{}` is not available on {plan} (needs {needed})", setting.name).into();
    problem.kind(DiagnosticKind::NotAvailable).label(format!("not a setting of {plan}")).hint(hint)
}

fn names(plan: Option<Variant>) -> impl Iterator<Item = &'static str> {
    let is_meant = move |setting: &&Setting| match plan {
        Some(plan) => setting.is_settable_on(plan),
        None => !setting.is_read_only(),
    };
    catalogue::settings().filter(is_meant).map(|setting| setting.name)
}

fn hint(meant: Option<&str>, plan: Option<Variant>) -> String {
    did_you_mean(meant).unwrap_or_else(|| match plan {
        Some(plan) => format!("the settings of {plan} are {}", listed(names(Some(plan)))),
        None => format!("the settings are {}", listed(names(None))),
    })
}
