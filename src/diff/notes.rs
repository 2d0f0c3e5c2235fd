//! What should be looked at in a zone, besides its differences.

use super::Context;
use crate::catalogue::Variant;
use crate::model::{Desired, Diagnostic, Live, LiveValue};

/// The warnings and notes about a zone that was read.
pub(super) fn notes(want: &Desired, live: &Live, context: &Context) -> Vec<Diagnostic> {
    let mut notes = Vec::new();
    match live.variant() {
        Some(variant) if variant != want.plan() => notes.push(
            Diagnostic::warning(format!("the file says `plan: {}`, and live is {variant}", want.plan()))
                .hint(format!("write `plan: {variant}`"))
                .at(&want.file, want.plan_place.unwrap_or(want.place)),
        ),
        None => notes.push(Diagnostic::warning(
            "the live settings do not tell the plan variant: only settings that all variants share can be managed",
        )),
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
    }
    notes
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
        .hint("the plan was probably changed a moment ago; plan again later")
    })
}
