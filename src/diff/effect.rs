//! What a change does to protection.

use crate::catalogue::{Setting, Value};
use crate::model::LiveValue;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

/// The effect of a change on protection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Effect {
    /// The zone is protected more than before.
    Tightens,
    /// The zone is protected less than before, or less in one respect and more in another.
    Loosens,
    /// Neither more nor less.
    Neither,
}

impl Effect {
    /// The word used in JSON and in texts.
    #[must_use]
    pub fn word(self) -> &'static str {
        crate::catalogue::word::<Self>(self as usize)
    }

    /// The effect of writing `wanted` over `live`. A live value that is not reported counts as neutral. Overwriting a
    /// value that this version does not know counts as loosening, since it may protect more than any known value.
    #[must_use]
    pub fn of(setting: &Setting, wanted: Value, live: Option<&LiveValue>) -> Self {
        let known = match live {
            Some(LiveValue::Other(_)) => return Self::Loosens,
            Some(LiveValue::Known(value)) => Some(*value),
            None => setting.neutral,
        };
        match known {
            Some(live) => Self::between(setting, wanted, live),
            // Live is absent and the setting has no known neutral value, so what acts now may be any of its values.
            None if setting
                .values()
                .iter()
                .any(|live| Self::between(setting, wanted, *live) == Self::Loosens) =>
            {
                Self::Loosens
            }
            None => Self::Neither,
        }
    }

    /// The effect of replacing one known value with another. Incomparable values count as loosening: the new one allows
    /// traffic that was blocked.
    fn between(setting: &Setting, wanted: Value, live: Value) -> Self {
        match setting.compare(wanted, live) {
            Some(Ordering::Greater) => Self::Tightens,
            Some(Ordering::Equal) => Self::Neither,
            Some(Ordering::Less) | None => Self::Loosens,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::find;
    use serde_json::json;

    fn effect(name: &str, before: Option<serde_json::Value>, after: Value) -> Effect {
        let setting = find(name).unwrap();
        Effect::of(setting, after, before.map(|json| LiveValue::read(setting, &json)).as_ref())
    }

    #[test]
    fn more_protection_tightens_and_less_loosens() {
        assert_eq!(
            effect("ai_bots_protection", Some(json!("disabled")), Value::Word("block")),
            Effect::Tightens
        );
        assert_eq!(effect("sbfm_verified_bots", Some(json!("block")), Value::Word("allow")), Effect::Loosens);
        assert_eq!(
            effect("suppress_session_score", Some(json!(true)), Value::Toggle(false)),
            Effect::Tightens
        );
        assert_eq!(effect("optimize_wordpress", Some(json!(true)), Value::Toggle(false)), Effect::Neither);
    }

    #[test]
    fn along_an_order_each_step_up_tightens_and_each_step_down_loosens() {
        let actions: &[_] = &["allow", "managed_challenge", "block"];
        let crawlers: &[_] = &["disabled", "only_on_ad_pages", "block"];
        for (name, order) in [
            ("ai_bots_protection", crawlers),
            ("ai_search", crawlers),
            ("ai_user", crawlers),
            ("ai_training", &["disabled", "disallow", "block"]),
            ("ai_training", crawlers),
            ("content_bots_protection", &["disabled", "block"]),
            ("crawler_protection", &["disabled", "enabled"]),
            ("cf_robots_variant", &["off", "policy_only"]),
            ("sbfm_definitely_automated", actions),
            ("sbfm_likely_automated", actions),
            ("sbfm_verified_bots", &["allow", "block"]),
        ] {
            for (low, below) in order.iter().enumerate() {
                for above in &order[low + 1..] {
                    let up = effect(name, Some(json!(below)), Value::Word(above));
                    let down = effect(name, Some(json!(above)), Value::Word(below));
                    assert_eq!((up, down), (Effect::Tightens, Effect::Loosens), "{name}: {below}, {above}");
                }
            }
        }
    }

    #[test]
    fn unknown_values_count_as_the_worse_case() {
        assert_eq!(
            effect("ai_bots_protection", Some(json!("fortress")), Value::Word("disabled")),
            Effect::Loosens
        );
        assert_eq!(
            effect("ai_bots_protection", Some(json!("fortress")), Value::Word("block")),
            Effect::Loosens
        );
        assert_eq!(
            effect("optimize_wordpress", Some(json!("tomorrow")), Value::Toggle(true)),
            Effect::Loosens
        );
        assert_eq!(effect("ai_bots_protection", None, Value::Word("block")), Effect::Tightens);
        assert_eq!(effect("enable_js", None, Value::Toggle(false)), Effect::Loosens);
        assert_eq!(effect("enable_js", None, Value::Toggle(true)), Effect::Neither);
    }
}
