//! Temporary values, waivers and freezes that have ended.

use crate::model::{Desired, Diagnostic, Freeze, Temporary, Waiver};
use jiff::civil::Date;

/// Warns of the entries of a zone that ended before a day (UTC).
pub(super) fn entries(zone: &Desired, today: Date) -> Vec<Diagnostic> {
    let mut warnings = Vec::new();
    for Temporary { setting, value, reason, until, place, lines } in &zone.temporary {
        let name = setting.name;
        if *until < today {
            let message = format!("the temporary value `{name}: {value}` ended on {until}: {reason}");
            let hint = match lines {
                (first, last) if first == last => format!("remove line {first}"),
                (first, last) => format!("remove lines {first} to {last}"),
            };
            warnings.push(Diagnostic::warning(message).hint(hint).maybe_at(zone.file.as_deref(), *place));
        }
    }
    for Waiver { setting, reason, until, place } in zone.accept.iter().filter(|waiver| waiver.until < today) {
        // A renewed waiver still counts, and two entries for one setting have a warning of their own.
        let is_renewed = |other: &Waiver| other.setting == *setting && other.until >= today;
        if !zone.accept.iter().any(is_renewed) {
            let message = format!("the waiver for `{}` ended on {until}: {reason}", setting.name);
            warnings.push(
                Diagnostic::warning(message).hint("remove the entry").maybe_at(zone.file.as_deref(), *place),
            );
        }
    }
    if let Some(Freeze { until, reason }) = zone.freeze.as_ref().filter(|freeze| freeze.until < today) {
        let message = format!("the freeze ended on {until}: {reason}");
        warnings.push(
            Diagnostic::warning(message).hint("remove `freeze`").maybe_at(zone.file.as_deref(), zone.place),
        );
    }
    warnings
}
