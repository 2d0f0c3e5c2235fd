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

/// Reads and checks a saved plan; `expect` is the digest that a reviewer approved, or its beginning.
pub(crate) fn load(path: &Path, expect: Option<&str>) -> Result<Plan, Failure> {
    let text = read_at_most(path, MOST_BYTES)
        .map_err(|error| Failure::new(format!("cannot read the plan file {}: {error}", path.display())))?
        .ok_or_else(|| {
            Failure::new(format!("{} is refused: it is larger than 1 GiB", path.display()))
                .exit(Exit::Refused)
        })?;
    let plan = plan::read(&text).map_err(|error| {
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

/// The least digits of a short digest: fewer could be met by chance.
const LEAST_DIGITS: usize = 8;

fn expect_digest(plan: Plan, expected: &str) -> Result<Plan, Failure> {
    let expected = expected.to_ascii_lowercase();
    if expected.len() < LEAST_DIGITS || !expected.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(Failure::usage(format!("`--expect {expected}` is not a digest"))
            .hint("give at least the first 8 digits of the digest that `plan` printed"));
    }
    let digest = plan.digest();
    if digest.as_str().starts_with(&expected) {
        return Ok(plan);
    }
    Err(Failure::new(format!("the plan has the digest {}, but {expected} was approved", digest.short()))
        .hint("apply the plan that was reviewed, or have this one reviewed")
        .exit(Exit::Refused))
}

/// The bytes of a file; `None` if it is larger.
fn read_at_most(path: &Path, most: u64) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= most).then_some(bytes))
}

/// Warns about files that changed after the plan was made, and so after its review.
pub(crate) fn warn_of_changed_inputs(plan: &Plan) {
    for input in plan.inputs.iter().filter(|input| has_changed(Path::new(&input.path), &input.digest)) {
        output::say(&format!(
            "warning: {} changed after the plan was made; the plan is applied as it is\n",
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
