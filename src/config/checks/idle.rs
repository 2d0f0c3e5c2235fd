//! Settings that are on but have no effect, as far as the files show.

use super::ZoneFile;
use super::zone::{Named, place};
use crate::catalogue::Setting;
use crate::config::check::listed;
use crate::model::{Diagnostic, Severity};

/// The settings that have no effect because of other settings of the file.
pub(super) fn settings(zone: &ZoneFile<'_>) -> Vec<Diagnostic> {
    let Some(plan) = zone.plan else { return Vec::new() };
    let mut warnings = Vec::new();
    for settings in zone.times() {
        let value_of =
            |name: &str| settings.iter().find(|(other, ..)| other.name == name).map(|(_, value, _)| *value);
        let idle = settings.iter().filter(|(setting, value, _)| setting.is_idle(*value, plan, value_of));
        warnings.extend(idle.map(|named| warning(zone, named, &settings)));
    }
    warnings
}

fn warning(zone: &ZoneFile<'_>, (setting, _, at): &Named<'_>, settings: &[Named<'_>]) -> Diagnostic {
    // The hint names settings and not values: which of them is wrong is for the owner of the file to decide.
    let others = listed(setting.idle_while.iter().map(|(name, _)| *name));
    let name = setting.name;
    let neutral = setting.neutral.map(|neutral| format!(", or write `{name}: {neutral}`"));
    let is_idler = |other: &Setting| setting.idle_while.iter().any(|(name, _)| *name == other.name);
    let zone_decides = settings.iter().any(|(other, _, at)| is_idler(other) && zone.holds(*at));
    let problem = match zone.root.get("extends").filter(|_| zone_decides && !zone.holds(*at)) {
        // The baseline may be right for other zones, so point at `extends`.
        Some(extends) => {
            extends.problem_at_key(format!("{}; it comes from {}", setting.idle_message(), place(*at)))
        }
        None => at.problem_at_key(setting.idle_message()),
    };
    let problem = problem.severity(Severity::Warning);
    problem.hint(format!("change one of {others}{}", neutral.unwrap_or_default()))
}
