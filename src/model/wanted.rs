//! A wanted value and where it comes from: `settings` of the zone file, a baseline, or a temporary value.

use super::{Diagnostic, Place};
use crate::catalogue::{Setting, Value};
use jiff::civil::Date;
use std::sync::Arc;

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FilePlace {
    /// The file.
    pub file: Arc<str>,
    /// The line and column.
    pub place: Place,
}

/// A wanted value and where it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The value.
    pub value: Value,
    /// The line and column of the setting's name, in [`file`](Self::file).
    pub place: Place,
    /// Where it comes from.
    pub(crate) by: WantedBy,
}

/// The origin of a wanted value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) enum WantedBy {
    /// `settings` of the zone file.
    #[default]
    Settings,
    /// A baseline that the zone file extends.
    Baseline(Arc<Extended>),
    /// An entry of `temporary` in the zone file.
    Temporary(Arc<Interim>),
}

/// A baseline, and the path from the zone file to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Extended {
    /// The file of the baseline.
    pub file: Arc<str>,
    /// The entries of `extends` that lead to it, the one of the zone file first.
    pub via: Vec<FilePlace>,
}

/// A value that counts until a day, and the one after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Interim {
    /// Why.
    pub reason: String,
    /// Its last day (UTC).
    pub until: Date,
    /// What is wanted from the next day on.
    pub then: Wanted,
}

impl Wanted {
    /// A value of `settings` of the zone file.
    #[must_use]
    pub fn new(value: Value, place: Place) -> Self {
        Self { value, place, by: WantedBy::Settings }
    }

    /// The file of the value: the zone file, if there is one, or a baseline.
    #[must_use]
    pub fn file<'a>(&'a self, zone_file: Option<&'a str>) -> Option<&'a str> {
        self.extended().map_or(zone_file, |extended| Some(&extended.file))
    }

    /// The baseline of the value; `None` if it is from the zone file.
    #[must_use]
    pub(crate) fn extended(&self) -> Option<&Extended> {
        match &self.by {
            WantedBy::Baseline(extended) => Some(extended),
            WantedBy::Settings | WantedBy::Temporary(_) => None,
        }
    }

    /// Until when and why it is wanted, and what is wanted afterwards; `None` if it has no end.
    #[must_use]
    pub(crate) fn interim(&self) -> Option<&Interim> {
        match &self.by {
            WantedBy::Temporary(interim) => Some(interim),
            WantedBy::Settings | WantedBy::Baseline(_) => None,
        }
    }

    /// The same message at the place of this value.
    #[must_use]
    pub(crate) fn locate(&self, message: Diagnostic, zone_file: Option<&str>) -> Diagnostic {
        message.maybe_at(self.file(zone_file), self.place)
    }
}

/// An entry of `temporary`: a value with a last day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Temporary {
    /// The setting.
    pub setting: &'static Setting,
    /// Its value until then.
    pub value: Value,
    /// Why.
    pub reason: String,
    /// Its last day (UTC).
    pub until: Date,
    /// The place of the setting's name in the entry.
    pub place: Place,
    /// The first and the last line to remove once the entry has ended.
    pub lines: (u32, u32),
}
