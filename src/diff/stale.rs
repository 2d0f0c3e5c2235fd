//! Settings that an earlier plan variant left behind: a row for each, and why some cannot be cleaned.

use super::waivers::is_accepted;
use super::{Context, Effect, Key, Row, Verdict};
use crate::catalogue::{self, Setting, Value, Variant};
use crate::model::{Desired, Diagnostic, DiagnosticKind, Live, LiveValue, StalePolicy, Wanted};
use serde_json::Value as Json;

/// Whether a stale member acts and the file wants the setting's neutral value: the row of that line is the clean-up.
pub(super) fn is_cleaned_by_its_line(name: &str, want: &Desired, live: &Live) -> bool {
    let wanted = || catalogue::find(name).and_then(|setting| Some((setting, want.get(setting)?.value)));
    live.active_stale(name).is_some()
        && wanted().is_some_and(|(setting, value)| {
            let acts = live.leftover(setting).is_some_and(|left| !left.is(value));
            acts && setting.neutral == Some(value)
        })
}

/// The row of a stale member. Switching off a member that still acts on traffic loosens, whatever the setting.
pub(super) fn row(name: &str, value: &Json, want: &Desired, live: &Live, context: &Context) -> Row {
    // Never merged with the live key of its name: a stale member acts by itself, whatever the top level shows.
    let setting = catalogue::find(name);
    let key = setting.map_or_else(|| Key::Unknown(name.into()), Key::Setting);
    let live_value = match setting {
        Some(setting) => LiveValue::read(setting, value),
        None => LiveValue::Other(Box::new(value.clone())),
    };
    let row = Row { stale: true, live: Some(live_value), ..Row::new(key, Verdict::InSync) };
    if catalogue::is_harmless(value) {
        return row;
    }
    let wanted = match neutral(setting, want, live) {
        Ok(neutral) => neutral,
        Err(why) => return Row { verdict: Verdict::CannotClean(why.into()), ..row },
    };
    if want.stale == StalePolicy::Report || is_accepted(want, name, context.today) {
        return Row { verdict: Verdict::Unmanaged, ..row };
    }
    let wanted = Wanted::new(wanted, want.stale_place.unwrap_or(want.place));
    Row { wanted: Some(wanted), verdict: Verdict::Change, effect: Some(Effect::Loosens), ..row }
}

/// The value that cleans a stale setting, or why none does. Only settings that the catalogue lists as stale on the live
/// variant are cleaned, and only if that does not change a live setting.
fn neutral(setting: Option<&'static Setting>, want: &Desired, live: &Live) -> Result<Value, String> {
    let Some(setting) = setting else { return Err("this version does not know it".to_owned()) };
    let variant = live.variant().unwrap_or(want.plan());
    // The clean-up is sent under the same name at the top level, where it would overwrite a live setting.
    if live.get(setting).is_some() || !setting.stale_on.contains(&variant) {
        return Err(format!("it is not known to be left behind on {variant}"));
    }
    let Some(neutral) = setting.neutral else { return Err("no value of it means \"off\"".to_owned()) };
    match want.get(setting) {
        Some(wanted) if wanted.value != neutral => Err(format!("the file wants `{}`", wanted.value)),
        _ => Ok(neutral),
    }
}

/// Blocks a clean-up without custom rules: stale Super Bot Fight Mode rules of an Enterprise zone still protect it.
pub(super) fn custom_rules(want: &Desired, live: &Live, rows: &[Row]) -> Option<Diagnostic> {
    let cleans = rows.iter().find(|row| row.is_clean_up() && row.verdict == Verdict::Change)?;
    let enterprise = [Some(want.plan()), live.variant()].contains(&Some(Variant::BmEnterprise));
    (enterprise && !want.custom_rules_in_place).then(|| {
        let line = match (cleans.stale, cleans.value()) {
            (false, Some(value)) => format!("{}: {value}", cleans.name()),
            (_, _) => "stale: clean".to_owned(),
        };
        let error = Diagnostic::error(format!(
            "`{line}` would switch off rules that still protect this zone; Cloudflare asks for custom rules first"
        ))
        .kind(DiagnosticKind::Stale)
        .hint("add custom rules that replace them, then set `custom_rules_in_place: true` in the file");
        match &cleans.wanted {
            Some(wanted) => wanted.locate(error, want.file.as_deref()),
            None => error.maybe_at(want.file.as_deref(), want.stale_place.unwrap_or(want.place)),
        }
    })
}
