//! Temporary values that something keeps longer than they are meant to stay.

use crate::model::{Desired, Diagnostic, Temporary};
use jiff::civil::Date;

/// The values of a zone that nothing is written to on the day after their last one.
pub(super) fn values(zone: &Desired, today: Date) -> Vec<Diagnostic> {
    let mut warnings = Vec::new();
    for Temporary { setting, value, reason: _, until, place, lines: _ } in &zone.temporary {
        let Some(keeper) = keeper(zone, *until).filter(|_| *until >= today) else { continue };
        let message = format!("{keeper} keeps `{}: {value}` longer than {until}, its last day", setting.name);
        let hint = "end both on one day: nothing is written back to a zone that is only planned";
        warnings.push(Diagnostic::warning(message).hint(hint).at(&zone.file, *place));
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
