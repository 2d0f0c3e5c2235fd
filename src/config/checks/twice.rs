//! Two entries of one list for the same setting.

use super::ZoneFile;
use crate::model::{Diagnostic, Severity};

/// The second temporary value, and the second waiver, of a setting.
pub(super) fn named(zone: &ZoneFile<'_>) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for (index, (entry, named, _)) in zone.temporary.iter().enumerate() {
        if zone.temporary.iter().take(index).any(|(earlier, ..)| earlier.setting == entry.setting) {
            let message = format!("`{}` has more than one temporary value", entry.setting.name);
            problems.push(named.problem(message).hint("keep one of them"));
        }
    }
    for (index, (waiver, named)) in zone.accept.iter().enumerate() {
        if zone.accept.iter().take(index).any(|(earlier, _)| earlier.setting == waiver.setting) {
            let problem = named.problem(format!("`{}` is accepted more than once", waiver.setting.name));
            problems.push(problem.severity(Severity::Warning).hint("keep the one that ends last"));
        }
    }
    problems
}
