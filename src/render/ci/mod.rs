//! A report in the formats of pipelines and forges.

mod github;
mod gitlab;
mod junit;
mod metrics;
mod sarif;

pub use github::{Annotations, github_values};
pub use gitlab::gitlab;
pub use junit::junit;
pub use metrics::Metrics;
pub use sarif::sarif;
