//! Joins what the analytics say with files and rows: what a change would have done to requests, why a request was
//! stopped, and what voids a setting. All of it reads only, and nothing of it is part of a digest.

mod ask;
mod effect;
mod impact;
#[cfg(test)]
mod interval_tests;
mod question;
mod stop;
mod ways;
mod why;

pub(crate) use effect::{Around, check_effect};
pub(crate) use impact::impact;
pub(crate) use why::{Question as WhyQuestion, Target, why};
