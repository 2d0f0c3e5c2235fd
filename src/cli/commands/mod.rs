//! One file per command; those that use no API are in `offline`.

pub(crate) mod apply;
pub(crate) mod completions;
pub(crate) mod doctor;
pub(crate) mod explain;
pub(crate) mod feedback;
pub(crate) mod import;
pub(crate) mod init;
mod journals;
pub(crate) mod merge;
pub(crate) mod offline;
pub(crate) mod plan;
pub(crate) mod snapshot;
pub(crate) mod submissions;
mod terms;
pub(crate) mod undo;
pub(crate) mod why;
