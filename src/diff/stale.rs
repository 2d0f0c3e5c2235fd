//! Settings that an earlier plan variant left behind and that still act on traffic.

use super::{Change, Context};
use crate::catalogue::{self, Setting};
use crate::model::{Desired, Live, StalePolicy};
use serde_json::Value as Json;

/// What the plan does with a stale member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StaleAction {
    /// It is shown.
    Report,
    /// Its neutral value is written.
    Clean,
    /// It is shown, and a waiver of the file accepts it for now.
    Accept,
}

impl StaleAction {
    /// All actions.
    pub const ALL: [Self; 3] = [Self::Report, Self::Clean, Self::Accept];

    /// The word used in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Report => "report",
            Self::Clean => "clean",
            Self::Accept => "accept",
        }
    }
}

/// A member of `stale_zone_configuration` that still acts on traffic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaleMember {
    /// The name, as the API has it.
    pub setting: String,
    /// The value, as the API has it.
    pub value: Json,
    /// What the plan does with it.
    pub action: StaleAction,
}

/// The stale members with what is done about each, and the changes that clean them.
pub(super) fn members(want: &Desired, live: &Live, context: &Context) -> (Vec<StaleMember>, Vec<Change>) {
    let mut changes = Vec::new();
    let members = live
        .stale()
        .iter()
        .map(|(name, value)| {
            let cleaned = cleanable(name, want, live, context)
                .and_then(|setting| Change::clean(setting, value, want.stale_place));
            let action = match &cleaned {
                Some(_) => StaleAction::Clean,
                None if context.accepts(want, name) => StaleAction::Accept,
                None => StaleAction::Report,
            };
            changes.extend(cleaned);
            StaleMember { setting: name.clone(), value: value.clone(), action }
        })
        .collect();
    (members, changes)
}

/// The setting of a member that may be cleaned: known, not accepted, not a live setting of the variant, which a
/// clean-up would overwrite, and not wanted at another value.
fn cleanable(name: &str, want: &Desired, live: &Live, context: &Context) -> Option<&'static Setting> {
    let variant = live.variant().unwrap_or(want.plan());
    catalogue::find(name)
        .filter(|_| want.stale == StalePolicy::Clean && !context.accepts(want, name))
        .filter(|setting| !setting.is_settable_on(variant) && live.get(setting).is_none())
        .filter(|setting| want.get(setting).is_none_or(|wanted| setting.neutral == Some(wanted.value)))
}
