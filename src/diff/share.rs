//! Finds the values that most zones share: with them in a baseline, each zone file only holds its differences.

use crate::catalogue::{self, Setting, Value, Variant};
use crate::model::{Desired, Extended, Live, LiveValue, Place, Wanted, WantedBy};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Values by setting.
type Values = BTreeMap<&'static Setting, Value>;

/// The values that at least 80 % of some zones share.
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use]
#[non_exhaustive]
pub(crate) struct Shared {
    /// Shared by the zones of all plan variants.
    pub settings: Values,
    /// Shared by the zones of one plan variant.
    pub plans: BTreeMap<Variant, Values>,
}

impl Shared {
    /// The values that zones share, each given with its plan variant; neutral values only count with `all`.
    pub(crate) fn of(zones: &[(Variant, &Live)], all: bool) -> Self {
        let every: Vec<_> = zones.iter().map(|(_, live)| *live).collect();
        let common = catalogue::settings().filter(|setting| !setting.is_read_only() && setting.is_shared());
        let settings: Values = values(common, &every, all);
        let mut plans = BTreeMap::new();
        for variant in Variant::ALL.iter().copied() {
            let of_plan = zones.iter().filter(|(plan, _)| *plan == variant);
            let of_plan: Vec<_> = of_plan.map(|(_, live)| *live).collect();
            let open = catalogue::settable(variant).filter(|setting| !settings.contains_key(setting));
            let values = values(open, &of_plan, all);
            if !values.is_empty() {
                plans.insert(variant, values);
            }
        }
        Self { settings, plans }
    }

    /// How many values it has.
    #[must_use]
    pub(crate) fn len(&self) -> usize {
        self.settings.len() + self.plans.values().map(BTreeMap::len).sum::<usize>()
    }

    /// Whether the zones share nothing.
    #[must_use]
    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Makes a file of the live state extend the baseline, so that only its own values stay in it.
    pub(crate) fn take_from(&self, want: &mut Desired, live: &Live, baseline: &Arc<Extended>) {
        let of_plan = self.plans.get(&want.plan()).into_iter().flatten();
        for (setting, value) in self.settings.iter().chain(of_plan) {
            let wanted = match said(setting, live) {
                Some(own) if own != *value => Wanted::new(own, Place::START),
                _ => Wanted {
                    by: WantedBy::Baseline(Arc::clone(baseline)),
                    ..Wanted::new(*value, Place::START)
                },
            };
            // Cannot fail: each is settable on the plan variant.
            let _ = want.set_wanted(setting, wanted);
        }
    }
}

fn values(settings: impl Iterator<Item = &'static Setting>, zones: &[&Live], all: bool) -> Values {
    settings.filter_map(|setting| Some((setting, common(setting, zones, all)?))).collect()
}

/// The value that at least 80 % of two or more zones have, if every zone can override it.
fn common(setting: &Setting, zones: &[&Live], all: bool) -> Option<Value> {
    let mut counts: BTreeMap<Value, usize> = BTreeMap::new();
    for live in zones {
        *counts.entry(said(setting, live)?).or_default() += 1;
    }
    let (value, count) = counts.into_iter().find(|(_, count)| count * 5 >= zones.len() * 4)?;
    (count > 1 && (all || setting.neutral != Some(value))).then_some(value)
}

/// The live value as a file expresses it: a setting that GET does not report counts as off.
fn said(setting: &Setting, live: &Live) -> Option<Value> {
    match live.effective(setting).as_deref() {
        Some(LiveValue::Known(value)) => Some(*value),
        Some(LiveValue::Other(_)) => None,
        None => setting.neutral,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value as Json, json};

    fn live(value: Json) -> Live {
        let Json::Object(object) = value else { panic!("an object") };
        Live::read(object)
    }

    fn named(values: &Values) -> Vec<String> {
        values.iter().map(|(setting, value)| format!("{} {value}", setting.name)).collect()
    }

    #[test]
    fn four_of_five_share_a_value_and_three_do_not() {
        let zone = |n: usize| {
            live(json!({"ai_search": if n < 4 { "block" } else { "disabled" }, "enable_js": true,
                "ai_user": if n < 3 { "block" } else { "disabled" }, "crawler_protection": "disabled",
                "ai_training": if n == 0 { "tomorrow" } else { "block" }, "fight_mode": n > 0}))
        };
        let zones: Vec<_> = (0..5).map(zone).collect();
        let pairs: Vec<_> = zones.iter().map(|live| (Variant::BotFightMode, live)).collect();
        let shared = Shared::of(&pairs, false);
        assert_eq!(named(&shared.settings), ["ai_search block", "enable_js true"]);
        assert_eq!(named(&shared.plans[&Variant::BotFightMode]), ["fight_mode true"]);
        assert!(
            named(&Shared::of(&pairs, true).settings).contains(&"crawler_protection disabled".to_owned())
        );
        assert!(Shared::of(&pairs[..1], true).is_empty(), "one zone shares with nobody");
    }

    #[test]
    fn a_zone_with_another_value_keeps_it_in_its_file() {
        let shared = Shared {
            settings: [(catalogue::find("ai_search").unwrap(), Value::Word("block"))].into(),
            ..Shared::default()
        };
        let baseline = Arc::new(Extended { file: "b.yaml".into(), via: Vec::new() });
        for (object, by_baseline) in [
            (json!({"ai_search": "block"}), true),
            (json!({"ai_search": "disabled"}), false),
            (json!({}), false),
        ] {
            let mut want = Desired::new("a.example".parse().unwrap(), Variant::SbfmPro);
            shared.take_from(&mut want, &live(object), &baseline);
            let wanted = want.get(catalogue::find("ai_search").unwrap()).unwrap();
            assert_eq!(wanted.extended().is_some(), by_baseline);
        }
    }
}
