//! Replaces parts of a text and keeps the other bytes of the file.

use std::ops::Range;

/// The byte order mark of UTF-8, which is not part of a parsed text.
const MARK: &[u8] = b"\xEF\xBB\xBF";

/// A part of a text and its replacement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Splice {
    /// The bytes to replace; an empty span inserts.
    pub(super) span: Range<usize>,
    /// The replacement.
    pub(super) text: String,
}

/// The bytes of the file, with the splices applied to the text that was read from `bytes`.
pub(super) fn apply(bytes: &[u8], text: &str, mut splices: Vec<Splice>) -> Vec<u8> {
    splices.sort_by_key(|splice| (splice.span.start, splice.span.end));
    let mut spliced = if bytes.starts_with(MARK) { MARK.to_vec() } else { Vec::new() };
    let mut at = 0;
    for Splice { span, text: new } in splices {
        spliced.extend(text.as_bytes().get(at..span.start).unwrap_or_default());
        spliced.extend(new.as_bytes());
        at = span.end.max(at);
    }
    spliced.extend(text.as_bytes().get(at..).unwrap_or_default());
    // The reader adds a final line break if the file has none; do not write it back.
    if !bytes.ends_with(b"\n") && spliced.ends_with(b"\n") {
        spliced.pop();
    }
    spliced
}
