//! Checks a mapping against its table of keys. Every problem is kept, and none ends the check.

use super::baseline::check_extends;
use super::phrases::{did_you_mean, listed, mismatch, mismatch_of, shown};
use super::read::{self, Read};
use crate::config::keys::{Key, Kind, Mapping, Presence};
use crate::config::suggest;
use crate::config::yaml::Cursor;
use crate::model::Diagnostic;

/// The check of a document, with the problems found so far.
#[derive(Default)]
pub(in crate::config) struct Check {
    pub(in crate::config) problems: Vec<Diagnostic>,
    /// The places of misspelt keys, and the keys that were meant.
    misspelt: Vec<(usize, String)>,
}

impl Check {
    /// Adds a problem.
    pub(in crate::config) fn push(&mut self, problem: Diagnostic) {
        self.problems.push(problem);
    }

    /// Whether an error was found.
    pub(in crate::config) fn has_errors(&self) -> bool {
        self.problems.iter().any(Diagnostic::is_error)
    }

    /// Checks a whole file against its table.
    pub(in crate::config) fn file(&mut self, root: Cursor<'_>, keys: &'static Mapping) -> Option<()> {
        self.file_with(root, keys, |_, _| None)
    }

    /// The same, with special messages for some keys that are not in the table.
    pub(in crate::config) fn file_with(
        &mut self,
        root: Cursor<'_>,
        keys: &'static Mapping,
        elsewhere: impl Fn(&str, Cursor<'_>) -> Option<Diagnostic>,
    ) -> Option<()> {
        self.shape(root, keys, keys.called, elsewhere)
    }

    /// Checks a mapping against its table; `name` is what messages call it if it is not a mapping.
    pub(in crate::config) fn entry(&mut self, at: Cursor<'_>, keys: &'static Mapping, name: &str) {
        self.shape(at, keys, name, |_, _| None);
    }

    fn shape(
        &mut self,
        at: Cursor<'_>,
        keys: &'static Mapping,
        name: &str,
        elsewhere: impl Fn(&str, Cursor<'_>) -> Option<Diagnostic>,
    ) -> Option<()> {
        let Some(members) = at.members() else {
            self.push(mismatch_of(at, name, "a mapping"));
            return None;
        };
        for (name, member) in members {
            match keys.find(name) {
                Some(key) => self.value(member, key),
                None => match elsewhere(name, member) {
                    Some(problem) => self.push(problem),
                    None => self.unknown_key(member, name, keys),
                },
            }
        }
        keys.keys.iter().for_each(|key| self.presence(at, key));
        Some(())
    }

    fn value(&mut self, at: Cursor<'_>, key: &Key) {
        let name = key.name;
        match &key.kind {
            Kind::ZoneName => self.keep(read::zone_name(at, name)),
            Kind::ZoneId => self.keep(read::zone_id(at, name)),
            Kind::AccountId => self.keep(read::account_id(at, name)),
            Kind::Plan => self.keep(read::plan(at, name)),
            Kind::Words(words) => self.keep(read::word(at, name, &words())),
            Kind::WordsOrOther(_) => self.keep(read::says(at, name, "leave it out if there is none")),
            Kind::SettingName => self.keep(read::setting(at, name)),
            Kind::Toggle => self.keep(read::toggle(at, name)),
            Kind::Date => self.keep(read::date(at, name)),
            Kind::Text(hint) => self.keep(read::says(at, name, hint)),
            Kind::AnyText => self.keep(read::text_that(at, name, |_| true)),
            Kind::Pattern => self.keep(read::pattern(at, &format!("`{name}`"))),
            Kind::Patterns => {
                let item = format!("an item of `{name}`");
                self.items(at, name).into_iter().for_each(|at| self.keep(read::pattern(at, &item)));
            }
            Kind::Whole(least, most) => self.keep(read::whole(at, name, *least, *most)),
            Kind::Threshold => self.keep(read::threshold(at, name)),
            Kind::Rate => self.keep(read::rate(at, name)),
            Kind::TokenVariable => self.keep(read::token_variable(at, name)),
            Kind::Revision => self.keep(read::revision(at, name)),
            Kind::Extends => check_extends(self, at),
            Kind::Mapping(keys) => self.entry(at, keys, &format!("`{name}`")),
            Kind::Entries(keys) => {
                let item = format!("an item of `{name}`");
                self.items(at, name).into_iter().for_each(|at| self.entry(at, keys, &item));
            }
            Kind::Scores | Kind::Sources => {
                if at.members().is_none() {
                    self.push(mismatch(at, name, "a mapping"));
                }
            }
            Kind::ReadOnly => {
                let problem = at.problem_at_key(format!("`{name}` is read-only"));
                self.push(problem.label("Cloudflare sets it when it accepts the report").hint("remove it"));
            }
            // These depend on the plan variant or on other keys, or are rules of the model, so they are checked
            // elsewhere.
            Kind::Settings
            | Kind::SettingsOfAll
            | Kind::SettingsByPlan
            | Kind::SettingValue
            | Kind::Rule(_) => {}
            Kind::Time | Kind::Count | Kind::Attributes => {}
        }
    }

    fn keep<T>(&mut self, read: Read<T>) {
        self.problems.extend(read.err().map(|problem| *problem));
    }

    /// The members of a mapping.
    pub(in crate::config) fn mapping<'d>(
        &mut self,
        at: Cursor<'d>,
        name: &str,
    ) -> Option<Vec<(&'d str, Cursor<'d>)>> {
        let members = at.members();
        if members.is_none() {
            self.push(mismatch(at, name, "a mapping"));
        }
        members
    }

    /// The items of a list.
    pub(in crate::config) fn items<'d>(&mut self, at: Cursor<'d>, key: &str) -> Vec<Cursor<'d>> {
        at.items().unwrap_or_else(|| {
            self.push(mismatch(at, key, "a list"));
            Vec::new()
        })
    }

    /// Rejects an unknown key, with a suggestion if it looks misspelt.
    fn unknown_key(&mut self, at: Cursor<'_>, key: &str, keys: &Mapping) {
        let (meant, what) = (suggest(key, keys.names()), keys.called);
        self.misspelt.extend(meant.map(|meant| (at.span().start, meant.to_owned())));
        let all = || format!("the keys of {what} are {}", listed(keys.names()));
        let problem = at.problem_at_key(format!("unknown key {}", shown(&key.into())));
        let problem = problem.label(format!("not a key of {what}"));
        let problem = problem.hint(did_you_mean(meant).unwrap_or_else(all));
        self.push(problem.replacement(meant.map(str::to_owned)));
    }

    /// Reports a missing required key. A misspelt one is already reported and does not count as missing.
    fn presence(&mut self, parent: Cursor<'_>, key: &Key) {
        let hint = match &key.presence {
            Presence::Optional => return,
            Presence::Unless(other, _) if parent.get(other).is_some() => return,
            Presence::Required(example) => format!("add `{example}`"),
            Presence::RequiredWith(hint) | Presence::Unless(_, hint) => hint(parent),
        };
        // By place and name: the same key may be misspelt in one entry of a list and missing in another.
        let is_it = |(at, meant): &(usize, String), start: usize| *at == start && meant == key.name;
        let is_misspelt = |at: &Cursor<'_>| self.misspelt.iter().any(|other| is_it(other, at.span().start));
        let members = parent.members().unwrap_or_default();
        if !members.iter().any(|(name, at)| *name == key.name || is_misspelt(at)) {
            self.push(parent.problem_within(format!("`{}` is missing", key.name)).hint(hint));
        }
    }
}
