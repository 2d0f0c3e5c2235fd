//! Saved plans. Each is checked before anything else happens.

use super::tree::Values;
use crate::cli::Failure;
use crate::cli::output::{Level, Notice, say};
use crate::diff::EarlierValue;
use crate::files::{self, FileError};
use crate::model::{Desired, Diagnostic, Digest, Place};
use crate::plan::{self, NotApproved, Plan, PlanFileError, Record, ZonePlan};
use crate::report::Ending;
use serde::Deserialize;
use std::io::{Read, Seek};
use std::path::Path;

/// The maximum size of a plan file, about fifty thousand zones.
const MOST_BYTES: u64 = 256 << 20;

/// The members with which a plan document begins.
const MARKS: [&str; 2] = ["\"format_version\"", "\"tool_version\""];

/// Reads and checks a saved plan; `expect` is the digest that a reviewer approved.
pub(crate) fn load(path: &Path, expect: Option<&str>) -> Result<Plan, Failure> {
    let plan = plan::read(open(path)?).map_err(|error| refused(path, &error))?;
    if let Some(approved) = expect {
        plan.expect(approved).map_err(|error| not_approved(&error))?;
    }
    Ok(plan)
}

/// The content of a plan document.
pub(crate) enum Saved {
    /// A plan, checked.
    Plan(Box<Plan>),
    /// The result of an apply, as the bytes of the file.
    Result(Vec<u8>),
    /// The problems of a run that ended without a result.
    Problems(Vec<Diagnostic>),
}

/// The document of a run that ended without a result.
#[derive(Deserialize)]
struct Ended {
    problems: Vec<Diagnostic>,
}

/// Reads a saved plan, or the JSON result of an apply.
pub(crate) fn load_plan_or_result(path: &Path) -> Result<Saved, Failure> {
    let mut file = open(path)?;
    let error = match plan::read(&mut file) {
        Ok(plan) => return Ok(Saved::Plan(Box::new(plan))),
        Err(error @ (PlanFileError::Outcomes | PlanFileError::Form(_))) => error,
        Err(error) => return Err(refused(path, &error)),
    };
    let mut text = Vec::new();
    // The plan was read as a stream, which has consumed a part of it.
    let read = file.rewind().and_then(|()| file.read_to_end(&mut text));
    read.map_err(|error| refused(path, &PlanFileError::Read(error)))?;
    match (&error, serde_json::from_slice(&text)) {
        (PlanFileError::Outcomes, _) => Ok(Saved::Result(text)),
        (_, Ok(Ended { problems })) if !problems.is_empty() => Ok(Saved::Problems(problems)),
        _ => Err(refused(path, &error)),
    }
}

fn open(path: &Path) -> Result<impl Read + Seek, Failure> {
    files::open_document(path, MOST_BYTES).map_err(|error| match error {
        FileError::TooLarge { .. } => {
            Failure::new(format!("{} is refused: {error}", path.display())).ending(Ending::Refused)
        }
        error => Failure::new(format!("cannot read the plan file {}: {error}", path.display())),
    })
}

fn refused(path: &Path, error: &PlanFileError) -> Failure {
    Failure::of(error)
        .context(format!("{} is refused", path.display()))
        .hint(error.hint())
        .ending(Ending::Refused)
}

/// Reads a plan that a reviewer approved. One that another version wrote and this one derives differently approves
/// nothing, and is named; one that contradicts itself is refused.
pub(crate) fn load_approved(path: &Path, digest: Option<&str>) -> Result<Option<Plan>, Failure> {
    let file = open(path)?;
    match plan::read(file) {
        Ok(plan) => {
            digest.map_or(Ok(()), |digest| plan.expect(digest)).map_err(|error| not_approved(&error))?;
            Ok(Some(plan))
        }
        Err(PlanFileError::OfVersion { version, error }) => {
            let text = format!(
                "{} approves nothing: botform {version} wrote it, and this version reads it differently: {error}",
                path.display()
            );
            Notice::new(Level::Warning, text).hint("have a fresh plan reviewed").say();
            Ok(None)
        }
        Err(error) => Err(refused(path, &error)),
    }
}

/// Whether a file is a saved plan, by its content: JSON with its format version near the beginning.
pub(crate) fn is_saved_plan(path: &Path) -> bool {
    const HEAD: u64 = 64 << 10;
    const FORMAT: &[u8] = b"\"format_version\"";
    let head = files::head(path, HEAD);
    head.trim_ascii_start().starts_with(b"{") && head.windows(FORMAT.len()).any(|part| part == FORMAT)
}

fn not_approved(error: &NotApproved) -> Failure {
    match error {
        NotApproved::NoDigest { text } => Failure::usage(format!("`--expect {text}` is not a digest"))
            .hint("give the 32 digits that `plan` printed"),
        NotApproved::Other { .. } => Failure::of(error)
            .hint("apply the plan that was reviewed, or have this one reviewed")
            .ending(Ending::Refused),
    }
}

/// Refuses to overwrite a file that is not a plan: it was probably named by mistake.
pub(crate) fn may_replace(out: &Path) -> Result<(), Failure> {
    may_replace_by(out, "plan", &MARKS, &format!("`--out {}`", out.display()))
}

/// Refuses to overwrite a file that is not a record.
pub(crate) fn may_replace_record(path: &Path) -> Result<(), Failure> {
    // A file that does not exist yet is not replaced.
    let Ok(text) = files::read(path, 1 << 26) else { return Ok(()) };
    if text.trim_ascii().is_empty() || Record::is_one(&String::from_utf8_lossy(&text)) {
        return Ok(());
    }
    Err(Failure::usage(format!("{} would be replaced by a record, but is not one", path.display()))
        .hint("name another file, or remove this one first"))
}

/// Refuses to overwrite a file that is not a document of a kind, which has `marks` near its beginning.
pub(crate) fn may_replace_by(out: &Path, kind: &str, marks: &[&str], named: &str) -> Result<(), Failure> {
    /// The marks of a document are near its beginning.
    const HEAD: u64 = 4096;
    let head = files::head(out, HEAD);
    let has = |mark: &str| head.windows(mark.len()).any(|part| part == mark.as_bytes());
    let is_one = head.trim_ascii_start().starts_with(b"{") && marks.iter().all(|mark| has(mark));
    if head.trim_ascii().is_empty() || is_one {
        return Ok(());
    }
    Err(Failure::usage(format!("{named} would replace a file that is not a {kind}"))
        .hint("name another file, or remove this one first"))
}

/// Warns of files that changed after the plan was made: the review did not see that.
pub(crate) fn warn_of_changed_inputs(plan: &Plan) {
    for input in
        plan.provenance().inputs.iter().filter(|input| has_changed(Path::new(&input.path), &input.digest))
    {
        say(
            Level::Warning,
            format!("{} changed after the plan was made; the plan is applied as it is", input.path),
        );
    }
}

/// Whether a file exists and has changed. The path comes from a plan and may lead to any file, so its size is limited.
fn has_changed(path: &Path, digest: &Digest) -> bool {
    /// No zone file is larger.
    const LARGEST: u64 = 16 << 20;
    match files::read(path, LARGEST) {
        Ok(bytes) => Digest::of_bytes(&bytes) != *digest,
        Err(error) => matches!(error, FileError::TooLarge { .. }),
    }
}

/// A zone of a plan, with nothing wanted of it.
pub(super) fn unmanaged(then: &ZonePlan) -> Desired {
    let mut zone = Desired::in_file(then.file.clone(), then.zone.clone(), then.plan, Place::START);
    (zone.zone_id, zone.account_id) = (then.zone_id.clone(), then.account_id.clone());
    zone
}

/// The values that a plan wants of a zone.
pub(super) fn planned(zone: &ZonePlan) -> Values {
    let managed = zone.rows().iter().filter(|row| row.is_managed());
    managed.filter_map(|row| row.key.setting().zip(row.wanted.as_ref().map(EarlierValue::of))).collect()
}
