//! From a file's bytes to its text: the size limit, the encoding, the byte order mark.

use super::Source;
use crate::model::{Diagnostic, Place};

/// Reads the bytes of a file as UTF-8.
pub(super) fn text_of(file: &str, bytes: &[u8], max_bytes: u64) -> Result<Source, Box<Diagnostic>> {
    if bytes.len() as u64 > max_bytes {
        return Err(Box::new(too_large(file, bytes.len() as u64, max_bytes)));
    }
    let unmarked = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    match std::str::from_utf8(unmarked) {
        Ok(text) => {
            // A block of text at the end is read in two ways where the last line has no end.
            let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
            let source = Source::new(file, format!("{text}{end}"));
            strange_character(&source).map_or(Ok(source), |problem| Err(Box::new(problem)))
        }
        Err(error) => {
            Err(Box::new(not_utf8(file, unmarked, error.valid_up_to(), bytes.len() - unmarked.len())))
        }
    }
}

/// The problem of a file above the size limit.
pub(super) fn too_large(file: &str, size: u64, max_bytes: u64) -> Diagnostic {
    Diagnostic::of_file(file, format!("the file has {size} bytes, more than the {max_bytes} that are read"))
        .hint("split it, or take it out of the folder if it does not belong there")
}

/// Characters that are no text, and line breaks that not every YAML reader and editor takes for one.
fn strange_character(source: &Source) -> Option<Diagnostic> {
    let text = source.text();
    let (at, c) = text.char_indices().find(|(at, c)| match c {
        '\r' => text.as_bytes().get(at + 1) != Some(&b'\n'),
        '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => true,
        c => c.is_control() && !matches!(c, '\n' | '\t'),
    })?;
    let span = at..at + c.len_utf8();
    let problem =
        source.problem(&span, format!("the character U+{:04X} cannot stand in a file", u32::from(c)));
    Some(problem.hint("remove it, or write it as an escape in double quotes"))
}

fn not_utf8(file: &str, bytes: &[u8], at: usize, mark: usize) -> Diagnostic {
    let good = bytes.get(..at).and_then(|good| std::str::from_utf8(good).ok()).unwrap_or("");
    let source = Source::new(file, good);
    let Place { line, .. } = source.place(at);
    let mut problem = source
        .problem(&(at..at), format!("the file is not UTF-8: byte {} in line {line} is wrong", at + mark));
    let utf16 = bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF");
    problem.hint =
        Some(if utf16 { "it looks like UTF-16: save it as UTF-8" } else { "save it as UTF-8" }.to_owned());
    problem
}
