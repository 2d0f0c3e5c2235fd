//! The keys of zone files and of the baselines that they extend.

use super::{Key, Kind, Mapping, Presence};
use crate::catalogue::{self, Variant};
use crate::config::yaml::Cursor;
use crate::model::StalePolicy;
use Presence::{Optional, Required, RequiredWith, Unless};

/// A reason, with the hint for an empty one.
pub(super) const REASON: Kind = Kind::Text("say why, for later readers of the file");

/// Required, with the hint for an exception without a reason.
pub(super) const ADD_REASON: Presence = Required("reason: why");
pub(super) const ADD_UNTIL: Presence = Required("until: 2026-12-31");

const EXTENDS: Key = Key {
    name: "extends",
    kind: Kind::Extends,
    presence: Optional,
    about: "The baselines that this file extends: later ones override earlier ones, and this file overrides all.",
};

/// The key that names the file's zone.
pub(super) const NAME: Key = Key {
    name: "zone",
    kind: Kind::ZoneName,
    presence: Required("zone: example.com"),
    about: "The name of the zone, in lower case; an international name in Unicode or in its `xn--` form.",
};
pub(super) const ZONE_ID: Key =
    Key { name: "zone_id", kind: Kind::ZoneId, presence: Optional, about: "Pins the zone's identity." };
pub(super) const ACCOUNT_ID: Key = Key {
    name: "account_id",
    kind: Kind::AccountId,
    presence: Optional,
    about: "The account; needed if two accounts have a zone of this name.",
};

/// A zone file.
pub(crate) static ZONE: Mapping = Mapping {
    called: "a zone file",
    keys: &[
        NAME,
        ZONE_ID,
        ACCOUNT_ID,
        Key {
            name: "plan",
            kind: Kind::Plan,
            presence: RequiredWith(|_| format!("add `plan:` with the zone's variant ({})", variants())),
            about: "The plan variant of the zone, which determines the available settings.",
        },
        EXTENDS,
        Key {
            name: "settings",
            kind: Kind::Settings,
            presence: Unless("extends", missing_settings),
            about: "What is named here or in a baseline is managed, nothing else.",
        },
        Key {
            name: "temporary",
            kind: Kind::Entries(&TEMPORARY),
            presence: Optional,
            about: "Values with a last day; afterwards `settings` counts again.",
        },
        Key {
            name: "stale",
            kind: Kind::Words(stale),
            presence: Optional,
            about: "What to do with settings that an earlier plan variant left behind; `report` is the default.",
        },
        Key {
            name: "custom_rules_in_place",
            kind: Kind::Toggle,
            presence: Optional,
            about: "Confirms that custom rules protect the zone, so that stale Super Bot Fight Mode rules may be cleaned on bm_enterprise.",
        },
        Key {
            name: "protect",
            kind: Kind::Toggle,
            presence: Optional,
            about: "Whether the zone is plan-only: its changes are shown and never written.",
        },
        Key {
            name: "freeze",
            kind: Kind::Mapping(&FREEZE),
            presence: Optional,
            about: "Makes the zone plan-only until a day.",
        },
        Key {
            name: "accept",
            kind: Kind::Entries(&WAIVER),
            presence: Optional,
            about: "Known deviations that are accepted for a while.",
        },
    ],
};

/// An entry of `temporary`.
static TEMPORARY: Mapping = Mapping {
    called: "an item of `temporary`",
    keys: &[
        Key {
            name: "setting",
            kind: Kind::SettingName,
            presence: Required("setting: sbfm_definitely_automated"),
            about: "The setting.",
        },
        Key {
            name: "value",
            kind: Kind::SettingValue,
            presence: Required("value: allow"),
            about: "Its value up to the last day.",
        },
        Key {
            name: "until",
            kind: Kind::Date,
            presence: ADD_UNTIL,
            about: "The last day of the value (UTC); afterwards `settings` counts again.",
        },
        Key {
            name: "reason",
            kind: REASON,
            presence: ADD_REASON,
            about: "Why the value differs for a while.",
        },
    ],
};

static FREEZE: Mapping = Mapping {
    called: "`freeze`",
    keys: &[
        Key { name: "reason", kind: REASON, presence: ADD_REASON, about: "Why the zone is frozen." },
        Key {
            name: "until",
            kind: Kind::Date,
            presence: ADD_UNTIL,
            about: "The last day of the freeze (UTC).",
        },
    ],
};

/// An entry of `accept`.
static WAIVER: Mapping = Mapping {
    called: "an item of `accept`",
    keys: &[
        Key {
            name: "setting",
            kind: Kind::SettingName,
            presence: Required("setting: fight_mode"),
            about: "The setting that may deviate; it may also be a stale one.",
        },
        Key { name: "reason", kind: REASON, presence: ADD_REASON, about: "Why the deviation is accepted." },
        Key {
            name: "until",
            kind: Kind::Date,
            presence: ADD_UNTIL,
            about: "The last day on which it is accepted (UTC).",
        },
    ],
};

pub(in crate::config) static BASELINE: Mapping = Mapping {
    called: "a baseline",
    keys: &[
        Key {
            name: "settings",
            kind: Kind::SettingsOfAll,
            presence: Optional,
            about: "The settings of every zone that extends this file, whatever its plan variant.",
        },
        Key {
            name: "plans",
            kind: Kind::SettingsByPlan,
            presence: Optional,
            about: "Settings for zones of one plan variant only; they override `settings`.",
        },
        EXTENDS,
    ],
};

/// The plan variants, with what they stand for.
pub(in crate::config) fn plans() -> Vec<(&'static str, &'static str)> {
    Variant::ALL.iter().map(|variant| (variant.word(), variant.meaning())).collect()
}

fn stale() -> Vec<(&'static str, &'static str)> {
    let meaning = |policy: &StalePolicy| match policy {
        StalePolicy::Report => "they are shown",
        StalePolicy::Clean => {
            "their neutral values are written; on bm_enterprise that switches off rules which still protect the zone, so it needs `custom_rules_in_place: true`"
        }
    };
    StalePolicy::ALL.iter().map(|(word, policy)| (*word, meaning(policy))).collect()
}

/// The plan variants in a sentence.
pub(in crate::config) fn variants() -> String {
    plans().iter().map(|(word, meaning)| format!("`{word}`: {meaning}")).collect::<Vec<_>>().join("; ")
}

fn missing_settings(root: Cursor<'_>) -> String {
    let members = root.members().unwrap_or_default();
    let hint = match members.iter().any(|(key, _)| catalogue::find(key).is_some()) {
        true => "add `settings:`, with the settings of the file below it",
        false => "add `settings:` with what is to be managed, or `settings: {}` to manage nothing",
    };
    hint.to_owned()
}
