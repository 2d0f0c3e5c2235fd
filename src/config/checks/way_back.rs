//! Temporary values that would never end, because no standing value follows them.

use super::ZoneFile;
use crate::model::{Diagnostic, Temporary};

/// The temporary values of settings that neither the file nor a baseline names.
pub(super) fn missing(zone: &ZoneFile<'_>) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for (Temporary { setting, until, .. }, _, value) in zone.temporary.iter().filter(|_| zone.is_whole) {
        let name = setting.name;
        let is_named = zone.root.get("settings").is_some_and(|settings| settings.get(name).is_some());
        // A value that could not be read is missing in `zone.settings`, but is an error already.
        if is_named || zone.settings.iter().any(|(other, ..)| other == setting) {
            continue;
        }
        let problem = value.problem(format!("`{name}` has no value to return to after its temporary value"));
        let problem =
            problem.label("neither `settings` nor a baseline names it, so the temporary value would stay");
        problems.push(
            problem.hint(format!("add the value that applies after {until} under `settings`: `{name}: …`")),
        );
    }
    problems
}
