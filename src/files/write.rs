//! Writes files: whole files atomically, and journals line by line.

use super::read::without_waiting;
use super::{FileError, read, resolve};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use tempfile::{Builder, NamedTempFile};

/// Who may read a written file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// A result: an existing file keeps its mode, a new one gets the default mode of the umask.
    Result,
    /// Readable by its owner alone, because it shows how sites are protected.
    Private,
}

/// A file that is being written.
#[derive(Debug)]
pub struct Draft(Target);

#[derive(Debug)]
enum Target {
    /// A temporary file next to the one that it will replace.
    File { draft: BufWriter<NamedTempFile>, path: PathBuf },
    /// A device or a pipe.
    Special(BufWriter<File>),
}

impl Draft {
    /// Begins a file. A link is followed, but not out of the checkout.
    ///
    /// # Errors
    /// The folder cannot be written, or a link leaves the checkout.
    pub fn begin(path: &Path, access: Access) -> io::Result<Self> {
        if is_special(path) {
            let file = OpenOptions::new().append(true).open(path)?;
            return Ok(Self(Target::Special(BufWriter::new(file))));
        }
        let path = target(path)?;
        let draft = draft(&path, access)?;
        Ok(Self(Target::File { draft: BufWriter::new(draft), path }))
    }

    /// Commits the file. A draft that is dropped leaves nothing behind.
    ///
    /// # Errors
    /// It cannot be written completely.
    pub fn keep(self) -> io::Result<()> {
        match self.0 {
            Target::Special(mut file) => file.flush(),
            Target::File { draft, path } => {
                let draft = draft.into_inner().map_err(io::IntoInnerError::into_error)?;
                // Flushed before the rename: otherwise a crash could leave an empty file under the final name.
                draft.as_file().sync_all()?;
                draft.persist(path).map(drop).map_err(|error| error.error)
            }
        }
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.0 {
            Target::File { draft, .. } => draft.write(bytes),
            Target::Special(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.0 {
            Target::File { draft, .. } => draft.flush(),
            Target::Special(file) => file.flush(),
        }
    }
}

/// Checks that a file can be written, before the run has anything to write.
///
/// # Errors
/// It cannot be written.
pub fn check_writable(path: &Path) -> io::Result<()> {
    if is_special(path) {
        return Ok(());
    }
    let path = target(path)?;
    if path.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if path.exists() { Ok(()) } else { tempfile::tempfile_in(folder_of(&path)).map(drop) }
}

/// Removes the file that an earlier run left at a path. Follows links as [`Draft::begin`] does, and leaves devices and
/// pipes alone.
///
/// # Errors
/// It cannot be removed, or a link leaves the checkout.
pub fn clear(path: &Path) -> io::Result<()> {
    if is_special(path) {
        return Ok(());
    }
    match fs::remove_file(target(path)?) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Whether it is a device, a pipe, or below `/dev` or `/proc`: the file behind `/dev/stdout` is open elsewhere, so it
/// must not be replaced.
fn is_special(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| {
        let is_elsewhere = path.starts_with("/dev") || path.starts_with("/proc");
        !found.is_dir() && (!found.is_file() || is_elsewhere)
    })
}

/// The file to replace: the target of a link.
fn target(path: &Path) -> Result<PathBuf, FileError> {
    match resolve(path) {
        Ok(place) => Ok(place.real().to_owned()),
        Err(error) if error.is_not_found() => {
            let name = path.file_name().ok_or(error)?;
            Ok(resolve(folder_of(path))?.real().join(name))
        }
        Err(error) => Err(error),
    }
}

fn draft(path: &Path, access: Access) -> io::Result<NamedTempFile> {
    let mut builder = Builder::new();
    #[cfg(unix)]
    if access == Access::Result {
        use std::os::unix::fs::PermissionsExt as _;
        // The umask applies to this mode.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    // In the same folder, because a rename across file systems is not atomic.
    let draft = builder.tempfile_in(folder_of(path))?;
    match fs::metadata(path) {
        Ok(found) if access == Access::Result => draft.as_file().set_permissions(found.permissions())?,
        _ => {}
    }
    Ok(draft)
}

/// The folder that a path is in.
#[must_use]
pub fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Opens a file for reading and appending, and creates it for its owner alone if it does not exist. Follows links, but
/// not out of the checkout. Accepts devices, but not pipes or sockets, which could block.
///
/// # Errors
/// It is a pipe, a socket or a folder, cannot be written, or a link is dangling or leads where it must not.
pub fn open_append(path: &Path) -> Result<File, FileError> {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    private(&mut options);
    let real = if is_special(path) { path.to_owned() } else { target(path)? };
    let path = real.as_path();
    match fs::symlink_metadata(path) {
        // Resolvable links were resolved above: opening a remaining one would create a file wherever it points.
        Ok(found) if found.is_symlink() && !is_special(path) => return Err(FileError::Dangling),
        _ => {}
    }
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

/// Flushes the folder of a file, so that a new file survives a power failure. Errors are ignored: not every system can
/// flush folders.
pub fn sync_folder_of(path: &Path) {
    let _ = File::open(folder_of(path)).and_then(|folder| folder.sync_all());
}

/// Creates a folder and its missing parents.
///
/// # Errors
/// It cannot be created.
pub fn make_folder(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)
}

/// Renames a file, unless the new name already exists.
///
/// # Errors
/// The new name exists, or the file cannot be renamed.
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    if super::is_there(to) { Err(io::ErrorKind::AlreadyExists.into()) } else { fs::rename(from, to) }
}

/// Removes a file.
///
/// # Errors
/// It cannot be removed.
pub fn remove(path: &Path) -> io::Result<()> {
    fs::remove_file(path)
}

/// The paths in a folder, sorted; none if it cannot be read.
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
