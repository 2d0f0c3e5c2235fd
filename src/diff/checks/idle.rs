//! Settings that are on and have no effect after the write.

use super::Zone;
use crate::catalogue::{self, Setting};
use crate::model::{Diagnostic, DiagnosticKind, Wanted};

/// A setting that is on and has no effect, given the other settings after the write.
pub(super) fn warning(zone: Zone<'_>, setting: &Setting, wanted: &Wanted) -> Option<Diagnostic> {
    let value = |name: &str| catalogue::find(name).and_then(|other| zone.value(other));
    let variant = zone.live.variant().unwrap_or(zone.want.plan());
    (zone.value(setting) == Some(wanted.value) && setting.is_idle(wanted.value, variant, value)).then(|| {
        let idle = Diagnostic::warning(setting.idle_message()).kind(DiagnosticKind::NoEffect);
        wanted.locate(idle, zone.want.file.as_deref())
    })
}
