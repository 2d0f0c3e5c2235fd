//! A document: its values, and the place of each of them.

use super::node::{Cursor, Kind, Node};
use super::{Source, certain, reader, short, text, walk};
use crate::config::Problems;
use crate::model::Diagnostic;
use serde_json::Value as Json;
use std::ops::Range;

/// The message if the two parsers disagree: a document that tools read differently is not safe to review.
const TWO_WAYS: &str = "this can be read in two ways";

/// The limits of a document.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The maximum size of a file in bytes.
    pub max_bytes: u64,
    /// The maximum nesting of lists and mappings.
    pub max_depth: usize,
    /// The maximum number of keys and values.
    pub max_nodes: usize,
    /// Whether a key may be an unquoted integer; its text becomes the key.
    pub integer_keys: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { max_bytes: 1 << 20, max_depth: 64, max_nodes: 100_000, integer_keys: false }
    }
}

impl Options {
    /// The problem of a file that is too large to be read; `None` if it is not.
    #[must_use]
    pub fn too_large(&self, file: &str, size: u64) -> Option<Diagnostic> {
        (size > self.max_bytes).then(|| text::too_large(file, size, self.max_bytes))
    }
}

/// A YAML document that was read.
#[derive(Clone, Debug)]
pub struct YamlDocument {
    source: Source,
    root: Json,
    index: Node,
}

/// Reads a document.
///
/// # Errors
/// All that is wrong with it as YAML.
pub fn parse_document(file: &str, bytes: &[u8], options: Options) -> Result<YamlDocument, Problems> {
    match read_document(file, bytes, options) {
        (Some(document), problems) if problems.is_empty() => Ok(document),
        (_, problems) => Err(Problems::new(problems)),
    }
}

/// Reads as much of a document as possible, and all its YAML problems. Rejected members, such as the second of two
/// equal keys, are left out.
#[must_use]
pub(crate) fn read_document(
    file: &str,
    bytes: &[u8],
    options: Options,
) -> (Option<YamlDocument>, Vec<Diagnostic>) {
    let source = match text::text_of(file, bytes, options.max_bytes) {
        Ok(source) => source,
        Err(problem) => return (None, vec![*problem]),
    };
    let walk::Walked { root, mut problems, blanked } = walk::walk(&source, options);
    let Some(index) = root else { return (None, problems) };
    // With problems there are rejected members, which only the reader below is shown blanked out.
    if problems.is_empty()
        && let Some(root) = certain::values(&source, &index)
    {
        return (Some(YamlDocument { source, root, index }), problems);
    }
    let read = if blanked.is_empty() {
        reader::read(source.text(), &index)
    } else {
        reader::read(&blank(source.text(), &blanked), &index)
    };
    match read {
        Ok(root) => match disagreement(&index, &root) {
            Some(span) if problems.is_empty() => {
                let problem = source.problem(&span, TWO_WAYS).hint("write it more simply");
                (None, vec![problem])
            }
            Some(_) => (None, problems),
            None => (Some(YamlDocument { source, root, index }), problems),
        },
        Err(refused) => {
            // Blanking out members can leave invalid YAML; the problems found so far are enough then.
            if problems.is_empty() {
                problems.push(refused_at(&source, &refused));
            }
            (None, problems)
        }
    }
}

fn refused_at(source: &Source, refused: &reader::Refused) -> Diagnostic {
    let of_place = |(line, column): (usize, usize)| {
        let at = source.line_start(line) + column.saturating_sub(1);
        at..at
    };
    let span = refused.place.map(of_place).or_else(|| refused.span.clone());
    source.problem(&span.unwrap_or(0..0), short(&refused.message))
}

fn blank(text: &str, spans: &[Range<usize>]) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for span in spans {
        let Some(refused) = bytes.get_mut(span.clone()) else { continue };
        // Line ends stay, so that places in the blanked text are places in the file.
        refused.iter_mut().filter(|byte| !matches!(byte, b'\n' | b'\r')).for_each(|byte| *byte = b' ');
    }
    String::from_utf8(bytes).unwrap_or_default()
}

/// Where the index and the values differ in shape.
fn disagreement(node: &Node, value: &Json) -> Option<Range<usize>> {
    match (&node.kind, value) {
        (Kind::Map(members), Json::Object(values)) if members.len() == values.len() => {
            members.iter().find_map(|(key, member)| {
                values.get(key).map_or(Some(member.key_span()), |v| disagreement(member, v))
            })
        }
        (Kind::Seq(items), Json::Array(values)) if items.len() == values.len() => {
            items.iter().zip(values).find_map(|(item, value)| disagreement(item, value))
        }
        (Kind::Scalar { text, .. }, Json::String(value)) if text == value => None,
        (Kind::Scalar { quoted: false, .. }, Json::Null | Json::Bool(_) | Json::Number(_)) => None,
        (Kind::Alias, scalar) if !scalar.is_object() && !scalar.is_array() => None,
        _ => Some(node.value_span()),
    }
}

impl YamlDocument {
    /// The text.
    #[must_use]
    pub(crate) fn source(&self) -> &Source {
        &self.source
    }

    /// The values.
    #[must_use]
    pub fn root(&self) -> &Json {
        &self.root
    }

    /// The whole document, with its places.
    #[must_use]
    pub(crate) fn cursor(&self) -> Cursor<'_> {
        Cursor { source: &self.source, node: &self.index, value: &self.root }
    }
}
