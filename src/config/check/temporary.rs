//! The temporary values of a zone file: each has a last day and a standing value to return to.

use super::read::{self, items, value};
use super::setting::available;
use super::{Check, setting_value};
use crate::catalogue::Variant;
use crate::config::yaml::Cursor;
use crate::model::Temporary;

/// Reads the entries, each with the places of its setting and of its value.
pub(super) fn temporary<'d>(
    check: &mut Check,
    root: Cursor<'d>,
    plan: Option<Variant>,
) -> Vec<(Temporary, Cursor<'d>, Cursor<'d>)> {
    let items = items(root, "temporary");
    // With its only entry, the key `temporary` has to be removed too: an empty list would be left behind.
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
    let (named, value_at) = (at.get("setting"), at.get("value"));
    let setting = value(at, "setting", read::setting);
    let setting = named.zip(setting).and_then(|(named, it)| available(check, named, value_at, it, plan));
    let read = value_at.zip(setting).and_then(|(at, setting)| setting_value(check, at, setting));
    let (reason, until) = (value(at, "reason", read::said)?, value(at, "until", read::date)?);
    let (value, value_at, setting, named) = (read?, value_at?, setting?, named?);
    let span = at.span();
    let last = at.source().slice(&span).trim_end().len();
    let line = |byte: usize| at.source().place(byte).line;
    let lines = (line(span.start), line(span.start + last.saturating_sub(1)));
    Some((Temporary { setting, value, reason, until, place: named.place(), lines }, named, value_at))
}
