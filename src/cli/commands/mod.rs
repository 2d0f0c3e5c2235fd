//! One file per command.

pub(crate) mod apply;
pub(crate) mod completions;
pub(crate) mod emulator;
pub(crate) mod explain;
pub(crate) mod feedback;
pub(crate) mod plan;
pub(crate) mod schema;
pub(crate) mod show;
pub(crate) mod submissions;
pub(crate) mod undo;
pub(crate) mod validate;
