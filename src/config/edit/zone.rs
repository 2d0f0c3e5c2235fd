//! Edits to a zone file, and its bytes after them.

use super::splice::{self, Splice};
use super::written::{added, added_map, replaced};
use crate::catalogue::{Setting, Value, Variant};
use crate::config::yaml::{Cursor, Options, parse_document};
use crate::model::Diagnostic;
use serde_json::{Map, Value as Json};

/// One edit of a zone file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) enum Edit {
    /// The plan variant.
    Plan(Variant),
    /// The value of a setting; adds a line if the file does not name the setting.
    Setting(&'static Setting, Value),
}

impl Edit {
    /// The mapping, the key and the new value.
    fn target(self) -> (Option<&'static str>, &'static str, Json) {
        match self {
            Self::Plan(variant) => (None, "plan", variant.word().into()),
            Self::Setting(setting, value) => (Some("settings"), setting.name, value.to_json()),
        }
    }
}

/// The bytes of a zone file after the edits. Every other byte stays, and so does the value of every alias: one whose
/// anchor changes is written out.
///
/// # Errors
/// The file cannot be read as YAML, or the edit would change other parts of it.
pub(crate) fn edit_text(file: &str, bytes: &[u8], edits: &[Edit]) -> Result<Vec<u8>, Box<Diagnostic>> {
    let parse = |bytes: &[u8]| {
        let refused = || Box::new(Diagnostic::of_file(file, "the file cannot be read"));
        parse_document(file, bytes, Options::default())
            .map_err(|problems| problems.into_vec().into_iter().next().map_or_else(refused, Box::new))
    };
    let document = parse(bytes)?;
    let root = document.cursor();
    let mut wanted = document.root().clone();
    let mut splices = Vec::new();
    let mut new: Vec<(&str, Json)> = Vec::new();
    for edit in edits {
        let (map, key, value) = edit.target();
        let old = map.map_or(Some(root), |map| root.get(map)).and_then(|map| map.get(key));
        match old {
            Some(old) if *old.value() == value => continue,
            Some(old) => splices.push(replaced(old, &value)),
            None if map.is_none() || !root.value().is_object() => return Err(cannot(root, *edit)),
            None => new.push((key, value.clone())),
        }
        put(&mut wanted, map, key, value);
    }
    if !new.is_empty() {
        let settings = root.get("settings");
        splices.push(settings.map_or_else(|| added_map(root, "settings", &new), |map| added(map, &new)));
    }
    let Some(first) = edits.first().filter(|_| !splices.is_empty()) else { return Ok(bytes.to_vec()) };
    let splice = |splices: &[Splice]| splice::apply(bytes, document.source().text(), splices.to_vec());
    let mut edited = splice(&splices);
    // The edited text is read again: an edit that does not give exactly the wanted values is refused.
    let again = parse(&edited).map_err(|_| cannot(root, *first))?;
    if *again.root() == wanted {
        return Ok(edited);
    }
    moved(root, &wanted, again.root(), &mut splices);
    edited = splice(&splices);
    match parse(&edited) {
        Ok(again) if *again.root() == wanted => Ok(edited),
        _ => Err(cannot(root, *first)),
    }
}

/// Puts a value into a mapping of the root, or into the root.
fn put(root: &mut Json, map: Option<&str>, key: &str, value: Json) {
    let members = match (map, root.as_object_mut()) {
        (Some(map), Some(root)) => {
            root.entry(map).or_insert_with(|| Json::Object(Map::new())).as_object_mut()
        }
        (None, root) => root,
        (Some(_), None) => None,
    };
    if let Some(members) = members {
        members.insert(key.to_owned(), value);
    }
}

/// Writes out the aliases whose value would change.
fn moved(at: Cursor<'_>, wanted: &Json, is: &Json, splices: &mut Vec<Splice>) {
    if wanted == is {
        return;
    }
    if let Some(members) = at.members() {
        for (key, member) in members {
            if let Some((wanted, is)) = wanted.get(key).zip(is.get(key)) {
                moved(member, wanted, is, splices);
            }
        }
    } else if let Some(items) = at.items() {
        for (index, item) in items.into_iter().enumerate() {
            if let Some((wanted, is)) = wanted.get(index).zip(is.get(index)) {
                moved(item, wanted, is, splices);
            }
        }
    } else if at.written().is_some_and(|written| written.starts_with('*')) {
        splices.push(replaced(at, wanted));
    }
}

fn cannot(root: Cursor<'_>, edit: Edit) -> Box<Diagnostic> {
    let (map, key, value) = edit.target();
    let at = map.and_then(|map| root.get(map)).unwrap_or(root);
    let problem = at
        .get(key)
        .unwrap_or(at)
        .problem("this value cannot be edited without changing other parts of the file");
    Box::new(problem.hint(format!("write `{key}: {value}` by hand")))
}
