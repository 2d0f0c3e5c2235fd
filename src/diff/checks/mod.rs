//! The checks of a zone against live, beyond its rows. A new check is one file and one row of `list.rs`.

mod doubt;
mod idle;
mod list;
mod needs;
mod unknown_value;
mod variant;
mod way_back;
mod zone;

pub(super) use list::{blocks, notes};
pub(super) use needs::broken as broken_needs;
pub(super) use zone::Zone;
