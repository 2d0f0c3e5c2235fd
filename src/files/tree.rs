//! File access as a value: code that gets a tree can read its files, and code that does not can read none.

use super::{FileError, Found, Pick, RealPath};
use std::path::{Path, PathBuf};

/// Files and folders that can be read.
pub trait Tree {
    /// Resolves a path.
    ///
    /// # Errors
    /// The path does not exist, or a link leads where it must not.
    fn resolve(&self, path: &Path) -> Result<RealPath, FileError>;

    /// The same for a path whose end may not exist yet.
    ///
    /// # Errors
    /// A link leads where it must not.
    fn resolve_new(&self, path: &Path) -> Result<RealPath, FileError>;

    /// Reads a regular file of a bounded size.
    ///
    /// # Errors
    /// It is not a regular file, is too large, or cannot be read.
    fn read(&self, place: &RealPath, most: u64) -> Result<Vec<u8>, FileError>;

    /// All files below a folder, sorted by path.
    fn walk(&self, folder: &RealPath, pick: Pick<'_>) -> Vec<Found>;

    /// Whether the path exists, even as a dangling link.
    fn is_there(&self, path: &Path) -> bool;

    /// The innermost git checkout at or above a real folder.
    fn checkout_of(&self, folder: &Path) -> Option<PathBuf>;
}

/// The files of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct Disk;

impl Tree for Disk {
    fn resolve(&self, path: &Path) -> Result<RealPath, FileError> {
        super::resolve(path)
    }

    fn resolve_new(&self, path: &Path) -> Result<RealPath, FileError> {
        super::resolve_new(path)
    }

    fn read(&self, place: &RealPath, most: u64) -> Result<Vec<u8>, FileError> {
        super::read_place(place, most)
    }

    fn walk(&self, folder: &RealPath, pick: Pick<'_>) -> Vec<Found> {
        super::walk(folder, pick)
    }

    fn is_there(&self, path: &Path) -> bool {
        super::is_there(path)
    }

    fn checkout_of(&self, folder: &Path) -> Option<PathBuf> {
        super::checkout_of(folder).map(Path::to_owned)
    }
}
