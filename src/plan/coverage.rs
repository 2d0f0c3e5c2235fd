//! Coverage: the zones that no file manages, and the files whose zone is gone.

use super::Plan;
use crate::model::ZoneId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A zone that no file manages.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct UnmanagedZone {
    /// Its name.
    pub zone: String,
    /// Its id.
    pub zone_id: String,
    /// The id of its account.
    pub account_id: String,
}

/// A file whose zone is gone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct GoneZone {
    /// The name of the zone.
    pub zone: String,
    /// The file.
    pub file: String,
}

/// Which of the zones that the credentials see are managed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Coverage {
    /// How many zones the credentials see.
    pub zones: usize,
    /// Those that no file manages, by name.
    pub unmanaged: Vec<UnmanagedZone>,
    /// The files whose zone is not among them, by the name of the zone.
    pub gone: Vec<GoneZone>,
}

impl Coverage {
    /// Compares a plan of all files with all zones that the credentials see.
    #[must_use]
    pub fn of(plan: &Plan, mut listed: Vec<UnmanagedZone>) -> Self {
        let zones = listed.len();
        let names: BTreeSet<_> = listed.iter().map(|zone| zone.zone.clone()).collect();
        let ids: BTreeSet<_> = listed.iter().map(|zone| zone.zone_id.clone()).collect();
        let mut gone: Vec<_> = plan
            .zones()
            .iter()
            .filter(|zone| match &zone.zone_id {
                Some(id) => !ids.contains(id.as_str()),
                None => !names.contains(zone.zone.as_str()),
            })
            .map(|zone| GoneZone { zone: zone.zone.to_string(), file: zone.path().to_owned() })
            .collect();
        let by_id = plan.zones().iter().filter_map(|zone| zone.zone_id.as_ref());
        let by_id: BTreeSet<_> = by_id.map(ZoneId::as_str).collect();
        // Of a zone that could not be found, only the name is known.
        let by_name = plan.zones().iter().filter(|zone| zone.zone_id.is_none());
        let by_name: BTreeSet<_> = by_name.map(|zone| zone.zone.as_str()).collect();
        listed.retain(|zone| !by_id.contains(zone.zone_id.as_str()) && !by_name.contains(zone.zone.as_str()));
        listed.sort();
        gone.sort();
        Self { zones, unmanaged: listed, gone }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Provenance;

    #[test]
    fn a_zone_that_no_file_names_is_unmanaged() {
        let (zone, zone_id, account_id) =
            ("shop.example.com".to_owned(), "023e".to_owned(), "01a7".to_owned());
        let plan = Plan::build(Provenance::default(), Vec::new());
        let coverage = Coverage::of(&plan, vec![UnmanagedZone { zone, zone_id, account_id }]);
        assert_eq!((coverage.zones, coverage.unmanaged.len(), coverage.gone.len()), (1, 1, 0));
    }

    #[test]
    fn a_zone_is_known_by_its_id_and_one_that_was_not_found_by_its_name() {
        let today = jiff::civil::Date::default();
        let failed = |name: &str, id: Option<&str>| {
            let want = crate::model::Desired::new(name.parse().unwrap(), crate::catalogue::Variant::SbfmPro);
            let id = id.map(|id| id.repeat(32).try_into().unwrap());
            crate::plan::ZonePlan::failed(&want, id, crate::model::Diagnostic::error("no"), today)
        };
        let listed = |name: &str, id: &str| UnmanagedZone {
            zone: name.to_owned(),
            zone_id: id.repeat(32),
            account_id: String::new(),
        };
        let zones = vec![failed("a.example", Some("1")), failed("b.example", None)];
        let plan = Plan::build(Provenance::default(), zones);
        let coverage = Coverage::of(&plan, vec![listed("a.example", "2"), listed("b.example", "3")]);
        assert_eq!((coverage.unmanaged[0].zone.as_str(), coverage.unmanaged.len()), ("a.example", 1));
        assert_eq!((coverage.gone[0].zone.as_str(), coverage.gone.len()), ("a.example", 1));
    }

    #[test]
    fn zones_without_a_file_are_listed_by_name() {
        let listed = |name: &str| UnmanagedZone {
            zone: name.to_owned(),
            zone_id: name.to_owned(),
            account_id: String::new(),
        };
        let plan = Plan::build(Provenance::default(), Vec::new());
        let coverage = Coverage::of(&plan, ["b.example", "c.example", "a.example"].map(listed).into());
        assert_eq!(coverage.unmanaged, ["a.example", "b.example", "c.example"].map(listed));
    }
}
