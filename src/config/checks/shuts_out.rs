//! Values that are known to shut out search engines: what a reviewer must hear of before anything is asked of the API.

use crate::catalogue::{Caution, Harm};
use crate::model::{Desired, Diagnostic, Interim, Wanted};
use jiff::civil::Date;

/// Warns of each such value on a day (UTC), and of one that comes after a temporary value.
pub(super) fn search_engines(zone: &Desired, today: Date) -> Vec<Diagnostic> {
    let zone = zone.on(today);
    let is_meant = |caution: &&Caution| caution.harm == Harm::SearchEngines && caution.is_certain();
    let mut warnings = Vec::new();
    for (setting, wanted) in zone.settings() {
        let then = wanted.interim().map(|Interim { then, .. }| then);
        for wanted in std::iter::once(wanted).chain(then) {
            let Wanted { value, .. } = wanted;
            warnings.extend(setting.cautions_of(*value).filter(is_meant).map(|caution| {
                let message =
                    format!("`{}: {value}` {}: {}", setting.name, caution.harm.phrase(), caution.text);
                wanted.locate(Diagnostic::warning(message), zone.file.as_deref())
            }));
        }
    }
    warnings
}
