//! One setting, before and after. A change that changes nothing cannot be built.

use super::{Baseline, Effect, Origin};
use crate::catalogue::{Setting, Value, is_harmless};
use crate::model::{LiveValue, Place};
use serde_json::Value as Json;

/// Why a setting is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeReason {
    /// The zone file names it.
    Declared,
    /// An earlier plan variant left it behind, and the file says `stale: clean`.
    Stale,
}

impl ChangeReason {
    /// The word used in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Declared => "declared",
            Self::Stale => "stale",
        }
    }
}

/// One setting that is to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    setting: &'static Setting,
    before: Option<Json>,
    after: Value,
    effect: Effect,
    reason: ChangeReason,
    origin: Option<Origin>,
    place: Option<Place>,
}

impl Change {
    /// The change that a wanted value makes; nothing if live has it.
    #[must_use]
    pub fn declared(
        setting: &'static Setting,
        after: Value,
        before: Option<&LiveValue>,
        place: Option<Place>,
    ) -> Option<Self> {
        if before.is_some_and(|live| live.is(after)) || !setting.values().contains(&after) {
            return None;
        }
        Some(Self {
            setting,
            before: before.map(LiveValue::to_json),
            after,
            effect: Effect::of(setting, after, before),
            reason: ChangeReason::Declared,
            origin: None,
            place,
        })
    }

    /// The clean-up of a stale member; nothing if it is harmless or has no value that means "off".
    /// Switching off what still acts on traffic loosens, whatever the setting.
    #[must_use]
    pub fn clean(setting: &'static Setting, before: &Json, place: Option<Place>) -> Option<Self> {
        let after = setting.neutral.filter(|_| !is_harmless(before))?;
        Some(Self {
            setting,
            before: Some(before.clone()),
            after,
            effect: Effect::Loosens,
            reason: ChangeReason::Stale,
            origin: None,
            place,
        })
    }

    /// The same change, with who moved since an earlier time.
    #[must_use]
    pub fn since(mut self, baseline: &Baseline) -> Self {
        if self.reason == ChangeReason::Declared {
            let live = self.before.as_ref().map(|json| LiveValue::read(self.setting, json));
            self.origin = Some(Origin::of(self.setting, self.after, live.as_ref(), baseline));
        }
        self
    }

    /// The same change with a known origin.
    #[must_use]
    pub fn with_origin(mut self, origin: Option<Origin>) -> Self {
        self.origin = origin;
        self
    }

    /// The setting.
    #[must_use]
    pub fn setting(&self) -> &'static Setting {
        self.setting
    }

    /// The live value; nothing if GET does not report it.
    #[must_use]
    pub fn before(&self) -> Option<&Json> {
        self.before.as_ref()
    }

    /// The value that is written.
    #[must_use]
    pub fn after(&self) -> Value {
        self.after
    }

    /// What it does to protection.
    #[must_use]
    pub fn effect(&self) -> Effect {
        self.effect
    }

    /// Why it is written.
    #[must_use]
    pub fn reason(&self) -> ChangeReason {
        self.reason
    }

    /// Who moved; nothing if that is not known.
    #[must_use]
    pub fn origin(&self) -> Option<Origin> {
        self.origin
    }

    /// Where the zone file asks for it.
    #[must_use]
    pub fn place(&self) -> Option<Place> {
        self.place
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::find;
    use serde_json::json;

    #[test]
    fn a_change_that_changes_nothing_cannot_be_built() {
        let setting = find("enable_js").unwrap();
        let live = LiveValue::Known(Value::Toggle(true));
        assert!(Change::declared(setting, Value::Toggle(true), Some(&live), None).is_none());
        assert!(Change::clean(find("fight_mode").unwrap(), &json!("False"), None).is_none());
    }

    #[test]
    fn cleaning_an_active_member_loosens_and_keeps_its_spelling() {
        let change = Change::clean(find("optimize_wordpress").unwrap(), &json!("TRUE"), None).unwrap();
        assert_eq!(change.effect(), Effect::Loosens);
        assert_eq!((change.before(), change.after()), (Some(&json!("TRUE")), Value::Toggle(false)));
    }
}
