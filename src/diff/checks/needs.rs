//! Values that need another setting, checked against the file and, for unmanaged settings, against live.

use super::Zone;
use crate::catalogue::{self, Need, Setting};
use crate::model::{Diagnostic, DiagnosticKind};

/// The needs that the zone would violate after the write, if the write touches one of the two settings.
pub(in crate::diff) fn broken(zone: Zone<'_>) -> Vec<Diagnostic> {
    let needs =
        catalogue::settings().flat_map(|setting| setting.needs.iter().map(move |need| (setting, need)));
    needs.filter_map(|(setting, need)| problem(zone, setting, need)).collect()
}

fn problem(zone: Zone<'_>, setting: &Setting, need: &Need) -> Option<Diagnostic> {
    let other = catalogue::find(need.of)?;
    let (writes, writes_other) = (zone.written(setting).is_some(), zone.written(other));
    if zone.value(setting) != Some(need.value) {
        return None;
    }
    // GET omits what a plan lacks, so an unreported setting counts as neutral: it violates a need only if that value
    // does.
    if zone.value(other).or(other.neutral) == Some(need.is) || !(writes || writes_other.is_some()) {
        return None;
    }
    let Need { value, of, is, why } = need;
    let name = setting.name;
    let diagnostic = match writes_other {
        Some(written) => {
            Diagnostic::error(format!("`{of}: {written}` cannot be written while `{name}` is {value}: {why}"))
                .hint(format!("leave `{of}` at {is}, or change `{name}` as well"))
        }
        None => {
            let now = zone.value(other).map_or_else(|| "not reported".to_owned(), |now| now.to_string());
            Diagnostic::error(format!("`{name}: {value}` needs `{of}: {is}`, but live is {now}: {why}"))
                .hint(format!("write `{of}: {is}` as well"))
        }
    };
    let wanted = [setting, other].into_iter().find_map(|setting| zone.want.get(setting));
    let diagnostic = diagnostic.kind(DiagnosticKind::Needs);
    Some(match wanted {
        Some(wanted) => wanted.locate(diagnostic, zone.want.file.as_deref()),
        None => diagnostic,
    })
}
