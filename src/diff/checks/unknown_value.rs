//! Live values that this version does not know.

use super::Zone;
use crate::catalogue::Setting;
use crate::model::{Diagnostic, LiveValue, Wanted, short};

/// The note about a live value that is not one of the setting's.
pub(super) fn note(zone: Zone<'_>, setting: &Setting, wanted: &Wanted) -> Option<Diagnostic> {
    let live = zone.live.effective(setting)?;
    let LiveValue::Other(value) = &*live else { return None };
    let (value, name) = (short(&value.to_string()), setting.name);
    let message = format!("this version does not know the live value {value} of `{name}`");
    Some(wanted.locate(Diagnostic::note(message), zone.want.file.as_deref()))
}
