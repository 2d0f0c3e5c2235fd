//! Where results go, messages on the way, and all files that a run writes.

mod files;
mod formats;
mod rows;
mod sink;
mod stderr;

pub(crate) use files::Files;
pub(crate) use formats::{FORMATS, Format, LIST_FORMATS, ListFormat, Wanted};
pub(crate) use rows::RowWriter;
pub(crate) use sink::{Output, Outputs, preview, print, save_plan, save_snapshot, show_plan, show_results};
pub(crate) use stderr::{is_approved, progress_bar, say, say_aside, stuck};

use sink::{folder, print_piece, unwritable};
use stderr::can_ask;
