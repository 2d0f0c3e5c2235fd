//! From files to checked desired state: texts, places, the checks by the catalogue, drawn problems, schemas.
//! Only `load.rs` reads files, and the YAML library is named in `yaml/reader.rs` alone.

mod select;
mod snippet;
mod yaml;

pub use select::{NoMatch, matches, select, suggest};
pub use snippet::draw;
pub use yaml::{Document, Options, Source, parse_document, read_document};
