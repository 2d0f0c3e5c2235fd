//! Resolves paths: the real path, the folder that its links must stay in, and whether two paths are the same file.

use super::FileError;
use std::fs;
use std::path::{Component, Path, PathBuf};

/// A resolved path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RealPath {
    real: PathBuf,
    checkout: Option<PathBuf>,
    is_folder: bool,
}

impl RealPath {
    /// A file that exists or will be created.
    pub(super) fn of_file(real: PathBuf, checkout: Option<PathBuf>) -> Self {
        Self { real, checkout, is_folder: false }
    }

    /// The real path, with symlinks resolved.
    #[must_use]
    pub fn real(&self) -> &Path {
        &self.real
    }

    /// The innermost git checkout that contains it.
    #[must_use]
    pub fn checkout(&self) -> Option<&Path> {
        self.checkout.as_deref()
    }

    /// Whether it is a folder.
    #[must_use]
    pub const fn is_folder(&self) -> bool {
        self.is_folder
    }
}

/// The innermost folder at or above a real folder that contains `.git`; in a worktree that is a file.
#[must_use]
pub fn checkout_of(folder: &Path) -> Option<&Path> {
    folder.ancestors().find(|folder| is_checkout(folder))
}

fn is_checkout(folder: &Path) -> bool {
    is_there(&folder.join(".git"))
}

/// Whether the path exists, even as a dangling link.
#[must_use]
pub fn is_there(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Resolves a path component by component. Links inside a checkout are untrusted: they must not lead out of it or into
/// `.git`. Links on the way to the checkout are the user's own.
///
/// # Errors
/// The path does not exist, or a link leads where it must not.
pub fn resolve(path: &Path) -> Result<RealPath, FileError> {
    let mut real = PathBuf::new();
    let mut checkout: Option<PathBuf> = None;
    for part in std::path::absolute(path)?.components() {
        match part {
            Component::CurDir => continue,
            Component::ParentDir => {
                real.pop();
                // `..` may have left the checkout.
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
    let is_folder = real.is_dir();
    Ok(RealPath { real, checkout, is_folder })
}

/// Resolves a path whose last parts may not exist yet.
///
/// # Errors
/// A link leads where it must not.
pub fn resolve_new(path: &Path) -> Result<RealPath, FileError> {
    let absolute = std::path::absolute(path)?;
    match resolve(&absolute) {
        Err(error) if error.is_not_found() => match (absolute.parent(), absolute.file_name()) {
            (Some(folder), Some(name)) => {
                let RealPath { real, checkout, is_folder: _ } = resolve_new(folder)?;
                Ok(RealPath::of_file(real.join(name), checkout))
            }
            _ => Err(error),
        },
        place => place,
    }
}

/// The target of a link, which must stay in the bound.
pub(super) fn follow(link: &Path, bound: Option<&Path>, what: &'static str) -> Result<PathBuf, FileError> {
    let target = fs::canonicalize(link)?;
    let Some(bound) = bound else { return Ok(target) };
    let below = target.strip_prefix(bound).map_err(|_| FileError::Leaves(what))?;
    // In any case: macOS and Windows open `.GIT` as `.git`.
    if below.components().any(|part| part.as_os_str().eq_ignore_ascii_case(".git")) {
        return Err(FileError::IntoGit);
    }
    Ok(target)
}

/// The identity of a file: equal for two paths to one file, through symlinks or hard links.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileIdentity {
    /// A file that exists, by device and inode.
    Node(u64, u64),
    /// A file that does not exist yet, or a system without inodes.
    Path(PathBuf),
}

impl FileIdentity {
    /// The identity of a file; `None` for devices and pipes, which are never replaced and may be given twice.
    #[must_use]
    pub fn of(path: &Path) -> Option<Self> {
        match fs::metadata(path) {
            Ok(found) if !found.is_file() && !found.is_dir() => None,
            Ok(found) => Some(Self::of_existing(path, &found)),
            Err(_) => Some(Self::Path(future(path))),
        }
    }

    /// The identity of the file that stdout is redirected to; `None` for a terminal, a pipe or a device.
    #[cfg(unix)]
    #[must_use]
    pub fn of_stdout() -> Option<Self> {
        use std::os::fd::AsFd as _;
        let stdout = std::io::stdout().as_fd().try_clone_to_owned().ok()?;
        let found = fs::File::from(stdout).metadata().ok().filter(fs::Metadata::is_file)?;
        Some(Self::of_existing(Path::new(""), &found))
    }

    /// The identity of the file that stdout is redirected to: unknown on this system.
    #[cfg(not(unix))]
    #[must_use]
    pub fn of_stdout() -> Option<Self> {
        None
    }

    #[cfg(unix)]
    fn of_existing(_: &Path, found: &fs::Metadata) -> Self {
        use std::os::unix::fs::MetadataExt as _;
        Self::Node(found.dev(), found.ino())
    }

    #[cfg(not(unix))]
    fn of_existing(path: &Path, _: &fs::Metadata) -> Self {
        Self::Path(fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()))
    }
}

/// The path of a file that does not exist yet, in its real folder.
fn future(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    match (absolute.parent().and_then(|folder| fs::canonicalize(folder).ok()), absolute.file_name()) {
        (Some(folder), Some(name)) => folder.join(name),
        _ => absolute,
    }
}
