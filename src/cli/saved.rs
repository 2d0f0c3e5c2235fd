//! Saved plans: what is read from one is checked before anything else happens.

use super::{Exit, Failure, output};
use crate::model::Digest;
use crate::plan::{self, Plan};
use std::path::Path;

/// Reads and checks a saved plan; `expect` is the digest that a reviewer approved, or its beginning.
pub(super) fn load(path: &Path, expect: Option<&str>) -> Result<Plan, Failure> {
    let text = std::fs::read(path)
        .map_err(|error| Failure::new(format!("cannot read the plan file {}: {error}", path.display())))?;
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
        return Err(Failure::usage(format!("`--expect {expected}` is no digest"))
            .hint("give at least the first 8 digits of the digest that `plan` printed"));
    }
    let digest = plan.digest();
    if digest.as_str().starts_with(&expected) {
        return Ok(plan);
    }
    Err(Failure::new(format!("the plan has digest {}, and {expected} was approved", digest.short()))
        .hint("apply the plan that was reviewed, or have this one reviewed")
        .exit(Exit::Refused))
}

/// Tells which of the plan's files are not what they were: the review is older than they are.
pub(super) fn tell_changed_inputs(plan: &Plan) {
    for input in &plan.inputs {
        let Ok(bytes) = std::fs::read(&input.path) else { continue };
        if Digest::of_bytes(&bytes) != input.digest {
            output::say(&format!(
                "warning: {} changed after the plan was made; what is applied is the plan\n",
                crate::render::clean(&input.path)
            ));
        }
    }
}
