//! What the day says about zone files: entries that have ended, and what keeps a value longer than it was meant to stay.

use crate::model::{Desired, Diagnostic, Freeze, Temporary, Waiver};
use jiff::civil::Date;

/// The warnings about zone files on a day (UTC), by file and place.
#[must_use]
pub fn dated(zones: &[Desired], today: Date) -> Vec<Diagnostic> {
    let mut warnings: Vec<_> = zones.iter().flat_map(|zone| of_zone(zone, today)).collect();
    super::text::sort(&mut warnings);
    warnings
}

fn of_zone(zone: &Desired, today: Date) -> Vec<Diagnostic> {
    let mut warnings = Vec::new();
    for Temporary { setting, value, reason, until, place, lines } in &zone.temporary {
        let name = setting.name;
        if *until < today {
            let message = format!("the temporary value `{name}: {value}` ended on {until}: {reason}");
            let hint = match lines {
                (first, last) if first == last => format!("remove line {first}"),
                (first, last) => format!("remove lines {first} to {last}"),
            };
            warnings.push(Diagnostic::warning(message).hint(hint).at(&zone.file, *place));
        } else if let Some(keeper) = keeper(zone, *until) {
            let message = format!("{keeper} keeps `{name}: {value}` longer than {until}, its last day");
            let hint = "end both on one day: nothing is written back to a zone that is only planned";
            warnings.push(Diagnostic::warning(message).hint(hint).at(&zone.file, *place));
        }
    }
    for Waiver { setting, reason, until, place } in zone.accept.iter().filter(|waiver| waiver.until < today) {
        let is_renewed = |other: &Waiver| other.setting == *setting && other.until >= today;
        if !zone.accept.iter().any(is_renewed) {
            let message = format!("the waiver for `{}` ended on {until}: {reason}", setting.name);
            warnings.push(Diagnostic::warning(message).hint("remove the entry").at(&zone.file, *place));
        }
    }
    if let Some(Freeze { until, reason }) = zone.freeze.as_ref().filter(|freeze| freeze.until < today) {
        let message = format!("the freeze ended on {until}: {reason}");
        warnings.push(Diagnostic::warning(message).hint("remove `freeze`").at(&zone.file, zone.place));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::check_text;
    use jiff::civil::date;

    fn told(text: &str) -> Vec<String> {
        let (desired, problems) = check_text("a.yaml", text.as_bytes());
        assert_eq!(problems, []);
        let warnings = dated(&[desired.unwrap()], date(2026, 12, 2));
        let told = |warning: &Diagnostic| {
            let line = warning.place.unwrap().line;
            format!(
                "{line}: {} ({})",
                warning.message,
                warning.hint.as_ref().map(ToString::to_string).unwrap_or_default()
            )
        };
        warnings.iter().map(told).collect()
    }

    const HEAD: &str = "zone: a.example\nplan: sbfm_pro\nsettings: {ai_search: block, enable_js: true}\n";

    #[test]
    fn an_entry_that_has_ended_names_the_lines_to_remove() {
        let entries = "temporary:\n  - setting: ai_search\n    value: disabled\n    until: 2026-12-01\n    reason: load test\n\n";
        let expected = "5: the temporary value `ai_search: disabled` ended on 2026-12-01: load test (remove lines 4 to 8)";
        assert_eq!(told(&format!("{HEAD}{entries}")), [expected]);
        let two = "temporary:\n  - {setting: ai_search, value: disabled, until: 2026-12-01, reason: a}\n  - {setting: enable_js, value: false, until: 2026-12-02, reason: b}\n";
        let expected = "5: the temporary value `ai_search: disabled` ended on 2026-12-01: a (remove line 5)";
        assert_eq!(told(&format!("{HEAD}{two}")), [expected]);
    }

    #[test]
    fn what_keeps_a_value_longer_is_told() {
        let entry = "temporary: [{setting: ai_search, value: disabled, until: 2026-12-05, reason: a}]\n";
        let with = |line: &str| told(&format!("{HEAD}{entry}{line}\n"));
        assert_eq!(with(""), [""; 0]);
        assert_eq!(with("freeze: {reason: sale, until: 2026-12-05}"), [""; 0]);
        assert_eq!(
            with("freeze: {reason: sale, until: 2026-12-06}"),
            [
                "4: the freeze until 2026-12-06 keeps `ai_search: disabled` longer than 2026-12-05, its last day (end both on one day: nothing is written back to a zone that is only planned)"
            ]
        );
        assert!(with("protect: true")[0].starts_with("4: `protect: true` keeps"));
    }

    #[test]
    fn waivers_and_freezes_that_have_ended_are_told() {
        let ended = "accept: [{setting: ai_search, reason: a, until: 2026-12-01}]\nfreeze: {reason: sale, until: 2026-12-01}\n";
        let expected = [
            "1: the freeze ended on 2026-12-01: sale (remove `freeze`)",
            "4: the waiver for `ai_search` ended on 2026-12-01: a (remove the entry)",
        ];
        assert_eq!(told(&format!("{HEAD}{ended}")), expected);
    }
}
