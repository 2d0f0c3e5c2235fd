//! The rules that are softer than before: policies, exceptions and guards of a project, protection and waivers of a
//! zone. What ended on its own date was softened by nobody, and reasons do not count.

use super::{guards, policies, zones};
use crate::model::{Desired, Guards, Policy, ZoneName};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The kind of a rule that is softer than before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RuleKind {
    /// A policy requires less, or covers fewer zones.
    Policy,
    /// A guard allows more.
    Guard,
    /// A policy has a new exception, or one that ends later.
    Exception,
    /// A zone is no longer protected, or its file newly says that custom rules are in place.
    Protection,
    /// A zone is no longer frozen, or for a shorter time.
    Freeze,
    /// A zone has a new waiver, or one that ends later.
    Waiver,
    /// Plans are compared with another revision, or with none.
    Since,
}

/// A rule that is softer than it was at the revision that a plan is compared with.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Weakened {
    /// The kind of the rule.
    pub kind: RuleKind,
    /// What is softer, in one line.
    pub what: String,
    /// The zone, for a rule of one zone, with an id after an `@` if two zones have the name. For an exception, its name
    /// or pattern.
    pub zone: Option<String>,
    /// The rule: the id of a policy, or the key in the file.
    pub name: String,
    /// The setting, if the rule is about one.
    pub setting: Option<String>,
    /// What the rule was; null if there was none.
    pub then: Option<String>,
    /// What it is now; null if it is gone.
    pub now: Option<String>,
    /// The file that holds the rule, or that held it.
    pub file: Option<String>,
    /// The line, from 1.
    pub line: Option<u32>,
    /// How this plan breaks the earlier rule, up to a hundred places: nothing refuses it for that now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub breaks: Vec<Break>,
}

/// How a plan breaks the earlier form of a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Break {
    /// What breaks it.
    pub what: String,
    /// The zone; null if it is about the whole plan.
    pub zone: Option<String>,
    /// The file that wants it.
    pub file: Option<String>,
    /// The line, from 1.
    pub line: Option<u32>,
}

impl Weakened {
    /// A softer rule without further details.
    pub(super) fn new(kind: RuleKind, name: &str, what: String) -> Self {
        let (zone, setting, then, now, file, line) = (None, None, None, None, None, None);
        Self { kind, what, zone, name: name.to_owned(), setting, then, now, file, line, breaks: Vec::new() }
    }

    /// Adds what the rule was and what it is.
    pub(super) fn between(self, then: Option<String>, now: Option<String>) -> Self {
        Self { then, now, ..self }
    }

    /// Whether it says the same as another one, whichever zone they belong to.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        (self.kind, &self.what) == (other.kind, &other.what)
    }
}

/// The rules of a project.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ProjectRules<'a> {
    /// Its file.
    pub(crate) file: Option<&'a str>,
    /// Its policies.
    pub(crate) policies: &'a [Policy],
    /// Its guards.
    pub(crate) guards: Guards,
    /// The revision that its plans are compared with.
    pub(crate) since: Option<&'a str>,
}

/// The rules that are softer now, sorted: of a project, and of zones as they were and are. A new zone had no rules.
pub(crate) fn weakened<'z>(
    then: ProjectRules<'_>,
    now: ProjectRules<'_>,
    zones: impl IntoIterator<Item = (&'z Desired, &'z Desired)>,
    today: Date,
) -> Vec<Weakened> {
    let of_project = policies::weakened(then.policies, now.policies, today);
    let of_project = of_project.chain(guards::weakened(then.guards, now.guards)).chain(since(then, now));
    let of_project = of_project.map(|found| Weakened { file: now.file.map(str::to_owned), ..found });
    let mut found: Vec<_> = of_project.collect();
    let mut names: BTreeMap<&ZoneName, usize> = BTreeMap::new();
    let zones: Vec<_> = zones.into_iter().collect();
    zones.iter().for_each(|(_, now)| *names.entry(&now.zone).or_default() += 1);
    for (then, now) in zones {
        let is_twin = names.get(&now.zone).is_some_and(|count| *count > 1);
        let label = if is_twin { now.identity().label() } else { now.zone.to_string() };
        let of_zone = zones::weakened(then, now, today).into_iter();
        found.extend(of_zone.map(|found| Weakened { zone: Some(label.clone()), ..found }));
    }
    found.sort();
    // If two policies became one, its exceptions are found once for each.
    found.dedup_by(|one, other| one.is_like(other) && one.zone == other.zone);
    found
}

/// A changed or removed `since`: without a revision nothing is compared, and with another one, something else is.
fn since(then: ProjectRules<'_>, now: ProjectRules<'_>) -> Option<Weakened> {
    let was = then.since.filter(|was| now.since != Some(*was))?;
    let what = match now.since {
        Some(is) => format!("`since` is another revision: {was} → {is}"),
        None => format!("`since` is gone: {was}"),
    };
    let found = Weakened::new(RuleKind::Since, "since", what);
    Some(found.between(Some(was.to_owned()), now.since.map(str::to_owned)))
}
