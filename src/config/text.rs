//! Checking the text of a zone file, without any file.

use super::check::check_document;
use super::yaml::{Options, read_document};
use crate::model::{Desired, Diagnostic};

/// Checks the bytes of a zone file: the desired state if nothing is wrong, and all there is to say about it.
#[must_use]
pub fn check_text(file: &str, bytes: &[u8]) -> (Option<Desired>, Vec<Diagnostic>) {
    let (document, mut problems) = read_document(file, bytes, Options::default());
    let (desired, found) = document.as_ref().map_or((None, Vec::new()), check_document);
    problems.extend(found);
    sort(&mut problems);
    let is_right = !problems.iter().any(Diagnostic::is_error);
    (desired.filter(|_| is_right), problems)
}

/// The zone that a file names, as far as that can be read; the file may be wrong otherwise.
#[must_use]
pub fn zone_in(file: &str, bytes: &[u8]) -> Option<String> {
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
