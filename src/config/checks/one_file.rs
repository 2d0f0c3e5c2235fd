//! One zone, one file.

use crate::model::{Desired, Diagnostic, DiagnosticKind, Excerpt, ZoneId};
use std::collections::{BTreeMap, HashMap};

/// The lines that name the zones, by file.
pub(in crate::config) type Lines = BTreeMap<String, Excerpt>;

/// The zones that are in more than one file: reported at the later one, with the name of the first.
pub(super) fn repeated(zones: &[&Desired], lines: &Lines) -> Vec<Diagnostic> {
    let mut by_name: HashMap<&str, Vec<&Desired>> = HashMap::new();
    let mut by_id: HashMap<&str, &Desired> = HashMap::new();
    let mut problems = Vec::new();
    for zone in zones.iter().copied() {
        let id = zone.zone_id.as_ref().map(ZoneId::as_str);
        let same_id = id.and_then(|id| by_id.get(id).copied());
        let names = by_name.entry(zone.zone.as_str()).or_default();
        let same_name = names.iter().find(|earlier| earlier.identity().may_be(zone.identity())).copied();
        if let Some(first) = same_name {
            problems.push(second(zone, first, &format!("the zone `{}`", zone.zone), lines));
        } else if let (Some(first), Some(id)) = (same_id, id) {
            problems.push(second(zone, first, &format!("the zone id `{id}`"), lines));
        }
        names.push(zone);
        if let Some(id) = id {
            by_id.entry(id).or_insert(zone);
        }
    }
    problems
}

/// The line of a file that names its zone, to be drawn later.
pub(in crate::config) fn line_of(zone: &Desired, bytes: &[u8]) -> Option<Excerpt> {
    // One line is kept for every zone of the run.
    const LONGEST: usize = 300;
    // Places do not count a byte order mark.
    let text = std::str::from_utf8(bytes).ok()?.trim_start_matches('\u{feff}');
    let line = text.lines().nth(zone.place.line as usize - 1).filter(|line| line.len() <= LONGEST)?;
    let (start, first) = line.char_indices().nth(zone.place.column as usize - 1)?;
    let quotes = if matches!(first, '"' | '\'') { 2 } else { 0 };
    let end = (start + zone.zone.as_str().len() + quotes).min(line.len());
    Some(Excerpt { text: line.to_owned(), start, end })
}

fn second(zone: &Desired, first: &Desired, what: &str, lines: &Lines) -> Diagnostic {
    let place = first.place;
    let message = format!("{what} is also in {}:{}", first.path(), place.line);
    let accounts =
        "; if two accounts have a zone of this name, give both files their `zone_id` or `account_id`";
    let accounts = if first.zone == zone.zone { accounts } else { "" };
    Diagnostic::error(message)
        .kind(DiagnosticKind::Identity)
        .maybe_at(zone.file.as_deref(), zone.place)
        .excerpt(zone.file.as_ref().and_then(|file| lines.get(file)).cloned())
        .label("only one file per zone")
        .hint(format!("remove one of the two{accounts}"))
}
