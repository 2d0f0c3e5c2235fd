//! Why a file is not read, in words that follow its name.

use std::io;

/// Why a file or folder is not read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// A link leads out of the checkout, or out of the folder that was named.
    #[error("a link that leaves the {0}")]
    Leaves(&'static str),
    /// A link leads to what git keeps for itself, which can hold credentials.
    #[error("a link into `.git`")]
    IntoGit,
    /// What a link leads to is not there.
    #[error("a link that leads nowhere")]
    Dangling,
    /// A folder, a device, a pipe or a socket.
    #[error("{0}, not a file")]
    Special(&'static str),
    /// The file is above its limit.
    #[error("the file has {size} bytes, more than the {most} that are read")]
    TooLarge {
        /// Its size, or as much of it as was seen.
        size: u64,
        /// The limit.
        most: u64,
    },
    /// A folder holds more than anybody meant.
    #[error("more than {0} files and folders")]
    TooMany(usize),
    /// The system refuses it.
    #[error("{}", words(.0))]
    Io(#[from] io::Error),
}

impl FileError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Leaves(_) | Self::IntoGit => Some("put the file itself there instead of a link"),
            Self::Dangling => Some("remove the link"),
            Self::Special(_) => Some("remove it, or give it another name"),
            Self::TooLarge { .. } => {
                Some("split it, or move it out of the folder if it does not belong there")
            }
            Self::TooMany(_) => Some("name the folders that hold the files"),
            Self::Io(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                Some("check its owner and mode")
            }
            Self::Io(error) if is_loop(error) => Some("remove the link"),
            Self::Io(_) => None,
        }
    }

    /// Whether nothing has this name.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Io(error) if error.kind() == io::ErrorKind::NotFound)
    }

    /// Links that lead to each other.
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

/// The kind for it is not stable yet.
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
