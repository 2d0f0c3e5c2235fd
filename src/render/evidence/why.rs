//! Why a request was stopped, as text and as a document.

use super::impact::impact_text;
use crate::model::{
    Acting, ActionKind, Asked, By, Change, Event, Stop, ValueOrigin, Way, WayKind, Why, WhyZone, clean,
    plural, short,
};
use crate::render::Page;
use crate::render::parts::FORMAT_VERSION;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value as Json;
use std::fmt;

/// The longest path or user agent that is shown.
const LONGEST: usize = 120;

/// The document.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "botform why")]
struct Document<'a> {
    /// The version of this format.
    format_version: &'static str,
    /// The answer.
    why: &'a Why,
}

/// The answer as a document.
#[must_use]
pub fn why_json(why: &Why) -> Json {
    serde_json::json!(Document { format_version: FORMAT_VERSION, why })
}

/// The schema of the document.
pub(in crate::render) fn schema() -> Json {
    crate::model::schema_of::<Document<'_>>(schemars::generate::Contract::Serialize).to_value()
}

/// The answer for people.
#[derive(Clone, Copy, Debug)]
pub struct WhyText<'a> {
    why: &'a Why,
    page: Page,
}

impl<'a> WhyText<'a> {
    /// A view of an answer.
    #[must_use]
    pub fn new(why: &'a Why, page: impl Into<Page>) -> Self {
        Self { why, page: page.into() }
    }

    fn line(&self, indent: usize, text: &str) -> String {
        format!("{:indent$}{}\n", "", self.page.wrap(text, indent, indent + 2))
    }

    fn zone(&self, zone: &WhyZone) -> String {
        let mut text = format!("{}\n", self.page.paint.strong(title(zone)));
        if let Some(why) = &zone.failed {
            text.push_str(&self.line(2, &format!("could not be searched: {}", clean(&why.text))));
            text.extend(why.hint().map(|hint| self.line(4, &format!("hint: {hint}"))));
        }
        if let Some(why) = &zone.unread {
            text.push_str(&self.line(2, &format!("its settings could not be read: {}", clean(why))));
        }
        zone.stops.iter().for_each(|stop| text.push_str(&self.stop(stop)));
        text + "\n"
    }

    fn stop(&self, stop: &Stop) -> String {
        let mut text = self.line(2, &self.page.paint.warn(head(stop)));
        text.push_str(&self.line(6, &request(&stop.event)));
        for line in behind(stop) {
            text.push_str(&self.line(6, &line));
        }
        let ways: Vec<_> = stop.ways.iter().filter(|way| way.kind != WayKind::None).collect();
        if !ways.is_empty() {
            text.push_str(&self.line(4, "what you can do, least harmful first:"));
        }
        for (index, way) in ways.into_iter().enumerate() {
            text.push_str(&self.way(index + 1, way));
        }
        for way in stop.ways.iter().filter(|way| way.kind == WayKind::None) {
            text.push_str(&self.line(4, &format!("not possible: {}", clean(&way.text))));
        }
        text
    }

    fn way(&self, number: usize, way: &Way) -> String {
        let mut text = self.line(6, &format!("{number}. {}", clean(&way.text)));
        if let Some(said) = effect(way) {
            text.push_str(&self.line(9, &said));
        }
        if let Some(Change { file, lines }) = &way.change {
            let file =
                file.as_ref().map_or_else(|| "a new zone file".to_owned(), |file| clean(file).into_owned());
            text.push_str(&self.line(9, &format!("in {file}:")));
            lines.iter().for_each(|line| text.push_str(&format!("           {}\n", clean(line))));
        }
        text
    }
}

/// What a softer value would have done to other requests.
pub(super) fn effect(way: &Way) -> Option<String> {
    let impact = way.impact.as_ref()?;
    impact_text([impact]).map(|text| match text.strip_prefix("would ") {
        Some(rest) => format!("it would {rest}"),
        None => text,
    })
}

/// The zone, with its plan variant and its file.
pub(super) fn title(zone: &WhyZone) -> String {
    let plan = zone.plan.map(|plan| format!(" ({plan})")).unwrap_or_default();
    let file = zone.file.as_ref().map_or_else(|| "no zone file".to_owned(), |file| clean(file).into_owned());
    format!("{}{plan}  {file}", clean(&zone.zone))
}

/// What happened, when, and which settings caused it.
pub(super) fn head(stop: &Stop) -> String {
    let Stop { event, events, by, .. } = stop;
    let action = clean(&short(&event.action)).into_owned();
    let by = match by {
        By::Settings { settings, .. } => {
            let named: Vec<_> = settings.iter().map(acting).collect();
            format!("by {}", named.join(" or "))
        }
        By::Other => "by something that is not one of the bot settings".to_owned(),
    };
    let times = if *events > 1 { format!(" ({events} times)") } else { String::new() };
    let what = match event.kind() {
        ActionKind::Solved => "passed after a solved challenge",
        ActionKind::Passed => "passed",
        ActionKind::Challenged => "challenged",
        ActionKind::Blocked => "blocked",
        ActionKind::Failed => "failed a challenge",
        ActionKind::Maze => "led into a maze",
        ActionKind::Other => "acted on",
    };
    let at = event.at.map(|at| format!("{at}  ")).unwrap_or_default();
    format!("{at}{what} ({action}) {by}{times}")
}

fn acting(acting: &Acting) -> String {
    match &acting.value {
        Some(value) => format!("`{}: {value}`", acting.setting),
        None => format!("`{}`", acting.setting),
    }
}

/// What is known of the request, without the client's address.
pub(super) fn request(event: &Event) -> String {
    let cut = |text: &str| {
        let shown: String = text.chars().take(LONGEST).collect();
        let end = if shown.len() < text.len() { "…" } else { "" };
        format!("{}{end}", clean(&shown))
    };
    let mut parts = vec![format!("{}{}", cut(&event.host), cut(&event.path))];
    let more = [
        ("ray", &event.ray),
        ("user agent", &event.user_agent),
        ("country", &event.country),
        ("AS", &event.asn),
    ];
    let more = more.into_iter().filter(|(_, text)| !text.is_empty() && *text != "0");
    parts.extend(more.map(|(name, text)| format!("{name} {}", cut(text))));
    parts.extend(event.status.map(|status| format!("status {status}")));
    parts.join(", ")
}

/// Where the value comes from, and how certain the match is.
pub(super) fn behind(stop: &Stop) -> Vec<String> {
    let Event { source, rule, name, .. } = &stop.event;
    let shown = |text: &str| clean(&short(text)).into_owned();
    let mut rule_text =
        format!("rule {}", if rule.is_empty() { "without an id".to_owned() } else { shown(rule) });
    if !name.is_empty() {
        rule_text.push_str(&format!(" «{}»", shown(name)));
    }
    rule_text.push_str(&format!(" of {}", shown(source)));
    match &stop.by {
        By::Other => vec![rule_text],
        By::Settings { settings, confidence, seen } => {
            let mut lines: Vec<_> = settings.iter().map(origin).collect();
            lines.push(format!("{rule_text}; {} confidence, seen {seen}", confidence.word()));
            lines
        }
    }
}

fn origin(acting: &Acting) -> String {
    let name = &acting.setting;
    match &acting.origin {
        ValueOrigin::File { file, line, via, wanted } => {
            let via: String = via.iter().map(|step| format!(", extended at {step}")).collect();
            let wanted =
                wanted.as_ref().map(|wanted| format!("; the file wants `{wanted}`, which is not live"));
            format!("`{name}` comes from {file}:{line}{via}{}", wanted.unwrap_or_default())
        }
        ValueOrigin::Unmanaged => format!("`{name}` is not managed: the zone file does not name it"),
        ValueOrigin::Stale => format!("`{name}` is stale, left by an earlier plan variant"),
        ValueOrigin::NoFile => format!("`{name}` comes from the live zone: no zone file was found"),
        ValueOrigin::Unread => format!("`{name}`: its value is not known"),
    }
}

/// What was searched for.
pub(super) fn asked(asked: &Asked) -> String {
    let Asked { ray, by_address, user_agent, path } = asked;
    let mut parts = Vec::new();
    parts.extend(ray.as_ref().map(|ray| format!("Ray {}", clean(ray))));
    parts.extend(by_address.then(|| "the given address".to_owned()));
    parts.extend(user_agent.as_ref().map(|text| format!("user agent {}", clean(&short(text)))));
    parts.extend(path.as_ref().map(|text| format!("path {}", clean(&short(text)))));
    parts.join(", ")
}

impl fmt::Display for WhyText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Why { asked: what, zones, zones_asked, reasons } = self.why;
        zones.iter().try_for_each(|zone| f.write_str(&self.zone(zone)))?;
        if reasons.is_empty() {
            return Ok(());
        }
        let head = format!(
            "No event was found for {} in {}. Possible reasons:",
            asked(what),
            plural(*zones_asked, "zone")
        );
        f.write_str(&self.line(0, &head))?;
        reasons.iter().try_for_each(|reason| f.write_str(&self.line(2, &format!("- {reason}"))))
    }
}
