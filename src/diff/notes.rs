//! What should be looked at in a zone, besides its differences.

use super::needs::Merged;
use super::{Context, Row};
use crate::catalogue::{self, Setting, Variant};
use crate::model::{Desired, Diagnostic, DiagnosticKind, Live, LiveValue, Wanted};

/// The warnings and notes about a zone that was read.
pub(super) fn notes(want: &Desired, live: &Live, rows: &[Row], context: &Context) -> Vec<Diagnostic> {
    let mut notes = Vec::new();
    match live.variant() {
        Some(variant) if variant != want.plan() => notes.push(
            Diagnostic::warning(format!("the file says `plan: {}`, and live is {variant}", want.plan()))
                .kind(DiagnosticKind::Variant)
                .hint(format!("write `plan: {variant}`"))
                .at(&want.file, want.plan_place.unwrap_or(want.place)),
        ),
        None => notes.push(Diagnostic::warning(
            "the live settings do not tell the plan variant: only settings that all variants share can be managed",
        ).kind(DiagnosticKind::Variant)),
        Some(_) => {}
    }
    notes.extend(plan_mismatch(live, context));
    for (setting, wanted) in want.settings() {
        if let Some(LiveValue::Other(value)) = live.get(setting) {
            let message = format!("this version does not know the live value {value} of `{}`", setting.name);
            notes.push(Diagnostic::note(message).at(&want.file, wanted.place));
        }
        let applies = |on: &[Variant]| live.variant().is_some_and(|variant| on.contains(&variant));
        for caution in setting.cautions {
            if caution.value == wanted.value && applies(caution.on) {
                notes.push(Diagnostic::warning(caution.text).at(&want.file, wanted.place));
            }
        }
        notes.extend(idle(setting, wanted, want, &Merged { live, rows }));
    }
    notes
}

/// A setting that is on and has no effect, given the other settings after the write.
fn idle(setting: &Setting, wanted: &Wanted, want: &Desired, merged: &Merged<'_>) -> Option<Diagnostic> {
    let value = |name: &str| catalogue::find(name).and_then(|other| merged.value(other));
    let variant = merged.live.variant().unwrap_or(want.plan());
    (merged.value(setting) == Some(wanted.value) && setting.is_idle(wanted.value, variant, value)).then(
        || {
            Diagnostic::warning(setting.idle_message())
                .kind(DiagnosticKind::NoEffect)
                .at(&want.file, wanted.place)
        },
    )
}

/// Cross-checks the variant that the keys tell with the plan that `GET /zones` reports.
fn plan_mismatch(live: &Live, context: &Context) -> Option<Diagnostic> {
    let variant = live.variant()?;
    let reported = context.legacy_id.as_deref()?;
    let known = Variant::ALL.iter().any(|variant| variant.legacy_id() == reported);
    let without_add_on = variant == Variant::SbfmBusiness && reported == "enterprise";
    (known && reported != variant.legacy_id() && !without_add_on).then(|| {
        Diagnostic::warning(format!(
            "the live settings are those of {variant}, and Cloudflare says that the zone's plan is `{reported}`"
        ))
        .kind(DiagnosticKind::Variant)
        .hint("the plan was probably changed a moment ago; plan again later")
    })
}
