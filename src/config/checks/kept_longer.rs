//! Temporary values that outlast their last day because the zone is plan-only.

use crate::model::{Desired, Diagnostic, Temporary};
use jiff::civil::Date;

/// The temporary values of a zone that is plan-only on the day after their last one.
pub(super) fn values(zone: &Desired, today: Date) -> Vec<Diagnostic> {
    let mut warnings = Vec::new();
    for Temporary { setting, value, reason: _, until, place, lines: _ } in &zone.temporary {
        let Some(keeper) = keeper(zone, *until).filter(|_| *until >= today) else { continue };
        let message = format!("{keeper} keeps `{}: {value}` past {until}, its last day", setting.name);
        let hint = "end both on the same day: botform cannot restore the value of a zone that is plan-only";
        warnings.push(Diagnostic::warning(message).hint(hint).maybe_at(zone.file.as_deref(), *place));
    }
    warnings
}

/// What keeps the zone from being written the day after a value ends.
fn keeper(zone: &Desired, until: Date) -> Option<String> {
    if zone.protect {
        return Some("`protect: true`".to_owned());
    }
    let freeze = zone.freeze.as_ref().filter(|freeze| freeze.until > until);
    freeze.map(|freeze| format!("the freeze until {}", freeze.until))
}
