//! The temporary values of a zone file: each has a last day, and something to go back to.

use super::setting::setting_named_on;
use super::{Check, setting_value};
use crate::catalogue::Variant;
use crate::config::yaml::Cursor;
use crate::model::Temporary;

/// The keys of an entry.
const TEMPORARY: [&str; 4] = ["setting", "value", "until", "reason"];

/// Reads the entries, each with where its setting is named and its value.
pub(super) fn temporary<'d>(
    check: &mut Check,
    root: Cursor<'d>,
    plan: Option<Variant>,
) -> Vec<(Temporary, Cursor<'d>, Cursor<'d>)> {
    let items = check.items(root, "temporary");
    let only = root.get("temporary").filter(|_| items.len() == 1);
    let mut entries: Vec<_> = items.into_iter().filter_map(|at| entry(check, at, plan)).collect();
    if let (Some(list), [(entry, ..)]) = (only, entries.as_mut_slice()) {
        entry.lines.0 = list.key_place().line;
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
