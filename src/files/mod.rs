//! The one door to the file system for input and results: sizes, links, special files, atomic writes, modes.
//! Files under review are data: no link may lead out of the checkout, only regular files are read, and nothing blocks.

mod error;
mod packed;
mod place;
mod read;
mod tree;
mod walk;
mod write;

pub use error::FileError;
pub(crate) use packed::{DocumentDraft, head, open_document};
pub use place::RealPath;
pub(crate) use place::{FileIdentity, checkout_of, is_there, resolve, resolve_new};
pub(crate) use read::{open, open_up_to, read, read_own, read_place};
pub use tree::{Disk, Tree};
pub(crate) use walk::walk;
pub use walk::{Entry, Found, Pick};
pub(crate) use write::{
    Access, Draft, check_writable, clear, folder_of, list_folder, make_folder, open_append, remove, rename,
    sync_folder_of,
};

#[cfg(test)]
#[cfg(unix)]
mod tests;
