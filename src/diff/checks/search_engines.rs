//! Changes that shut out search engines.

use super::Zone;
use crate::catalogue::{Caution, Confidence, Harm, Setting};
use crate::model::{Diagnostic, Wanted};

/// Warns of a change that is known to shut out search engines. A zone that already does so gets no warning: nothing
/// about it would change.
pub(super) fn shut_out(zone: Zone<'_>, setting: &Setting, wanted: &Wanted) -> Option<Diagnostic> {
    let is_known =
        |caution: &&Caution| caution.harm == Harm::SearchEngines && caution.confidence == Confidence::High;
    let caution = setting.cautions_of(wanted.value).find(is_known)?;
    zone.rows.iter().find(|row| row.change().is_some_and(|(changed, _)| changed == setting))?;
    let (name, value, does) = (setting.name, wanted.value, caution.harm.phrase());
    let warning = Diagnostic::warning(format!("`{name}: {value}` {does}: {}", caution.text));
    Some(wanted.locate(warning, &zone.want.file))
}
