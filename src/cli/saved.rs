//! Saved plans: what is read from one is checked before anything else happens.

use crate::cli::output;
use crate::cli::{Exit, Failure};
use crate::model::{Digest, clean};
use crate::plan::{self, Plan};
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

/// The largest plan file that is read: some hundred thousand zones.
const MOST_BYTES: u64 = 1 << 30;

/// Reads and checks a saved plan; `expect` is the digest that a reviewer approved.
pub(crate) fn load(path: &Path, expect: Option<&str>) -> Result<Plan, Failure> {
    let file = File::open(path)
        .map_err(|error| Failure::new(format!("cannot read the plan file {}: {error}", path.display())))?;
    if file.metadata().is_ok_and(|found| found.len() > MOST_BYTES) {
        return Err(Failure::new(format!("{} is refused: no plan is larger than 1 GiB", path.display()))
            .exit(Exit::Refused));
    }
    let plan = plan::read(file).map_err(|error| {
        Failure::of(&error)
            .context(format!("{} is refused", path.display()))
            .hint(error.hint())
            .exit(Exit::Refused)
    })?;
    match expect {
        Some(expected) => expect_digest(plan, expected),
        None => Ok(plan),
    }
}

fn expect_digest(plan: Plan, expected: &str) -> Result<Plan, Failure> {
    let expected = expected.to_ascii_lowercase();
    if expected.len() < Digest::SHOWN || !expected.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(Failure::usage(format!("`--expect {expected}` is not a digest"))
            .hint("give the 32 digits that `plan` printed"));
    }
    let digest = plan.digest();
    if digest.as_str().starts_with(&expected) {
        return Ok(plan);
    }
    Err(Failure::new(format!("the plan has digest {}, and {expected} was approved", digest.short()))
        .hint("apply the plan that was reviewed, or have this one reviewed")
        .exit(Exit::Refused))
}

/// The bytes of a file; nothing if it is larger.
fn read_at_most(path: &Path, most: u64) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= most).then_some(bytes))
}

/// Tells which of the plan's files are not what they were: the review is older than they are.
pub(crate) fn tell_changed_inputs(plan: &Plan) {
    for input in
        plan.provenance().inputs.iter().filter(|input| has_changed(Path::new(&input.path), &input.digest))
    {
        output::say(&format!(
            "warning: {} changed after the plan was made; what is applied is the plan\n",
            clean(&input.path)
        ));
    }
}

/// Whether a file is there and is not what it was. The path comes from a plan, so that it may name anything.
fn has_changed(path: &Path, digest: &Digest) -> bool {
    /// Larger ones are no zone files.
    const LARGEST: u64 = 16 << 20;
    if !std::fs::metadata(path).is_ok_and(|found| found.is_file()) {
        return false;
    }
    match read_at_most(path, LARGEST) {
        Ok(Some(bytes)) => Digest::of_bytes(&bytes) != *digest,
        Ok(None) => true,
        Err(_) => false,
    }
}
