//! From texts to checked desired state: shapes, places, checks against the catalogue, drawn problems, schemas. It reads
//! files only through the tree that it is given, and only `yaml/reader.rs` names the YAML library.

mod check;
mod checks;
mod edit;
mod extends;
mod feedback;
mod keys;
mod load;
mod names;
mod policy;
mod problems;
mod project;
mod schema;
mod select;
mod snippet;
mod terraform;
mod text;
mod visit;
mod yaml;

pub(crate) use check::is_range;
pub(crate) use checks::dated;
pub(crate) use edit::{Edit, edit_text};
#[doc(hidden)]
pub use extends::{Baselines, ExtendedFile, Home};
pub use feedback::check_report_text;
pub(crate) use feedback::report_template;
pub(crate) use keys::{Key, MAX_CONCURRENCY, Mapping, PROJECT, ZONE};
pub(crate) use load::may_be_zone_file;
pub use load::{Loaded, LoadedReports, Loader};
pub(crate) use names::as_zone;
pub use problems::Problems;
pub use project::{Project, check_project_text};
pub(crate) use schema::{baseline_schema, feedback_schema, project_schema, zone_schema};
pub(crate) use select::{meant, select, suggest};
#[doc(hidden)]
pub use snippet::{Canvas, draw};
pub(crate) use terraform::{Held, TerraformState, read_state};
pub use text::check_text;
#[doc(hidden)]
pub use text::check_zone_text;
pub(crate) use text::{excerpt_at, zone_in};
pub(crate) use visit::{PROJECT_FILES, REPORTS_FOLDER, unreadable};
#[doc(hidden)]
pub use yaml::{Options, parse_document};
