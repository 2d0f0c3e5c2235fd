//! Reads regular files up to a size.

use super::{FileError, RealPath, resolve};
use std::fs::{self, File, FileType, OpenOptions};
use std::io::Read as _;
use std::path::Path;

/// Reads a file of a bounded size, if its links are allowed.
///
/// # Errors
/// It is not a regular file, is too large, cannot be read, or a link leaves the checkout.
pub fn read(path: &Path, most: u64) -> Result<Vec<u8>, FileError> {
    read_place(&resolve(path)?, most)
}

/// Reads a file of a bounded size whose path is already resolved.
///
/// # Errors
/// It is not a regular file, is too large, or cannot be read.
pub fn read_place(place: &RealPath, most: u64) -> Result<Vec<u8>, FileError> {
    read_own(place.real(), most)
}

/// Reads a file of a bounded size that is the user's own, so its links are trusted.
///
/// # Errors
/// It is not a regular file, is too large, or cannot be read.
pub fn read_own(path: &Path, most: u64) -> Result<Vec<u8>, FileError> {
    let (file, size) = open_sized(path)?;
    let file = up_to(file, size, most)?;
    // One byte of spare room, so that the file and its end take two reads and no reallocation.
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default() + 1);
    // The file may grow while it is read, and files such as those of `/proc` report size 0.
    file.take(most + 1).read_to_end(&mut bytes)?;
    let size = bytes.len() as u64;
    if size > most { Err(FileError::TooLarge { size, most }) } else { Ok(bytes) }
}

/// Opens a regular file for reading unless it is too large, if its links are allowed.
///
/// # Errors
/// It is not a regular file, is too large, cannot be read, or a link leaves the checkout.
pub fn open_up_to(path: &Path, most: u64) -> Result<File, FileError> {
    // `/dev/fd/N` of a pipe links to `pipe:[…]`, which cannot be resolved.
    check_kind(fs::metadata(path)?.file_type())?;
    let (file, size) = open_sized(resolve(path)?.real())?;
    up_to(file, size, most)
}

fn up_to(file: File, size: u64, most: u64) -> Result<File, FileError> {
    if size > most { Err(FileError::TooLarge { size, most }) } else { Ok(file) }
}

/// Opens a regular file for reading, without blocking and without touching devices.
///
/// # Errors
/// It is not a regular file, or cannot be read.
pub fn open(path: &Path) -> Result<File, FileError> {
    Ok(open_sized(path)?.0)
}

/// The same, with the size that the file has now.
fn open_sized(path: &Path) -> Result<(File, u64), FileError> {
    check_kind(fs::metadata(path)?.file_type())?;
    let mut options = OpenOptions::new();
    options.read(true);
    let file = without_waiting(&mut options).open(path)?;
    // Check again: the path may have been swapped since the first check.
    let found = file.metadata()?;
    check_kind(found.file_type())?;
    Ok((file, found.len()))
}

/// Fails unless it is a regular file.
pub(super) fn check_kind(kind: FileType) -> Result<(), FileError> {
    if kind.is_file() { Ok(()) } else { Err(FileError::Special(kind_of(kind))) }
}

#[cfg(unix)]
fn kind_of(kind: FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt as _;
    match kind {
        kind if kind.is_dir() => "a folder",
        kind if kind.is_fifo() => "a named pipe",
        kind if kind.is_socket() => "a socket",
        _ => "a device",
    }
}

#[cfg(not(unix))]
fn kind_of(kind: FileType) -> &'static str {
    if kind.is_dir() { "a folder" } else { "a device" }
}

/// Opening must not block on a named pipe without a writer, which may have replaced a file.
#[cfg(unix)]
pub(super) fn without_waiting(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;
    options.custom_flags(libc::O_NONBLOCK)
}

#[cfg(not(unix))]
pub(super) fn without_waiting(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}
