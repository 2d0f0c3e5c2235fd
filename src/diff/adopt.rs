//! Adopts the live state into a zone file: a new file, or the values of an existing one.

use super::{Effect, Row, Verdict};
use crate::catalogue::{self, Setting, Value, Variant};
use crate::model::{Desired, Diagnostic, DiagnosticKind, Live, LiveValue, Place, Wanted, ZoneName};

/// A new file with the live state: its plan variant, and the settings that are not neutral, or all of them.
#[must_use]
pub(crate) fn describe(
    zone: ZoneName,
    file: Option<String>,
    live: &Live,
    legacy_id: Option<&str>,
    all: bool,
) -> Desired {
    let by_plan = || match legacy_id {
        // Asked only if the live keys show no variant, so the zone has no Bot Management keys: without that add-on, an
        // Enterprise zone has the settings of a Business zone.
        Some("enterprise") => Some(Variant::SbfmBusiness),
        id => Variant::ALL.iter().copied().find(|variant| Some(variant.legacy_id()) == id),
    };
    let variant = live.variant().or_else(by_plan).unwrap_or(Variant::BotFightMode);
    let known = |setting: &'static Setting| match *live.get(setting).and(live.effective(setting))? {
        LiveValue::Known(value) if all || setting.neutral != Some(value) => Some((setting, value)),
        LiveValue::Known(_) | LiveValue::Other(_) => None,
    };
    let values: Vec<_> = catalogue::settable(variant).filter_map(known).collect();
    let mut desired = Desired::in_file(file, zone, variant, Place::START);
    for (setting, value) in values.iter().filter(|(setting, value)| is_allowed(setting, *value, &values)) {
        // Cannot fail: each is settable on the variant, with one of its own values.
        let _ = desired.set_at(setting, *value, Place::START);
    }
    desired
}

/// Whether a file may contain a value together with the others: GET can show combinations that PUT would refuse.
fn is_allowed(setting: &Setting, value: Value, others: &[(&'static Setting, Value)]) -> bool {
    let mut needs = setting.needs.iter().filter(|need| need.value == value);
    needs.all(|need| others.iter().all(|(other, value)| other.name != need.of || *value == need.is))
}

/// The edits that adopt the live state into an existing file.
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use]
#[non_exhaustive]
pub(crate) struct Adoption {
    /// The live plan variant, if it differs and has all the settings that the file names.
    pub plan: Option<Variant>,
    /// The settings with their live values.
    pub settings: Vec<(&'static Setting, Value)>,
    /// How many of these loosen the file's values.
    pub loosening: usize,
    /// How many of these override a baseline.
    pub overriding: usize,
    /// Differences that a file cannot express.
    pub left: Vec<Diagnostic>,
}

/// Adopts the live state into a file, given its rows. Accepted deviations and unmanaged settings stay as they are.
pub(crate) fn adopt(want: &Desired, live: &Live, rows: &[Row]) -> Adoption {
    let has_all = |variant: &Variant| want.settings().all(|(setting, _)| setting.is_settable_on(*variant));
    let plan = live.variant().filter(|variant| *variant != want.plan()).filter(has_all);
    let mut adoption = Adoption { plan, ..Adoption::default() };
    let differs = |row: &&Row| {
        !row.stale
            && matches!(
                row.verdict,
                Verdict::Change | Verdict::Held(_) | Verdict::Unapproved(_) | Verdict::Blocked
            )
    };
    for row in rows.iter().filter(differs) {
        let Some((setting, wanted)) = row.key.setting().zip(row.wanted.as_ref()) else { continue };
        if let Some(interim) = wanted.interim() {
            let message = format!(
                "`temporary` has `{}: {}` until {}: it is not edited",
                setting.name, wanted.value, interim.until
            );
            adoption.left.push(wanted.locate(Diagnostic::warning(message), want.file.as_deref()));
            continue;
        }
        match (&row.live, setting.neutral) {
            (Some(LiveValue::Known(value)), _) => adoption.take(setting, *value, wanted),
            // A setting that the zone does not have counts as off.
            (None, Some(neutral)) if row.verdict == Verdict::Blocked => {
                adoption.take(setting, neutral, wanted);
            }
            (live, _) => {
                let message = match live {
                    Some(live) => format!(
                        "`{}` is `{live}` live, which this version of botform does not know; the file still says `{}`",
                        setting.name, wanted.value
                    ),
                    None => format!(
                        "GET does not report `{}`; the file still says `{}`",
                        setting.name, wanted.value
                    ),
                };
                let left = Diagnostic::warning(message).kind(DiagnosticKind::NotAvailable);
                adoption.left.push(wanted.locate(left, want.file.as_deref()));
            }
        }
    }
    adoption
}

impl Adoption {
    /// Whether the file already matches the live state.
    #[must_use]
    pub(crate) fn is_empty(&self) -> bool {
        self.plan.is_none() && self.settings.is_empty()
    }

    fn take(&mut self, setting: &'static Setting, value: Value, said: &Wanted) {
        self.settings.push((setting, value));
        let effect = Effect::of(setting, value, Some(&LiveValue::Known(said.value)));
        self.loosening += usize::from(effect == Effect::Loosens);
        self.overriding += usize::from(said.extended().is_some());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::{Context, diff};
    use serde_json::{Value as Json, json};

    fn live(value: Json) -> Live {
        let Json::Object(object) = value else { panic!("an object") };
        Live::read(object)
    }

    fn described(value: Json, legacy_id: &str, all: bool) -> (Variant, Vec<String>) {
        let zone = "a.example".parse().unwrap();
        let desired = describe(zone, None, &live(value), Some(legacy_id), all);
        let settings =
            desired.settings().map(|(setting, wanted)| format!("{} {}", setting.name, wanted.value));
        (desired.plan(), settings.collect())
    }

    #[test]
    fn a_new_file_names_what_is_not_neutral_of_the_live_variant() {
        let object = json!({"enable_js": false, "ai_search": "block", "ai_user": "disabled", "ai_training": "new",
            "sbfm_verified_bots": "allow", "fight_mode": null});
        let (plan, settings) = described(object.clone(), "business", false);
        assert_eq!(
            (plan, settings),
            (Variant::SbfmPro, vec!["ai_search block".to_owned(), "enable_js false".to_owned()])
        );
        assert_eq!(described(object, "pro", true).1.len(), 4);
    }

    #[test]
    fn the_plan_decides_the_variant_if_live_does_not() {
        for (plan, variant) in [
            ("free", Variant::BotFightMode),
            ("pro", Variant::SbfmPro),
            ("enterprise", Variant::SbfmBusiness),
            ("tomorrow", Variant::BotFightMode),
        ] {
            assert_eq!(described(json!({"enable_js": true}), plan, false).0, variant, "{plan}");
        }
    }

    #[test]
    fn values_that_exclude_each_other_are_left_out() {
        let object = json!({"fight_mode": true, "enable_js": false});
        assert_eq!(described(object, "free", false).1, ["enable_js false"]);
    }

    fn adopted(plan: Variant, settings: &[(&str, Json)], object: Json) -> Adoption {
        let mut want = Desired::new("a.example".parse().unwrap(), plan);
        settings.iter().for_each(|(name, value)| want.set(name, value.clone()).unwrap());
        let live = live(object);
        let rows = diff(&want, &live, &Context::of_day(jiff::civil::date(2026, 11, 1))).rows;
        adopt(&want, &live, &rows)
    }

    #[test]
    fn values_that_differ_are_adopted_and_loosenings_counted() {
        let adoption = adopted(
            Variant::SbfmBusiness,
            &[("ai_search", "block".into()), ("ai_user", "disabled".into()), ("enable_js", true.into())],
            json!({"ai_search": "disabled", "ai_user": "block", "enable_js": true, "sbfm_verified_bots": "allow"}),
        );
        let names: Vec<_> =
            adoption.settings.iter().map(|(setting, value)| format!("{} {value}", setting.name)).collect();
        assert_eq!(names, ["ai_search disabled", "ai_user block"]);
        assert_eq!((adoption.plan, adoption.loosening, adoption.left.len()), (Some(Variant::SbfmPro), 1, 0));
    }

    #[test]
    fn a_value_that_cannot_be_compared_is_adopted_as_a_loosening() {
        for (said, object) in [("disallow", "only_on_ad_pages"), ("only_on_ad_pages", "disallow")] {
            let adoption = adopted(
                Variant::SbfmPro,
                &[("ai_training", said.into())],
                json!({"ai_training": object, "sbfm_verified_bots": "allow"}),
            );
            assert_eq!((adoption.settings.len(), adoption.loosening), (1, 1), "{said} -> {object}");
        }
    }

    #[test]
    fn what_the_zone_does_not_have_is_off_and_the_plan_stays() {
        let adoption = adopted(
            Variant::SbfmBusiness,
            &[
                ("sbfm_likely_automated", "block".into()),
                ("ai_search", "block".into()),
                ("ai_user", "block".into()),
            ],
            json!({"ai_search": "tomorrow", "sbfm_verified_bots": "allow"}),
        );
        assert_eq!(
            adoption.settings,
            [(catalogue::find("sbfm_likely_automated").unwrap(), Value::Word("allow"))]
        );
        assert_eq!(adoption.plan, None);
        let left: Vec<_> = adoption.left.iter().map(|left| left.message.to_string()).collect();
        assert_eq!(
            left,
            [
                "`ai_search` is `tomorrow` live, which this version of botform does not know; the file still says `block`",
                "GET does not report `ai_user`; the file still says `block`",
            ]
        );
    }

    #[test]
    fn only_what_a_value_needs_keeps_it_out() {
        let all = |object| described(object, "free", true).1;
        assert_eq!(
            all(json!({"fight_mode": true, "enable_js": true, "ai_search": "block"})),
            ["ai_search block", "enable_js true", "fight_mode true"]
        );
        assert_eq!(
            all(json!({"fight_mode": false, "enable_js": false})),
            ["enable_js false", "fight_mode false"]
        );
    }

    #[test]
    fn a_clean_up_is_nothing_to_take_over() {
        let mut want = Desired::new("a.example".parse().unwrap(), Variant::SbfmPro);
        want.stale = crate::model::StalePolicy::Clean;
        let live =
            live(json!({"sbfm_verified_bots": "allow", "stale_zone_configuration": {"fight_mode": true}}));
        let rows = diff(&want, &live, &Context::of_day(jiff::civil::date(2026, 11, 1))).rows;
        assert!(rows.iter().any(|row| row.change().is_some()));
        assert!(adopt(&want, &live, &rows).is_empty());
    }

    #[test]
    fn after_a_downgrade_what_still_acts_is_adopted_and_not_rewritten() {
        let live =
            || json!({"fight_mode": false, "stale_zone_configuration": {"sbfm_verified_bots": "block"}});
        let of =
            |value: &str| adopted(Variant::SbfmPro, &[("sbfm_verified_bots", value.into())], live()).settings;
        assert_eq!(of("block"), [], "the file says what acts");
        let setting = catalogue::find("sbfm_verified_bots").unwrap();
        assert_eq!(of("allow"), [(setting, Value::Word("block"))]);
        let both = json!({"sbfm_verified_bots": "allow", "stale_zone_configuration": {"sbfm_verified_bots": "block"}});
        assert_eq!(described(both, "pro", false).1, ["sbfm_verified_bots block"]);
    }
}
