//! What a clone knows of itself and of its remote, without contacting the remote.

use super::git::Checkout;
use crate::cli::Failure;
use std::collections::BTreeSet;
use std::path::Path;

/// What a pipeline needs of a clone.
#[derive(Debug, Default)]
pub(crate) struct CloneState {
    /// Whether there is a remote `origin`.
    pub(crate) has_origin: bool,
    /// The default branch of `origin`, if this clone knows it.
    pub(crate) default_branch: Option<String>,
    /// The paths of the files at HEAD; empty before the first commit.
    pub(crate) committed: BTreeSet<String>,
}

impl CloneState {
    /// Reads it from the checkout in a folder that holds `.git`, without links in its path.
    pub(crate) fn of(top: &Path) -> Result<Self, Failure> {
        let checkout = Checkout::new(top);
        let line = |args: &[&str]| -> Result<Option<String>, Failure> {
            let output = checkout.run(args)?;
            let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
            Ok(Some(text).filter(|text| output.status.success() && !text.is_empty()))
        };
        let head = line(&["symbolic-ref", "--quiet", "refs/remotes/origin/HEAD"])?;
        let committed = match checkout.commit("HEAD") {
            Ok(commit) => checkout.files(&commit)?.into_iter().map(|file| file.path).collect(),
            // A new repository has no HEAD.
            Err(_) => BTreeSet::new(),
        };
        Ok(Self {
            has_origin: line(&["config", "--get", "remote.origin.url"])?.is_some(),
            default_branch: head.and_then(|head| Some(head.strip_prefix("refs/remotes/origin/")?.to_owned())),
            committed,
        })
    }
}

/// Checks that a tag exists and holds a record that this version can read.
pub(crate) fn record_at(top: &Path, tag: &str) -> Result<(), Failure> {
    let missing = || Failure::new(format!("this clone has no record at `{tag}`")).hint(super::NEW_RECORD);
    super::record::at(&Checkout::new(top), tag, &[])?.map(drop).ok_or_else(missing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_without_a_remote_or_a_commit_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let checkout = Checkout::new(folder.path());
        checkout.run(&["init", "--quiet"]).unwrap();
        let CloneState { has_origin, default_branch, committed } = CloneState::of(folder.path()).unwrap();
        assert_eq!((has_origin, default_branch, committed), (false, None, BTreeSet::new()));
        checkout.run(&["config", "remote.origin.url", "https://git.example/zones"]).unwrap();
        checkout.run(&["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main"]).unwrap();
        let CloneState { has_origin, default_branch, .. } = CloneState::of(folder.path()).unwrap();
        assert_eq!((has_origin, default_branch.as_deref()), (true, Some("main")));
    }
}
