//! Writes a value in place of another one, or as a new member of a mapping.

use super::splice::Splice;
use crate::config::yaml::Cursor;
use crate::model::plain_or_quoted;
use serde_json::Value as Json;
use std::ops::Range;

/// A value in the style of the one that it replaces.
pub(super) fn replaced(at: Cursor<'_>, value: &Json) -> Splice {
    let span = own(at);
    let written = at.source().slice(&span);
    let (Json::String(word), Json::String(old)) = (value, at.value()) else {
        return Splice { span, text: flat(value) };
    };
    let text = match written.chars().next() {
        Some('"') => format!("\"{word}\""),
        Some('\'') => format!("'{word}'"),
        // In a block scalar, replace only the word.
        _ if at.is_quoted() => {
            let start = span.start + written.rfind(old.as_str()).unwrap_or_default();
            return Splice { span: start..start + old.len(), text: word.clone() };
        }
        _ => flat(value),
    };
    Splice { span, text }
}

/// The bytes of the scalar itself: the parser's span may include a trailing empty comment.
fn own(at: Cursor<'_>) -> Range<usize> {
    let span = at.span();
    let written = at.source().slice(&span);
    let length = match written.chars().next() {
        Some(quote @ ('"' | '\'')) => {
            let mut is_escaped = false;
            let ends = |(_, c): &(usize, char)| {
                let is_end = *c == quote && !is_escaped;
                is_escaped = *c == '\\' && quote == '"' && !is_escaped;
                is_end
            };
            written.char_indices().skip(1).find(ends).map(|(at, _)| at + 1)
        }
        _ if at.is_quoted() => None,
        _ => written.find(char::is_whitespace),
    };
    span.start..length.map_or(span.end, |length| span.start + length)
}

/// New members of a mapping, after its last one.
pub(super) fn added(map: Cursor<'_>, new: &[(&str, Json)]) -> Splice {
    let new: Vec<_> = new.iter().map(|(key, value)| format!("{key}: {}", flat(value))).collect();
    let span = map.span();
    let members = map.members().unwrap_or_default();
    // Members come in the order of their keys, not of the file.
    let last = members.iter().map(|(_, at)| *at).max_by_key(|at| at.span().end);
    let is_flow = map.source().slice(&span).starts_with('{');
    let (at, text) = match last {
        Some(last) if is_flow => (end_of(last), format!(", {}", new.join(", "))),
        Some(last) => behind_line(map, last, &new),
        None => (span.start + 1, new.join(", ")),
    };
    Splice { span: at..at, text }
}

/// A new mapping after the last member of the document.
pub(super) fn added_map(root: Cursor<'_>, name: &str, new: &[(&str, Json)]) -> Splice {
    let members = root.members().unwrap_or_default();
    let is_flow = root.source().slice(&root.span()).starts_with('{');
    let new: Vec<_> = new.iter().map(|(key, value)| format!("{key}: {}", flat(value))).collect();
    let (at, text) = match members.iter().map(|(_, at)| *at).max_by_key(|at| at.span().end) {
        Some(last) if is_flow => (end_of(last), format!(", {name}: {{{}}}", new.join(", "))),
        Some(last) => {
            let lines = std::iter::once(format!("{name}:")).chain(new.iter().map(|line| format!("  {line}")));
            behind_line(root, last, &lines.collect::<Vec<_>>())
        }
        None => (root.span().end, String::new()),
    };
    Splice { span: at..at, text }
}

fn end_of(member: Cursor<'_>) -> usize {
    if member.value().is_object() || member.value().is_array() { member.span().end } else { own(member).end }
}

/// New lines after the line in which a member ends, indented like its key.
fn behind_line(map: Cursor<'_>, last: Cursor<'_>, lines: &[String]) -> (usize, String) {
    let text = map.source().text();
    let end = end_of(last);
    let rest = text.get(end..).unwrap_or("");
    let line = rest.split('\n').next().unwrap_or("");
    let (line, line_end) = match line.strip_suffix('\r') {
        Some(line) => (line, "\r\n"),
        None => (line, "\n"),
    };
    let indent = " ".repeat(last.key_place().column.saturating_sub(1) as usize);
    (end + line.len(), lines.iter().map(|line| format!("{line_end}{indent}{line}")).collect())
}

/// A value in plain style.
fn flat(value: &Json) -> String {
    match value {
        Json::String(text) => plain_or_quoted(text),
        other => other.to_string(),
    }
}
