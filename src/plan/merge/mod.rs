//! One plan, and one result, of a fleet that several machines worked on, each at one part of it.

mod error;
mod parts;
mod results;
mod whole;

pub(crate) use error::Unmergeable;
pub(crate) use parts::{Merged, ShardPlan, merge};
pub(crate) use results::{ShardResult, merge_results};
