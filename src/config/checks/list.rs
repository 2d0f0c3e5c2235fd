//! The list of all checks of zones, and the functions that run them.

use super::one_file::Lines;
use super::{ZoneFile, custom_rules, ended, idle, kept_longer, needs, one_file, shuts_out, twice, way_back};
use crate::config::text::sort;
use crate::model::{Desired, Diagnostic};
use jiff::civil::Date;

/// A check, by its input.
enum Check {
    /// Sees a zone file as written, with its baselines.
    OfFile(fn(&ZoneFile<'_>) -> Vec<Diagnostic>),
    /// Sees a zone on a day (UTC).
    OfDay(fn(&Desired, Date) -> Vec<Diagnostic>),
    /// Sees all zones of a run, sorted by file.
    Among(fn(&[&Desired], &Lines) -> Vec<Diagnostic>),
}

const CHECKS: [Check; 9] = [
    Check::OfFile(custom_rules::without_effect),
    Check::OfFile(twice::named),
    Check::OfFile(way_back::missing),
    Check::OfFile(needs::unmet),
    Check::OfFile(idle::settings),
    Check::OfDay(ended::entries),
    Check::OfDay(kept_longer::values),
    Check::OfDay(shuts_out::search_engines),
    Check::Among(one_file::repeated),
];

/// What is wrong with a zone file that has the right shape.
pub(in crate::config) fn of_file(zone: &ZoneFile<'_>) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for check in &CHECKS {
        let Check::OfFile(check) = check else { continue };
        for problem in check(zone) {
            // A problem that exists both during and after a temporary value is found once for each.
            if !problems.contains(&problem) {
                problems.push(problem);
            }
        }
    }
    problems
}

/// The warnings about zones on a day (UTC), by file and place.
#[must_use]
pub(crate) fn dated(zones: &[Desired], today: Date) -> Vec<Diagnostic> {
    let mut warnings = Vec::new();
    for check in &CHECKS {
        let Check::OfDay(check) = check else { continue };
        warnings.extend(zones.iter().flat_map(|zone| check(zone, today)));
    }
    sort(&mut warnings);
    warnings
}

/// What is wrong between the zones of a run.
pub(in crate::config) fn among(zones: &[Desired], lines: &Lines) -> Vec<Diagnostic> {
    let mut sorted: Vec<&Desired> = zones.iter().collect();
    // By file, so that which of two files is "the second" does not depend on the order of the arguments.
    sorted.sort_by(|one, other| one.file.cmp(&other.file));
    let mut problems = Vec::new();
    for check in &CHECKS {
        let Check::Among(check) = check else { continue };
        problems.extend(check(&sorted, lines));
    }
    problems
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
    fn a_zone_that_cannot_be_written_back_is_reported() {
        let entry = "temporary: [{setting: ai_search, value: disabled, until: 2026-12-05, reason: a}]\n";
        let with = |line: &str| told(&format!("{HEAD}{entry}{line}\n"));
        assert_eq!(with(""), [""; 0]);
        assert_eq!(with("freeze: {reason: sale, until: 2026-12-05}"), [""; 0]);
        assert_eq!(
            with("freeze: {reason: sale, until: 2026-12-06}"),
            [
                "4: the freeze until 2026-12-06 keeps `ai_search: disabled` past 2026-12-05, its last day (end both on the same day: botform cannot restore the value of a zone that is plan-only)"
            ]
        );
        assert!(with("protect: true")[0].starts_with("4: `protect: true` keeps"));
    }

    #[test]
    fn a_value_that_shuts_out_search_engines_is_reported_with_its_line_and_after_a_temporary_one() {
        let shop = |text: &str| told(&format!("zone: a.example\nplan: sbfm_pro\n{text}"));
        let warning = |line: u32| {
            format!(
                "{line}: `sbfm_verified_bots: block` shuts out search engines: their crawlers are verified bots ()"
            )
        };
        assert_eq!(shop("settings:\n  sbfm_verified_bots: block\n"), [warning(4)]);
        assert_eq!(shop("settings:\n  sbfm_verified_bots: allow\n"), [""; 0]);
        let entry =
            "temporary: [{setting: sbfm_verified_bots, value: allow, until: 2026-12-05, reason: a}]\n";
        assert_eq!(shop(&format!("settings:\n  sbfm_verified_bots: block\n{entry}")), [warning(4)]);
        // What is not certain is said beside the change.
        assert_eq!(shop("settings:\n  ai_search: block\n"), [""; 0]);
    }

    #[test]
    fn ended_waivers_and_freezes_are_reported() {
        let ended = "accept: [{setting: ai_search, reason: a, until: 2026-12-01}]\nfreeze: {reason: sale, until: 2026-12-01}\n";
        let expected = [
            "1: the freeze ended on 2026-12-01: sale (remove `freeze`)",
            "4: the waiver for `ai_search` ended on 2026-12-01: a (remove the entry)",
        ];
        assert_eq!(told(&format!("{HEAD}{ended}")), expected);
    }
}
