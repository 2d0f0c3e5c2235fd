//! Checks of a text before it is read as YAML: its size, encoding, conflict markers and tabs, and the form of scalars.

use super::Source;
use crate::model::{Diagnostic, Place};
use std::ops::Range;

/// Reads the bytes of a file as UTF-8.
pub(super) fn text_of(file: &str, bytes: &[u8], max_bytes: u64) -> Result<Source, Box<Diagnostic>> {
    if bytes.len() as u64 > max_bytes {
        return Err(Box::new(too_large(file, bytes.len() as u64, max_bytes)));
    }
    // UTF-16 is full of NUL bytes too, but has a better hint below.
    if bytes.contains(&0) && !is_utf16(bytes) {
        let problem = Diagnostic::of_file(file, "not a text file: it contains NUL bytes");
        return Err(Box::new(problem.hint("save it as UTF-8, or move it out of the folder")));
    }
    // Editors on Windows write a byte order mark, which is not part of the text.
    let unmarked = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    match std::str::from_utf8(unmarked) {
        Ok(text) => {
            // Without a final line break the two parsers read a trailing block scalar differently.
            let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
            let source = Source::new(file, format!("{text}{end}"));
            let problem = strange_character(&source).or_else(|| conflict(&source));
            problem.map_or(Ok(source), |problem| Err(Box::new(problem)))
        }
        Err(error) => {
            Err(Box::new(not_utf8(file, unmarked, error.valid_up_to(), bytes.len() - unmarked.len())))
        }
    }
}

/// The problem of a file above the size limit.
pub(super) fn too_large(file: &str, size: u64, max_bytes: u64) -> Diagnostic {
    Diagnostic::of_file(file, format!("the file has {size} bytes; the limit is {max_bytes}"))
        .hint("split it, or move it out of the folder if it does not belong there")
}

/// Control characters, and line breaks that not every YAML parser and editor recognizes.
fn strange_character(source: &Source) -> Option<Diagnostic> {
    let text = source.text();
    // Nearly every file is plain ASCII, and a look at its bytes settles it.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\n')) {
        return None;
    }
    let (at, c) = text.char_indices().find(|(at, c)| match c {
        '\r' => text.as_bytes().get(at + 1) != Some(&b'\n'),
        '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => true,
        c => c.is_control() && !matches!(c, '\n' | '\t'),
    })?;
    let span = at..at + c.len_utf8();
    let problem =
        source.problem(&span, format!("the character U+{:04X} is not allowed in a file", u32::from(c)));
    Some(problem.hint("remove it, or write it as an escape in double quotes"))
}

fn not_utf8(file: &str, bytes: &[u8], at: usize, mark: usize) -> Diagnostic {
    let good = bytes.get(..at).and_then(|good| std::str::from_utf8(good).ok()).unwrap_or("");
    let source = Source::new(file, good);
    let Place { line, .. } = source.place(at);
    let hint = if is_utf16(bytes) { "it looks like UTF-16: save it as UTF-8" } else { "save it as UTF-8" };
    source
        .problem(&(at..at), format!("the file is not UTF-8: byte {} in line {line} is wrong", at + mark))
        .hint(hint)
}

fn is_utf16(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF")
}

/// The first marker of a merge that git could not finish.
fn conflict(source: &Source) -> Option<Diagnostic> {
    let mut start = 0;
    for line in source.text().split_inclusive('\n') {
        let is_marker =
            |marker: &str| line.strip_prefix(marker).is_some_and(|rest| rest.starts_with([' ', '\r', '\n']));
        if is_marker("<<<<<<<") || is_marker(">>>>>>>") {
            let span = start..start + line.trim_end().len();
            let problem = source.problem(&span, "the file contains an unresolved git conflict");
            return Some(
                problem.label("a conflict marker").hint("keep one of the two sides, and remove the markers"),
            );
        }
        start += line.len();
    }
    None
}

/// The first tab that indents a line, outside multi-line scalars and at or before a line.
pub(super) fn tab(source: &Source, texts: &[Range<usize>], last_line: Option<usize>) -> Option<Range<usize>> {
    let mut start = 0;
    for line in source.text().split_inclusive('\n').take(last_line.unwrap_or(usize::MAX)) {
        let tab = indenting_tab(line).map(|at| start + at);
        if let Some(at) = tab.filter(|at| !texts.iter().any(|text| text.contains(at))) {
            return Some(at..at + 1);
        }
        start += line.len();
    }
    None
}

fn indenting_tab(line: &str) -> Option<usize> {
    let content = line.trim_start_matches([' ', '\t']);
    let indent = &line[..line.len() - content.len()];
    let is_blank = content.trim_end().is_empty() || content.starts_with('#');
    if is_blank { None } else { indent.find('\t') }
}

/// The length of an anchor before a value: the parser includes it in the value's span.
pub(super) fn anchor_length(written: &str) -> usize {
    let is_anchored = written.starts_with('&');
    let anchor = if is_anchored { written.find(char::is_whitespace).unwrap_or(written.len()) } else { 0 };
    written.len() - written.get(anchor..).unwrap_or("").trim_start().len()
}

/// The length of a value in quotes, with both of them; `None` if it does not begin with one, or has no end.
pub(super) fn length_in_quotes(written: &str, quote: char) -> Option<usize> {
    written.strip_prefix(quote)?;
    let mut rest = written.char_indices().skip(1).peekable();
    while let Some((at, c)) = rest.next() {
        // Only double quotes have escapes.
        if c == '\\' && quote == '"' {
            rest.next();
        } else if c == quote {
            // In single quotes two of them stand for one.
            let is_doubled = quote == '\'' && rest.next_if(|(_, next)| *next == quote).is_some();
            if !is_doubled {
                return Some(at + 1);
            }
        }
    }
    None
}

/// Whether a value begins with an anchor or alias whose name the two parsers may delimit differently.
pub(super) fn has_strange_anchor(written: &str) -> bool {
    let Some(named) = written.strip_prefix(['&', '*']) else { return false };
    let name = named.split(|c: char| c.is_whitespace() || ",[]{}".contains(c)).next().unwrap_or("");
    !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// Whether a text is the canonical form of an integer, so that no information is lost as a number.
pub(super) fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_canonical = digits == "0" || !digits.starts_with('0');
    is_canonical && (1..=18).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit())
}

/// Whether a text is a number too large for any value.
pub(super) fn is_too_large(text: &str) -> bool {
    let digits = text.trim_start_matches(['+', '-']);
    digits.len() >= 20 && !digits.starts_with('0') && digits.bytes().all(|digit| digit.is_ascii_digit())
}
/// How a line and its neighbours are indented, if that differs. A YAML parser only reports that it did not find a key
/// there.
pub(super) fn indentation(source: &Source, line: usize) -> Option<String> {
    let content = |(number, text): (usize, &str)| {
        let rest = text.trim_start_matches(' ');
        let is_empty = rest.trim().is_empty() || rest.starts_with('#');
        (!is_empty).then_some((number + 1, text.len() - rest.len()))
    };
    let lines: Vec<_> = source.text().lines().enumerate().filter_map(content).collect();
    let at = lines.iter().position(|(number, _)| *number >= line)?;
    let near = lines.get(at.saturating_sub(1)..(at + 2).min(lines.len()))?;
    let (first, rest) = near.split_first()?;
    if rest.iter().all(|(_, indent)| *indent == first.1) {
        return None;
    }
    let rest: Vec<_> = rest.iter().map(|(number, indent)| format!("line {number} by {indent}")).collect();
    Some(format!(
        "line {} is indented by {} spaces, {}: the keys of one mapping are indented alike",
        first.0,
        first.1,
        rest.join(", ")
    ))
}
