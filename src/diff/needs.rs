//! Rules across settings (the `needs` of the catalogue's rows), checked against what the zone would be after the write.

use super::{Row, Verdict};
use crate::catalogue::{self, Need, Setting, Value};
use crate::model::{Desired, Diagnostic, DiagnosticKind, Live};

/// The needs that the zone would break after the write, where the write touches one of the two settings.
pub(super) fn blocks(want: &Desired, live: &Live, rows: &[Row]) -> Vec<Diagnostic> {
    let merged = Merged { live, rows };
    let needs =
        catalogue::settings().flat_map(|setting| setting.needs.iter().map(move |need| (setting, need)));
    needs.filter_map(|(setting, need)| broken(want, &merged, setting, need)).collect()
}

/// A zone as it would be after a write: written values over live ones.
pub(super) struct Merged<'a> {
    pub(super) live: &'a Live,
    pub(super) rows: &'a [Row],
}

impl Merged<'_> {
    fn written(&self, setting: &Setting) -> Option<Value> {
        let row = self.rows.iter().find(|row| !row.stale && row.name() == setting.name)?;
        row.value().filter(|_| row.verdict == Verdict::Change)
    }

    /// The value of a setting after the write; `None` if it is not reported, or not known.
    pub(super) fn value(&self, setting: &Setting) -> Option<Value> {
        self.written(setting).or_else(|| setting.read(&self.live.get(setting)?.to_json()))
    }
}

fn broken(want: &Desired, merged: &Merged<'_>, setting: &Setting, need: &Need) -> Option<Diagnostic> {
    let other = catalogue::find(need.of)?;
    let (writes, writes_other) = (merged.written(setting).is_some(), merged.written(other));
    if merged.value(setting) != Some(need.value) || merged.value(other) == Some(need.is) {
        return None;
    }
    // An unreported setting breaks a need only where its neutral value does.
    if merged.value(other).or(other.neutral) == Some(need.is) || !(writes || writes_other.is_some()) {
        return None;
    }
    let Need { value, of, is, why } = need;
    let name = setting.name;
    let diagnostic = match writes_other {
        Some(written) => {
            Diagnostic::error(format!("`{of}: {written}` cannot be written while `{name}` is {value}: {why}"))
                .hint(format!("leave `{of}` at {is}, or change `{name}` beside it"))
        }
        None => {
            let now = merged.value(other).map_or_else(|| "not reported".to_owned(), |now| now.to_string());
            Diagnostic::error(format!("`{name}: {value}` needs `{of}: {is}`, and live is {now}: {why}"))
                .hint(format!("write `{of}: {is}` beside it"))
        }
    };
    let place = [setting, other].into_iter().find_map(|setting| want.get(setting)).map(|wanted| wanted.place);
    let diagnostic = diagnostic.kind(DiagnosticKind::Needs);
    Some(match place {
        Some(place) => diagnostic.at(&want.file, place),
        None => diagnostic,
    })
}
