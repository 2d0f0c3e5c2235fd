//! A small world: two zones with two settings, their files by commit, and what is live. Plans and records are real.

use crate::catalogue::{self, Setting, Value, Variant};
use crate::diff::{Context, Earlier, EarlierValue, EarlierWanted, Recorded};
use crate::model::{Desired, Diagnostic, Live, LiveValue, Place, StalePolicy, Temporary, Waiver, ZoneName};
use crate::plan::record::record::RecordedZone;
use crate::plan::{Plan, ProjectZone, Provenance, Record, ZonePlan};
use jiff::civil::{Date, date};
use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::rc::Rc;

pub(super) const ZONES: [&str; 2] = ["a.example", "b.example"];

const SETTINGS: [&str; 2] = ["ai_bots_protection", "enable_js"];

/// The values of the first setting, from the loosest on.
const WORDS: [&str; 3] = ["disabled", "only_on_ad_pages", "block"];

/// A value of each setting.
pub(super) type Values = [u8; 2];

/// What is done with the changes of a zone file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Mode {
    Plain,
    /// `protect: true`.
    Protected,
    /// The first setting may differ.
    Accepted,
}

/// A zone file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct File {
    pub(super) values: [Option<u8>; 2],
    /// A value of the first setting, and its last day.
    pub(super) temporary: Option<(u8, u8)>,
    pub(super) mode: Mode,
}

pub(super) type Files = [File; 2];

impl File {
    pub(super) const FIRST: Self = Self { values: [Some(0), Some(0)], temporary: None, mode: Mode::Plain };

    /// What it wants on a day.
    pub(super) fn on(&self, day: u8) -> [Option<u8>; 2] {
        let [choice, toggle] = self.values;
        match self.temporary {
            Some((value, until)) if day <= until && choice.is_some() => [Some(value), toggle],
            _ => [choice, toggle],
        }
    }

    fn desired(&self, zone: usize) -> Desired {
        let mut want = Desired::new(name(zone), Variant::SbfmPro);
        for (nth, value) in self.values.iter().enumerate() {
            if let Some(value) = value {
                want.set_at(setting(nth), known(nth, *value), Place::START).unwrap();
            }
        }
        let (place, reason) = (Place::START, "agreed".to_owned());
        if let Some((value, until)) = self.temporary {
            let (value, until) = (known(0, value), day(until));
            let (setting, reason) = (setting(0), reason.clone());
            want.temporary.push(Temporary { setting, value, reason, until, place, lines: (1, 1) });
        }
        want.protect = self.mode == Mode::Protected;
        if self.mode == Mode::Accepted {
            want.accept.push(Waiver { setting: setting(0), reason, until: day(99), place });
        }
        want
    }
}

pub(super) fn name(zone: usize) -> ZoneName {
    ZONES[zone].parse().unwrap()
}

fn setting(nth: usize) -> &'static Setting {
    catalogue::find(SETTINGS[nth]).unwrap()
}

/// Whether it is a setting of this world.
pub(super) fn is_one(name: &str) -> bool {
    SETTINGS.contains(&name)
}

/// The place of a setting.
pub(super) fn nth(name: &str) -> usize {
    SETTINGS.iter().position(|setting| *setting == name).unwrap()
}

fn known(nth: usize, value: u8) -> Value {
    if nth == 0 { setting(0).word(WORDS[usize::from(value)]).unwrap() } else { Value::Toggle(value == 1) }
}

/// The number of a value.
pub(super) fn number(value: Value) -> u8 {
    match value {
        Value::Toggle(on) => on.into(),
        other => WORDS.iter().position(|word| *word == other.to_string()).unwrap() as u8,
    }
}

/// The number of a live value.
pub(super) fn live_number(value: &LiveValue) -> u8 {
    match value {
        LiveValue::Known(value) => number(*value),
        LiveValue::Other(_) => unreachable!(),
    }
}

pub(super) fn day(day: u8) -> Date {
    date(2026, 12, 1).saturating_add(jiff::Span::new().days(day))
}

/// The number of a day.
pub(super) fn day_number(of: Date) -> u8 {
    (0..=99).find(|number| day(*number) == of).unwrap()
}

pub(super) fn commit(index: usize) -> String {
    format!("{:040x}", index + 1)
}

/// The place of a commit.
pub(super) fn index(commit: &str) -> usize {
    usize::from_str_radix(commit, 16).unwrap() - 1
}

fn live(values: Values) -> Live {
    let members = (0..2).map(|nth| (SETTINGS[nth].to_owned(), known(nth, values[nth]).to_json()));
    Live::read(members.chain([("sbfm_definitely_automated".to_owned(), "allow".into())]).collect())
}

/// The record as a tag has it. Every one is read from its text.
#[derive(Clone)]
pub(super) struct Tag {
    pub(super) record: Rc<Record>,
    pub(super) text: Rc<str>,
}

impl Tag {
    pub(super) fn new(record: Record) -> Result<Self, String> {
        let text = record.to_string();
        let read = Record::read(&text).map_err(|error| format!("{error} in {text}"))?;
        if read != record {
            return Err(format!("the text of the record says something else: {text}"));
        }
        Ok(Self { record: Rc::new(read), text: text.into() })
    }

    pub(super) fn entry(&self, zone: usize) -> Option<&RecordedZone> {
        self.record.zones.iter().find(|entry| entry.zone.as_str() == ZONES[zone])
    }

    /// The commit and the day of a zone.
    pub(super) fn own(&self, zone: usize) -> (usize, u8) {
        let record = &self.record;
        let (commit, day) =
            self.entry(zone).map_or((&record.commit, record.day), |entry| (&entry.commit, entry.day));
        (index(commit), day_number(day))
    }

    /// Since when a zone is in doubt, and whether a run has looked.
    pub(super) fn doubt(&self, zone: usize) -> Option<(u64, bool)> {
        let doubt = self.entry(zone)?.in_doubt?;
        Some((doubt.since, doubt.looked_at))
    }
}

impl PartialEq for Tag {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Tag {}

impl Hash for Tag {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

/// What a plan is made of.
pub(super) struct Making<'a> {
    pub(super) files: &'a Files,
    pub(super) commits: &'a [Files],
    pub(super) tag: &'a Tag,
    pub(super) live: [Values; 2],
    pub(super) day: u8,
    /// The zones that are planned.
    pub(super) selected: [bool; 2],
    /// The zone that cannot be read.
    pub(super) unread: Option<usize>,
}

impl Making<'_> {
    pub(super) fn plan(&self) -> Plan {
        let at = day(self.day).to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp();
        let mut made = Provenance::new(at, "https://api.cloudflare.com/client/v4".to_owned());
        made.since = Some("botform-applied".to_owned());
        Plan::build(made, (0..2).filter(|zone| self.selected[*zone]).map(|zone| self.zone(zone)).collect())
    }

    fn zone(&self, zone: usize) -> ZonePlan {
        let today = day(self.day);
        let want = self.files[zone].desired(zone);
        let id = "ab".chars().nth(zone).unwrap().to_string().repeat(32).try_into().unwrap();
        if self.unread == Some(zone) {
            return ZonePlan::failed(&want, Some(id), Diagnostic::error("no answer"), today);
        }
        let earlier = self.earlier(zone);
        let mut context = Context::of_day(today);
        context.earlier = Some(earlier);
        ZonePlan::build(&want, id, live(self.live[zone]), &context)
    }

    /// What the record says about a zone.
    pub(super) fn earlier(&self, zone: usize) -> Earlier {
        let (own, then) = self.tag.own(zone);
        let values = wanted(&self.commits[own][zone].desired(zone), day(then));
        let known = Recorded::known(StalePolicy::Report);
        let recorded = self.tag.doubt(zone).map_or(known, |(since, _)| known.in_doubt(since));
        let wanted = EarlierWanted::Known(values);
        Earlier { recorded: Some(recorded), ..Earlier::new("botform-applied".into(), wanted) }
    }

    /// The zones of the project, as the command line finds them in git.
    pub(super) fn project(&self) -> Vec<ProjectZone> {
        let differs = |zone: usize| {
            let (own, then) = self.tag.own(zone);
            self.files[zone].on(self.day) != self.commits[own][zone].on(then)
        };
        (0..2).map(|zone| ProjectZone::new(name(zone), None, None, differs(zone))).collect()
    }
}

fn wanted(want: &Desired, day: Date) -> BTreeMap<&'static Setting, EarlierValue> {
    let want = want.on(day);
    want.settings().map(|(setting, wanted)| (setting, EarlierValue::of(wanted))).collect()
}
