//! A zone as the checks see it: desired, live, and their rows.

use crate::catalogue::{Setting, Value};
use crate::diff::{Context, Row, Verdict};
use crate::model::{Desired, Live};

/// A zone with its rows.
#[derive(Clone, Copy, Debug)]
pub(in crate::diff) struct Zone<'a> {
    pub(in crate::diff) want: &'a Desired,
    pub(in crate::diff) live: &'a Live,
    pub(in crate::diff) rows: &'a [Row],
    pub(in crate::diff) context: &'a Context,
}

impl Zone<'_> {
    /// The value of a setting that would be written.
    pub(super) fn written(&self, setting: &Setting) -> Option<Value> {
        let row = self.rows.iter().find(|row| !row.stale && row.name() == setting.name)?;
        row.value().filter(|_| row.verdict == Verdict::Change)
    }

    /// The value of a setting after the write; `None` if it is not reported, or not known.
    pub(super) fn value(&self, setting: &Setting) -> Option<Value> {
        self.written(setting).or_else(|| setting.read(&self.live.get(setting)?.to_json()))
    }
}
