//! Telling files apart by what they are, not by their names.

use std::fs;
use std::path::{Path, PathBuf};

/// What a path leads to: equal for two names of one file, by links or by hard links.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Identity {
    /// A file that exists, by its device and number.
    Node(u64, u64),
    /// A file that is still to be made, or one of a system without such numbers.
    Path(PathBuf),
}

impl Identity {
    /// The identity of a file; `None` for devices and pipes, which are not replaced and may be named twice.
    #[must_use]
    pub fn of(path: &Path) -> Option<Self> {
        match fs::metadata(path) {
            Ok(found) if !found.is_file() && !found.is_dir() => None,
            Ok(found) => Some(Self::of_existing(path, &found)),
            Err(_) => Some(Self::Path(future(path))),
        }
    }

    /// The identity of the file that stdout is; `None` where it is a terminal, a pipe or a device.
    #[cfg(unix)]
    #[must_use]
    pub fn of_stdout() -> Option<Self> {
        use std::os::fd::AsFd as _;
        let stdout = std::io::stdout().as_fd().try_clone_to_owned().ok()?;
        let found = fs::File::from(stdout).metadata().ok().filter(fs::Metadata::is_file)?;
        Some(Self::of_existing(Path::new(""), &found))
    }

    /// The identity of the file that stdout is: not known on this system.
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

/// The path of a file that is not there yet, in its real folder.
fn future(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    match (absolute.parent().and_then(|folder| fs::canonicalize(folder).ok()), absolute.file_name()) {
        (Some(folder), Some(name)) => folder.join(name),
        _ => absolute,
    }
}
