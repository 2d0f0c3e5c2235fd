//! What no file manages, as text below a plan.

use super::clean;
use crate::model::{plural, shown_name};
use crate::plan::Coverage;
use std::fmt;

/// How many zones are named.
const NAMES: usize = 200;

/// The zones without a file, and the files without a zone, as text.
#[derive(Clone, Copy, Debug)]
pub struct CoverageText<'a>(&'a Coverage);

impl<'a> CoverageText<'a> {
    /// A view of a coverage.
    #[must_use]
    pub fn new(coverage: &'a Coverage) -> Self {
        Self(coverage)
    }
}

impl fmt::Display for CoverageText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Coverage { zones, unmanaged, gone } = self.0;
        let seen = plural(*zones, "zone");
        writeln!(
            f,
            "\nCoverage: {} of {seen} without a file, {}.",
            unmanaged.len(),
            without_zone(gone.len())
        )?;
        unmanaged.iter().take(NAMES).try_for_each(|zone| {
            writeln!(
                f,
                "  no file       {} (account {})",
                clean(&shown_name(&zone.zone)),
                clean(&zone.account_id)
            )
        })?;
        if let Some(more) = unmanaged.len().checked_sub(NAMES).filter(|more| *more > 0) {
            writeln!(f, "  … and {more} more (all with --output json)")?;
        }
        if !unmanaged.is_empty() {
            writeln!(f, "  hint: `botform import` writes a file for each")?;
        }
        gone.iter().try_for_each(|file| {
            writeln!(f, "  zone is gone  {}   {}", clean(&shown_name(&file.zone)), clean(&file.file))
        })?;
        if !gone.is_empty() {
            writeln!(f, "  hint: `git rm FILE`, if the zone was deleted")?;
        }
        Ok(())
    }
}

fn without_zone(files: usize) -> String {
    format!("{} whose zone is gone", plural(files, "file"))
}
