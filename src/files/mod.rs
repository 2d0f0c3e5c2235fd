//! The one door to the file system for input and results: sizes, links, special files, atomic writes, modes.
//! Files under review are data: no link leads out of the checkout, nothing but a regular file is read, nothing hangs.

mod append;
mod error;
mod identity;
mod place;
mod read;
mod walk;
mod write;

pub use append::{list_folder, make_folder, open_append, sync_folder_of};
pub use error::FileError;
pub use identity::Identity;
pub use place::{Place, checkout_of, is_there, resolve};
pub use read::{open, open_up_to, read, read_own, read_place};
pub use walk::{Found, Pick, walk};
pub use write::{Access, Draft, check_writable};

#[cfg(test)]
#[cfg(unix)]
mod tests;
