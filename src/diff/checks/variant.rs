//! The plan variant: of the file, of live, and of the plan that Cloudflare reports.

use super::Zone;
use crate::catalogue::Variant;
use crate::model::{Diagnostic, DiagnosticKind};

/// Warns if the file is for another variant than live shows, or if live shows none.
pub(super) fn differs(zone: Zone<'_>) -> Option<Diagnostic> {
    let want = zone.want;
    let warning = match zone.live.variant() {
        Some(variant) if variant == want.plan() => return None,
        Some(variant) => {
            Diagnostic::warning(format!("the file says `plan: {}`, but live is {variant}", want.plan()))
                .hint(format!("write `plan: {variant}`"))
                .maybe_at(want.file.as_deref(), want.plan_place.unwrap_or(want.place))
        }
        None => Diagnostic::warning(
            "the live settings do not show the plan variant: only settings that all variants share can be managed",
        ),
    };
    Some(warning.kind(DiagnosticKind::Variant))
}

/// Cross-checks the variant that the keys show with the plan that `GET /zones` reports: during a plan change they
/// differ.
pub(super) fn is_changing(zone: Zone<'_>) -> Option<Diagnostic> {
    let variant = zone.live.variant()?;
    let reported = zone.context.legacy_id.as_deref()?;
    // `plan.legacy_id` is deprecated and other words may come: only a known one can disagree.
    let known = Variant::ALL.iter().any(|variant| variant.legacy_id() == reported);
    // Enterprise without the Bot Management add-on shows the keys of a Business zone.
    let without_add_on = variant == Variant::SbfmBusiness && reported == "enterprise";
    (known && reported != variant.legacy_id() && !without_add_on).then(|| {
        Diagnostic::warning(format!(
            "the live settings are those of {variant}, but Cloudflare reports the plan `{reported}` for the zone"
        ))
        .kind(DiagnosticKind::Variant)
        .hint("the plan was probably changed just now; run `plan` again later")
    })
}
