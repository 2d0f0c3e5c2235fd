//! The traffic of a zone in a world file: classes of requests that are alike.

use super::acted::Acted;
use crate::emulator::world::key::{Key, Kind};
use crate::emulator::world::reader::{At, Reader};

/// The key of a zone's traffic.
pub(in crate::emulator::world) const TRAFFIC: Key =
    Key::new("traffic", Kind::List(&KEYS), "Requests of the past, which the analytics show.");

const REQUESTS: Key = Key::new("requests", Kind::Number(1, 10_000_000), "How many requests.").required();
const MINUTES_AGO: Key = Key::new(
    "minutes_ago",
    Kind::Number(0, 5_256_000),
    "When the latest came, before the first query of the analytics; 10 by default.",
);
const OVER_MINUTES: Key = Key::new(
    "over_minutes",
    Kind::Number(0, 5_256_000),
    "Over how many minutes they are spread; 0 by default.",
);
const SOLVED: Key = Key::new(
    "solved",
    Kind::Number(0, 10_000_000),
    "How many of them solve their challenge, if they get one.",
);
const ASN: Key = Key::new("asn", Kind::Number(0, u32::MAX), "The number of the network.");

/// The keys of a class of requests.
const KEYS: [Key; 16] = [
    REQUESTS,
    Key::new(
        "is",
        Kind::Word(|| KINDS.map(|(word, _)| word).to_vec()),
        "Who sends them; `person` by default.",
    ),
    Key::new("category", Kind::Text, "The category of a verified bot, such as `AI Crawler`."),
    Key::new("static", Kind::Toggle, "Whether they ask for static files."),
    Key::new("content_bot", Kind::Toggle, "Whether a content bot sends them."),
    Key::new("ad_page", Kind::Toggle, "Whether the pages hold ads."),
    Key::new("path", Kind::Text, "The path; `/` by default."),
    Key::new("user_agent", Kind::Text, "The user agent."),
    Key::new("country", Kind::Text, "The country, in two letters."),
    ASN,
    Key::new("address", Kind::Text, "The address of the client: it can be looked for, and is never shown."),
    Key::new("ray", Kind::Text, "The Ray id of the first request."),
    MINUTES_AGO,
    OVER_MINUTES,
    SOLVED,
    Key::new("rule", Kind::Mapping(&RULE), "What acts on them, whatever the settings are."),
];

/// The keys of the rule that acts, whatever the settings are.
const RULE: [Key; 5] = [
    Key::new("source", Kind::Text, "The product, such as `firewallCustom`.").required(),
    Key::new("action", Kind::Text, "What it does, such as `block`.").required(),
    Key::new("id", Kind::Text, "The id of the rule."),
    Key::new("ruleset", Kind::Text, "The id of its ruleset."),
    Key::new("description", Kind::Text, "Its name."),
];

/// Who sends requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Sender {
    #[default]
    Person,
    Automated,
    LikelyAutomated,
    VerifiedBot,
}

const KINDS: [(&str, Sender); 4] = [
    ("person", Sender::Person),
    ("automated", Sender::Automated),
    ("likely_automated", Sender::LikelyAutomated),
    ("verified_bot", Sender::VerifiedBot),
];

impl Sender {
    /// What the analytics call it.
    pub(super) const fn decision(self) -> &'static str {
        match self {
            Self::Person => "likely_human",
            Self::Automated => "automated",
            Self::LikelyAutomated => "likely_automated",
            Self::VerifiedBot => "verified_bot",
        }
    }
}

/// Requests that are alike.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::emulator::world) struct Class {
    pub(super) requests: u32,
    pub(super) sender: Sender,
    pub(super) category: String,
    pub(super) is_static: bool,
    pub(super) is_content_bot: bool,
    pub(super) has_ads: bool,
    pub(super) path: String,
    pub(super) user_agent: String,
    pub(super) country: String,
    pub(super) asn: u32,
    pub(super) address: String,
    pub(super) ray: Option<String>,
    pub(super) minutes_ago: u32,
    pub(super) over_minutes: u32,
    pub(super) solved: u32,
    pub(super) rule: Option<Acted>,
}

impl Class {
    /// Reads the classes of a zone.
    pub(in crate::emulator::world) fn read_all(reader: &mut Reader, zone: &At<'_>) -> Vec<Self> {
        let classes = reader.items(zone, TRAFFIC.name);
        classes.iter().filter_map(|class| Self::read(reader, class)).collect()
    }

    fn read(reader: &mut Reader, at: &At<'_>) -> Option<Self> {
        if !reader.keys(at, &KEYS) {
            return None;
        }
        let toggle = |reader: &mut Reader, key| reader.toggle(at, key).unwrap_or(false);
        let text = |reader: &mut Reader, key| reader.text(at, key).unwrap_or_default();
        Some(Self {
            requests: reader.number(at, &REQUESTS).unwrap_or(1),
            sender: reader.word(at, "is", &KINDS).unwrap_or_default(),
            category: text(reader, "category"),
            is_static: toggle(reader, "static"),
            is_content_bot: toggle(reader, "content_bot"),
            has_ads: toggle(reader, "ad_page"),
            path: reader.text(at, "path").unwrap_or_else(|| "/".to_owned()),
            user_agent: text(reader, "user_agent"),
            country: text(reader, "country"),
            asn: reader.number(at, &ASN).unwrap_or(0),
            address: text(reader, "address"),
            ray: reader.text(at, "ray"),
            minutes_ago: reader.number(at, &MINUTES_AGO).unwrap_or(10),
            over_minutes: reader.number(at, &OVER_MINUTES).unwrap_or(0),
            solved: reader.number(at, &SOLVED).unwrap_or(0),
            rule: at.member("rule").and_then(|rule| read_rule(reader, &rule)),
        })
    }

    /// How many seconds before the beginning of time (the first query) a request came.
    pub(super) fn age(&self, request: u32) -> u64 {
        let spread = u64::from(self.over_minutes) * 60 * u64::from(request) / u64::from(self.requests.max(1));
        u64::from(self.minutes_ago) * 60 + spread
    }
}

fn read_rule(reader: &mut Reader, at: &At<'_>) -> Option<Acted> {
    if !reader.keys(at, &RULE) {
        return None;
    }
    let mut text = |key| reader.text(at, key).unwrap_or_default();
    Some(Acted {
        source: text("source").into(),
        action: text("action"),
        rule: text("id"),
        ruleset: text("ruleset"),
        description: text("description"),
    })
}
