//! A setting that was written, as a journal records it, with its effect.

use super::Effect;
use crate::catalogue;
use crate::model::LiveValue;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value as Json;

/// A setting that was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub(crate) struct SentSetting {
    /// Its name.
    pub(crate) setting: String,
    /// The value before; null where GET did not report it.
    pub(crate) before: Json,
    /// The value that was sent.
    pub(crate) sent: Json,
    /// What that does to protection; null for a setting that this version does not know.
    pub(crate) effect: Option<Effect>,
}

impl SentSetting {
    /// A setting by its name, with its value before and the one that was sent.
    #[must_use]
    pub(crate) fn new(name: &str, before: Json, sent: &Json) -> Self {
        let effect = catalogue::find(name).and_then(|setting| {
            let live = Some(&before).filter(|before| !before.is_null());
            let live = live.map(|before| LiveValue::read_stale(setting, before));
            Some(Effect::of(setting, setting.read(sent)?, live.as_ref()))
        });
        Self { setting: name.to_owned(), before, sent: sent.clone(), effect }
    }
}
