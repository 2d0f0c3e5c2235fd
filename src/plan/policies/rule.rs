//! What a policy rule requires: of which settings, how a value breaks it, and in which words. A new kind of rule is a
//! new arm in each function of this file.

use crate::catalogue::{self, Caution, Harm, Setting, Value};
use crate::model::{LiveValue, PolicyRule};
use std::cmp::Ordering;
use std::fmt::Display;

/// How a value breaks a rule; `None` if it keeps it.
pub(in crate::plan) fn breach(rule: &PolicyRule, setting: &Setting, value: &LiveValue) -> Option<String> {
    let name = setting.name;
    match rule {
        PolicyRule::Forbid(forbidden) => forbidden
            .get(setting)
            .filter(|values| values.iter().any(|forbidden| value.is(*forbidden)))
            .map(|_| format!("`{name}` may not be {value}")),
        PolicyRule::Pin(pins) => pins
            .get(setting)
            .filter(|pinned| !value.is(**pinned))
            .map(|pinned| format!("`{name}` is pinned to {pinned}, not {value}")),
        PolicyRule::ShutsOutSearchEngines => {
            let caution = cautions(setting, value).into_iter().find(|caution| caution.is_certain())?;
            Some(format!("`{name}: {value}` {}: {}", caution.harm.phrase(), caution.text))
        }
        PolicyRule::AtLeast(least) => {
            least.get(setting).and_then(|least| falls_short(setting, value, *least))
        }
    }
}

/// The cautions of a value about search engines.
pub(super) fn cautions(setting: &Setting, value: &LiveValue) -> Vec<&'static Caution> {
    let LiveValue::Known(value) = value else { return Vec::new() };
    setting.cautions_of(*value).filter(|caution| caution.harm == Harm::SearchEngines).collect()
}

/// The settings with a value that certainly shuts out search engines.
fn shutting_out() -> impl Iterator<Item = &'static Setting> {
    let rule = &PolicyRule::ShutsOutSearchEngines;
    let shuts_out = move |setting: &&'static Setting| {
        let mut values = setting.values().into_iter().map(LiveValue::Known);
        values.any(|value| breach(rule, setting, &value).is_some())
    };
    catalogue::settings().filter(shuts_out)
}

/// The settings that a rule constrains.
pub(in crate::plan) fn settings(rule: &PolicyRule) -> Vec<&'static Setting> {
    match rule {
        PolicyRule::Forbid(values) => values.keys().copied().collect(),
        PolicyRule::Pin(values) | PolicyRule::AtLeast(values) => values.keys().copied().collect(),
        PolicyRule::ShutsOutSearchEngines => shutting_out().collect(),
    }
}

/// What a rule requires of a setting, in words.
pub(in crate::plan) fn asks(rule: &PolicyRule, setting: &Setting) -> Option<String> {
    match rule {
        PolicyRule::Forbid(values) => values.get(setting).map(|values| format!("not {}", or(values.iter()))),
        PolicyRule::Pin(values) => values.get(setting).map(|value| format!("exactly {value}")),
        PolicyRule::AtLeast(values) => values.get(setting).map(|value| format!("at least {value}")),
        PolicyRule::ShutsOutSearchEngines => shutting_out()
            .any(|other| other == setting)
            .then(|| "nothing that shuts out search engines".to_owned()),
    }
}

fn or(words: impl Iterator<Item = impl Display>) -> String {
    words.map(|word| word.to_string()).collect::<Vec<_>>().join(" or ")
}

/// How a value is looser than `least`; `None` if it protects as much or more. An unknown value counts as looser.
fn falls_short(setting: &Setting, value: &LiveValue, least: Value) -> Option<String> {
    let how = match value {
        LiveValue::Known(known) => match setting.compare(*known, least) {
            Some(Ordering::Greater | Ordering::Equal) => return None,
            Some(Ordering::Less) => format!("is {value}"),
            None => format!("{value} cannot be compared with it"),
        },
        LiveValue::Other(_) => format!("is {value}"),
    };
    Some(format!("`{}` may not be looser than {least}, but {how}", setting.name))
}
