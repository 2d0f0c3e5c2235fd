//! `init`: creates a repository for zone files, with the recipes of its pipeline.

mod found;
mod pages;
mod recipes;

pub(super) use pages::BASELINE;
pub(crate) use pages::run;
