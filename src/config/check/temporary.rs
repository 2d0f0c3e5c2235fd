//! The temporary values of a zone file: each has a last day, and something to go back to.

use super::setting::setting_named_on;
use super::{Check, setting_value};
use crate::catalogue::Variant;
use crate::config::rules::Named;
use crate::config::yaml::Cursor;
use crate::model::Temporary;

/// The keys of an entry.
const TEMPORARY: [&str; 4] = ["setting", "value", "until", "reason"];

/// Reads the entries, each with the cursor of its value.
pub(super) fn temporary<'d>(
    check: &mut Check,
    root: Cursor<'d>,
    plan: Option<Variant>,
) -> Vec<(Temporary, Cursor<'d>)> {
    let items = check.items(root, "temporary");
    let is_only = items.len() == 1;
    let mut entries: Vec<(Temporary, Cursor<'d>)> = Vec::new();
    for at in items {
        let Some((mut entry, named, value)) = entry(check, at, plan) else { continue };
        if let Some(list) = root.get("temporary").filter(|_| is_only) {
            entry.lines.0 = list.key_place().line;
        }
        if entries.iter().any(|(earlier, _)| earlier.setting == entry.setting) {
            let problem =
                named.problem(format!("`{}` has more than one temporary value", entry.setting.name));
            check.push(problem.hint("keep one of them"));
        }
        entries.push((entry, value));
    }
    entries
}

fn entry<'d>(
    check: &mut Check,
    at: Cursor<'d>,
    plan: Option<Variant>,
) -> Option<(Temporary, Cursor<'d>, Cursor<'d>)> {
    check.mapping(at, "an item of `temporary`")?;
    check.known_keys(at, &TEMPORARY, "an item of `temporary`");
    check.require(at, "setting", "setting: sbfm_definitely_automated");
    check.require(at, "value", "value: allow");
    let setting = setting_named_on(check, at, "setting", plan);
    let value = at.get("value").zip(setting);
    let value = value.and_then(|(value, setting)| Some((value, setting_value(check, value, setting)?)));
    let (reason, until) = check.reason_and_end(at)?;
    let ((value_at, value), setting, named) = (value?, setting?, at.get("setting")?);
    let span = at.span();
    let last = at.source().slice(&span).trim_end().len();
    let line = |byte: usize| at.source().place(byte).line;
    let lines = (line(span.start), line(span.start + last.saturating_sub(1)));
    Some((Temporary { setting, value, reason, until, place: named.place(), lines }, named, value_at))
}

/// Refuses what would stay for ever, since nothing says what counts afterwards.
pub(super) fn check_way_back(
    check: &mut Check,
    root: Cursor<'_>,
    entries: &[(Temporary, Cursor<'_>)],
    settings: &[Named<'_>],
) {
    for (Temporary { setting, until, .. }, value) in entries {
        let name = setting.name;
        let is_named = root.get("settings").is_some_and(|settings| settings.get(name).is_some());
        if is_named || settings.iter().any(|(other, ..)| other == setting) {
            continue;
        }
        let problem = value.problem(format!("`{name}` has nothing to go back to after its temporary value"));
        let problem = problem.label("neither `settings` nor a baseline names it, so this would stay");
        check.push(problem.hint(format!("write what counts after {until} under `settings`: `{name}: …`")));
    }
}
