//! From texts to checked desired state: shapes, places, the checks by the catalogue, drawn problems, schemas. It reads
//! no file but those of a tree that it is given, and the YAML library is named in `yaml/reader.rs` alone.

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
mod text;
mod visit;
mod yaml;

pub use checks::dated;
pub use edit::{Edit, edit_text};
pub use extends::{Baselines, ExtendedFile, Home, Read};
pub use feedback::check_report_text;
pub use keys::MAX_CONCURRENCY;
pub(crate) use keys::{Key, Mapping, PROJECT, ZONE};
pub use load::{Loaded, LoadedReports, Loader, may_be_zone_file};
pub use problems::Problems;
pub use project::{Project, check_project_text};
pub use schema::{baseline_schema, feedback_schema, project_schema, zone_schema};
pub use select::{NoMatch, select, suggest};
pub use snippet::{draw, draw_within};
pub use text::{check_text, check_zone_text, excerpt_at, zone_in};
pub(crate) use visit::unreadable;
pub use yaml::{Cursor, Document, Options, Source, parse_document, read_document};
