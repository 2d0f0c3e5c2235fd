//! Values of which Cloudflare's documentation leaves open what they do.

use super::Zone;
use crate::catalogue::Setting;
use crate::model::{Diagnostic, Wanted};

/// The doubt about a wanted value on the live variant.
pub(super) fn warning(zone: Zone<'_>, setting: &Setting, wanted: &Wanted) -> Option<Diagnostic> {
    let variant = zone.live.variant()?;
    let doubt =
        setting.doubts.iter().find(|doubt| doubt.value == wanted.value && doubt.on.contains(&variant))?;
    Some(wanted.locate(Diagnostic::warning(doubt.text), &zone.want.file))
}
