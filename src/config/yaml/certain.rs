//! The values of which the walk leaves no doubt, so that the reader need not parse the text once more: words, booleans,
//! integers and simple strings in quotes, in block mappings and lists. Nearly all zone files have no others. What is in
//! any doubt is left to the reader, and tests hold what is read here against what it reads.

use super::Source;
use super::node::{Kind, Node};
use serde_json::Value as Json;

/// The longest key and the longest value that are certain.
const LONGEST: usize = 200;

/// The values of a document; `None` if one of them is not certain.
pub(super) fn values(source: &Source, root: &Node) -> Option<Json> {
    // The whole text has to be simple: an anchor elsewhere could change what is here.
    is_simple(source.text()).then(|| value(source, root))?
}

/// Whether a text has nothing that one YAML library may read otherwise than another: tags, anchors, directives, markers
/// of documents, explicit keys, and what is not ASCII.
fn is_simple(text: &str) -> bool {
    let is_simple = |byte: u8| matches!(byte, b' '..=b'~' | b'\n') && !matches!(byte, b'&' | b'*' | b'!');
    let is_marked = |line: &str| ["%", "---", "..."].iter().any(|mark| line.starts_with(mark));
    let has_explicit_key = |line: &str| line.trim_start_matches([' ', '-']).starts_with('?');
    text.bytes().all(is_simple) && !text.lines().any(|line| is_marked(line) || has_explicit_key(line))
}

fn value(source: &Source, node: &Node) -> Option<Json> {
    let written = source.slice(&node.value);
    match &node.kind {
        Kind::Scalar { quoted: true, text } => in_quotes(written, text),
        Kind::Scalar { quoted: false, text } => {
            if written == text {
                plain(text)
            } else {
                None
            }
        }
        Kind::Map(members) if !written.starts_with('{') => {
            let member = |(key, member): (&String, &Node)| {
                let is_certain = is_key(key) && source.slice(member.key.as_ref()?) == key;
                Some((key.clone(), value(source, member).filter(|_| is_certain)?))
            };
            members.iter().map(member).collect::<Option<_>>().map(Json::Object)
        }
        Kind::Seq(items) if !written.starts_with('[') => {
            items.iter().map(|item| value(source, item)).collect()
        }
        Kind::Map(_) | Kind::Seq(_) | Kind::Alias => None,
    }
}

fn is_key(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    text.len() <= LONGEST && starts_as_word(text) && text.bytes().all(is_plain) && !is_other(text)
}

/// A text in quotes that has no escape in either kind of them.
fn in_quotes(written: &str, text: &str) -> Option<Json> {
    let quote = written.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let inner = written.strip_prefix(quote)?.strip_suffix(quote)?;
    let is_plain = inner.len() <= LONGEST && !inner.contains(['\\', '"', '\'', '\n']);
    (is_plain && inner == text).then(|| text.into())
}

/// The value of a scalar without quotes; `None` unless it is certain.
fn plain(text: &str) -> Option<Json> {
    let is_plain =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'/' | b'@' | b' ');
    if text.len() > LONGEST || !text.bytes().all(is_plain) {
        return None;
    }
    match text {
        "true" => return Some(true.into()),
        "false" => return Some(false.into()),
        _ => {}
    }
    let first = text.bytes().next()?;
    // `yes`, `no`, `on` and `off` are plain words in YAML 1.2, and so for the reader.
    let is_word = starts_as_word(text) && !is_other(text);
    let is_path = (first == b'.' || first.is_ascii_alphanumeric()) && text.contains('/');
    if is_word || is_path || is_id(text) || is_day(text) {
        return Some(text.into());
    }
    let is_whole = text.bytes().all(|byte| byte.is_ascii_digit()) && (first != b'0' || text.len() == 1);
    // A leading zero is an octal number in YAML 1.1: the reader decides. 18 digits always fit into the integer.
    text.parse::<u64>().ok().filter(|_| is_whole && text.len() <= 18).map(Json::from)
}

fn starts_as_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
}

/// Whether a word is or may be null or a boolean.
fn is_other(word: &str) -> bool {
    ["null", "true", "false"].iter().any(|other| word.eq_ignore_ascii_case(other))
}

/// Whether a text is an id in hexadecimal digits with one that is in no number.
fn is_id(text: &str) -> bool {
    text.len() == 32
        && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        && text.bytes().any(|byte| matches!(byte, b'a' | b'c' | b'd' | b'f'))
}

/// Whether a text is a day, which YAML libraries of this kind read as a text.
fn is_day(text: &str) -> bool {
    text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}
