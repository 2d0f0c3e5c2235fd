//! What may be written because reviewers approved it, and where it is recorded.

use super::file;
use clap::builder::{PathBufValueParser, TypedValueParser as _};
use clap::{Args, ValueHint};
use std::path::PathBuf;

/// What reviewers approved.
#[derive(Debug, Default, Args)]
pub(crate) struct Approved {
    /// Write only the changes of this saved plan, which was reviewed and merged by COMMIT; needs --since with a record
    /// (repeatable)
    #[arg(long, value_name = "PLAN[=DIGEST]@COMMIT", value_parser = approval, conflicts_with = "only_ended", value_hint = ValueHint::FilePath)]
    pub(crate) approved: Vec<Approval>,
    /// Write only what the approvals in this file allow, one `PLAN[=DIGEST]@COMMIT` a line; an empty file approves
    /// nothing
    #[arg(long, value_name = "FILE", conflicts_with = "only_ended", value_parser = PathBufValueParser::new().try_map(file))]
    pub(crate) approved_from: Option<PathBuf>,
    /// Only return settings from temporary values that have ended; needs --since with a record
    #[arg(long)]
    pub(crate) only_ended: bool,
    /// Write the record of what is applied to this file: `plan` claims the zones that it may write, `apply` settles
    /// them; for a run in shards, `merge` does both
    #[arg(long, value_name = "FILE", conflicts_with_all = ["shard", "shards"], value_parser = PathBufValueParser::new().try_map(file))]
    pub(crate) last_applied: Option<PathBuf>,
}

impl Approved {
    /// The flag that needs a record, if one is given.
    pub(crate) fn needs_record(&self) -> Option<&'static str> {
        let given = [
            ("--approved", !self.approved.is_empty()),
            ("--approved-from", self.approved_from.is_some()),
            ("--only-ended", self.only_ended),
            ("--last-applied", self.last_applied.is_some()),
        ];
        given.into_iter().find_map(|(flag, is_given)| is_given.then_some(flag))
    }
}

/// Reads the approvals of a file, one a line.
pub(crate) fn approvals(text: &str) -> Result<Vec<Approval>, String> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.is_empty());
    let read = lines.map(|(index, line)| approval(line).map_err(|why| format!("line {}: {why}", index + 1)));
    read.collect()
}

/// A plan that a reviewer approved, and the commit that merged it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Approval {
    pub(crate) plan: PathBuf,
    /// The digest that the reviewer saw.
    pub(crate) digest: Option<String>,
    pub(crate) commit: String,
}

/// Reads `PLAN[=DIGEST]@COMMIT`. A path may hold both signs.
fn approval(text: &str) -> Result<Approval, &'static str> {
    const FORM: &str = "write the plan file, its digest if you know it, and the commit that merged it: `plan.json=DIGEST@COMMIT`";
    let (plan, commit) = text.rsplit_once('@').ok_or(FORM)?;
    if plan.is_empty() || commit.is_empty() || commit.starts_with('-') {
        return Err(FORM);
    }
    let is_digest = |digest: &str| digest.len() >= 32 && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
    let (plan, digest) = match plan.rsplit_once('=') {
        Some((plan, digest)) if is_digest(digest) && !plan.is_empty() => (plan, Some(digest.to_owned())),
        Some((_, "")) => {
            return Err("the digest is empty: leave `=` out, or write the 32 digits that `plan` printed");
        }
        _ => (plan, None),
    };
    Ok(Approval { plan: plan.into(), digest, commit: commit.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_its_digest_and_its_merge() {
        let digest = "0123456789abcdef0123456789ABCDEF";
        let read = |text: &str| approval(text).unwrap();
        let whole = read(&format!("a=b@c.json={digest}@main"));
        assert_eq!((whole.plan, whole.digest.as_deref()), ("a=b@c.json".into(), Some(digest)));
        assert_eq!(whole.commit, "main");
        let bare = read("plans/a=1.json@0a1b");
        let parts = (bare.plan.clone(), bare.digest.clone(), bare.commit.clone());
        assert_eq!(parts, ("plans/a=1.json".into(), None, "0a1b".to_owned()));
        assert_eq!(approvals("").unwrap(), []);
        assert_eq!(approvals("a.json@main\nplans/a=1.json@0a1b\n").unwrap()[1], bare);
        assert!(approvals("a.json@main\nb.json\n").unwrap_err().starts_with("line 2: "));
        for wrong in ["plan.json", "@main", "plan.json@", "plan.json=@main", "plan.json@-x", ""] {
            assert!(approval(wrong).is_err(), "{wrong}");
        }
    }
}
