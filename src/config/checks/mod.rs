//! The checks of a zone beyond the shape of its file. A new check is one file and one row of `list.rs`.

mod custom_rules;
mod ended;
mod idle;
mod kept_longer;
mod list;
mod needs;
mod one_file;
mod shuts_out;
mod twice;
mod way_back;
mod zone;

pub(crate) use list::dated;
pub(super) use list::{among, of_file};
pub(super) use one_file::{Lines, line_of};
pub(super) use zone::{Named, ZoneFile};
