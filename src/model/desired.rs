//! The desired state of a zone: the settings of one plan variant, and how to treat the zone.

use super::{AccountId, Identity, Interim, Place, Temporary, Wanted, WantedBy, ZoneId, ZoneName};
use crate::catalogue::{self, Setting, Value, Variant};
use jiff::civil::Date;
use serde_json::Value as Json;
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// What to do with settings that an earlier plan variant left behind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum StalePolicy {
    /// Show them.
    #[default]
    Report,
    /// Write their neutral values.
    Clean,
}

impl StalePolicy {
    /// Both, with the word used in files.
    pub const ALL: &'static [(&'static str, Self)] = &[("report", Self::Report), ("clean", Self::Clean)];
}

/// Makes a zone plan-only until a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Freeze {
    /// Why.
    pub reason: String,
    /// The last day of the freeze (UTC).
    pub until: Date,
}

/// A known deviation that is accepted for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiver {
    /// The setting that may deviate.
    pub setting: &'static Setting,
    /// Why.
    pub reason: String,
    /// The last day of the waiver (UTC).
    pub until: Date,
    /// Its place in the file.
    pub place: Place,
}

/// Why a setting cannot be set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotAvailable {
    /// The setting does not exist.
    #[error("unknown setting `{name}`; {variant} has {}", list(choices))]
    Unknown {
        /// The name.
        name: String,
        /// The plan variant.
        variant: Variant,
        /// The settings of the variant.
        choices: Vec<&'static str>,
    },
    /// The plan variant does not have it.
    #[error("`{name}` cannot be {value}: {variant} does not have it{}", only_on(on))]
    Variant {
        /// The setting.
        name: &'static str,
        /// The value.
        value: Json,
        /// The plan variant.
        variant: Variant,
        /// The plan variants that have it.
        on: &'static [Variant],
    },
    /// The setting does not accept the value.
    #[error("`{name}` cannot be {value}; it accepts {}", list(choices))]
    Value {
        /// The setting.
        name: &'static str,
        /// The value.
        value: Json,
        /// The accepted values.
        choices: Vec<Value>,
    },
}

fn list(choices: &[impl fmt::Display]) -> String {
    choices.iter().map(|choice| format!("`{choice}`")).collect::<Vec<_>>().join(", ")
}

fn only_on(variants: &[Variant]) -> String {
    if variants.is_empty() { String::new() } else { format!(" (only {} does)", list(variants)) }
}

/// The desired state of one zone. It cannot hold a setting that its plan variant does not have: [`Desired::set`]
/// and [`Desired::set_at`] refuse it.
///
/// ```
/// use botform::catalogue::Variant;
/// use botform::model::Desired;
///
/// let mut desired = Desired::new("shop.example.com".parse()?, Variant::SbfmPro);
/// desired.set("sbfm_verified_bots", "allow")?;
/// desired.set("enable_js", true)?;
///
/// let refused = desired.set("ai_bots_protection", "deny").unwrap_err();
/// assert_eq!(
///     refused.to_string(),
///     "`ai_bots_protection` cannot be \"deny\"; it accepts `block`, `disabled`, `only_on_ad_pages`"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desired {
    /// The file, relative to the current folder, with `/`; `None` for what a program built.
    pub file: Option<String>,
    /// The zone.
    pub zone: ZoneName,
    /// The place of the zone's name in the file.
    pub place: Place,
    /// The place of its plan variant in the file.
    pub plan_place: Option<Place>,
    /// The id that pins the zone's identity.
    pub zone_id: Option<ZoneId>,
    /// The account; needed if two accounts have a zone of this name.
    pub account_id: Option<AccountId>,
    /// What to do with stale settings.
    pub stale: StalePolicy,
    /// The place of `stale` in the file.
    pub stale_place: Option<Place>,
    /// Whether custom rules protect the zone, so that stale Super Bot Fight Mode rules may be cleaned.
    pub custom_rules_in_place: bool,
    /// Whether the zone is plan-only.
    pub protect: bool,
    /// Whether, why and how long the zone is frozen.
    pub freeze: Option<Freeze>,
    /// The known deviations.
    pub accept: Vec<Waiver>,
    /// The values with a last day; [`Desired::on`] applies them.
    pub temporary: Vec<Temporary>,
    plan: Variant,
    /// By name, each once.
    settings: Vec<(&'static Setting, Wanted)>,
}

impl Desired {
    /// A desired state without a file that manages nothing yet.
    #[must_use]
    pub fn new(zone: ZoneName, plan: Variant) -> Self {
        Self::in_file(None, zone, plan, Place::START)
    }

    /// A desired state that manages nothing yet, with its file and the place of the zone's name in it.
    #[must_use]
    pub fn in_file(file: impl Into<Option<String>>, zone: ZoneName, plan: Variant, place: Place) -> Self {
        Self {
            file: file.into(),
            zone,
            place,
            plan_place: None,
            zone_id: None,
            account_id: None,
            stale: StalePolicy::default(),
            stale_place: None,
            custom_rules_in_place: false,
            protect: false,
            freeze: None,
            accept: Vec::new(),
            temporary: Vec::new(),
            plan,
            settings: Vec::new(),
        }
    }

    /// The file for texts and paths: empty where there is none.
    #[must_use]
    pub(crate) fn path(&self) -> &str {
        self.file.as_deref().unwrap_or_default()
    }

    /// What identifies the zone.
    #[must_use]
    pub(crate) fn identity(&self) -> Identity<'_> {
        Identity::new(&self.zone, self.zone_id.as_ref(), self.account_id.as_ref())
    }

    /// Sets a value by the setting's name and the API's JSON, which makes the setting managed.
    ///
    /// # Errors
    /// The plan variant does not have the setting, or the setting does not accept the value; the error lists the
    /// choices.
    pub fn set(&mut self, name: &str, value: impl Into<Json>) -> Result<(), NotAvailable> {
        let value = value.into();
        let Some(setting) = catalogue::find(name) else {
            let choices = catalogue::settable(self.plan).map(|setting| setting.name).collect();
            // Untrusted text: keep the message short.
            let name = name.chars().take(60).collect();
            return Err(NotAvailable::Unknown { name, variant: self.plan, choices });
        };
        match setting.read(&value) {
            Some(value) => self.set_at(setting, value, Place::START),
            None => Err(self.refuse(setting, value)),
        }
    }

    fn refuse(&self, setting: &'static Setting, value: Json) -> NotAvailable {
        let name = setting.name;
        if setting.is_settable_on(self.plan) {
            return NotAvailable::Value { name, value, choices: setting.values() };
        }
        NotAvailable::Variant { name, value, variant: self.plan, on: setting.settable_on }
    }

    /// Sets a value at a place in the file, which makes the setting managed.
    ///
    /// # Errors
    /// The plan variant does not have the setting, or the setting does not take the value.
    pub fn set_at(
        &mut self,
        setting: &'static Setting,
        value: Value,
        place: Place,
    ) -> Result<(), NotAvailable> {
        self.set_wanted(setting, Wanted::new(value, place))
    }

    /// Sets a value with its origin, which makes the setting managed.
    ///
    /// # Errors
    /// The plan variant does not have the setting, or the setting does not take the value.
    pub(crate) fn set_wanted(
        &mut self,
        setting: &'static Setting,
        wanted: Wanted,
    ) -> Result<(), NotAvailable> {
        if !setting.is_settable_on(self.plan) || !setting.values().contains(&wanted.value) {
            return Err(self.refuse(setting, wanted.value.to_json()));
        }
        match self.find(setting) {
            Ok(index) => self.settings[index].1 = wanted,
            Err(index) => {
                // Thousands of these are kept, each with at most two dozen settings: grow exactly, to save memory.
                self.settings.reserve_exact(1);
                self.settings.insert(index, (setting, wanted));
            }
        }
        Ok(())
    }

    /// The desired state on a day (UTC): each temporary value counts up to and including its last day. Ended values
    /// stay in `temporary`. A temporary value without a standing value to return to never counts.
    #[must_use]
    pub fn on(&self, today: Date) -> Cow<'_, Self> {
        if self.temporary.iter().all(|temporary| temporary.until < today) {
            return Cow::Borrowed(self);
        }
        let mut then = self.clone();
        for Temporary { setting, value, reason, until, place, lines: _ } in
            self.temporary.iter().filter(|temporary| temporary.until >= today)
        {
            let Some(wanted) = self.get(setting) else { continue };
            let interim = Interim { reason: reason.clone(), until: *until, then: wanted.clone() };
            let by = WantedBy::Temporary(Arc::new(interim));
            // The setting does not accept the value, so ignore it.
            let _ = then.set_wanted(setting, Wanted { value: *value, place: *place, by });
        }
        then.temporary.retain(|temporary| temporary.until < today);
        Cow::Owned(then)
    }

    /// What is wanted after the temporary value of a setting ends; `None` if its value has no end or it is unmanaged.
    #[must_use]
    pub fn after_temporary(&self, setting: &Setting) -> Option<&Wanted> {
        self.get(setting)?.interim().map(|interim| &interim.then)
    }

    /// The plan variant the file is written for.
    #[must_use]
    pub fn plan(&self) -> Variant {
        self.plan
    }

    /// What is wanted of a setting; `None` if it is unmanaged.
    #[must_use]
    pub fn get(&self, setting: &Setting) -> Option<&Wanted> {
        self.find(setting).ok().and_then(|index| self.settings.get(index)).map(|(_, wanted)| wanted)
    }

    fn find(&self, setting: &Setting) -> Result<usize, usize> {
        self.settings.binary_search_by(|(member, _)| (*member).cmp(setting))
    }

    /// The managed settings, by name.
    pub fn settings(&self) -> impl Iterator<Item = (&'static Setting, &Wanted)> {
        self.settings.iter().map(|(setting, wanted)| (*setting, wanted))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_temporary_value_counts_up_to_its_last_day_and_says_what_comes_after_it() {
        let mut desired = Desired::new("example.com".parse().unwrap(), Variant::SbfmPro);
        desired.set("ai_search", "block").unwrap();
        let setting = catalogue::find("ai_search").unwrap();
        let place = Place { line: 9, column: 5 };
        let (value, reason, until) = (Value::Word("disabled"), "load test".to_owned(), date(2026, 12, 1));
        desired.temporary.push(Temporary { setting, value, reason, until, place, lines: (9, 12) });
        let last = desired.on(until).into_owned();
        assert_eq!(last.get(setting).unwrap().value, value);
        assert_eq!(last.after_temporary(setting), desired.get(setting));
        assert_eq!(last.on(until).as_ref(), &last, "twice is once");
        assert!(last.temporary.is_empty());
        let next = desired.on(date(2026, 12, 2));
        assert_eq!((next.as_ref(), next.after_temporary(setting)), (&desired, None));
        assert!(matches!(next, Cow::Borrowed(_)), "most of thousands of zones have nothing temporary");
    }

    #[test]
    fn a_setting_of_another_variant_cannot_be_set() {
        let zone = ZoneName::try_from("example.com".to_owned()).unwrap();
        let mut desired =
            Desired::in_file("zones/example.com.yaml".to_owned(), zone, Variant::SbfmPro, Place::START);
        let fight_mode = catalogue::find("fight_mode").unwrap();
        let refused = desired.set_at(fight_mode, Value::Toggle(true), Place::START).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "`fight_mode` cannot be true: sbfm_pro does not have it (only `bot_fight_mode` does)"
        );
        let enable_js = catalogue::find("enable_js").unwrap();
        assert!(desired.set_at(enable_js, Value::Word("block"), Place::START).is_err());
        assert!(desired.set_at(enable_js, Value::Toggle(true), Place::START).is_ok());
        assert_eq!(desired.settings().count(), 1);
    }

    #[test]
    fn an_error_lists_the_choices() {
        let mut desired = Desired::new("example.com".parse().unwrap(), Variant::SbfmPro);
        desired.set("sbfm_verified_bots", "allow").unwrap();
        desired.set("enable_js", true).unwrap();
        assert_eq!(desired.settings().count(), 2);
        let refusals = [
            desired.set("sbfm_verified_bots", "managed_challenge"),
            desired.set("enable_js", "true"),
            desired.set("fight_mode", true),
            desired.set("using_latest_model", true),
        ];
        let [word, kind, variant, read_only] = refusals.map(|refused| refused.unwrap_err().to_string());
        assert_eq!(word, "`sbfm_verified_bots` cannot be \"managed_challenge\"; it accepts `allow`, `block`");
        assert_eq!(kind, "`enable_js` cannot be \"true\"; it accepts `true`, `false`");
        assert_eq!(
            variant,
            "`fight_mode` cannot be true: sbfm_pro does not have it (only `bot_fight_mode` does)"
        );
        assert_eq!(read_only, "`using_latest_model` cannot be true: sbfm_pro does not have it");
        let unknown = desired.set("sbfm_verified", "allow").unwrap_err().to_string();
        assert!(unknown.starts_with("unknown setting `sbfm_verified`; sbfm_pro has `ai_"), "{unknown}");
    }
}
