//! What a file said when it was last applied: it tells drift from a pending change, without any state.

use super::{Change, ChangeReason, Effect};
use crate::catalogue::{Setting, Value};
use crate::model::{Desired, Diagnostic, LiveValue};
use std::collections::BTreeMap;

/// What a zone file said at an earlier time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Baseline {
    /// The earlier time, as a person knows it.
    pub since: String,
    /// Whether the file is another one now.
    pub file_changed: bool,
    /// What the file wanted then.
    pub wanted: BTreeMap<&'static Setting, Value>,
}

/// Who moved, so that live and file differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// Live moved.
    Drift,
    /// The file moved.
    Pending,
    /// Both moved.
    Both,
}

impl Origin {
    /// All origins.
    pub const ALL: [Self; 3] = [Self::Drift, Self::Pending, Self::Both];

    /// The word used in JSON and in texts.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Drift => "drift",
            Self::Pending => "pending",
            Self::Both => "both",
        }
    }

    /// The origin of a difference between a wanted value and a live one.
    pub(super) fn of(
        setting: &Setting,
        after: Value,
        before: Option<&LiveValue>,
        baseline: &Baseline,
    ) -> Self {
        let Some(earlier) = baseline.wanted.get(setting) else { return Self::Pending };
        let live_moved = match before {
            Some(live) => !live.is(*earlier),
            None => setting.neutral != Some(*earlier),
        };
        match (*earlier != after, live_moved) {
            (true, true) => Self::Both,
            (true, false) => Self::Pending,
            (false, _) => Self::Drift,
        }
    }
}

/// Why changes are held back: they would loosen a zone whose file did not change, so that somebody else tightened it.
pub(super) fn held(want: &Desired, changes: &[Change], baseline: Option<&Baseline>) -> Vec<Diagnostic> {
    let Some(baseline) = baseline.filter(|baseline| !baseline.file_changed) else { return Vec::new() };
    let loosens = changes.iter().filter(|change| change.effect() == Effect::Loosens);
    loosens.map(|change| hold(want, change, baseline)).collect()
}

fn hold(want: &Desired, change: &Change, baseline: &Baseline) -> Diagnostic {
    let (name, zone) = (change.setting().name, &want.zone);
    let live = change.before().map_or_else(|| "not reported".to_owned(), ToString::to_string);
    let adopt = match (change.reason(), change.before()) {
        (ChangeReason::Declared, None) => String::new(),
        (ChangeReason::Declared, Some(_)) => {
            format!("write `{name}: {}` in {} to keep it, or ", live.trim_matches('"'), want.file)
        }
        (ChangeReason::Stale, _) => format!("write `stale: report` in {} to keep it, or ", want.file),
    };
    let diagnostic = Diagnostic::error(format!(
        "held back: live has `{name}` at {live}, and writing {} would loosen a zone whose file did not change since {}",
        change.after(),
        baseline.since
    ))
    .hint(format!("{adopt}loosen it all the same with `--confirm-loosening {zone}`"));
    match change.place() {
        Some(place) => diagnostic.at(&want.file, place),
        None => diagnostic,
    }
}
