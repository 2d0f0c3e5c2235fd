//! What a zone file says: the settings of one plan variant, and how the zone is to be treated.

use super::{AccountId, Place, ZoneId, ZoneName};
use crate::catalogue::{Setting, Value, Variant};

/// What to do with settings that an earlier plan variant left behind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StalePolicy {
    /// Show them.
    #[default]
    Report,
    /// Write their neutral values.
    Clean,
}

impl StalePolicy {
    /// Both, with the word used in files.
    pub const ALL: [(&'static str, Self); 2] = [("report", Self::Report), ("clean", Self::Clean)];
}

/// A zone that is planned and not applied for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Freeze {
    /// Why.
    pub reason: String,
    /// The last day of the freeze (UTC).
    pub until: jiff::civil::Date,
}

/// A known deviation that is accepted for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiver {
    /// The setting that may deviate.
    pub setting: &'static Setting,
    /// Why.
    pub reason: String,
    /// The last day of the waiver (UTC).
    pub until: jiff::civil::Date,
    /// Where it stands in the file.
    pub place: Place,
}

/// A wanted value and where it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The value.
    pub value: Value,
    /// The line and column of the setting's name in the file.
    pub place: Place,
}

/// A setting that the plan variant does not have, or a value of another setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` cannot be {value} on {variant}")]
pub struct NotAvailable {
    name: &'static str,
    value: Value,
    variant: Variant,
}

/// The desired state of one zone. It cannot hold a setting of another variant: [`Desired::set`] is the only way in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desired {
    /// The file, relative to the current folder, with `/`.
    pub file: String,
    /// The zone.
    pub zone: ZoneName,
    /// Where the zone's name stands in the file.
    pub place: Place,
    /// Where its plan variant stands in the file.
    pub plan_place: Option<Place>,
    /// The id that pins the zone's identity.
    pub zone_id: Option<ZoneId>,
    /// The account, where two hold the same name.
    pub account_id: Option<AccountId>,
    /// What to do with stale settings.
    pub stale: StalePolicy,
    /// Where the file says so.
    pub stale_place: Option<Place>,
    /// Whether custom rules guard the zone, so that stale Super Bot Fight Mode rules may go.
    pub custom_rules_in_place: bool,
    /// Whether the zone is always only planned.
    pub protect: bool,
    /// Whether, why and how long the zone is only planned.
    pub freeze: Option<Freeze>,
    /// The known deviations.
    pub accept: Vec<Waiver>,
    plan: Variant,
    /// By name, each once.
    settings: Vec<(&'static Setting, Wanted)>,
}

impl Desired {
    /// A desired state that manages nothing yet.
    #[must_use]
    pub fn new(file: String, zone: ZoneName, plan: Variant, place: Place) -> Self {
        Self {
            file,
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
            plan,
            settings: Vec::new(),
        }
    }

    /// Names a setting, which makes it managed.
    ///
    /// # Errors
    /// The variant does not have the setting, or the setting does not take the value.
    pub fn set(&mut self, setting: &'static Setting, value: Value, place: Place) -> Result<(), NotAvailable> {
        if !setting.is_settable_on(self.plan) || !setting.values().contains(&value) {
            return Err(NotAvailable { name: setting.name, value, variant: self.plan });
        }
        let wanted = (setting, Wanted { value, place });
        match self.find(setting) {
            Ok(index) => self.settings[index] = wanted,
            Err(index) => self.settings.insert(index, wanted),
        }
        Ok(())
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
    use crate::catalogue;

    #[test]
    fn a_setting_of_another_variant_cannot_be_held() {
        let zone = ZoneName::try_from("example.com".to_owned()).unwrap();
        let mut desired =
            Desired::new("zones/example.com.yaml".to_owned(), zone, Variant::SbfmPro, Place::START);
        let fight_mode = catalogue::find("fight_mode").unwrap();
        let refused = desired.set(fight_mode, Value::Toggle(true), Place::START).unwrap_err();
        assert_eq!(refused.to_string(), "`fight_mode` cannot be true on sbfm_pro");
        let enable_js = catalogue::find("enable_js").unwrap();
        assert!(desired.set(enable_js, Value::Word("block"), Place::START).is_err());
        assert!(desired.set(enable_js, Value::Toggle(true), Place::START).is_ok());
        assert_eq!(desired.settings().count(), 1);
    }
}
