//! Results, messages, and all files that a run writes.

mod asking;
mod files;
mod formats;
mod left;
mod notice;
mod progress;
mod reports;
mod rows;
mod sink;
mod stderr;
mod written;

pub(crate) use asking::{is_approved, read_answer};
pub(crate) use files::Files;
pub(crate) use formats::{ExplainFormat, Format, ListFormat, Wanted};
pub(crate) use left::as_file;
pub(crate) use notice::{Notice, hint_below, say, say_all, say_drawn};
pub(crate) use progress::{Progress, Task, minutes};
pub(crate) use reports::{Format as ReportFormat, show_report, write_metrics, write_report};
pub(crate) use rows::RowWriter;
pub(crate) use sink::{Audience, Output, Outputs, preview, print, show_results};
pub(crate) use stderr::{Level, say_aside, speak_json, stderr_width, stuck};

pub(crate) use written::{save_plan, save_snapshot, unwritable, write_record};

use asking::can_ask;
use sink::print_piece;
use stderr::stdout_width;
