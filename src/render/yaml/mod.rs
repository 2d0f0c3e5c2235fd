//! The canonical YAML of zones and baselines, and the differences between two texts.

mod baseline_file;
mod unified;
mod zone_file;

pub(super) use zone_file::scalar;

pub use baseline_file::BaselineFile;
pub use unified::Unified;
pub use zone_file::ZoneFile;
