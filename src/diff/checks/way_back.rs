//! Settings that return to their standing value after a temporary one.

use super::Zone;
use crate::catalogue::Setting;
use crate::model::{Diagnostic, Temporary, Wanted};

/// Notes a setting whose live value is still the temporary one although that has ended.
pub(super) fn note(zone: Zone<'_>, setting: &Setting, then: &Wanted) -> Option<Diagnostic> {
    let is_ended = |ended: &&Temporary| ended.setting == setting && ended.value != then.value;
    let ended = zone.want.temporary.iter().find(is_ended)?;
    let Temporary { setting, value, reason, until, place, lines: _ } = ended;
    zone.live.get(setting).filter(|live| live.is(*value))?;
    let name = setting.name;
    let message = format!(
        "`{name}` returns from {value} to {} because its temporary value ended on {until}: {reason}",
        then.value
    );
    Some(Diagnostic::note(message).at(&zone.want.file, *place))
}
