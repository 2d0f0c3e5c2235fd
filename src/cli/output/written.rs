//! Files of results, written as a whole or not at all, and through `redact`.

use super::stderr::Writing;
use crate::cli::Failure;
use crate::cli::redact::{Leaving, leaving};
use crate::files::{self, Access, DocumentDraft};
use crate::model::Notation;
use crate::plan::{Plan, PlanDocument, Record};
use crate::run::Snapshot;
use serde::Serialize;
use std::io::{self, Write as _};
use std::path::Path;

/// Saves a plan.
pub(crate) fn save_plan(path: &Path, plan: &Plan) -> Result<(), Failure> {
    write_document(path, Access::Private, &PlanDocument::new(plan))
}

/// Writes a record.
pub(crate) fn write_record(path: &Path, record: &Record) -> Result<(), Failure> {
    write_text(path, &record.to_string(), Notation::Text)
}

/// Saves a snapshot.
pub(crate) fn save_snapshot(path: &Path, snapshot: &Snapshot) -> Result<(), Failure> {
    write_document(path, Access::Private, snapshot)
}

/// Writes a document to a file.
pub(super) fn write_document(path: &Path, access: Access, document: &impl Serialize) -> Result<(), Failure> {
    write_file(path, access, Notation::Json, |file| pretty(document, file))
}

/// A document that people can read and diff: indented, with a final line end.
pub(super) fn pretty(document: &impl Serialize, to: &mut dyn io::Write) -> io::Result<()> {
    document.serialize(&mut serde_json::Serializer::pretty(&mut *to))?;
    to.write_all(b"\n")?;
    to.flush()
}

/// Writes a text to a file with the access of results.
pub(super) fn write_text(path: &Path, text: &str, notation: Notation) -> Result<(), Failure> {
    write_file(path, Access::Result, notation, |file| file.write_all(text.as_bytes()))
}

/// Appends to a file that others write too; `text` is given its current size in bytes.
pub(super) fn append_text(path: &Path, text: impl FnOnce(u64) -> String) -> Result<(), Failure> {
    let _writing = Writing::begin();
    let appended = files::open_append(path).map_err(io::Error::from).and_then(|mut file| {
        let there = file.metadata()?.len();
        file.write_all(leaving(&text(there), Notation::Text).as_bytes())?;
        file.flush()
    });
    appended.map_err(|error| unwritable(path, &error))
}

/// Writes a file as a whole or not at all, compressed if its name ends in `.gz`. A device or a pipe is written
/// directly, a link at its target.
fn write_file(
    path: &Path,
    access: Access,
    notation: Notation,
    write: impl FnOnce(&mut dyn io::Write) -> io::Result<()>,
) -> Result<(), Failure> {
    let _writing = Writing::begin();
    let written = DocumentDraft::begin(path, access).and_then(|draft| {
        let mut draft = Leaving::new(draft, notation);
        write(&mut draft)?;
        draft.end()?.keep()
    });
    written.map_err(|error| unwritable(path, &error))
}

/// The failure for a file that cannot be written.
pub(crate) fn unwritable(path: &Path, error: &io::Error) -> Failure {
    // The error of a temporary file names that file, which means nothing to the reader.
    let cause = error.to_string();
    let cause = cause.split(" at path \"").next().unwrap_or_default();
    Failure::new(format!("cannot write {}: {cause}", path.display()))
        .hint("choose a file in a folder that exists and that you may write to")
}
