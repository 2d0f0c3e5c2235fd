//! Values that need another setting, as far as the files show: if that setting is unmanaged, only the live zone
//! decides.

use super::ZoneFile;
use super::zone::{Named, is_in, place};
use crate::catalogue::Need;
use crate::config::yaml::Cursor;
use crate::model::{Diagnostic, DiagnosticKind};

/// The unmet `needs` of the catalogue.
pub(super) fn unmet(zone: &ZoneFile<'_>) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for settings in zone.times() {
        for named in &settings {
            let (setting, value, _) = named;
            for need in setting.needs.iter().filter(|need| need.value == *value) {
                let other = settings.iter().find(|(other, ..)| other.name == need.of);
                let wrong = other.filter(|(_, other, _)| *other != need.is);
                problems.extend(wrong.map(|(_, _, other)| problem(zone, named, need, *other)));
            }
        }
    }
    problems
}

fn problem(zone: &ZoneFile<'_>, (setting, _, at): &Named<'_>, need: &Need, other: Cursor<'_>) -> Diagnostic {
    let (name, Need { value, of, is, why }) = (setting.name, need);
    let message = format!("`{name}: {value}` needs `{of}: {is}`");
    let there = if zone.holds(*at) == zone.holds(other) { "" } else { " in the zone file" };
    let hint = format!("write `{of}: {is}`{there}, or remove `{name}: {value}`");
    let problem = if is_in(*at, other) {
        let problem = other.problem(message).related(at.related("required by this"));
        problem.replacement(is.to_string())
    } else if zone.holds(*at) {
        // The zone file can override its baselines, so the fix belongs there.
        at.problem(format!("{message}, but {} sets another value", place(other)))
    } else {
        other.problem(format!("{message}: {} requires it", place(*at))).replacement(is.to_string())
    };
    problem.kind(DiagnosticKind::Needs).label(*why).hint(hint)
}
