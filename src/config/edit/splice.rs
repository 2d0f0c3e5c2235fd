//! Parts of a text that others take the place of, and the bytes of a file around them.

use std::ops::Range;

/// The byte order mark of UTF-8, which is no part of a read text.
const MARK: &[u8] = b"\xEF\xBB\xBF";

/// A part of a text, and what stands there instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Splice {
    /// The bytes that go; where it is empty, something is added.
    pub(super) span: Range<usize>,
    /// What comes.
    pub(super) text: String,
}

/// The bytes of a file whose text was read from `bytes`, with its parts exchanged.
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
    // The reader ends the last line where the file does not.
    if !bytes.ends_with(b"\n") && spliced.ends_with(b"\n") {
        spliced.pop();
    }
    spliced
}
