//! Why a file cannot be read, in words that follow its name.

use std::io;

/// Why a file or folder cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// A link leads out of the checkout, or out of the given folder.
    #[error("a link that leaves the {0}")]
    Leaves(&'static str),
    /// A link leads into `.git`, which can contain credentials.
    #[error("a link into `.git`")]
    IntoGit,
    /// The target of a link does not exist.
    #[error("a link that leads nowhere")]
    Dangling,
    /// A folder, a device, a pipe or a socket.
    #[error("{0}, not a file")]
    Special(&'static str),
    /// The file exceeds its size limit.
    #[error("the file has {size} bytes; the limit is {most}")]
    TooLarge {
        /// Its size, or as much of it as was seen.
        size: u64,
        /// The limit.
        most: u64,
    },
    /// A folder holds more entries than the limit.
    #[error("more than {0} files and folders")]
    TooMany(usize),
    /// The operating system reports an error.
    #[error("{}", words(.0))]
    Io(#[from] io::Error),
}

impl FileError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Leaves(_) | Self::IntoGit => Some("replace the link with the file itself"),
            Self::Dangling => Some("remove the link"),
            Self::Special(_) => Some("remove it, or give it another name"),
            Self::TooLarge { .. } => {
                Some("split it, or move it out of the folder if it does not belong there")
            }
            Self::TooMany(_) => Some("pass the folders that contain the files"),
            Self::Io(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                Some("check its owner and mode")
            }
            Self::Io(error) if is_loop(error) => Some("remove the link"),
            Self::Io(_) => None,
        }
    }

    /// Whether the file does not exist.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Io(error) if error.kind() == io::ErrorKind::NotFound)
    }

    /// Links that form a loop.
    pub(super) fn looped() -> Self {
        Self::Io(io::Error::other(LOOP))
    }
}

impl From<FileError> for io::Error {
    fn from(error: FileError) -> Self {
        match error {
            FileError::Io(error) => error,
            error => Self::other(error),
        }
    }
}

const LOOP: &str = "a loop of symbolic links";

/// Compares the text, because `io::ErrorKind::FilesystemLoop` is not stable yet.
fn is_loop(error: &io::Error) -> bool {
    error.to_string().contains("symbolic links")
}

fn words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such file or folder".to_owned(),
        io::ErrorKind::PermissionDenied => "no permission to read it".to_owned(),
        _ if is_loop(error) => LOOP.to_owned(),
        _ => format!("cannot be read: {error}").to_lowercase(),
    }
}
