//! One setting of one zone with its verdict. Everything that is shown, counted or written is a filter over rows.

use super::{ChangedOutside, Effect, LastApplied, Origin};
use crate::catalogue::{Caution, Harm, Setting, Value};
use crate::model::{LiveValue, Wanted, Who};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is decided about one setting, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// The zone was not read.
    Unread,
    /// The file does not name the setting.
    Unmanaged,
    /// The file does not name the setting, or it is stale, and live differs from an earlier snapshot.
    ChangedOutside(Box<ChangedOutside>),
    /// Live is as desired.
    InSync,
    /// The wanted value is to be written.
    Change,
    /// Live differs, and the file accepts that until a day.
    Accepted(Box<Acceptance>),
    /// Live differs, and writing would undo a manual tightening; the text is the evidence.
    Held(Box<str>),
    /// Live differs, and no approved plan holds the change: why.
    Unapproved(Box<str>),
    /// The zone does not have the wanted value: its plan variant lacks it.
    Blocked,
    /// The stale setting cannot be cleaned: why.
    CannotClean(Box<str>),
}

/// A difference that a file accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Acceptance {
    /// Why.
    pub reason: String,
    /// The last day (UTC).
    pub until: Date,
}

impl Verdict {
    /// What is decided, without the reason.
    #[must_use]
    pub(crate) fn kind(&self) -> VerdictKind {
        match self {
            Self::Unread => VerdictKind::Unread,
            Self::Unmanaged => VerdictKind::Unmanaged,
            Self::ChangedOutside(_) => VerdictKind::ChangedOutside,
            Self::InSync => VerdictKind::InSync,
            Self::Change => VerdictKind::Change,
            Self::Accepted(_) => VerdictKind::Accepted,
            Self::Held(_) => VerdictKind::Held,
            Self::Unapproved(_) => VerdictKind::Unapproved,
            Self::Blocked => VerdictKind::Blocked,
            Self::CannotClean(_) => VerdictKind::CannotClean,
        }
    }

    /// Why, if that does not follow from the values.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Accepted(acceptance) => Some(&acceptance.reason),
            Self::ChangedOutside(was) => was.otherwise.reason(),
            Self::Held(why) | Self::Unapproved(why) | Self::CannotClean(why) => Some(why),
            Self::Unread | Self::Unmanaged | Self::InSync | Self::Change | Self::Blocked => None,
        }
    }
}

/// What is decided about one setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Verdict")]
#[non_exhaustive]
pub(crate) enum VerdictKind {
    /// The zone was not read.
    Unread,
    /// The file does not name the setting.
    Unmanaged,
    /// The file does not name the setting, or it is stale, and live differs from an earlier snapshot.
    ChangedOutside,
    /// Live is as desired.
    InSync,
    /// The wanted value is to be written.
    Change,
    /// Live differs, and the file accepts that until a day.
    Accepted,
    /// Live differs, and writing would undo a manual tightening.
    Held,
    /// Live differs, and no approved plan holds the change.
    Unapproved,
    /// The wanted value cannot be written to this zone.
    Blocked,
    /// The stale setting cannot be cleaned.
    CannotClean,
}

impl VerdictKind {
    /// The word used in JSON.
    #[must_use]
    pub(crate) fn word(self) -> &'static str {
        crate::catalogue::word::<Self>(self as usize)
    }
}

/// The name of a row's setting: one of the catalogue, or a stale member that this version does not know.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) enum Key {
    /// A setting of the catalogue.
    Setting(&'static Setting),
    /// A name that this version does not know.
    Unknown(Box<str>),
}

impl Key {
    /// The name, as the API has it.
    #[must_use]
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Setting(setting) => setting.name,
            Self::Unknown(name) => name,
        }
    }

    /// The setting; `None` for a name that this version does not know.
    #[must_use]
    pub(crate) fn setting(&self) -> Option<&'static Setting> {
        match self {
            Self::Setting(setting) => Some(setting),
            Self::Unknown(_) => None,
        }
    }
}

/// One setting of one zone, with what is decided about it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Row {
    /// The setting.
    pub(crate) key: Key,
    /// Whether it is a member of `stale_zone_configuration`.
    pub stale: bool,
    /// Whether the live value is that of an active member of `stale_zone_configuration`, though the file names the
    /// setting: if the file wants its neutral value, this row is the clean-up, and the member has no row of its own.
    pub leftover: bool,
    /// What is wanted; for a stale setting the value that cleans it.
    pub wanted: Option<Wanted>,
    /// The live value, which is the one that acts on traffic; `None` if GET does not report it.
    pub live: Option<LiveValue>,
    /// What is decided.
    pub verdict: Verdict,
    /// The effect of writing the wanted value on protection, if live differs.
    pub effect: Option<Effect>,
    /// Which side moved; `None` if that is not known.
    pub origin: Option<Origin>,
    /// What was applied last, by the record that the plan was made with; `None` without one.
    pub last: Option<LastApplied>,
    /// Whether the zone does not have the setting, so that it is only sent on request (`--send-unavailable`).
    pub unavailable: bool,
    /// Who changed the live value, where the audit log was asked. It is evidence and changes nothing of the plan.
    pub(crate) who: Option<Box<Who>>,
}

impl Row {
    /// A row with only a setting and a verdict.
    pub(super) fn new(key: Key, verdict: Verdict) -> Self {
        Self {
            key,
            stale: false,
            leftover: false,
            wanted: None,
            live: None,
            verdict,
            effect: None,
            origin: None,
            last: None,
            unavailable: false,
            who: None,
        }
    }

    /// The row of a setting that GET reports and the file does not name.
    #[must_use]
    pub fn unmanaged(setting: &'static Setting, live: LiveValue) -> Self {
        Self { live: Some(live), ..Self::new(Key::Setting(setting), Verdict::Unmanaged) }
    }

    /// The name of the setting, as the API has it.
    #[must_use]
    pub fn name(&self) -> &str {
        self.key.name()
    }

    /// The wanted value; `None` if the file leaves the setting alone.
    #[must_use]
    pub fn value(&self) -> Option<Value> {
        self.wanted.as_ref().map(|wanted| wanted.value)
    }

    /// What is wanted after the temporary wanted value has ended; `None` if it has no end.
    #[must_use]
    pub fn after_temporary(&self) -> Option<&Wanted> {
        Some(&self.wanted.as_ref()?.interim()?.then)
    }

    /// The setting and value of a row that would be written.
    #[must_use]
    pub fn change(&self) -> Option<(&'static Setting, Value)> {
        (self.verdict == Verdict::Change).then_some(())?;
        self.key.setting().zip(self.value())
    }

    /// Whether writing it cleans up what an earlier plan variant left behind.
    #[must_use]
    pub fn is_clean_up(&self) -> bool {
        self.stale || self.leftover
    }

    /// Whether it is sent although GET never shows its value: such a row does not count as a difference.
    #[must_use]
    pub fn is_unreported(&self) -> bool {
        self.verdict == Verdict::Change && self.live.is_none() && !self.unavailable
    }

    /// Whether GET shows a difference from the file that is not accepted.
    #[must_use]
    pub fn differs(&self) -> bool {
        self.is_of_write() && !self.is_unreported()
    }

    /// Whether it is written, or would be if nothing held it back.
    fn is_of_write(&self) -> bool {
        matches!(self.verdict, Verdict::Change | Verdict::Held(_) | Verdict::Unapproved(_))
    }

    /// Whether it is a change that loosens protection.
    #[must_use]
    pub fn is_loosening(&self) -> bool {
        self.verdict == Verdict::Change && self.effect == Some(Effect::Loosens)
    }

    /// The cautions of the value that would be written or is held, or that changed outside. A clean-up only removes, so
    /// it has none.
    pub(crate) fn cautions(&self) -> impl Iterator<Item = &'static Caution> {
        let written = self.value().filter(|_| self.is_of_write() && !self.is_clean_up());
        let outside = self.changed_outside().and(self.live.as_ref()).and_then(|live| match live {
            LiveValue::Known(value) => Some(*value),
            LiveValue::Other(_) => None,
        });
        let value = written.or(outside);
        let of = self.key.setting().zip(value);
        of.into_iter().flat_map(|(setting, value)| setting.cautions_of(value))
    }

    /// Whether it is a change that shuts out search engines. A setting that GET never reports does not count: it is
    /// sent each time, and changes nothing.
    #[must_use]
    pub fn shuts_out(&self) -> bool {
        let is_change = self.verdict == Verdict::Change && !self.is_unreported();
        is_change && self.cautions().any(|caution| caution.harm == Harm::SearchEngines)
    }

    /// What it was, where it changed outside.
    #[must_use]
    pub fn changed_outside(&self) -> Option<&ChangedOutside> {
        match &self.verdict {
            Verdict::ChangedOutside(was) => Some(was),
            _ => None,
        }
    }

    /// Whether it is a stale setting that still acts on traffic and is not cleaned.
    #[must_use]
    pub(crate) fn is_stale_kept(&self) -> bool {
        let verdict = self.changed_outside().map_or(&self.verdict, |was| &was.otherwise);
        self.stale && matches!(verdict, Verdict::Unmanaged | Verdict::CannotClean(_))
    }

    /// Whether the file names the setting.
    #[must_use]
    pub fn is_managed(&self) -> bool {
        !self.stale && self.wanted.is_some()
    }
}
