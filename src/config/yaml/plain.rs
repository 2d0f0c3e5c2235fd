//! Reads the plain shape, which nearly all zone files have, without a parser of YAML: block mappings of words, booleans,
//! integers and simple strings in quotes, a key a line. What is in any doubt is left to the two parsers, and a test
//! holds what is read here against what they read.

use super::Options;
use super::node::{Kind, Node};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;
use std::ops::Range;

/// The longest key and the longest value that are read here.
const LONGEST: usize = 200;

/// Reads a text; `None` if it is not of the plain shape, whatever else it may be.
pub(super) fn read(text: &str, options: Options) -> Option<(Json, Node)> {
    let mut plain = Plain { text, options, open: Vec::new(), pending: None, nodes: 0 };
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_end_matches('\n');
        let content = content.strip_suffix('\r').unwrap_or(content);
        plain.line(start, content)?;
        start += line.len();
    }
    plain.finish()
}

struct Plain<'t> {
    text: &'t str,
    options: Options,
    open: Vec<Mapping>,
    /// A key whose mapping begins on the next line.
    pending: Option<(String, Range<usize>)>,
    nodes: usize,
}

struct Mapping {
    /// The key that holds it; `None` for the document.
    key: Option<(String, Range<usize>)>,
    indent: usize,
    start: usize,
    nodes: BTreeMap<String, Node>,
    values: Map<String, Json>,
}

impl Plain<'_> {
    fn line(&mut self, start: usize, line: &str) -> Option<()> {
        let content = line.trim_start_matches(' ');
        if content.is_empty() || content.starts_with('#') {
            return Some(());
        }
        let indent = line.len() - content.len();
        let at = start + indent;
        self.enter(indent, at)?;
        let length = content.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
        let (key, after) = content.split_at(length);
        let rest = after.strip_prefix(':')?;
        let is_key =
            key.starts_with(|c: char| c.is_ascii_alphabetic()) && key.len() <= LONGEST && !is_other(key);
        if !is_key || self.open.last()?.nodes.contains_key(key) {
            return None;
        }
        let (key, span) = (key.to_owned(), at..at + length);
        let written = rest.trim_start_matches(' ');
        if written.is_empty() || (written.starts_with('#') && written.len() < rest.len()) {
            self.count(1)?;
            self.pending = Some((key, span));
            return Some(());
        }
        if written.len() == rest.len() {
            return None;
        }
        self.count(2)?;
        let begin = at + content.len() - written.len();
        let (length, quoted, value) = scalar(written)?;
        let text = if quoted { written.get(1..length - 1)? } else { written.get(..length)? };
        let kind = Kind::Scalar { quoted, text: text.to_owned() };
        let mapping = self.open.last_mut()?;
        mapping.values.insert(key.clone(), value);
        mapping.nodes.insert(key, Node { key: Some(span), value: begin..begin + length, kind });
        Some(())
    }

    /// Opens and closes mappings, so that the innermost one has the indentation of the next key.
    fn enter(&mut self, indent: usize, at: usize) -> Option<()> {
        let outer = self.open.last().map(|mapping| mapping.indent);
        if self.pending.is_some() || outer.is_none() {
            let is_inner = outer.map_or(indent == 0, |outer| indent > outer);
            if !is_inner || self.open.len() >= self.options.max_depth {
                return None;
            }
            self.count(1)?;
            let (nodes, values) = (BTreeMap::new(), Map::new());
            self.open.push(Mapping { key: self.pending.take(), indent, start: at, nodes, values });
            return Some(());
        }
        while self.open.last()?.indent > indent {
            self.close(at)?;
        }
        (self.open.last()?.indent == indent).then_some(())
    }

    /// Closes the innermost mapping, into the one around it; its end is where the next key begins, as for the parsers.
    fn close(&mut self, end: usize) -> Option<()> {
        let (key, value, node) = self.ended(end)?;
        let (key, span) = key?;
        let mapping = self.open.last_mut()?;
        mapping.values.insert(key.clone(), value);
        mapping.nodes.insert(key, Node { key: Some(span), ..node });
        Some(())
    }

    #[expect(clippy::type_complexity, reason = "the parts of one mapping, for two callers")]
    fn ended(&mut self, end: usize) -> Option<(Option<(String, Range<usize>)>, Json, Node)> {
        let Mapping { key, indent: _, start, nodes, values } = self.open.pop()?;
        let end = start + self.text.get(start..end)?.trim_end().len();
        Some((key, Json::Object(values), Node { key: None, value: start..end, kind: Kind::Map(nodes) }))
    }

    fn finish(mut self) -> Option<(Json, Node)> {
        while self.open.len() > 1 {
            self.close(self.text.len())?;
        }
        let (_, value, node) = self.ended(self.text.len())?;
        self.pending.is_none().then_some((value, node))
    }

    fn count(&mut self, more: usize) -> Option<()> {
        self.nodes += more;
        (self.nodes <= self.options.max_nodes).then_some(())
    }
}

/// The length of a scalar as it is written, whether it is quoted, and its value. Nothing but a comment may follow it.
fn scalar(written: &str) -> Option<(usize, bool, Json)> {
    let quote = written.chars().next().filter(|c| matches!(c, '"' | '\''));
    let length = match quote {
        Some(quote) => written.get(1..)?.find(quote)? + 2,
        None => written.find(" #").unwrap_or(written.len()),
    };
    let (scalar, rest) = written.split_at_checked(length)?;
    let scalar = if quote.is_some() { scalar } else { scalar.trim_end_matches(' ') };
    let comment = rest.trim_start_matches(' ');
    if scalar.len() > LONGEST
        || !(comment.is_empty() || (comment.starts_with('#') && comment.len() < rest.len()))
    {
        return None;
    }
    let value = match quote {
        Some(_) => quoted(scalar.get(1..scalar.len() - 1)?)?,
        None => plain(scalar)?,
    };
    Some((scalar.len(), quote.is_some(), value))
}

/// A text in quotes, without what would be an escape in either kind of them.
fn quoted(text: &str) -> Option<Json> {
    let is_plain =
        |byte: u8| (byte.is_ascii_graphic() || byte == b' ') && !matches!(byte, b'\\' | b'"' | b'\'');
    text.bytes().all(is_plain).then(|| text.into())
}

/// The value of a scalar without quotes; `None` unless it is certain.
fn plain(text: &str) -> Option<Json> {
    let is_plain =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'/' | b'@' | b' ');
    if !text.bytes().all(is_plain) {
        return None;
    }
    match text {
        "true" => return Some(Json::Bool(true)),
        "false" => return Some(Json::Bool(false)),
        _ => {}
    }
    let first = text.bytes().next()?;
    let is_word = first.is_ascii_alphabetic() && !is_other(text);
    let is_path = (first == b'.' || first.is_ascii_alphanumeric()) && text.contains('/');
    if is_word || is_path || is_id(text) || is_day(text) {
        return Some(text.into());
    }
    let is_whole = text.bytes().all(|byte| byte.is_ascii_digit()) && (first != b'0' || text.len() == 1);
    text.parse::<u64>().ok().filter(|_| is_whole && text.len() <= 18).map(Json::from)
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
