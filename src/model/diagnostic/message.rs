//! A text that keeps the parts that differ between zones (name, attempts, seconds) separate until it is shown. Equal
//! messages of many zones can then be merged without parsing text.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A piece of a message.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub(crate) enum Part {
    /// Text that is the same for all zones.
    Text(String),
    /// The name of the zone.
    Zone(String),
    /// The id of the zone.
    ZoneId(String),
    /// The zone's file.
    File(String),
    /// How often something was tried.
    Attempts(u32),
    /// How long something takes, in seconds.
    Seconds(u64),
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) | Self::Zone(text) | Self::ZoneId(text) | Self::File(text) => f.write_str(text),
            Self::Attempts(count) => write!(f, "{count} attempts"),
            Self::Seconds(seconds) => write!(f, "{seconds} s"),
        }
    }
}

/// A text in parts.
///
/// ```
/// use botform::model::Message;
///
/// let [one, two] = ["a.example", "b.example"].map(|zone| Message::from("zone ").zone(zone).text(" was not found"));
/// assert_eq!(one.to_string(), "zone a.example was not found");
/// assert_ne!(one, two);
/// assert_eq!(one.shape(), two.shape());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[schemars(description = "A text in parts.")]
pub struct Message(Box<[Part]>);

impl Message {
    /// Appends a part.
    #[must_use]
    pub(crate) fn with(self, part: Part) -> Self {
        let mut parts = self.0.into_vec();
        push(&mut parts, part);
        Self(parts.into())
    }

    /// Appends text that is the same for all zones.
    #[must_use]
    pub fn text(self, text: impl Into<String>) -> Self {
        self.with(Part::Text(text.into()))
    }

    /// Appends the name of the zone.
    #[must_use]
    pub fn zone(self, name: impl Into<String>) -> Self {
        self.with(Part::Zone(name.into()))
    }

    /// Appends the id of the zone.
    #[must_use]
    pub fn zone_id(self, id: impl Into<String>) -> Self {
        self.with(Part::ZoneId(id.into()))
    }

    /// Appends another message.
    #[must_use]
    pub fn then(self, other: Self) -> Self {
        other.0.into_iter().fold(self, Self::with)
    }

    /// Appends untrusted text. Occurrences of the zone's name and id become parts, since Cloudflare's errors name them.
    #[must_use]
    pub fn foreign(self, text: &str, name: Option<&str>, id: Option<&str>) -> Self {
        let known = [(name, Part::Zone as fn(String) -> Part), (id, Part::ZoneId)];
        let known = known.into_iter().filter_map(|(known, part)| Some((known?, part)));
        let mut found: Vec<_> = known
            .filter(|(known, _)| !known.is_empty())
            .flat_map(|(known, part)| text.match_indices(known).map(move |(at, known)| (at, known, part)))
            .filter(|(at, known, _)| stands_alone(text, *at, known.len()))
            // A hostile reply can repeat the name without end.
            .take(MOST_FOUND)
            .collect();
        found.sort_by_key(|(at, ..)| *at);
        let (mut parts, mut from) = (self.0.into_vec(), 0);
        for (at, known, part) in found {
            if let Some(before) = text.get(from..at) {
                push(&mut parts, Part::Text(before.to_owned()));
                push(&mut parts, part(known.to_owned()));
                from = at + known.len();
            }
        }
        push(&mut parts, Part::Text(text.get(from..).unwrap_or_default().to_owned()));
        Self(parts.into())
    }

    /// Its parts.
    #[must_use]
    pub(crate) fn parts(&self) -> &[Part] {
        &self.0
    }

    /// The message without the parts that differ between zones: messages of one shape can be merged.
    #[must_use]
    pub fn shape(&self) -> Self {
        let blank = |part: &Part| match part {
            Part::Text(text) => Part::Text(text.clone()),
            Part::Zone(_) => Part::Zone(String::new()),
            Part::ZoneId(_) => Part::ZoneId(String::new()),
            Part::File(_) => Part::File(String::new()),
            Part::Attempts(_) => Part::Attempts(0),
            Part::Seconds(_) => Part::Seconds(0),
        };
        Self(self.0.iter().map(blank).collect())
    }

    /// Whether it has no part that differs between zones.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.0.iter().all(|part| matches!(part, Part::Text(_)))
    }

    /// One text for messages of one shape: `…` for names that differ, and the range of numbers.
    #[must_use]
    pub fn in_common(messages: &[&Self]) -> Self {
        let Some((first, others)) = messages.split_first() else { return Self::default() };
        first.0.iter().enumerate().fold(Self::default(), |said, (index, part)| {
            let same = || others.iter().filter_map(|other| other.0.get(index)).chain([part]);
            let (least, most) = (same().min().unwrap_or(part), same().max().unwrap_or(part));
            match (least, most) {
                _ if least == most => said.with(part.clone()),
                (Part::Attempts(least), _) => said.text(format!("{least} to {most}")),
                (Part::Seconds(least), _) => said.text(format!("{least} to {most}")),
                _ => said.text("…"),
            }
        })
    }
}

/// The maximum number of names and ids that are recognized in untrusted text.
const MOST_FOUND: usize = 20;

/// Adds a part; adjacent texts are merged.
fn push(parts: &mut Vec<Part>, part: Part) {
    match (parts.last_mut(), part) {
        (_, Part::Text(more)) if more.is_empty() => {}
        (Some(Part::Text(text)), Part::Text(more)) => text.push_str(&more),
        (_, part) => parts.push(part),
    }
}

/// Whether a match is a whole name or id: `example.com` does not match in `shop.example.com`.
fn stands_alone(text: &str, at: usize, length: usize) -> bool {
    let before = text.get(..at).and_then(|text| text.chars().next_back());
    let after = text.get(at + length..).and_then(|text| text.chars().next());
    let is_of_name = |c: char| c.is_alphanumeric() || c == '-';
    !before.is_some_and(|c| is_of_name(c) || c == '.') && !after.is_some_and(is_of_name)
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|part| part.fmt(f))
    }
}

impl From<String> for Message {
    fn from(text: String) -> Self {
        Self([Part::Text(text)].into())
    }
}

impl From<&str> for Message {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl PartialEq<str> for Message {
    fn eq(&self, text: &str) -> bool {
        let said = self.to_string();
        said == text
    }
}

impl PartialEq<&str> for Message {
    fn eq(&self, text: &&str) -> bool {
        self == *text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn throttled(zone: &str, seconds: u64) -> Message {
        Message::from("zone ").zone(zone).text(" was throttled: wait ").with(Part::Seconds(seconds))
    }

    #[test]
    fn equal_messages_of_many_zones_have_one_shape_and_one_text() {
        let all = [throttled("a.example", 9), throttled("b.example", 3), throttled("c.example", 30)];
        assert!(all.iter().all(|one| one.shape() == all[0].shape()));
        let mut all: Vec<_> = all.iter().collect();
        assert_eq!(Message::in_common(&all), "zone … was throttled: wait 3 to 30 s");
        all.reverse();
        assert_eq!(Message::in_common(&all), "zone … was throttled: wait 3 to 30 s");
        assert_eq!(Message::in_common(&all[..1]), *all[0]);
    }

    #[test]
    fn a_zone_that_cloudflare_names_is_a_part() {
        let said =
            Message::default().foreign("a.example (id 07) and a.example", Some("a.example"), Some("07"));
        let zone = || Part::Zone("a.example".to_owned());
        let text = |text: &str| Part::Text(text.to_owned());
        let parts = [zone(), text(" (id "), Part::ZoneId("07".to_owned()), text(") and "), zone()];
        assert_eq!(said.parts(), parts);
        assert_eq!(said, "a.example (id 07) and a.example");
        assert!(Message::default().foreign("nothing", Some(""), None).is_plain());
        let longer = Message::default().foreign("shop.a.example, a.example-x", Some("a.example"), None);
        assert!(longer.is_plain(), "{longer:?}");
    }

    #[test]
    fn a_text_that_repeats_a_name_endlessly_is_kept_as_plain_text() {
        let text = "a.example ".repeat(200_000);
        let said = Message::default().foreign(&text, Some("a.example"), None);
        assert_eq!(said, text.as_str());
        assert!(said.parts().len() < 50);
    }

    #[test]
    fn a_message_with_other_words_is_another_message() {
        assert_ne!(throttled("a.example", 9), "zone a.example was throttled: wait 3 s");
    }
}
