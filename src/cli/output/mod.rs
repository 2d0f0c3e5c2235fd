//! Where results go, what is said on the way, and which files that are.

mod files;
mod formats;
mod plans;
mod sink;
mod stderr;

pub(crate) use files::Files;
pub(crate) use formats::{FORMATS, Format, LIST_FORMATS, ListFormat, Wanted};
pub(crate) use plans::{preview, save_plan, show_outcomes, show_plan};
pub(crate) use sink::{Output, Outputs, folder, print, print_piece, unwritable};
pub(crate) use stderr::{can_ask, progress_bar, say, say_aside, stuck};
