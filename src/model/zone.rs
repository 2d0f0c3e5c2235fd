//! Names and ids of zones and accounts: only a check creates one.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A text that is not a valid name or id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{input}` is not {what}: {rule}")]
pub struct InvalidName {
    input: String,
    what: &'static str,
    rule: &'static str,
    suggestion: Option<String>,
}

impl InvalidName {
    /// The rule that the text breaks.
    #[must_use]
    pub fn rule(&self) -> &'static str {
        self.rule
    }

    /// A valid text that was probably meant.
    #[must_use]
    pub fn suggestion(&self) -> Option<&str> {
        self.suggestion.as_deref()
    }
}

/// The name of a zone: at least two labels, in lower case. An international name is held as its A-labels (`xn--`),
/// whichever form it is read in (UTS 46, non-transitional).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(try_from = "String")]
pub struct ZoneName(String);

impl ZoneName {
    /// The pattern of a name, for schemas; the length limit of 253 is separate.
    pub const PATTERN: &'static str = "^([a-z0-9_\\u0080-\\uffff]([a-z0-9_\\u0080-\\uffff-]{0,61}[a-z0-9_\\u0080-\\uffff])?\\.)+[a-z0-9\\u0080-\\uffff]([a-z0-9\\u0080-\\uffff-]{0,61}[a-z0-9\\u0080-\\uffff])?$";

    /// The maximum length of a name.
    pub const MAX_LENGTH: usize = 253;

    /// The name as text: its A-labels.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name in Unicode, if that is another text.
    #[must_use]
    pub fn unicode(&self) -> Option<String> {
        unicode(&self.0)
    }

    /// The name for people: in Unicode with its A-labels behind it, so that a look-alike shows.
    #[must_use]
    pub fn shown(&self) -> String {
        shown_name(&self.0)
    }
}

/// A name for people: in Unicode with its A-labels behind it, so that a look-alike shows.
pub(crate) fn shown_name(name: &str) -> String {
    unicode(name).map_or_else(|| name.to_owned(), |unicode| format!("{unicode} ({name})"))
}

/// A name of A-labels in Unicode, if that is another text.
pub(crate) fn unicode(name: &str) -> Option<String> {
    if !name.contains("xn--") {
        return None;
    }
    let (unicode, converted) = idna::domain_to_unicode(name);
    (converted.is_ok() && unicode != name).then_some(unicode)
}

/// A name as A-labels, where it can be converted.
fn ascii(name: &str) -> Option<String> {
    idna::domain_to_ascii_cow(name.as_bytes(), idna::AsciiDenyList::EMPTY)
        .ok()
        .map(std::borrow::Cow::into_owned)
}

impl TryFrom<String> for ZoneName {
    type Error = InvalidName;

    fn try_from(input: String) -> Result<Self, InvalidName> {
        let name =
            if input.is_ascii() { input.clone() } else { ascii(&input).unwrap_or_else(|| input.clone()) };
        match broken_name_rule(&name) {
            None => Ok(Self(name)),
            Some(rule) => {
                let lower = bare(&input).trim_end_matches('.').to_ascii_lowercase();
                let suggestion = (lower != input && broken_name_rule(&lower).is_none()).then_some(lower);
                let is_address = suggestion.is_some() && input.contains('/');
                let rule = if is_address { "write the bare name, not an address" } else { rule };
                Err(InvalidName { input, what: "a zone name", rule, suggestion })
            }
        }
    }
}

/// The name in an address that somebody pasted: without its scheme, port and path.
fn bare(input: &str) -> &str {
    let text = input.trim();
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    rest.split(['/', ':', '?', '#']).next().unwrap_or(rest)
}

fn broken_name_rule(name: &str) -> Option<&'static str> {
    let labels: Vec<&str> = name.split('.').collect();
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    if !name.is_ascii() {
        return Some("it has characters that no domain name may have");
    }
    if name.chars().any(|c| c.is_ascii_uppercase()) {
        return Some("a name must be lower case");
    }
    if name.len() > ZoneName::MAX_LENGTH {
        return Some("a name has at most 253 characters");
    }
    if labels.len() < 2 {
        return Some("a name has at least two labels, such as `example.com`");
    }
    if labels.iter().any(|label| label.is_empty() || label.len() > 63) {
        return Some("each label has 1 to 63 characters");
    }
    if labels.iter().any(|label| label.starts_with('-') || label.ends_with('-')) {
        return Some("a label must not begin or end with `-`");
    }
    if !name.chars().all(|c| allowed(c) || c == '.') || labels.last().is_some_and(|label| label.contains('_'))
    {
        return Some("a name may only contain letters, digits, `-` and `.`");
    }
    None
}

/// A zone id: 32 lower-case hexadecimal digits. Stored inline, because a run holds thousands.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct ZoneId([u8; 32]);

/// An account id: 32 lower-case hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(try_from = "String")]
pub struct AccountId(String);

/// The pattern of an id, for schemas.
pub(crate) const ID_PATTERN: &str = "^[0-9a-f]{32}$";

fn check_id(input: String, what: &'static str) -> Result<String, InvalidName> {
    let is_id = |text: &str| text.len() == 32 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if is_id(&input) {
        return Ok(input);
    }
    let lower = input.trim().to_ascii_lowercase();
    let suggestion = is_id(&lower).then_some(lower);
    Err(InvalidName { input, what, rule: "an id has 32 lower-case hexadecimal digits", suggestion })
}

impl ZoneId {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // The digits were checked to be ASCII.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl AccountId {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ZoneId {
    type Error = InvalidName;

    fn try_from(input: String) -> Result<Self, InvalidName> {
        let mut digits = [0; 32];
        digits.copy_from_slice(check_id(input, "a zone id")?.as_bytes());
        Ok(Self(digits))
    }
}

impl From<ZoneId> for String {
    fn from(id: ZoneId) -> Self {
        id.as_str().to_owned()
    }
}

impl fmt::Debug for ZoneId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ZoneId").field(&self.as_str()).finish()
    }
}

impl TryFrom<String> for AccountId {
    type Error = InvalidName;

    fn try_from(input: String) -> Result<Self, InvalidName> {
        check_id(input, "an account id").map(Self)
    }
}

impl FromStr for ZoneName {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        text.to_owned().try_into()
    }
}

impl TryFrom<&str> for ZoneName {
    type Error = InvalidName;

    fn try_from(text: &str) -> Result<Self, InvalidName> {
        text.to_owned().try_into()
    }
}

impl FromStr for ZoneId {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        text.to_owned().try_into()
    }
}

impl TryFrom<&str> for ZoneId {
    type Error = InvalidName;

    fn try_from(text: &str) -> Result<Self, InvalidName> {
        text.to_owned().try_into()
    }
}

impl FromStr for AccountId {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        text.to_owned().try_into()
    }
}

impl TryFrom<&str> for AccountId {
    type Error = InvalidName;

    fn try_from(text: &str) -> Result<Self, InvalidName> {
        text.to_owned().try_into()
    }
}

impl fmt::Display for ZoneName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Display for ZoneId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Result<ZoneName, InvalidName> {
        ZoneName::try_from(text.to_owned())
    }

    #[test]
    fn invalid_names_are_rejected() {
        for good in ["example.com", "a.b.c.d", "xn--bcher-kva.example", "_x.example.com", "1.2"] {
            assert!(name(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "com",
            "a..b",
            "-a.b",
            "a-.b",
            "a b.c",
            "a/b.c",
            ".a.b",
            "Shop.example",
            "b\u{202e}a.example",
        ] {
            assert!(name(bad).is_err(), "{bad}");
        }
        assert!(name(&format!("{}.com", "a".repeat(64))).is_err());
    }

    #[test]
    fn an_international_name_is_read_in_either_form() {
        for text in ["bücher.example", "BÜCHER.example", "bu\u{308}cher.example", "xn--bcher-kva.example"] {
            let read = name(text).unwrap();
            assert_eq!(read.as_str(), "xn--bcher-kva.example", "{text}");
            assert_eq!(read.shown(), "bücher.example (xn--bcher-kva.example)");
        }
        assert_eq!(name("faß.example").unwrap().as_str(), "xn--fa-hia.example", "non-transitional");
        assert_eq!(name("example.com").unwrap().shown(), "example.com");
        assert_eq!(name("xn--a.example").unwrap().shown(), "xn--a.example", "what is no A-label stays");
    }

    #[test]
    fn a_borrowed_text_is_checked_the_same_way() {
        let id = "023e105f4ecef8ad9ca31a8372d0c353";
        assert_eq!(ZoneName::try_from("example.com"), "example.com".parse());
        assert_eq!(ZoneId::try_from(id).unwrap().as_str(), id);
        assert_eq!(id.parse::<AccountId>().unwrap().as_str(), id);
        assert!("com".parse::<ZoneName>().is_err() && "1".parse::<ZoneId>().is_err());
    }

    #[test]
    fn upper_case_and_a_final_dot_get_a_suggestion() {
        assert_eq!(name("Shop.Example.com").unwrap_err().suggestion(), Some("shop.example.com"));
        assert_eq!(name("shop.example.com.").unwrap_err().suggestion(), Some("shop.example.com"));
    }

    #[test]
    fn ids_are_32_lower_case_hex_digits() {
        assert!(ZoneId::try_from("023e105f4ecef8ad9ca31a8372d0c353".to_owned()).is_ok());
        let upper = ZoneId::try_from("023E105F4ECEF8AD9CA31A8372D0C353".to_owned()).unwrap_err();
        assert_eq!(upper.suggestion(), Some("023e105f4ecef8ad9ca31a8372d0c353"));
        assert!(AccountId::try_from("023e".to_owned()).is_err());
    }
}
