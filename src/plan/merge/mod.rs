//! Merges the plans or the results of a fleet that several machines worked on, each on its own part.

mod error;
mod parts;
mod results;
mod whole;

pub(crate) use error::Unmergeable;
pub(crate) use parts::{Merged, ShardPlan, merge};
pub(crate) use results::{ShardResult, merge_results};
