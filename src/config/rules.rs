//! The rules across settings, as far as one file tells: with the other setting unmanaged, only live can say.

use super::check::{Check, listed};
use super::yaml::Cursor;
use crate::catalogue::{Need, Setting, Value, Variant};
use crate::model::{Diagnostic, DiagnosticKind, Severity};

/// A setting that a file names, with its value and where it stands.
pub(super) type Named<'d> = (&'static Setting, Value, Cursor<'d>);

/// Checks the settings of a file against the `needs` and `idle_while` of their rows.
pub(super) fn check(check: &mut Check, settings: &[Named<'_>], plan: Option<Variant>) {
    let find = |name: &str| settings.iter().find(|(setting, ..)| setting.name == name);
    for named in settings {
        let (setting, value, at) = named;
        for need in setting.needs.iter().filter(|need| need.value == *value) {
            if let Some((_, _, other)) = find(need.of).filter(|(_, other, _)| *other != need.is) {
                check.push(unmet(named, need, *other));
            }
        }
        let value_of = |name: &str| find(name).map(|(_, value, _)| *value);
        if plan.is_some_and(|plan| setting.is_idle(*value, plan, value_of)) {
            tell_idle(check, setting, *at);
        }
    }
}

fn unmet((setting, _, at): &Named<'_>, need: &Need, other: Cursor<'_>) -> Diagnostic {
    let (name, Need { value, of, is, why }) = (setting.name, need);
    other
        .problem(format!("`{name}: {value}` needs `{of}: {is}`"))
        .kind(DiagnosticKind::Needs)
        .label(*why)
        .related(at.related("required by this"))
        .hint(format!("write `{of}: {is}`, or remove `{name}: {value}`"))
        .replacement(is.to_string())
}

fn tell_idle(check: &mut Check, setting: &Setting, at: Cursor<'_>) {
    let others = listed(setting.idle_while.iter().map(|(name, _)| *name));
    let name = setting.name;
    let neutral = setting.neutral.map(|neutral| format!(", or write `{name}: {neutral}`"));
    let problem = at.problem_at_key(setting.idle_message()).severity(Severity::Warning);
    check.push(problem.hint(format!("change one of {others}{}", neutral.unwrap_or_default())));
}
