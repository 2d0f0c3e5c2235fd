//! Temporary values that would stay for ever, since nothing says what counts afterwards.

use super::ZoneFile;
use crate::model::{Diagnostic, Temporary};

/// The temporary values of settings that neither the file nor a baseline names.
pub(super) fn missing(zone: &ZoneFile<'_>) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for (Temporary { setting, until, .. }, _, value) in zone.temporary.iter().filter(|_| zone.is_whole) {
        let name = setting.name;
        let is_named = zone.root.get("settings").is_some_and(|settings| settings.get(name).is_some());
        if is_named || zone.settings.iter().any(|(other, ..)| other == setting) {
            continue;
        }
        let problem = value.problem(format!("`{name}` has nothing to go back to after its temporary value"));
        let problem = problem.label("neither `settings` nor a baseline names it, so this would stay");
        problems.push(problem.hint(format!("write what counts after {until} under `settings`: `{name}: …`")));
    }
    problems
}
