//! The only file that names the YAML library: texts to values.

use super::node::Node;
use serde_json::{Map, Number, Value as Json};
use serde_yaml::Value as Yaml;
use std::ops::Range;

/// Why a text could not be read.
pub(super) struct Refused {
    /// What is wrong.
    pub(super) message: String,
    /// The line and column, from 1, if they are known.
    pub(super) place: Option<(usize, usize)>,
    /// The bytes of the value, if they are known.
    pub(super) span: Option<Range<usize>>,
}

/// Reads a text; the index gives the places of its values.
pub(super) fn read(text: &str, index: &Node) -> Result<Json, Refused> {
    let value: Yaml = serde_yaml::from_str(text).map_err(|error| Refused {
        message: message_of(&error),
        place: error.location().map(|at| (at.line(), at.column())),
        span: None,
    })?;
    convert(value, index)
}

/// Whether a plain scalar is a string and not a number, a boolean or null.
pub(super) fn is_string(text: &str) -> bool {
    let other = |c: char| c.is_ascii_digit() || "+-.~nNtTfF".contains(c);
    let Some(first) = text.chars().next() else { return false };
    // Most keys begin with a letter that no number, boolean or null begins with: they need no parser.
    !other(first) || matches!(serde_yaml::from_str(text), Ok(Yaml::String(_)) | Err(_))
}

fn message_of(error: &serde_yaml::Error) -> String {
    let text = error.to_string();
    let message = text.split(" at line ").next().unwrap_or(&text);
    // The library reports a number beyond 64 bits as a value of an unexpected type.
    let is_too_large = message.contains("128, expected any YAML value");
    if is_too_large { "the number is too large".to_owned() } else { message.to_owned() }
}

fn convert(value: Yaml, node: &Node) -> Result<Json, Refused> {
    match value {
        Yaml::Null => Ok(Json::Null),
        Yaml::Bool(on) => Ok(on.into()),
        Yaml::String(text) if node.is_plain() => Ok(number_with_zeros(&text).unwrap_or_else(|| text.into())),
        Yaml::String(text) => Ok(text.into()),
        Yaml::Number(number) => number_of(&number, node).map(Json::Number),
        Yaml::Sequence(items) => {
            let items = items.into_iter().enumerate();
            items.map(|(at, item)| convert(item, node.item(at))).collect()
        }
        Yaml::Mapping(members) => {
            let members = members.into_iter().map(|(key, member)| member_of(key, member, node));
            members.collect::<Result<Map<_, _>, _>>().map(Json::Object)
        }
        Yaml::Tagged(tagged) => Err(refused(format!("the tag `{}` is not supported", tagged.tag), node)),
    }
}

fn member_of(key: Yaml, member: Yaml, node: &Node) -> Result<(String, Json), Refused> {
    let key = match key {
        Yaml::String(text) => text,
        Yaml::Number(number) => number.to_string(),
        Yaml::Null | Yaml::Bool(_) | Yaml::Sequence(_) | Yaml::Mapping(_) | Yaml::Tagged(_) => {
            return Err(refused("a key must be a string".to_owned(), node));
        }
    };
    let value = convert(member, node.member(&key))?;
    Ok((key, value))
}

/// Digits after a zero: a number in YAML 1.2 and so in editors, but a string for the library.
fn number_with_zeros(text: &str) -> Option<Json> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let is_number = digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit());
    let float = || Number::from_f64(text.parse().ok()?).map(Json::Number);
    let whole = || text.parse::<i64>().ok().map(Json::from).or_else(float);
    is_number.then(whole).flatten()
}

fn number_of(number: &serde_yaml::Number, node: &Node) -> Result<Number, Refused> {
    let whole = number.as_u64().map(Number::from).or_else(|| number.as_i64().map(Number::from));
    whole
        .or_else(|| number.as_f64().and_then(Number::from_f64))
        .ok_or_else(|| refused(format!("`{number}` is not a supported number"), node))
}

fn refused(message: String, node: &Node) -> Refused {
    Refused { message, place: None, span: Some(node.value_span()) }
}
