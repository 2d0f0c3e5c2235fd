//! Where a path really leads, and which folder its links may not leave.

use super::FileError;
use std::fs;
use std::path::{Component, Path, PathBuf};

/// Where a path really leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    real: PathBuf,
    checkout: Option<PathBuf>,
}

impl Place {
    pub(super) fn new(real: PathBuf, checkout: Option<PathBuf>) -> Self {
        Self { real, checkout }
    }

    /// The real path, without links.
    #[must_use]
    pub fn real(&self) -> &Path {
        &self.real
    }

    /// The innermost git checkout that it lies in.
    #[must_use]
    pub fn checkout(&self) -> Option<&Path> {
        self.checkout.as_deref()
    }

    /// Whether it is a folder.
    #[must_use]
    pub fn is_folder(&self) -> bool {
        self.real.is_dir()
    }
}

/// The innermost folder at or above a real folder that holds `.git`, a folder or a file.
#[must_use]
pub fn checkout_of(folder: &Path) -> Option<&Path> {
    folder.ancestors().find(|folder| is_checkout(folder))
}

fn is_checkout(folder: &Path) -> bool {
    is_there(&folder.join(".git"))
}

/// Whether something has a name, be it a link that leads nowhere.
#[must_use]
pub fn is_there(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Follows a path part by part. Within a checkout, where strangers make links, none may lead out of it or into
/// `.git`; links on the way to the checkout are the user's own.
///
/// # Errors
/// Nothing is there, or a link leads where it may not.
pub fn resolve(path: &Path) -> Result<Place, FileError> {
    let mut real = PathBuf::new();
    let mut checkout: Option<PathBuf> = None;
    for part in std::path::absolute(path)?.components() {
        match part {
            Component::CurDir => continue,
            Component::ParentDir => {
                real.pop();
                checkout = checkout_of(&real).map(Path::to_owned);
            }
            Component::Prefix(_) | Component::RootDir => real.push(part),
            Component::Normal(name) => {
                let next = real.join(name);
                if fs::symlink_metadata(&next)?.is_symlink() {
                    real = follow(&next, checkout.as_deref(), "checkout")?;
                    checkout = checkout_of(&real).map(Path::to_owned);
                    continue;
                }
                real = next;
            }
        }
        if is_checkout(&real) {
            checkout = Some(real.clone());
        }
    }
    Ok(Place::new(real, checkout))
}

/// The target of a link, which may not leave the bound.
pub(super) fn follow(link: &Path, bound: Option<&Path>, what: &'static str) -> Result<PathBuf, FileError> {
    let target = fs::canonicalize(link)?;
    let Some(bound) = bound else { return Ok(target) };
    let below = target.strip_prefix(bound).map_err(|_| FileError::Leaves(what))?;
    if below.components().any(|part| part.as_os_str().eq_ignore_ascii_case(".git")) {
        return Err(FileError::IntoGit);
    }
    Ok(target)
}
