//! Checking the text of a zone file, without any file.

use super::check::check_document;
use super::extends::{Baselines, Home, Read};
use super::yaml::{Options, read_document};
use crate::model::{Desired, Diagnostic};
use std::path::Path;

/// Checks the bytes of a zone file: the desired state if nothing is wrong, and all there is to say about it.
/// A text alone cannot be followed to the baselines that it extends: that is an error.
#[must_use]
pub fn check_text(file: &str, bytes: &[u8]) -> (Option<Desired>, Vec<Diagnostic>) {
    let home = Home { path: Path::new(file), root: Path::new("") };
    let refuse = |_: Home<'_>| Err(Box::new(Diagnostic::error("what a text alone extends cannot be read")));
    check_zone_text(file, bytes, home, &mut Baselines::default(), &mut { refuse })
}

/// Checks the bytes of a zone file together with the baselines that it extends: the desired state if nothing is wrong
/// with it and with them, and all there is to say about the file itself. What is wrong with baselines is kept there.
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
        let mut checked = check_document(document, &chain.links());
        baselines.keep_foreign(file, &mut checked);
        desired = checked.desired;
        problems.extend(checked.problems);
    }
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
