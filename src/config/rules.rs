//! The rules across settings, as far as files tell: with the other setting unmanaged, only live can say.

use super::check::{Check, listed};
use super::yaml::Cursor;
use crate::catalogue::{Need, Setting, Value, Variant};
use crate::model::{Diagnostic, DiagnosticKind, Severity, Temporary};

/// A setting that a zone file or one of its baselines names, with its value and where it stands.
pub(super) type Named<'d> = (&'static Setting, Value, Cursor<'d>);

/// Checks the settings of a zone file, with those of its baselines, against the `needs` and `idle_while` of their rows.
pub(super) fn check(check: &mut Check, zone: Cursor<'_>, settings: &[Named<'_>], plan: Option<Variant>) {
    let find = |name: &str| settings.iter().find(|(setting, ..)| setting.name == name);
    for named in settings {
        let (setting, value, _) = named;
        for need in setting.needs.iter().filter(|need| need.value == *value) {
            if let Some((_, _, other)) = find(need.of).filter(|(_, other, _)| *other != need.is) {
                push(check, unmet(zone, named, need, *other));
            }
        }
        let value_of = |name: &str| find(name).map(|(_, value, _)| *value);
        if plan.is_some_and(|plan| setting.is_idle(*value, plan, value_of)) {
            push(check, idle(zone, named, settings));
        }
    }
}

/// The same while all temporary values count.
pub(super) fn check_until<'d>(
    check: &mut Check,
    zone: Cursor<'_>,
    mut settings: Vec<Named<'d>>,
    temporary: &[(Temporary, Cursor<'d>)],
    plan: Option<Variant>,
) {
    if temporary.is_empty() {
        return;
    }
    for (Temporary { setting, value, .. }, at) in temporary {
        let replaced = settings.iter_mut().find(|(other, ..)| other == setting);
        replaced.into_iter().for_each(|named| *named = (setting, *value, *at));
    }
    self::check(check, zone, &settings, plan);
}

/// Adds a problem that is not there yet: with temporary values the rest is checked twice.
fn push(check: &mut Check, problem: Diagnostic) {
    if !check.problems.contains(&problem) {
        check.push(problem);
    }
}

fn unmet(zone: Cursor<'_>, (setting, _, at): &Named<'_>, need: &Need, other: Cursor<'_>) -> Diagnostic {
    let (name, Need { value, of, is, why }) = (setting.name, need);
    let message = format!("`{name}: {value}` needs `{of}: {is}`");
    let there = if is_in(*at, zone) == is_in(other, zone) { "" } else { " in the zone file" };
    let hint = format!("write `{of}: {is}`{there}, or remove `{name}: {value}`");
    let problem = if is_in(*at, other) {
        let problem = other.problem(message).related(at.related("required by this"));
        problem.replacement(is.to_string())
    } else if is_in(*at, zone) {
        // The zone file can say otherwise than its baselines, and is the one to be changed.
        at.problem(format!("{message}, and {} says otherwise", place(other)))
    } else {
        other.problem(format!("{message}: {} asks for it", place(*at))).replacement(is.to_string())
    };
    problem.kind(DiagnosticKind::Needs).label(*why).hint(hint)
}

fn idle(zone: Cursor<'_>, (setting, _, at): &Named<'_>, settings: &[Named<'_>]) -> Diagnostic {
    let others = listed(setting.idle_while.iter().map(|(name, _)| *name));
    let name = setting.name;
    let neutral = setting.neutral.map(|neutral| format!(", or write `{name}: {neutral}`"));
    let is_idler = |other: &Setting| setting.idle_while.iter().any(|(name, _)| *name == other.name);
    let zone_decides = settings.iter().any(|(other, _, at)| is_idler(other) && is_in(*at, zone));
    let problem = match zone.get("extends").filter(|_| zone_decides && !is_in(*at, zone)) {
        // The baseline may be right for other zones.
        Some(extends) => {
            extends.problem_at_key(format!("{}; it comes from {}", setting.idle_message(), place(*at)))
        }
        None => at.problem_at_key(setting.idle_message()),
    };
    let problem = problem.severity(Severity::Warning);
    problem.hint(format!("change one of {others}{}", neutral.unwrap_or_default()))
}

/// Whether two values stand in one file.
fn is_in(at: Cursor<'_>, other: Cursor<'_>) -> bool {
    std::ptr::eq(at.source(), other.source())
}

fn place(at: Cursor<'_>) -> String {
    format!("{}:{}", at.source().file(), at.key_place().line)
}
