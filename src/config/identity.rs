//! The names of files as they are shown and as they end, and that each zone has one file.

use crate::model::{Desired, Diagnostic, DiagnosticKind, Excerpt, ZoneId};
use std::collections::{BTreeMap, HashMap};
use std::path::{Component, Path};

/// The zones that appear in more than one file: reported at the later one, with the name of the first.
pub(super) fn repeated(zones: &[Desired], lines: &BTreeMap<String, Excerpt>) -> Vec<Diagnostic> {
    let mut by_name: HashMap<&str, Vec<&Desired>> = HashMap::new();
    let mut by_id: HashMap<&str, &Desired> = HashMap::new();
    let mut sorted: Vec<&Desired> = zones.iter().collect();
    sorted.sort_by(|one, other| one.file.cmp(&other.file));
    let mut problems = Vec::new();
    for zone in sorted {
        let id = zone.zone_id.as_ref().map(ZoneId::as_str);
        let same_id = id.and_then(|id| by_id.get(id).copied());
        let names = by_name.entry(zone.zone.as_str()).or_default();
        let same_name = names.iter().find(|earlier| is_same_account(earlier, zone)).copied();
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
pub(super) fn line_of(zone: &Desired, bytes: &[u8]) -> Option<Excerpt> {
    const LONGEST: usize = 300;
    let text = std::str::from_utf8(bytes).ok()?.trim_start_matches('\u{feff}');
    let line = text.lines().nth(zone.place.line as usize - 1).filter(|line| line.len() <= LONGEST)?;
    let (start, first) = line.char_indices().nth(zone.place.column as usize - 1)?;
    let quotes = if matches!(first, '"' | '\'') { 2 } else { 0 };
    let end = (start + zone.zone.as_str().len() + quotes).min(line.len());
    Some(Excerpt { text: line.to_owned(), start, end })
}

fn is_same_account(one: &Desired, other: &Desired) -> bool {
    match (&one.account_id, &other.account_id) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    }
}

fn second(zone: &Desired, first: &Desired, what: &str, lines: &BTreeMap<String, Excerpt>) -> Diagnostic {
    let place = first.place;
    let message = format!("{what} is also in {}:{}", first.file, place.line);
    let accounts = "; where two accounts hold the same name, give both files their `account_id`";
    let accounts = if first.zone == zone.zone { accounts } else { "" };
    Diagnostic::of_file(zone.file.clone(), message)
        .kind(DiagnosticKind::Identity)
        .at(&zone.file, zone.place)
        .excerpt(lines.get(&zone.file).cloned())
        .label("a zone has one file")
        .hint(format!("remove one of the two{accounts}"))
}

/// A path as it is shown: without `./`, relative where it lies below the current folder.
pub(super) fn shown(path: &Path, cwd: &Path) -> String {
    let below = path.strip_prefix(cwd).unwrap_or(path);
    let mut text = String::new();
    for component in below.components().filter(|component| !matches!(component, Component::CurDir)) {
        if !text.is_empty() && !text.ends_with('/') {
            text.push('/');
        }
        match component {
            Component::RootDir => text.push('/'),
            other => text.push_str(&other.as_os_str().to_string_lossy()),
        }
    }
    if text.is_empty() { ".".to_owned() } else { text }
}

/// Whether a path has the name of a project file.
pub(super) fn is_project(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == "botform.yaml" || name == "botform.yml")
}

/// Whether a path ends as YAML files do.
pub(super) fn is_yaml(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == "yaml" || end == "yml")
}

/// Whether a path ends as YAML files do in another letter case, which other tools may take for one.
pub(super) fn is_nearly_yaml(path: &Path) -> bool {
    let end = path.extension().unwrap_or_default();
    !is_yaml(path) && (end.eq_ignore_ascii_case("yaml") || end.eq_ignore_ascii_case("yml"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_relative_where_they_can_be() {
        let name = |path: &str| shown(Path::new(path), Path::new("/home/a"));
        assert_eq!(name("./zones//a.yaml"), "zones/a.yaml");
        assert_eq!(name("zones/./a.yaml"), "zones/a.yaml");
        assert_eq!(name("/home/a/zones/a.yaml"), "zones/a.yaml");
        assert_eq!(name("/etc/a.yaml"), "/etc/a.yaml");
        assert_eq!(name("../a.yaml"), "../a.yaml");
        assert_eq!(name("."), ".");
    }
}
