//! `init`: makes the repository that zone files live in, and the recipes of its pipeline.

mod found;
mod pages;
mod recipes;

pub(super) use pages::BASELINE;
pub(crate) use pages::run;
