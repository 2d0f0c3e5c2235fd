//! The diff of one zone: one row for each setting and stale member, and the messages about the zone.

use super::{Earlier, Effect, Key, Row, Verdict, checks, earlier, stale, waivers};
use crate::catalogue::{Setting, Value, Variant};
use crate::model::{Desired, Diagnostic, DiagnosticKind, Live, Wanted, ZoneName, short};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// The inputs of the diff besides the file and the live object.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Context {
    /// The zone's plan as `GET /zones` reports it.
    pub legacy_id: Option<String>,
    /// The settings that are sent although live does not report them.
    pub send_unavailable: BTreeSet<&'static str>,
    /// The day (UTC) on which waivers are judged.
    pub today: jiff::civil::Date,
    /// The file at an earlier time, if known.
    pub earlier: Option<Earlier>,
    /// Whether held loosenings of the zone are written anyway.
    pub may_loosen: bool,
    /// Whether another zone of the run has the same name, so that messages must disambiguate.
    pub shares_name: bool,
}

impl Context {
    /// The context of a day, without an earlier file and without exceptions.
    #[must_use]
    pub fn of_day(today: jiff::civil::Date) -> Self {
        Self {
            legacy_id: None,
            send_unavailable: BTreeSet::new(),
            today,
            earlier: None,
            may_loosen: false,
            shares_name: false,
        }
    }
}

/// The difference between a file and a live object.
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use]
#[non_exhaustive]
pub(crate) struct ZoneDiff {
    /// Settings by name, then stale members by name.
    pub rows: Vec<Row>,
    /// Why nothing of the zone may be written; empty if it may.
    pub blocks: Vec<Diagnostic>,
    /// What needs attention.
    pub notes: Vec<Diagnostic>,
}

/// Compares what a file wants on the day with a live object.
pub(crate) fn diff(want: &Desired, live: &Live, context: &Context) -> ZoneDiff {
    let want = &*want.on(context.today);
    let mut rows = derive(want, live, context);
    if let Some(earlier) = &context.earlier {
        rows.iter_mut().for_each(|row| earlier::judge(row, earlier, context.may_loosen, context.today));
    }
    let mut diff = ZoneDiff::finish(want, live, rows, context);
    // After `finish`, so that the notes come in one order: about the zone, its settings, then what left management.
    let left = context.earlier.as_ref().map(|earlier| earlier::left(want, live, earlier));
    diff.notes.extend(left.into_iter().flatten());
    diff
}

/// The rows that follow from a file and a live object alone, settings by name, then stale members by name.
#[must_use]
pub(crate) fn derive(want: &Desired, live: &Live, context: &Context) -> Vec<Row> {
    let settings = named(want, live).into_iter().map(|setting| row(setting, want, live, context));
    let stale = live.stale().filter(|(name, _)| !stale::is_cleaned_by_its_line(name, want, live));
    let stale = stale.map(|(name, value)| stale::row(name, value, want, live, context));
    let mut rows: Vec<_> = settings.chain(stale).collect();
    rows.iter_mut().for_each(|row| waivers::accept(row, want, context.today));
    rows.shrink_to_fit();
    rows
}

/// The rows of a zone that was not read: what its file wants on a day (UTC).
#[must_use]
pub(crate) fn unread(want: &Desired, today: jiff::civil::Date) -> Vec<Row> {
    let want = want.on(today);
    let rows = want.settings().map(|(setting, wanted)| Row {
        wanted: Some(wanted.clone()),
        ..Row::new(Key::Setting(setting), Verdict::Unread)
    });
    rows.collect()
}

/// The settings that the file names or GET reports, by name.
fn named(want: &Desired, live: &Live) -> BTreeSet<&'static Setting> {
    want.settings().map(|(setting, _)| setting).chain(live.settings().map(|(setting, _)| setting)).collect()
}

impl ZoneDiff {
    /// Adds the messages about the rows of a zone.
    pub(crate) fn finish(want: &Desired, live: &Live, rows: Vec<Row>, context: &Context) -> Self {
        let zone = checks::Zone { want, live, rows: &rows, context };
        let mut blocks: Vec<_> = rows.iter().filter_map(|row| not_available(want, row, live)).collect();
        blocks.extend(checks::blocks(zone));
        blocks.extend(stale::custom_rules(want, live, &rows));
        blocks.extend(waivers::expired(want, &rows, context.today));
        let mut notes = checks::notes(zone);
        notes.extend(rows.iter().filter_map(|row| held(want, row, context)));
        notes.extend(waivers::idle(want, &rows, context.today));
        Self { rows, blocks, notes }
    }
}

/// The need that a zone would violate if the changes among these rows were written.
pub(crate) fn broken_need(zone: &ZoneName, plan: Variant, live: &Live, rows: &[Row]) -> Option<Diagnostic> {
    let want = &Desired::new(zone.clone(), plan);
    let context = &Context::of_day(jiff::civil::Date::MIN);
    checks::broken_needs(checks::Zone { want, live, rows, context }).into_iter().next()
}

/// The row of a setting. The live value of one that the file names is the one that acts on traffic.
fn row(setting: &'static Setting, want: &Desired, live: &Live, context: &Context) -> Row {
    let mut row =
        Row { live: live.get(setting).cloned(), ..Row::new(Key::Setting(setting), Verdict::Unmanaged) };
    if let Some(wanted) = want.get(setting) {
        row.wanted = Some(wanted.clone());
        row.live = live.effective(setting).map(Cow::into_owned);
        row.leftover = live.leftover(setting).is_some();
        row.verdict = decide(setting, wanted, live, context);
        if row.verdict != Verdict::InSync {
            let is_clean_up = row.leftover && setting.neutral == Some(wanted.value);
            // Switching off what acts always loosens, whatever the setting.
            let effect = || Effect::of(setting, wanted.value, row.live.as_ref());
            row.effect = Some(if is_clean_up { Effect::Loosens } else { effect() });
            row.unavailable = row.live.is_none() && !has(live.variant(), setting);
        }
    }
    row
}

/// Decides one managed setting by the value that acts on traffic. An unreported setting is in sync if its neutral value
/// is wanted and nothing of it was left behind.
fn decide(setting: &Setting, wanted: &Wanted, live: &Live, context: &Context) -> Verdict {
    match live.effective(setting) {
        Some(live) if live.is(wanted.value) => Verdict::InSync,
        // Only the neutral value removes what was left behind; another one would be written and have no effect.
        Some(_) if is_overridden(setting, wanted.value, live) => Verdict::Blocked,
        // Cloudflare checks the entitlement by value: a neutral value is accepted on every plan.
        Some(_) if setting.neutral == Some(wanted.value) || may_send(setting, live.variant(), context) => {
            Verdict::Change
        }
        Some(_) => Verdict::Blocked,
        None if setting.neutral == Some(wanted.value) => Verdict::InSync,
        None if may_send(setting, live.variant(), context) => Verdict::Change,
        None => Verdict::Blocked,
    }
}

/// Whether a value that differs from the one that acts, and that the zone takes, has no effect, since what an earlier
/// plan variant left behind acts instead.
fn is_overridden(setting: &Setting, wanted: Value, live: &Live) -> bool {
    live.leftover(setting).is_some() && setting.neutral != Some(wanted) && has(live.variant(), setting)
}

/// Whether Cloudflare accepts more than the neutral value of a setting, or the user wants to try.
fn may_send(setting: &Setting, variant: Option<Variant>, context: &Context) -> bool {
    has(variant, setting) || context.send_unavailable.contains(setting.name)
}

/// Whether zones of a variant have a setting.
fn has(variant: Option<Variant>, setting: &Setting) -> bool {
    setting.is_shared() || variant.is_some_and(|variant| setting.is_settable_on(variant))
}

/// The message about a row whose value is not available on this zone.
fn not_available(want: &Desired, row: &Row, live: &Live) -> Option<Diagnostic> {
    let (setting, wanted) =
        row.key.setting().zip(row.wanted.as_ref()).filter(|_| row.verdict == Verdict::Blocked)?;
    let needs: Vec<_> = setting.settable_on.iter().map(|variant| variant.word()).collect();
    let is = live.variant().map_or("a plan variant that its settings do not show", Variant::word);
    let name = setting.name;
    if is_overridden(setting, wanted.value, live) {
        return Some(wanted.locate(overridden(setting, wanted.value, live), want.file.as_deref()));
    }
    let hint = match (setting.neutral, live.leftover(setting)) {
        (Some(neutral), Some(left)) => format!(
            "write `{neutral}` to switch off `{}`, which was left by an earlier plan variant and still acts, or move the zone to another Cloudflare plan",
            short(&left.to_string())
        ),
        (Some(neutral), None) => {
            format!("remove `{name}`, write `{neutral}`, or move the zone to another Cloudflare plan")
        }
        (None, _) => format!("remove `{name}`, or move the zone to another Cloudflare plan"),
    };
    let diagnostic = Diagnostic::error(format!(
        "`{name}: {}` is not available on this zone (live is {is}; needs {})",
        wanted.value,
        needs.join(" or ")
    ))
    .kind(DiagnosticKind::NotAvailable)
    .hint(format!("{hint}; `--send-unavailable {name}` sends it anyway and shows Cloudflare's answer"));
    Some(wanted.locate(diagnostic, want.file.as_deref()))
}

/// The message about a value that has no effect, since what an earlier plan variant left behind acts instead.
fn overridden(setting: &Setting, wanted: Value, live: &Live) -> Diagnostic {
    let name = setting.name;
    let left = live.leftover(setting).map(|left| short(&left.to_string())).unwrap_or_default();
    let message = format!(
        "`{name}: {wanted}` would have no effect: `{left}`, left by an earlier plan variant, acts instead"
    );
    let neutral = setting.neutral.map(|neutral| format!("write `{name}: {neutral}` first, or "));
    Diagnostic::error(message)
        .kind(DiagnosticKind::Stale)
        .hint(format!("{}ask Cloudflare support to remove it", neutral.unwrap_or_default()))
}

/// The message about a held row.
fn held(want: &Desired, row: &Row, context: &Context) -> Option<Diagnostic> {
    let Verdict::Held(reason) = &row.verdict else { return None };
    let (name, wanted) = (row.name(), row.wanted.as_ref()?);
    let zone = if context.shares_name { want.identity().label() } else { want.zone.to_string() };
    let live = row.live.as_ref().map_or_else(|| "not reported".to_owned(), |live| short(&live.to_string()));
    let adopt = match &row.live {
        Some(_) => format!("write `{name}: {live}` in {} to keep it, or ", want.path()),
        None => String::new(),
    };
    let message = format!(
        "held: live has `{name}` at {live}, and writing {} would loosen a manual change; {}",
        wanted.value, reason
    );
    let hint = format!("{adopt}loosen it anyway with `--confirm-loosening {zone}`");
    let diagnostic = Diagnostic::warning(message).kind(DiagnosticKind::Held).hint(hint);
    Some(wanted.locate(diagnostic, want.file.as_deref()))
}

#[cfg(test)]
#[path = "zone_tests.rs"]
mod tests;
