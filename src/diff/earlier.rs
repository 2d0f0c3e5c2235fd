//! A zone file at an earlier time, which tells drift from pending changes without a state file.

use super::{Effect, Recorded, Row, Verdict, last_applied};
use crate::catalogue::{Setting, Value};
use crate::model::{Desired, Diagnostic, DiagnosticKind, Live, LiveValue, Wanted};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A zone file at an earlier time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// The earlier time, as messages show it.
    pub since: Arc<str>,
    /// What the file wanted then.
    pub wanted: EarlierWanted,
    /// What the record adds; `None` if the earlier time does not come from a record.
    pub recorded: Option<Recorded>,
    /// What the target branch of a pull request already wants; empty if that was not asked for.
    pub base: BTreeMap<&'static Setting, Value>,
}

impl Earlier {
    /// What a zone file wanted at a time, without a record.
    #[must_use]
    pub fn new(since: Arc<str>, wanted: EarlierWanted) -> Self {
        Self { since, wanted, recorded: None, base: BTreeMap::new() }
    }
}

/// What a zone file wanted at an earlier time.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EarlierWanted {
    /// There was no file for the zone.
    New,
    /// Its settings.
    Known(BTreeMap<&'static Setting, EarlierValue>),
    /// There was a file, but it cannot be read; the text says why.
    Unreadable(String),
}

/// What a zone file wanted of a setting at an earlier time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EarlierValue {
    /// The value.
    pub value: Value,
    /// For a temporary value, its last day and the value after it.
    pub then: Option<(Date, Value)>,
}

impl EarlierValue {
    /// What was wanted.
    #[must_use]
    pub fn of(wanted: &Wanted) -> Self {
        Self {
            value: wanted.value,
            then: wanted.interim().map(|interim| (interim.until, interim.then.value)),
        }
    }
}

impl From<Value> for EarlierValue {
    fn from(value: Value) -> Self {
        Self { value, then: None }
    }
}

/// Which side moved, so that live and file differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Origin {
    /// Live moved.
    Drift,
    /// The file moved.
    Pending,
    /// Both moved.
    Both,
    /// The file moved in a change that was merged before and is not applied yet.
    MergedBefore,
}

impl Origin {
    /// The word used in JSON and in texts.
    #[must_use]
    pub fn word(self) -> &'static str {
        crate::catalogue::word::<Self>(self as usize)
    }

    /// The words used in texts.
    #[must_use]
    pub fn text(self) -> String {
        self.word().replace('_', " ")
    }

    /// The origin of a difference between a wanted value and a live one. Unclear cases count as drift, the safe choice.
    fn of(
        setting: &Setting,
        wanted: Value,
        live: Option<&LiveValue>,
        earlier: &EarlierWanted,
        today: Date,
    ) -> Self {
        let before = match earlier {
            EarlierWanted::New => return Self::Pending,
            EarlierWanted::Unreadable(_) => return Self::Drift,
            EarlierWanted::Known(settings) => settings.get(setting),
        };
        let Some(EarlierValue { value: before, then }) = before.copied() else { return Self::Pending };
        // GET omits what a plan lacks: absent only says "moved" of a setting that was wanted at another value.
        let live_moved = match live {
            Some(live) => !live.is(before),
            None => setting.neutral != Some(before),
        };
        // The return from a temporary value was decided when the temporary value was written. That its last day has
        // passed does not mean that the file moved.
        let goes_back = then.is_some_and(|(until, then)| until < today && then == wanted);
        match (before != wanted && !(goes_back && live_moved), live_moved) {
            (true, true) => Self::Both,
            (true, false) => Self::Pending,
            (false, _) => Self::Drift,
        }
    }
}

/// Determines which side moved in a row that differs, and holds the row if writing would undo a manual tightening.
/// A clean-up of stale settings has no origin and is never held.
pub(super) fn judge(row: &mut Row, earlier: &Earlier, may_loosen: bool, today: Date) {
    if let Some(recorded) = earlier.recorded {
        last_applied::note(row, recorded, &earlier.wanted, today);
    }
    let Some((setting, wanted)) = row.key.setting().zip(row.value()).filter(|_| !row.stale) else { return };
    if row.effect.is_none() {
        return;
    }
    let origin = match earlier.recorded.and_then(|recorded| recorded.in_doubt) {
        // An unfinished run may have written what is live, so it is no evidence of a manual change.
        Some(_) => Origin::Pending,
        None => Origin::of(setting, wanted, row.live.as_ref(), &earlier.wanted, today),
    };
    if row.is_unreported() && origin == Origin::Drift && !row.is_loosening() {
        // Without a live value it is unknown whether it moved.
        return;
    }
    let is_merged = origin == Origin::Pending && earlier.base.get(setting) == Some(&wanted);
    row.origin = Some(if is_merged { Origin::MergedBefore } else { origin });
    if row.is_loosening() && origin == Origin::Drift && !may_loosen {
        let why = match &earlier.wanted {
            EarlierWanted::Unreadable(why) => format!("the file of {} cannot be read: {why}", earlier.since),
            EarlierWanted::Known(_) | EarlierWanted::New => {
                format!("the file has not changed this setting since {}", earlier.since)
            }
        };
        row.verdict = Verdict::Held(why.into());
    }
}

/// The settings that the file managed at the earlier time and no longer does: nothing is written for them.
pub(super) fn left(want: &Desired, live: &Live, earlier: &Earlier) -> Vec<Diagnostic> {
    let EarlierWanted::Known(settings) = &earlier.wanted else { return Vec::new() };
    let left = settings.keys().filter(|setting| want.get(setting).is_none());
    let note = |setting: &&'static Setting| {
        let name = setting.name;
        let stays = match live.effective(setting) {
            Some(value) => format!("live stays `{value}`"),
            None => "live does not report it".to_owned(),
        };
        let note = Diagnostic::note(format!("`{name}` is no longer managed; {stays}"));
        note.kind(DiagnosticKind::LeftManagement)
    };
    left.map(note).collect()
}

/// Whether a saved row may be held: drift that loosens or, with a record, any change that nobody approved.
#[must_use]
pub(crate) fn may_be_held(row: &Row) -> bool {
    row.last.is_some()
        || !row.stale && row.effect == Some(Effect::Loosens) && row.origin == Some(Origin::Drift)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::find;
    use crate::diff::Key;
    use jiff::civil::date;

    #[test]
    fn the_way_back_from_a_temporary_value_is_drift_only_after_its_last_day() {
        let setting = find("ai_search").unwrap();
        let [block, disabled] = ["block", "disabled"].map(|word| setting.word(word).unwrap());
        let until = date(2026, 12, 1);
        let of = |wanted, then, live, today| {
            let earlier = EarlierValue { value: disabled, then: Some((until, then)) };
            let earlier = EarlierWanted::Known([(setting, earlier)].into());
            Origin::of(setting, wanted, Some(&LiveValue::Known(live)), &earlier, today)
        };
        let (last, next) = (until, date(2026, 12, 2));
        let pages = setting.word("only_on_ad_pages").unwrap();
        assert_eq!(of(block, block, pages, next), Origin::Drift);
        assert_eq!(of(block, block, pages, last), Origin::Both);
        assert_eq!(of(block, disabled, pages, next), Origin::Both, "the file wants something else");
        assert_eq!(of(block, block, disabled, next), Origin::Pending, "live has not moved");
    }

    #[test]
    fn only_a_drift_that_loosens_may_be_held() {
        let row = Row {
            effect: Some(Effect::Loosens),
            origin: Some(Origin::Drift),
            ..Row::new(Key::Setting(find("ai_search").unwrap()), Verdict::Change)
        };
        assert!(may_be_held(&row));
        for other in [
            Row { stale: true, ..row.clone() },
            Row { effect: Some(Effect::Tightens), ..row.clone() },
            Row { effect: None, ..row.clone() },
            Row { origin: Some(Origin::Pending), ..row.clone() },
            Row { origin: Some(Origin::Both), ..row.clone() },
            Row { origin: None, ..row.clone() },
        ] {
            assert!(!may_be_held(&other), "{other:?}");
        }
    }

    #[test]
    fn an_origin_of_two_words_is_shown_as_two_words() {
        assert_eq!([Origin::Drift, Origin::MergedBefore].map(Origin::text), ["drift", "merged before"]);
    }

    #[test]
    fn a_value_that_live_does_not_report_moved_unless_it_means_off() {
        let setting = find("ai_search").unwrap();
        let [block, disabled] = ["block", "disabled"].map(|word| setting.word(word).unwrap());
        let of = |before: Value| {
            let earlier = EarlierWanted::Known([(setting, before.into())].into());
            let pages = setting.word("only_on_ad_pages").unwrap();
            Origin::of(setting, pages, None, &earlier, date(2026, 12, 1))
        };
        assert_eq!([of(block), of(disabled)], [Origin::Both, Origin::Pending]);
    }
}
