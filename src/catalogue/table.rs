//! The table: all rows, the rows of a variant, one row by its name, and the keys that are not settings.

use super::{Setting, Variant, shared, special};

/// The key of the read-only object that holds settings of an earlier plan variant.
pub(crate) const STALE_KEY: &str = "stale_zone_configuration";

/// The read-only key that shows whether the newest model is in use; Cloudflare changes it on its own.
pub(crate) const LATEST_MODEL_KEY: &str = "using_latest_model";

/// All rows, read-only ones too, in the table's order.
pub fn settings() -> impl Iterator<Item = &'static Setting> {
    let rows = shared::ROWS.iter().chain(special::ROWS);
    #[cfg(test)]
    let rows = rows.chain(added::rows());
    rows
}

/// Finds a setting by its API name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Setting> {
    settings().find(|setting| setting.name == name)
}

/// The rows that can be written on a variant.
pub fn settable(variant: Variant) -> impl Iterator<Item = &'static Setting> {
    settings().filter(move |setting| setting.is_settable_on(variant))
}

/// Whether a member of `stale_zone_configuration` no longer acts on traffic: `false`, `allow`, `disabled`, `off`,
/// as bool or string, in any letter case, and null.
#[must_use]
pub(crate) fn is_harmless(stale: &serde_json::Value) -> bool {
    match stale {
        serde_json::Value::Null => true,
        serde_json::Value::Bool(on) => !on,
        serde_json::Value::String(word) => {
            ["false", "allow", "disabled", "off"].iter().any(|harmless| word.eq_ignore_ascii_case(harmless))
        }
        _ => false,
    }
}

/// Rows that a test adds to the table for its own thread.
#[cfg(test)]
pub(crate) mod added {
    use super::Setting;
    use std::cell::RefCell;

    thread_local! {
        static ROWS: RefCell<Vec<&'static Setting>> = const { RefCell::new(Vec::new()) };
    }

    /// Removes the added rows when it is dropped.
    pub(crate) struct Added(());

    impl Drop for Added {
        fn drop(&mut self) {
            ROWS.with_borrow_mut(Vec::clear);
        }
    }

    /// Adds a row for the current thread.
    pub(crate) fn add(row: &'static Setting) -> Added {
        ROWS.with_borrow_mut(|rows| rows.push(row));
        Added(())
    }

    pub(super) fn rows() -> Vec<&'static Setting> {
        ROWS.with_borrow(Vec::clone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_table_has_21_settable_and_2_read_only_rows() {
        assert_eq!(settings().filter(|row| !row.is_read_only()).count(), 21);
        assert_eq!(settings().filter(|row| row.is_read_only()).count(), 2);
    }

    #[test]
    fn names_are_unique() {
        let mut names: Vec<_> = settings().map(|row| row.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), settings().count());
    }

    #[test]
    fn every_variant_has_its_own_number_of_settings() {
        let counts = Variant::ALL.iter().map(|variant| settable(*variant).count());
        assert!(counts.eq([13, 16, 17, 15]));
    }

    #[test]
    fn every_value_reads_back_and_has_a_meaning() {
        for row in settings() {
            for value in row.values() {
                assert_eq!(row.read(&value.to_json()), Some(value), "{}", row.name);
                assert!(row.meaning(value).is_some(), "{} {value}", row.name);
            }
        }
    }

    #[test]
    fn a_neutral_value_is_one_of_the_values() {
        for row in settings() {
            if let Some(neutral) = row.neutral {
                assert!(row.values().contains(&neutral), "{}", row.name);
            }
        }
    }

    #[test]
    fn protection_is_an_order_of_a_settings_own_values() {
        for row in settings() {
            let values = row.values();
            for value in &values {
                let weaker = row.weaker_than(*value);
                for lower in &weaker {
                    assert!(
                        values.contains(lower) && !row.weaker_than(*lower).contains(value),
                        "{}",
                        row.name
                    );
                    let below = row.weaker_than(*lower);
                    assert!(below.iter().all(|lowest| weaker.contains(lowest)), "{}: {value}", row.name);
                }
            }
        }
    }

    #[test]
    fn no_setting_is_settable_and_only_stale_on_one_variant() {
        for row in settings() {
            assert!(row.settable_on.iter().all(|variant| !row.stale_on.contains(variant)), "{}", row.name);
        }
    }

    #[test]
    fn references_to_other_settings_name_existing_rows_and_values() {
        for row in settings() {
            let needed = row.needs.iter().map(|need| (need.of, need.is));
            for (name, value) in needed.chain(row.idle_while.iter().copied()) {
                assert!(find(name).unwrap().values().contains(&value), "{}: {name}", row.name);
            }
            let own = row.needs.iter().map(|need| need.value);
            let own = own.chain(row.cautions.iter().map(|caution| caution.value));
            let own = own.chain(row.doubts.iter().map(|doubt| doubt.value));
            assert!(own.into_iter().all(|value| row.values().contains(&value)), "{}", row.name);
        }
    }

    #[test]
    fn harmless_stale_values_in_any_spelling() {
        for harmless in
            [json!(false), json!("FALSE"), json!("Allow"), json!("disabled"), json!("off"), json!(null)]
        {
            assert!(is_harmless(&harmless), "{harmless}");
        }
        for active in [json!(true), json!("true"), json!("block"), json!(1), json!("")] {
            assert!(!is_harmless(&active), "{active}");
        }
    }

    #[test]
    fn known_quirks_of_settings_are_part_of_the_advice() {
        for (name, part) in [
            ("jsd_api_results_enabled", "a part of Bot Management for Enterprise"),
            ("sbfm_static_resource_protection", "has no effect together with"),
            ("ai_bots_protection", "acts before `sbfm_verified_bots: allow`"),
            ("ai_bots_protection", "Cloudflare has retired it"),
            ("ai_search", "since 2026-09-15"),
        ] {
            let advice = find(name).unwrap().advice();
            assert!(advice.iter().any(|line| line.contains(part)), "{name}: {advice:?}");
        }
        let doubts = find("jsd_api_results_enabled").unwrap().doubts;
        assert!(!doubts[0].on.contains(&Variant::BmEnterprise));
    }
}
