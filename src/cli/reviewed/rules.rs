//! The rules as they were at a git revision: the project file of that commit, and the protection and waivers of its
//! zone files.

use super::extended::Extending;
use super::git::{Content, Objects, TreeFile, in_repository};
use super::tree::{MOST_BYTES, ZoneFile};
use crate::config::{PROJECT_FILES, Project, check_project_text};
use crate::files;
use crate::model::{Desired, Diagnostic, Input, plural};
use crate::plan::{ProjectRules, Weakened, weakened};
use jiff::civil::Date;
use std::path::Path;

/// The rules as they were; none if the run compares with nothing.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    project: Project,
    /// What zone files said besides settings, each with the index of the zone among those of today.
    zones: Vec<(usize, Desired)>,
    /// Warnings about rules that cannot be compared.
    pub(crate) unknown: Vec<Diagnostic>,
}

impl Rules {
    /// Reads the project file of a commit: the nearest one at or above the current folder, as for today's. So nothing
    /// is hidden by moving or removing it, or by adding a nearer one.
    pub(super) fn read(all: &[TreeFile], objects: &mut Objects, top: &Path, since: &str) -> Self {
        let here = files::resolve(Path::new(".")).ok();
        let Some(folder) = here.as_ref().and_then(|here| here.real().strip_prefix(top).ok()) else {
            return Self::default();
        };
        let mut files = Extending::new(all, objects, MOST_BYTES);
        let candidates = folder.ancestors().flat_map(|folder| PROJECT_FILES.map(|name| folder.join(name)));
        let mut found = candidates.filter_map(|path| {
            let path = in_repository(&path);
            let content = files.read(&path).map(|(_, content)| content)?;
            Some((path, content))
        });
        let Some((path, content)) = found.next() else { return Self::default() };
        let why = match content {
            Content::Bytes(bytes) => match check_project_text(&path, &bytes) {
                (Some(project), _) => return Self { project, ..Self::default() },
                (None, problems) => problems
                    .iter()
                    .find(|problem| problem.is_error())
                    .map_or_else(String::new, |problem| problem.message.to_string()),
            },
            Content::TooLarge => "it is too large".to_owned(),
            Content::Missing => "it is not in this partial clone".to_owned(),
        };
        let what =
            format!("{path} cannot be read as of {since}: {why}; whether its rules were weakened is unknown");
        Self { unknown: vec![Diagnostic::warning(what)], ..Self::default() }
    }

    /// Adds the rules of today's zones, each with the files that named it then.
    pub(super) fn with_zones<'z>(
        mut self,
        zones: impl Iterator<Item = (&'z Desired, Vec<&'z ZoneFile>)>,
    ) -> Self {
        let (mut unreadable, mut first) = (0, None);
        for (index, (now, files)) in zones.enumerate() {
            let then = files.iter().filter_map(|file| file.wants.as_ref().ok());
            let then = then.filter(|then| may_differ(then, now));
            self.zones.extend(then.map(|then| (index, without_settings(then))));
            if let Some(why) = files.iter().find_map(|file| file.wants.as_ref().err()) {
                unreadable += 1;
                first.get_or_insert(why);
            }
        }
        self.unknown.extend(first.map(|why| {
            let zones = plural(unreadable, "zone");
            Diagnostic::warning(format!("whether {zones} lost protection is unknown: {why}"))
        }));
        self
    }

    /// The rules of the project as they were. Percentages are of today's number of zone files: that number is no rule,
    /// and a folder that grew has weakened nothing.
    pub(crate) fn project(&self, now: &Project) -> ProjectRules<'_> {
        let mut then = project_rules(&self.project);
        then.guards.zone_files = now.guards.zone_files;
        then
    }

    /// The rules that are softer today.
    pub(crate) fn weakened(&self, now: &Project, zones: &[Desired], today: Date) -> Vec<Weakened> {
        let zones = self.zones.iter().filter_map(|(index, then)| Some((then, zones.get(*index)?)));
        weakened(self.project(now), project_rules(now), zones, today)
    }
}

/// The rules of a project.
fn project_rules(project: &Project) -> ProjectRules<'_> {
    ProjectRules {
        file: project.input.as_ref().map(|Input { path, .. }| path.as_str()),
        policies: &project.policy,
        guards: project.guards,
        since: project.since.as_deref(),
    }
}

/// Whether a zone has a rule then or now. Most have none, and thousands of copies would be kept for nothing.
fn may_differ(then: &Desired, now: &Desired) -> bool {
    then.protect || then.freeze.is_some() || !now.accept.is_empty() || now.custom_rules_in_place
}

/// A zone file without its settings.
fn without_settings(zone: &Desired) -> Desired {
    let mut rules = Desired::in_file(zone.file.clone(), zone.zone.clone(), zone.plan(), zone.place);
    rules.protect = zone.protect;
    rules.freeze.clone_from(&zone.freeze);
    rules.accept.clone_from(&zone.accept);
    rules.custom_rules_in_place = zone.custom_rules_in_place;
    rules
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{self, Variant};
    use crate::model::{Freeze, Place, Waiver};
    use jiff::civil::date;

    #[test]
    fn what_a_zone_said_then_and_says_now_is_not_softer() {
        let (today, until) = (date(2026, 12, 1), date(2026, 12, 24));
        let mut zone = Desired::new("a.example".parse().unwrap(), Variant::BmEnterprise);
        zone.freeze = Some(Freeze { reason: "sale".to_owned(), until });
        let setting = catalogue::find("ai_search").unwrap();
        zone.accept = vec![Waiver { setting, reason: "known".to_owned(), until, place: Place::START }];
        zone.custom_rules_in_place = true;
        let file = ZoneFile { path: "zones/a.yaml".to_owned(), wants: Ok(zone.clone()) };
        let rules = Rules::default().with_zones([(&zone, vec![&file])].into_iter());
        let softer = |now: Desired| rules.weakened(&Project::default(), &[now], today).len();
        assert_eq!(softer(zone.clone()), 0);
        zone.freeze = None;
        assert_eq!(softer(zone.clone()), 1);
    }
}
