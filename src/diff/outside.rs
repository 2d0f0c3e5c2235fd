//! What changed outside: unmanaged and stale values, compared with those of an earlier snapshot.

use super::{Effect, Key, Row, Verdict};
use crate::catalogue::{self, Setting};
use crate::model::{Live, LiveValue};
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// The past of a value that changed outside.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChangedOutside {
    /// The earlier value; `None` if GET did not report it.
    pub before: Option<LiveValue>,
    /// What is decided about the present value.
    pub otherwise: Verdict,
}

/// Marks the rows of a zone whose values differ from those of an earlier time, and adds rows for unmanaged settings. A
/// live key and a stale member of the same name are each compared with their own past.
pub(crate) fn mark_outside(rows: &mut Vec<Row>, now: &Live, then: &Live) {
    let names = |live: &Live| -> BTreeSet<String> {
        let settings = live.settings().map(|(setting, _)| setting.name);
        settings.chain(live.unknown().map(|(name, _)| name)).map(str::to_owned).collect()
    };
    let stale = |live: &Live| -> BTreeSet<String> { live.stale().map(|(name, _)| name.to_owned()).collect() };
    let both = [(false, &names(now) | &names(then)), (true, &stale(now) | &stale(then))];
    for (stale, names) in &both {
        for name in names {
            mark_one(rows, now, name, *stale, value(then, name, *stale).as_ref());
        }
    }
}

/// Marks the row of a name if its value differs from the earlier one; returns whether it does.
pub(crate) fn mark_one(
    rows: &mut Vec<Row>,
    now: &Live,
    name: &str,
    stale: bool,
    before: Option<&Json>,
) -> bool {
    let live = value(now, name, stale);
    let setting = catalogue::find(name).filter(|setting| !setting.is_read_only());
    if is_same(setting, stale, before, live.as_ref()) {
        return false;
    }
    let read = |value: &Json| match setting {
        Some(setting) => LiveValue::read(setting, value),
        None => LiveValue::Other(Box::new(value.clone())),
    };
    let (before_value, live_value) = (before.map(read), live.as_ref().map(read));
    let effect = match setting.filter(|setting| is_beside_a_leftover(setting, stale, now)) {
        Some(setting) => effect_beside(setting, stale, rows, now, (before, &live_value)),
        None => effect(setting, stale, (before, &before_value), (live.as_ref(), &live_value)),
    };
    let place = rows.partition_point(|row| (row.stale, row.name()) < (stale, name));
    if rows.get(place).is_none_or(|row| (row.stale, row.name()) != (stale, name)) {
        let key = setting.map_or_else(|| Key::Unknown(name.into()), Key::Setting);
        let verdict = if stale { Verdict::InSync } else { Verdict::Unmanaged };
        rows.insert(place, Row { stale, live: live_value, ..Row::new(key, verdict) });
    }
    let row = &mut rows[place];
    // A managed row already shows drift or a pending change, and a second verdict would hide that.
    if row.wanted.is_some() || !is_left_alone(&row.verdict) {
        return false;
    }
    let otherwise = std::mem::replace(&mut row.verdict, Verdict::InSync);
    row.verdict = Verdict::ChangedOutside(Box::new(ChangedOutside { before: before_value, otherwise }));
    row.effect = Some(effect);
    true
}

/// Whether nothing is decided about a row that another verdict would hide.
fn is_left_alone(verdict: &Verdict) -> bool {
    match verdict {
        Verdict::Unmanaged | Verdict::InSync | Verdict::CannotClean(_) => true,
        Verdict::Unread
        | Verdict::Change
        | Verdict::Accepted(_)
        | Verdict::Held(_)
        | Verdict::Unapproved(_)
        | Verdict::Blocked
        | Verdict::ChangedOutside(_) => false,
    }
}

/// The value of a live key, or of a stale member.
pub(crate) fn value(live: &Live, name: &str, stale: bool) -> Option<Json> {
    if stale {
        return live.stale_value(name).cloned();
    }
    let of_setting = catalogue::find(name).and_then(|setting| live.get(setting)).map(LiveValue::to_json);
    of_setting.or_else(|| live.unknown_value(name).cloned())
}

/// Whether two values have the same effect. An absent value counts as neutral. A key that this version does not know is
/// not compared with a time when Cloudflare did not report it yet.
fn is_same(setting: Option<&Setting>, stale: bool, before: Option<&Json>, now: Option<&Json>) -> bool {
    let is_off = |value: Option<&Json>| match (value, setting) {
        (None, _) => true,
        (Some(value), _) if stale => catalogue::is_harmless(value),
        (Some(value), Some(setting)) => setting.neutral.is_some() && setting.read(value) == setting.neutral,
        (Some(_), None) => false,
    };
    // The API grows without notice: a new key in GET does not mean that somebody changed the zone.
    let is_new_to_us = setting.is_none() && !stale && before.is_none();
    before == now || (is_off(before) && is_off(now)) || is_new_to_us
}

/// The effect, as if a plan had made the change. An unknown value counts as the worse case.
fn effect(
    setting: Option<&Setting>,
    stale: bool,
    (before, before_value): (Option<&Json>, &Option<LiveValue>),
    (now, now_value): (Option<&Json>, &Option<LiveValue>),
) -> Effect {
    let acts = |value: Option<&Json>| value.is_some_and(|value| !catalogue::is_harmless(value));
    if stale && !acts(now) {
        return Effect::Loosens;
    }
    let before_value = before_value.as_ref().filter(|_| !stale || acts(before));
    let neutral = || setting.and_then(|setting| setting.neutral);
    let known = match now_value {
        Some(LiveValue::Known(value)) => Some(*value),
        Some(LiveValue::Other(_)) => None,
        None => neutral(),
    };
    match setting.zip(known) {
        Some((setting, known)) => Effect::of(setting, known, before_value),
        // Something acts now where nothing did before.
        None if stale && !acts(before) => Effect::Tightens,
        None => Effect::Loosens,
    }
}

/// Whether the value that acts is or was that of a stale member, so that the setting's live key matters too. A stale
/// member that differs acts now, or did before.
fn is_beside_a_leftover(setting: &Setting, stale: bool, now: &Live) -> bool {
    stale || now.leftover(setting).is_some()
}

/// The effect of a change on the value that acts. A live key changes nothing while a stale member acts; a stale member
/// that comes or goes changes from or to what the live key says.
fn effect_beside(
    setting: &'static Setting,
    stale: bool,
    rows: &[Row],
    now: &Live,
    (before, live): (Option<&Json>, &Option<LiveValue>),
) -> Effect {
    if !stale {
        return Effect::Neither;
    }
    let acts = |value: &&Json| !catalogue::is_harmless(value);
    // The live keys were marked first: a changed one has its earlier value in its row, any other has not changed.
    let key = rows.iter().find(|row| !row.stale && row.key.setting() == Some(setting));
    let key_before = match key.and_then(Row::changed_outside) {
        Some(was) => was.before.clone(),
        None => now.get(setting).cloned(),
    };
    let was = match before.filter(acts) {
        Some(before) => Some(LiveValue::read(setting, before)),
        None => key_before,
    };
    let is = match now.leftover(setting) {
        Some(_) => live.clone(),
        None => now.get(setting).cloned(),
    };
    match is.map_or(setting.neutral, |is| if let LiveValue::Known(is) = is { Some(is) } else { None }) {
        Some(is) => Effect::of(setting, is, was.as_ref()),
        // A value that this version does not know acts now where nothing did before.
        None if was.is_none() => Effect::Tightens,
        None => Effect::Loosens,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn live(value: Json) -> Live {
        let Json::Object(object) = value else { panic!("an object") };
        Live::read(object)
    }

    /// The rows that are marked, as `name: before → now (effect)`.
    fn marked(then: Json, now: Json) -> Vec<String> {
        let (then, now) = (live(then), live(now));
        let mut rows = Vec::new();
        mark_outside(&mut rows, &now, &then);
        let shown = |value: &Option<LiveValue>| value.as_ref().map_or("-".to_owned(), ToString::to_string);
        let text = |row: &Row| {
            let Verdict::ChangedOutside(was) = &row.verdict else { panic!("{row:?}") };
            let (stale, effect) = (if row.stale { "stale " } else { "" }, row.effect.unwrap().word());
            format!("{stale}{}: {} → {} ({effect})", row.name(), shown(&was.before), shown(&row.live))
        };
        rows.iter().map(text).collect()
    }

    #[test]
    fn a_value_that_differs_has_the_effect_of_a_change() {
        let then = json!({"ai_search": "block", "crawler_protection": "disabled", "enable_js": true});
        let now = json!({"ai_search": "disabled", "crawler_protection": "enabled", "enable_js": true});
        assert_eq!(
            marked(then, now),
            ["ai_search: block → disabled (loosens)", "crawler_protection: disabled → enabled (tightens)"]
        );
    }

    #[test]
    fn a_live_key_and_a_stale_member_are_each_compared_with_their_own_past() {
        let then = json!({"sbfm_verified_bots": "block", "enable_js": true});
        let now = json!({"enable_js": true, "stale_zone_configuration": {"sbfm_verified_bots": "block"}});
        assert_eq!(
            marked(then, now),
            ["sbfm_verified_bots: block → - (neither)", "stale sbfm_verified_bots: - → block (neither)"],
            "what acts is the same"
        );
    }

    #[test]
    fn the_effect_is_that_on_the_value_that_acts() {
        let of = |key: &str, stale: &str| json!({"enable_js": true, "sbfm_verified_bots": key, "stale_zone_configuration": {"sbfm_verified_bots": stale}});
        for (then, now, expected) in [
            (
                of("allow", "block"),
                of("block", "block"),
                &["sbfm_verified_bots: allow → block (neither)"][..],
            ),
            (
                of("block", "block"),
                of("block", "allow"),
                &["stale sbfm_verified_bots: block → allow (neither)"],
            ),
            (
                of("allow", "block"),
                of("allow", "allow"),
                &["stale sbfm_verified_bots: block → allow (loosens)"],
            ),
            (of("allow", "off"), of("allow", "block"), &["stale sbfm_verified_bots: off → block (tightens)"]),
            (of("block", "off"), of("block", "block"), &["stale sbfm_verified_bots: off → block (neither)"]),
            (
                of("allow", "fortress"),
                of("allow", "allow"),
                &["stale sbfm_verified_bots: fortress → allow (loosens)"],
            ),
        ] {
            assert_eq!(marked(then, now), expected);
        }
    }

    #[test]
    fn what_is_absent_and_what_is_neutral_are_the_same() {
        let then = json!({"enable_js": true, "fight_mode": false, "stale_zone_configuration": {"x": "off"}});
        let now = json!({"enable_js": true, "sbfm_verified_bots": "allow", "tomorrow": 1});
        assert!(marked(then.clone(), now).is_empty());
        assert!(marked(then.clone(), then).is_empty());
    }

    #[test]
    fn a_value_that_this_version_does_not_know_is_compared_too() {
        let then =
            json!({"ai_search": "block", "tomorrow": 1, "stale_zone_configuration": {"fight_mode": true}});
        let now = json!({"ai_search": "fortress", "tomorrow": 2});
        assert_eq!(
            marked(then, now),
            [
                "ai_search: block → fortress (loosens)",
                "tomorrow: 1 → 2 (loosens)",
                "stale fight_mode: true → - (loosens)"
            ]
        );
    }

    #[test]
    fn a_managed_value_is_not_marked() {
        let now = live(json!({"ai_search": "disabled"}));
        let want = &mut crate::model::Desired::new("a.example".parse().unwrap(), catalogue::Variant::SbfmPro);
        want.set("ai_search", "disabled").unwrap();
        let mut rows =
            super::super::derive(want, &now, &super::super::Context::of_day(jiff::civil::Date::MIN));
        mark_outside(&mut rows, &now, &live(json!({"ai_search": "block"})));
        assert_eq!((rows.len(), &rows[0].verdict), (1, &Verdict::InSync));
    }

    #[test]
    fn the_value_under_a_stale_member_is_that_of_its_own_setting() {
        let of = |key: &str, search: &str, stale: &str| {
            json!({"ai_search": search, "enable_js": true, "sbfm_verified_bots": key,
                "stale_zone_configuration": {"sbfm_verified_bots": stale}})
        };
        assert_eq!(
            marked(of("block", "disabled", "off"), of("block", "block", "block")),
            ["ai_search: disabled → block (tightens)", "stale sbfm_verified_bots: off → block (neither)"]
        );
    }

    #[test]
    fn a_stale_value_of_no_known_word_tightens_only_where_nothing_was_before() {
        let stale = |key: Json| json!({"enable_js": true, "sbfm_verified_bots": key, "stale_zone_configuration": {"sbfm_verified_bots": "new"}});
        assert_eq!(
            marked(json!({"enable_js": true}), stale(json!(null))),
            ["stale sbfm_verified_bots: - → new (tightens)"]
        );
        let then = json!({"enable_js": true, "sbfm_verified_bots": "allow"});
        assert_eq!(marked(then, stale(json!("allow"))), ["stale sbfm_verified_bots: - → new (loosens)"]);
    }
}
