//! The files below a folder: each real folder is visited once, whatever links lead to it.

use super::place::follow;
use super::read::check_kind;
use super::{FileError, RealPath};
use std::collections::{BTreeSet, VecDeque};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use walkdir::{DirEntry, WalkDir};

/// The maximum number of files and folders to visit.
const MOST_ENTRIES: usize = 200_000;

/// What a name in a folder stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A file, or a link that was not followed yet.
    File,
    /// A folder.
    Folder,
}

impl Entry {
    fn of(is_folder: bool) -> Self {
        if is_folder { Self::Folder } else { Self::File }
    }
}

/// What to look for.
#[derive(Clone, Copy)]
pub struct Pick<'a> {
    /// Whether to skip a name and everything below it.
    pub skip: &'a dyn Fn(&OsStr, Entry) -> bool,
    /// Whether a path is one of the wanted files.
    pub take: &'a dyn Fn(&Path) -> bool,
}

/// A file below a folder, or an error there.
#[derive(Debug)]
pub struct Found {
    /// Its path below the folder, as reached.
    pub below: PathBuf,
    /// Its resolved path.
    pub place: Result<RealPath, FileError>,
}

/// All files below a folder, sorted by path. Links must stay in the checkout, or without one in the folder.
#[must_use]
pub fn walk(folder: &RealPath, pick: Pick<'_>) -> Vec<Found> {
    walk_up_to(folder, pick, MOST_ENTRIES)
}

/// [`walk`] with a given limit.
pub(super) fn walk_up_to(folder: &RealPath, pick: Pick<'_>, most: usize) -> Vec<Found> {
    let mut walk = Walk {
        folder,
        pick,
        visited: BTreeSet::new(),
        most,
        left: most,
        links: VecDeque::new(),
        found: Vec::new(),
    };
    walk.below(folder.real().to_owned(), &PathBuf::new());
    // Real folders come before links to them, so that files are listed under their real names.
    while let Some((below, link)) = walk.links.pop_front() {
        walk.link(below, &link);
    }
    let mut found = walk.found;
    found.sort_by(|one, other| one.below.cmp(&other.below));
    found
}

struct Walk<'a> {
    folder: &'a RealPath,
    pick: Pick<'a>,
    visited: BTreeSet<PathBuf>,
    most: usize,
    left: usize,
    links: VecDeque<(PathBuf, PathBuf)>,
    found: Vec<Found>,
}

impl Walk<'_> {
    /// Visits a real folder; `names` is the path that led to it.
    fn below(&mut self, real: PathBuf, names: &Path) {
        if !self.visited.insert(real.clone()) {
            return;
        }
        let mut entries = WalkDir::new(&real).min_depth(1).sort_by_file_name().into_iter();
        while let Some(entry) = entries.next() {
            let Some(left) = self.left.checked_sub(1) else {
                return self.push(names.to_owned(), Err(FileError::TooMany(self.most)));
            };
            self.left = left;
            match entry {
                Ok(entry) => {
                    let below = names.join(entry.path().strip_prefix(&real).unwrap_or(entry.path()));
                    if !self.entry(below, &entry) && entry.file_type().is_dir() {
                        entries.skip_current_dir();
                    }
                }
                Err(error) => {
                    let at = error.path().and_then(|at| at.strip_prefix(&real).ok()).unwrap_or(Path::new(""));
                    let below = names.join(at);
                    self.push(
                        below,
                        Err(error.into_io_error().map_or_else(FileError::looped, FileError::Io)),
                    );
                }
            }
        }
    }

    /// Handles an entry; returns whether it is a folder to enter.
    fn entry(&mut self, below: PathBuf, entry: &DirEntry) -> bool {
        let kind = entry.file_type();
        if kind.is_symlink() {
            self.links.push_back((below, entry.path().to_owned()));
            return false;
        }
        if (self.pick.skip)(entry.file_name(), Entry::of(kind.is_dir())) {
            return false;
        }
        if (self.pick.take)(&below) {
            let checkout = self.folder.checkout().map(Path::to_owned);
            let place = check_kind(kind).map(|()| RealPath::of_file(entry.path().to_owned(), checkout));
            self.push(below, place);
            return false;
        }
        kind.is_dir() && self.visited.insert(entry.path().to_owned())
    }

    fn link(&mut self, below: PathBuf, link: &Path) {
        let name = link.file_name().unwrap_or_default();
        if (self.pick.skip)(name, Entry::File) {
            return;
        }
        let bound = self.folder.checkout().map_or((self.folder.real(), "folder"), |root| (root, "checkout"));
        let target = match follow(link, Some(bound.0), bound.1) {
            Ok(target) => target,
            // Errors of files that are not wanted do not matter.
            Err(FileError::Leaves(_)) if !(self.pick.take)(&below) && link.is_file() => return,
            Err(error) => return self.push(below, Err(error)),
        };
        let Ok(found) = fs::metadata(&target) else { return };
        if (self.pick.skip)(name, Entry::of(found.is_dir())) {
            return;
        }
        if (self.pick.take)(&below) {
            let checkout = self.folder.checkout().map(Path::to_owned);
            let place = check_kind(found.file_type()).map(|()| RealPath::of_file(target, checkout));
            self.push(below, place);
        } else if link.starts_with(&target) {
            self.push(below, Err(FileError::looped()));
        } else if found.is_dir() {
            self.below(target, &below);
        }
    }

    fn push(&mut self, below: PathBuf, place: Result<RealPath, FileError>) {
        self.found.push(Found { below, place });
    }
}
