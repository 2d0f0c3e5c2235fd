//! Waivers: deviations that a file accepts until a day.

use super::{Acceptance, Row, Verdict};
use crate::model::{Desired, Diagnostic, DiagnosticKind, Waiver};
use jiff::civil::Date;

/// The waiver that accepts a deviation of a setting on a day: the one that ends last.
fn active<'w>(want: &'w Desired, name: &str, today: Date) -> Option<&'w Waiver> {
    let waivers = want.accept.iter().filter(|waiver| waiver.setting.name == name && waiver.until >= today);
    waivers.max_by_key(|waiver| waiver.until)
}

/// Whether a deviation of a setting is accepted on a day.
pub(super) fn is_accepted(want: &Desired, name: &str, today: Date) -> bool {
    active(want, name, today).is_some()
}

/// Whether a row shows something that a waiver may accept: a difference, or a stale member that still acts.
fn deviates(row: &Row) -> bool {
    match row.verdict {
        Verdict::Change
        | Verdict::Blocked
        | Verdict::Accepted(_)
        | Verdict::CannotClean(_)
        | Verdict::Held(_)
        | Verdict::Unapproved(_) => true,
        Verdict::Unmanaged => row.stale,
        Verdict::InSync | Verdict::Unread | Verdict::ChangedOutside(_) => false,
    }
}

/// Accepts the deviation of a row if a waiver covers it.
pub(super) fn accept(row: &mut Row, want: &Desired, today: Date) {
    if !deviates(row) {
        return;
    }
    if let Some(Waiver { reason, until, .. }) = active(want, row.name(), today) {
        row.verdict = Verdict::Accepted(Box::new(Acceptance { reason: reason.clone(), until: *until }));
    }
}

/// Warns of waivers without a deviation: it is gone, or never existed.
pub(super) fn idle(want: &Desired, rows: &[Row], today: Date) -> Vec<Diagnostic> {
    let deviates =
        |waiver: &Waiver| rows.iter().any(|row| row.name() == waiver.setting.name && deviates(row));
    let idle = want.accept.iter().filter(|waiver| waiver.until >= today && !deviates(waiver));
    idle.map(|Waiver { setting, place, .. }| {
        Diagnostic::warning(format!("`accept` has no effect on `{}`, which does not deviate", setting.name))
            .kind(DiagnosticKind::Waiver)
            .hint("remove the waiver")
            .maybe_at(want.file.as_deref(), *place)
    })
    .collect()
}

/// Reports waivers that have ended, without a later one, while the deviation persists.
pub(super) fn expired(want: &Desired, rows: &[Row], today: Date) -> Vec<Diagnostic> {
    let still_there =
        |waiver: &&Waiver| rows.iter().any(|row| row.name() == waiver.setting.name && deviates(row));
    want.accept
        .iter()
        .filter(|waiver| waiver.until < today && !is_accepted(want, waiver.setting.name, today))
        .filter(still_there)
        .map(|Waiver { setting, reason, until, place }| {
            Diagnostic::error(format!("the waiver for `{}` ended on {until}: {reason}", setting.name))
                .kind(DiagnosticKind::Waiver)
                .hint("remove the waiver and let the setting be written, or give it a new reason and end")
                .maybe_at(want.file.as_deref(), *place)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::catalogue::{Variant, find};
    use crate::diff::{Context, Verdict, diff};
    use crate::model::{Desired, Live, Place, Waiver};

    const LAST: jiff::civil::Date = jiff::civil::date(2026, 11, 23);

    /// The messages about a waiver for a setting, in a zone where only `ai_search` deviates.
    fn told(setting: &str) -> Vec<String> {
        let mut want = Desired::new("a.example".parse().unwrap(), Variant::SbfmPro);
        want.set("ai_search", "block").unwrap();
        want.set("ai_user", "block").unwrap();
        let setting = find(setting).unwrap();
        want.accept.push(Waiver { setting, reason: "agreed".to_owned(), until: LAST, place: Place::START });
        let live = [("ai_search", "disabled"), ("ai_user", "block")];
        let live =
            Live::read(live.map(|(name, value)| (name.to_owned(), value.into())).into_iter().collect());
        let notes = diff(&want, &live, &Context::of_day(LAST)).notes;
        let texts = notes.iter().map(|note| note.message.to_string());
        texts.filter(|text| text.contains("has no effect")).collect()
    }

    #[test]
    fn a_waiver_without_a_deviation_is_reported() {
        assert!(told("ai_search").is_empty());
        assert_eq!(told("ai_user"), ["`accept` has no effect on `ai_user`, which does not deviate"]);
    }

    #[test]
    fn of_two_waivers_the_one_that_ends_last_counts() {
        let mut want = Desired::new("a.example".parse().unwrap(), Variant::SbfmPro);
        want.set("ai_search", "block").unwrap();
        let setting = find("ai_search").unwrap();
        let last = [LAST, LAST.tomorrow().unwrap(), LAST];
        let waiver = |until| Waiver { setting, reason: "agreed".to_owned(), until, place: Place::START };
        want.accept = last.map(waiver).into();
        let live = Live::read([("ai_search".to_owned(), "disabled".into())].into_iter().collect());
        let rows = diff(&want, &live, &Context::of_day(LAST)).rows;
        assert!(matches!(&rows[0].verdict, Verdict::Accepted(accepted) if accepted.until == last[1]));
    }
}
