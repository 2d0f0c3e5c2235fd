//! Journals: files of the user's own that grow line by line, and the folder that they are kept in.

use super::read::without_waiting;
use super::{FileError, read};
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

/// Opens a file to be read and appended to, and makes it for its owner alone where it is missing. A device takes
/// what is written; a pipe or a socket would hold it back.
///
/// # Errors
/// It is a pipe, a socket or a folder, or cannot be written.
pub fn open_append(path: &Path) -> Result<File, FileError> {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    private(&mut options);
    match fs::metadata(path) {
        Ok(found) if !is_device(found.file_type()) => read::check_kind(found.file_type())?,
        _ => {}
    }
    let file = without_waiting(&mut options).open(path)?;
    let kind = file.metadata()?.file_type();
    if !is_device(kind) {
        read::check_kind(kind)?;
    }
    Ok(file)
}

/// Flushes the folder of a file, so that a new file's name is kept; where folders cannot be flushed, nothing is lost
/// but in a power failure.
pub fn sync_folder_of(path: &Path) {
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
}

/// Makes a folder with all that are missing above it.
///
/// # Errors
/// It cannot be made.
pub fn make_folder(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)
}

/// The paths in a folder, sorted; none where it cannot be read.
#[must_use]
pub fn list_folder(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    let mut paths: Vec<_> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

#[cfg(unix)]
fn private(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt as _;
    options.mode(0o600);
}

#[cfg(not(unix))]
fn private(_: &mut OpenOptions) {}

#[cfg(unix)]
fn is_device(kind: fs::FileType) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    kind.is_char_device() || kind.is_block_device()
}

#[cfg(not(unix))]
fn is_device(_: fs::FileType) -> bool {
    false
}
