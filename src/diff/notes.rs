//! What keeps a zone from being written, or needs attention, by the catalogue's rules across settings and by the plan
//! variant.

use super::{Context, Row, Verdict};
use crate::catalogue::{self, Caution, Confidence, Harm, Need, Setting, Value, Variant};
use crate::model::{Desired, Diagnostic, DiagnosticKind, Live, LiveValue, Temporary, Wanted, short};

/// The warnings and notes about a zone that was read.
pub(super) fn notes(want: &Desired, live: &Live, rows: &[Row], context: &Context) -> Vec<Diagnostic> {
    let mut notes = Vec::new();
    match live.variant() {
        Some(variant) if variant != want.plan() => notes.push(
            Diagnostic::warning(format!("the file says `plan: {}`, and live is {variant}", want.plan()))
                .kind(DiagnosticKind::Variant)
                .hint(format!("write `plan: {variant}`"))
                .at(&want.file, want.plan_place.unwrap_or(want.place)),
        ),
        None => notes.push(Diagnostic::warning(
            "the live settings do not show the plan variant: only settings that all variants share can be managed",
        ).kind(DiagnosticKind::Variant)),
        Some(_) => {}
    }
    notes.extend(plan_mismatch(live, context));
    for (setting, wanted) in want.settings() {
        if let Some(LiveValue::Other(value)) = live.get(setting) {
            let (value, name) = (short(&value.to_string()), setting.name);
            let message = format!("this version does not know the live value {value} of `{name}`");
            notes.push(wanted.locate(Diagnostic::note(message), &want.file));
        }
        let applies = |on: &[Variant]| live.variant().is_some_and(|variant| on.contains(&variant));
        for doubt in setting.doubts {
            if doubt.value == wanted.value && applies(doubt.on) {
                notes.push(wanted.locate(Diagnostic::warning(doubt.text), &want.file));
            }
        }
        notes.extend(shut_out(setting, wanted, want, rows));
        notes.extend(idle(setting, wanted, want, &Merged { live, rows }));
    }
    notes.extend(want.temporary.iter().filter_map(|ended| way_back(ended, want, live)));
    notes
}

/// A setting that still has its temporary value although that has ended.
fn way_back(ended: &Temporary, want: &Desired, live: &Live) -> Option<Diagnostic> {
    let Temporary { setting, value, reason, until, place, lines: _ } = ended;
    let then = want.get(setting).filter(|then| then.value != *value)?;
    live.get(setting).filter(|live| live.is(*value))?;
    let name = setting.name;
    let message = format!(
        "`{name}` goes back from {value} to {}, since its temporary value ended on {until}: {reason}",
        then.value
    );
    Some(Diagnostic::note(message).at(&want.file, *place))
}

/// A change that is known to shut out search engines. Of a zone that does so already nobody is about to decide it.
fn shut_out(setting: &Setting, wanted: &Wanted, want: &Desired, rows: &[Row]) -> Option<Diagnostic> {
    let is_known =
        |caution: &&Caution| caution.harm == Harm::SearchEngines && caution.confidence == Confidence::High;
    let caution = setting.cautions_of(wanted.value).find(is_known)?;
    rows.iter().find(|row| row.change().is_some_and(|(changed, _)| changed == setting))?;
    let (name, value, does) = (setting.name, wanted.value, caution.harm.phrase());
    let warning = Diagnostic::warning(format!("`{name}: {value}` {does}: {}", caution.text));
    Some(wanted.locate(warning, &want.file))
}

/// A setting that is on and has no effect, given the other settings after the write.
fn idle(setting: &Setting, wanted: &Wanted, want: &Desired, merged: &Merged<'_>) -> Option<Diagnostic> {
    let value = |name: &str| catalogue::find(name).and_then(|other| merged.value(other));
    let variant = merged.live.variant().unwrap_or(want.plan());
    (merged.value(setting) == Some(wanted.value) && setting.is_idle(wanted.value, variant, value)).then(
        || {
            let idle = Diagnostic::warning(setting.idle_message()).kind(DiagnosticKind::NoEffect);
            wanted.locate(idle, &want.file)
        },
    )
}

/// Cross-checks the variant that the keys show with the plan that `GET /zones` reports.
fn plan_mismatch(live: &Live, context: &Context) -> Option<Diagnostic> {
    let variant = live.variant()?;
    let reported = context.legacy_id.as_deref()?;
    let known = Variant::ALL.iter().any(|variant| variant.legacy_id() == reported);
    let without_add_on = variant == Variant::SbfmBusiness && reported == "enterprise";
    (known && reported != variant.legacy_id() && !without_add_on).then(|| {
        Diagnostic::warning(format!(
            "the live settings are those of {variant}, and Cloudflare says that the zone's plan is `{reported}`"
        ))
        .kind(DiagnosticKind::Variant)
        .hint("the plan was probably changed a moment ago; plan again later")
    })
}

/// The needs that the zone would break after the write, where the write touches one of the two settings.
pub(super) fn blocks(want: &Desired, live: &Live, rows: &[Row]) -> Vec<Diagnostic> {
    let merged = Merged { live, rows };
    let needs =
        catalogue::settings().flat_map(|setting| setting.needs.iter().map(move |need| (setting, need)));
    needs.filter_map(|(setting, need)| broken(want, &merged, setting, need)).collect()
}

/// A zone as it would be after a write: written values over live ones.
struct Merged<'a> {
    live: &'a Live,
    rows: &'a [Row],
}

impl Merged<'_> {
    fn written(&self, setting: &Setting) -> Option<Value> {
        let row = self.rows.iter().find(|row| !row.stale && row.name() == setting.name)?;
        row.value().filter(|_| row.verdict == Verdict::Change)
    }

    /// The value of a setting after the write; `None` if it is not reported, or not known.
    fn value(&self, setting: &Setting) -> Option<Value> {
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
                .hint(format!("leave `{of}` at {is}, or change `{name}` as well"))
        }
        None => {
            let now = merged.value(other).map_or_else(|| "not reported".to_owned(), |now| now.to_string());
            Diagnostic::error(format!("`{name}: {value}` needs `{of}: {is}`, and live is {now}: {why}"))
                .hint(format!("write `{of}: {is}` as well"))
        }
    };
    let wanted = [setting, other].into_iter().find_map(|setting| want.get(setting));
    let diagnostic = diagnostic.kind(DiagnosticKind::Needs);
    Some(match wanted {
        Some(wanted) => wanted.locate(diagnostic, &want.file),
        None => diagnostic,
    })
}
