//! Checks the text of a zone file without touching the disk.

use super::check::{Checked, check_document};
use super::checks;
use super::extends::{Baselines, Home, Read};
use super::yaml::{Options, Source, read_document};
use crate::model::{Desired, Diagnostic, Excerpt, Place};
use std::path::Path;

/// Checks the bytes of a zone file: returns the desired state if it has no errors, and all problems. `extends` is an
/// error here, because the baselines cannot be read.
#[must_use]
pub fn check_text(file: &str, bytes: &[u8]) -> (Option<Desired>, Vec<Diagnostic>) {
    let home = Home { path: Path::new(file), root: Path::new("") };
    let refuse =
        |_: Home<'_>| Err(Box::new(Diagnostic::error("`extends` cannot be followed without a folder")));
    check_zone_text(file, bytes, home, &mut Baselines::default(), &mut { refuse })
}

/// Checks the bytes of a zone file together with its baselines: returns the desired state if neither has errors, and
/// all problems of the file itself. Problems of the baselines stay in `baselines`.
pub fn check_zone_text(
    file: &str,
    bytes: &[u8],
    home: Home<'_>,
    baselines: &mut Baselines,
    read: Read<'_>,
) -> (Option<Desired>, Vec<Diagnostic>) {
    let (document, mut problems) = read_document(file, bytes, Options::default());
    let mut desired = None;
    if let Some(document) = &document {
        let chain = baselines.follow(document.cursor(), home, read, &mut problems);
        let links = chain.links();
        let Checked { desired: wanted, zone, problems: of_shape, foreign } = check_document(document, &links);
        baselines.keep_foreign(file, foreign);
        desired = wanted;
        problems.extend(of_shape);
        problems.extend(zone.iter().flat_map(checks::of_file));
    }
    sort(&mut problems);
    let is_right = !problems.iter().any(Diagnostic::is_error);
    (desired.filter(|_| is_right), problems)
}

/// The source line at a place, with the word there marked; `None` if the text does not have that place.
#[must_use]
pub(crate) fn excerpt_at(bytes: &[u8], place: Place) -> Option<Excerpt> {
    let text = std::str::from_utf8(bytes).ok()?.trim_start_matches('\u{feff}');
    let source = Source::new("", text);
    let start = source.line_start(place.line as usize);
    let line = text.get(start..)?.lines().next()?;
    let (at, _) = line.char_indices().nth((place.column as usize).checked_sub(1)?)?;
    let word = line.get(at..)?;
    let length = word.find(|c: char| c == ':' || c.is_whitespace()).unwrap_or(word.len());
    Some(source.excerpt(&(start + at..start + at + length)))
}

/// The zone that a file names, even if the rest of the file is invalid; `None` if the name cannot be read.
#[must_use]
pub(crate) fn zone_in(file: &str, bytes: &[u8]) -> Option<String> {
    let (document, _) = read_document(file, bytes, Options::default());
    document?.root().get("zone")?.as_str().map(str::to_ascii_lowercase)
}

/// Sorts problems by file and place.
pub(super) fn sort(problems: &mut [Diagnostic]) {
    problems.sort_by(|one, other| {
        let key = |problem: &Diagnostic| (problem.place, problem.severity);
        one.file
            .cmp(&other.file)
            .then_with(|| key(one).cmp(&key(other)))
            .then_with(|| one.message.cmp(&other.message))
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_at_a_place_is_marked() {
        let marked = |line, column| {
            let text = "\u{feff}a: 1\r\n  ä_b: [c, d]\n".as_bytes();
            let Excerpt { text, start, end } = excerpt_at(text, Place { line, column })?;
            Some((text.clone(), text[start..end].to_owned()))
        };
        let is = |line: &str, word: &str| Some((line.to_owned(), word.to_owned()));
        assert_eq!(marked(1, 1), is("a: 1", "a"));
        assert_eq!(marked(2, 3), is("  ä_b: [c, d]", "ä_b"));
        assert_eq!((marked(2, 99), marked(9, 1)), (None, None));
    }
}
