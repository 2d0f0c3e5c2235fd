//! A source text: maps byte spans to lines, columns and excerpts.

use crate::model::{Diagnostic, Excerpt, Message, Place, Related};
use std::ops::Range;

/// The most characters of a source line that are kept for drawing.
const DRAWABLE: usize = 200;

/// How many characters before the marked part remain when a line is cut.
const LEAD: usize = 60;

/// The maximum number of bytes to scan for a column.
const STEP: usize = 256;

/// The text of a file, and where its lines begin.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    file: String,
    text: String,
    lines: Vec<usize>,
    /// How many characters begin before each multiple of [`STEP`] bytes. Without it, a file of one long line would need
    /// quadratic time, since each place in it is looked up.
    characters: Vec<usize>,
    /// Whether each byte is a character.
    is_ascii: bool,
}

impl Source {
    /// A text under its file's name.
    #[must_use]
    pub(crate) fn new(file: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        let breaks = text.match_indices('\n').map(|(at, _)| at + 1);
        let lines = std::iter::once(0).chain(breaks).collect();
        let is_ascii = text.is_ascii();
        let characters = if is_ascii { Vec::new() } else { characters(&text) };
        Self { file: file.into(), text, lines, characters, is_ascii }
    }

    /// The file's name.
    #[must_use]
    pub(crate) fn file(&self) -> &str {
        &self.file
    }

    /// The text, without a byte order mark.
    #[must_use]
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The text of a span; empty if the span is not in the text.
    #[must_use]
    pub(crate) fn slice(&self, span: &Range<usize>) -> &str {
        self.text.get(span.clone()).unwrap_or("")
    }

    /// The line and column of a byte.
    #[must_use]
    pub(crate) fn place(&self, byte: usize) -> Place {
        let (line, start) = self.line_at(byte);
        let column = self.characters_before(self.floor(byte)) - self.characters_before(start) + 1;
        Place { line: to_u32(line + 1), column: to_u32(column) }
    }

    /// The byte at which a line begins; the line counts from 1.
    #[must_use]
    pub(crate) fn line_start(&self, line: usize) -> usize {
        self.lines.get(line.saturating_sub(1)).copied().unwrap_or(self.text.len())
    }

    /// The first line of a span, cut to a drawable length around the span.
    #[must_use]
    pub(crate) fn excerpt(&self, span: &Range<usize>) -> Excerpt {
        let (line, line_start) = self.line_at(span.start);
        let line_end = self.lines.get(line + 1).map_or(self.text.len(), |next| next - 1);
        let whole = self.slice(&(line_start..line_end)).trim_end_matches('\r');
        let start = (self.floor(span.start) - line_start).min(whole.len());
        let end = self.floor(span.end).saturating_sub(line_start).clamp(start, whole.len());
        cut(whole, start, end)
    }

    /// An error about a span.
    #[must_use]
    pub(crate) fn problem(&self, span: &Range<usize>, message: impl Into<Message>) -> Diagnostic {
        let mut problem = Diagnostic::of_file(self.file.clone(), message);
        problem.place = Some(self.place(span.start));
        problem.excerpt(Some(self.excerpt(span)))
    }

    /// Another place that belongs to a problem.
    #[must_use]
    pub(crate) fn related(&self, span: &Range<usize>, label: impl Into<String>) -> Related {
        Related { place: self.place(span.start), excerpt: Some(self.excerpt(span)), label: label.into() }
    }

    fn characters_before(&self, byte: usize) -> usize {
        if self.is_ascii {
            return byte;
        }
        let step = byte / STEP;
        let rest = self.text.as_bytes().get(step * STEP..byte).unwrap_or(&[]);
        self.characters.get(step).copied().unwrap_or(0)
            + rest.iter().filter(|byte| begins_character(**byte)).count()
    }

    fn line_at(&self, byte: usize) -> (usize, usize) {
        let line = self.lines.partition_point(|start| *start <= byte).saturating_sub(1);
        (line, self.lines.get(line).copied().unwrap_or(0))
    }

    fn floor(&self, byte: usize) -> usize {
        floor(&self.text, byte)
    }
}

/// The characters that begin before each multiple of [`STEP`] bytes.
fn characters(text: &str) -> Vec<usize> {
    let counts =
        text.as_bytes().chunks(STEP).map(|step| step.iter().filter(|byte| begins_character(**byte)).count());
    let sums = counts.scan(0, |sum, count| {
        *sum += count;
        Some(*sum)
    });
    std::iter::once(0).chain(sums).collect()
}

/// Whether a byte of UTF-8 is the first one of a character.
fn begins_character(byte: u8) -> bool {
    byte & 0b1100_0000 != 0b1000_0000
}

/// The nearest character boundary at or before a byte.
pub(crate) fn floor(text: &str, byte: usize) -> usize {
    let byte = byte.min(text.len());
    (0..=byte).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

fn cut(line: &str, start: usize, end: usize) -> Excerpt {
    if line.chars().take(DRAWABLE + 1).count() <= DRAWABLE {
        return Excerpt { text: line.to_owned(), start, end };
    }
    let from = line.get(..start).unwrap_or("").char_indices().rev().nth(LEAD - 1).map_or(0, |(at, _)| at);
    let rest = line.get(from..).unwrap_or("");
    let kept = rest.char_indices().nth(DRAWABLE).map_or(rest, |(at, _)| &rest[..at]);
    let (head, tail) =
        (if from > 0 { "…" } else { "" }, if from + kept.len() < line.len() { "…" } else { "" });
    let shift = |at: usize| at.saturating_sub(from).min(kept.len()) + head.len();
    Excerpt { text: format!("{head}{kept}{tail}"), start: shift(start), end: shift(end) }
}

fn to_u32(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn columns_count_characters() {
        let source = Source::new("a.yaml", "ä: ü\r\nb: c\n");
        assert_eq!(source.place(4), Place { line: 1, column: 4 });
        assert_eq!(source.place(8), Place { line: 2, column: 1 });
        assert_eq!(source.excerpt(&(4..6)).text, "ä: ü");
    }

    #[test]
    fn columns_of_a_long_line_count_characters() {
        let source = Source::new("a.yaml", format!("a\n{}", "äb".repeat(5_000)));
        for (at, column) in [(2, 1), (4, 2), (2 + 3 * 255, 511), (2 + 3 * 4_999, 9_999), (15_002, 10_001)] {
            assert_eq!(source.place(at), Place { line: 2, column });
        }
    }

    #[test]
    fn a_long_line_is_cut_around_the_span() {
        let source = Source::new("a.yaml", format!("{}HERE{}", "ä".repeat(5_000), "b".repeat(5_000)));
        let excerpt = source.excerpt(&(10_000..10_004));
        assert!(excerpt.text.chars().count() <= DRAWABLE + 2);
        assert_eq!(&excerpt.text[excerpt.start..excerpt.end], "HERE");
    }

    proptest! {
        #[test]
        fn any_span_gives_an_excerpt_on_character_boundaries(
            text in "(\\PC|[\r\n\t]){0,300}", start in 0_usize..900, length in 0_usize..900
        ) {
            let source = Source::new("a.yaml", text);
            let excerpt = source.excerpt(&(start..start + length));
            prop_assert!(excerpt.text.get(excerpt.start..excerpt.end).is_some());
            prop_assert!(source.place(start).line >= 1);
        }
    }
}
