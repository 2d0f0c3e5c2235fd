//! From an event to what is behind it: the setting, the value that acts, and the line that it comes from. Pure.

use crate::catalogue::{self, Setting, Trace, recognise};
use crate::model::{Acting, By, Desired, Event, Extended, FilePlace, Live, LiveValue, ValueOrigin, clean};

/// What is known of a zone besides its events.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known<'a> {
    /// The name of the zone.
    pub(super) zone: &'a str,
    /// What its file wants today; `None` if it has no file.
    pub(super) want: Option<&'a Desired>,
    /// The live settings; `None` if they could not be read.
    pub(super) live: Option<&'a Live>,
    /// The day on which temporary values are judged.
    pub(super) today: jiff::civil::Date,
}

/// What is behind an event, with the settings themselves.
pub(super) fn behind(event: &Event, known: Known<'_>) -> (By, Vec<&'static Setting>) {
    let Some(trace) = recognise(&event.source, &event.rule, &event.name) else {
        return (By::Other, Vec::new());
    };
    let settings = acting(trace, known.live);
    let shown = settings.iter().map(|setting| known.acting(setting)).collect();
    let by = By::Settings { settings: shown, confidence: trace.confidence, seen: trace.seen.to_owned() };
    (by, settings)
}

/// The settings of a rule that can have acted: of several, those that are on. If all are off now, all are named, since
/// the request may have met earlier values.
fn acting(trace: &Trace, live: Option<&Live>) -> Vec<&'static Setting> {
    let all: Vec<_> = trace.settings.iter().filter_map(|name| catalogue::find(name)).collect();
    let is_on = |setting: &&&'static Setting| {
        let value = live.and_then(|live| live.effective(setting));
        match (value.as_deref(), trace.only) {
            (None, _) => false,
            (Some(value), Some(only)) => value.is(only),
            (Some(value), None) => setting.neutral.is_none_or(|off| !value.is(off)),
        }
    };
    let on: Vec<_> = all.iter().filter(is_on).copied().collect();
    if on.is_empty() { all } else { on }
}

impl Known<'_> {
    /// A setting with its value and its origin.
    fn acting(&self, setting: &'static Setting) -> Acting {
        let value = self
            .live
            .and_then(|live| live.effective(setting))
            .map(|value| clean(&value.to_string()).into_owned());
        Acting { setting: setting.name.to_owned(), value, origin: self.origin(setting) }
    }

    fn origin(&self, setting: &'static Setting) -> ValueOrigin {
        let Some(live) = self.live else { return ValueOrigin::Unread };
        if live.leftover(setting).is_some() {
            return ValueOrigin::Stale;
        }
        let Some(want) = self.want else { return ValueOrigin::NoFile };
        let today = want.on(self.today);
        let Some(wanted) = today.get(setting) else { return ValueOrigin::Unmanaged };
        let via = wanted.extended().map(|Extended { via, .. }| via.as_slice()).unwrap_or_default();
        let via = via.iter().map(|FilePlace { file, place }| format!("{}:{}", clean(file), place.line));
        let is_live = live.get(setting).is_some_and(|value| value.is(wanted.value));
        ValueOrigin::File {
            file: clean(wanted.file(want.file.as_deref()).unwrap_or_default()).into_owned(),
            line: wanted.place.line,
            via: via.collect(),
            wanted: (!is_live).then(|| wanted.value.to_string()),
        }
    }

    /// The value of a setting that acts, if this version knows it.
    pub(super) fn value(&self, setting: &'static Setting) -> Option<catalogue::Value> {
        match self.live?.effective(setting)?.as_ref() {
            LiveValue::Known(value) => Some(*value),
            LiveValue::Other(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Variant;
    use serde_json::{Value as Json, json};

    fn live(object: &Json) -> Live {
        Live::read(object.as_object().unwrap().clone())
    }

    #[test]
    fn a_value_of_a_file_that_is_not_live_is_told_beside_the_one_that_acted() {
        let setting = catalogue::find("ai_search").unwrap();
        let mut want = Desired::new("a.example".parse().unwrap(), Variant::SbfmPro);
        want.set("ai_search", "block").unwrap();
        for (value, expected) in [("block", None), ("only_on_ad_pages", Some("block"))] {
            let live = live(&json!({"ai_search": value}));
            let today = jiff::civil::date(2026, 12, 1);
            let known = Known { zone: "a.example", want: Some(&want), live: Some(&live), today };
            let ValueOrigin::File { wanted, .. } = known.origin(setting) else { panic!() };
            assert_eq!(wanted.as_deref(), expected);
        }
    }

    #[test]
    fn of_several_settings_of_a_rule_those_that_are_off_did_not_act() {
        // The rule of all settings of AI bots.
        let trace = recognise("firewallManaged", "7bd01eeccb6b420fa0be30264603a5cb", "").unwrap();
        let names = |object: &Json| {
            let found = acting(trace, Some(&live(object)));
            found.into_iter().map(|setting| setting.name).collect::<Vec<_>>()
        };
        let all = json!({"ai_bots_protection": "disabled", "ai_search": "block", "ai_training": "disabled", "ai_user": "block"});
        assert_eq!(names(&all), ["ai_search", "ai_user"]);
    }
}
