//! Columns and paragraphs, measured in the cells of a terminal: columns never touch, and lines break between words.

use super::Paint;
use anstream::adapter::strip_str;
use std::fmt::Write as _;
use std::iter;
use unicode_width::UnicodeWidthStr as _;

/// How a text is shown: its colours, and the width of its lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// The colours.
    pub paint: Paint,
    /// The width of a line in cells. Without it lines are not wrapped, so that a log can be searched.
    pub width: Option<usize>,
}

/// How much is shown of what has many parts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    /// What asks for attention, with equal things together.
    #[default]
    Notable,
    /// Every part on its own, with all that is known of it: `--detail`.
    All,
}

impl From<Paint> for Page {
    fn from(paint: Paint) -> Self {
        Self { paint, width: None }
    }
}

/// The width of a text in cells, without its colours.
pub(super) fn cells(text: &str) -> usize {
    if text.contains('\u{1b}') { strip_str(text).to_string().width() } else { text.width() }
}

impl Page {
    /// Wraps a text: `used` cells of the first line are taken, and all other lines are indented. Words are never
    /// broken; one that is too long for a line stays where it is.
    pub fn wrap(self, text: &str, used: usize, indent: usize) -> String {
        let Some(width) = self.width.filter(|width| used + cells(text) > *width) else {
            return text.to_owned();
        };
        let (mut wrapped, mut at, mut is_first) = (String::with_capacity(text.len()), used, true);
        // Spaces within a line are kept: they separate columns.
        for (gap, word) in words(text) {
            let is_over = at + gap + cells(word) > width && indent + cells(word) <= width;
            if is_over && (!is_first || used > indent) {
                wrapped.push('\n');
                wrapped.extend(spaces(indent));
                at = indent;
            } else {
                wrapped.extend(spaces(gap));
                at += gap;
            }
            wrapped.push_str(word);
            at += cells(word);
            is_first = false;
        }
        wrapped
    }

    /// Names after a `lead`, in one line if they fit: at most the first six, and how many more there are.
    pub(super) fn names(
        self,
        lead: &str,
        names: impl ExactSizeIterator<Item: AsRef<str>>,
        indent: usize,
        more: &str,
    ) -> String {
        let (all, mut text, mut rest) = (names.len(), lead.to_owned(), String::new());
        for (index, name) in names.take(NAMES_SHOWN).enumerate() {
            let name = name.as_ref();
            let separator = if index == 0 { "" } else { ", " };
            let next = match all - index - 1 {
                0 => String::new(),
                left => format!(" and {left} more{more}"),
            };
            let needs = indent + cells(&text) + separator.len() + cells(name) + cells(&next);
            if index > 0 && self.width.is_some_and(|width| needs > width) {
                break;
            }
            let _ = write!(text, "{separator}{name}");
            rest = next;
        }
        let wrapped = self.wrap(&(text + &rest), indent, indent);
        spaces(indent).chain(wrapped.chars()).collect()
    }
}

/// That many spaces. A width in a format string has 16 bits, and texts can be longer.
fn spaces(count: usize) -> impl Iterator<Item = char> {
    iter::repeat_n(' ', count)
}

/// How many names of a group are shown.
const NAMES_SHOWN: usize = 6;

/// The words of a text, each with the number of spaces before it.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut gap = 0;
    text.split(' ').enumerate().filter_map(move |(index, word)| {
        gap += usize::from(index > 0);
        (!word.is_empty()).then(|| (std::mem::take(&mut gap), word))
    })
}

/// A part of a line, and how it is painted.
#[derive(Clone, Debug)]
pub(super) struct Span {
    text: String,
    paint: fn(Paint, String) -> String,
}

impl Span {
    pub(super) fn new(text: impl Into<String>, paint: fn(Paint, String) -> String) -> Self {
        Self { text: text.into(), paint }
    }

    pub(super) fn plain(text: impl Into<String>) -> Self {
        Self::new(text, |_, text| text)
    }
}

/// A line of a table: a symbol, a name, values, an effect, and notes.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) symbol: char,
    pub(super) name: String,
    pub(super) values: String,
    /// `None` if the notes take its place.
    pub(super) effect: Option<Span>,
    pub(super) notes: Vec<Span>,
}

impl Line {
    /// The notes, if they are so short that they should not stand alone.
    fn tail(&self) -> Option<String> {
        let notes: Vec<_> = self.notes.iter().map(|note| note.text.as_str()).collect();
        Some(notes.join("  ")).filter(|notes| cells(notes) <= SHORT)
    }
}

/// The longest notes that do not stand alone.
const SHORT: usize = 16;

/// The widths of the columns that a table's lines share.
#[derive(Clone, Copy, Debug)]
pub(super) struct Columns {
    name: usize,
    values: usize,
}

/// Where the columns begin: an indent, the symbol and a space.
const START: usize = 6;

/// The column of effects.
const EFFECT: usize = 11;

/// The indent of a continued line.
const INDENT: usize = 8;

/// A longer value does not widen the column for all lines.
const LONG: usize = 44;

impl Default for Columns {
    fn default() -> Self {
        Self { name: 24, values: 29 }
    }
}

impl Columns {
    /// The widths for names and values: generous ones, or tight ones if those do not fit the page.
    pub(super) fn of<'l>(lines: impl Iterator<Item = &'l Line>, page: Page) -> Self {
        let (mut tight, mut tail) = (Self { name: 0, values: 0 }, 0);
        for line in lines {
            let values = Some(cells(&line.values)).filter(|wide| *wide <= LONG).unwrap_or_default();
            tight.name = tight.name.max(cells(&line.name) + 2);
            tight.values = tight.values.max(values + 2);
            tail = tail.max(line.tail().map_or(0, |tail| cells(&tail)));
        }
        let wide = Self::default();
        let wide = Self { name: tight.name.max(wide.name), values: tight.values.max(wide.values) };
        let needs = START + wide.name + wide.values + EFFECT + tail;
        if page.width.is_none_or(|width| needs <= width) { wide } else { tight }
    }

    /// A line in these columns, or several lines if it does not fit.
    pub(super) fn show(self, line: &Line, page: Page) -> String {
        let Line { symbol, name, values, effect, notes } = line;
        let named = format!("    {symbol} {}", padded(name, self.name));
        let valued = padded(values, self.values);
        let plain_effect = effect.as_ref().map(|effect| padded(&effect.text, EFFECT)).unwrap_or_default();
        let painted = effect.as_ref().map(|Span { text, paint }| {
            let gap = cells(&plain_effect) - cells(text);
            paint(page.paint, text.clone()).chars().chain(spaces(gap)).collect()
        });
        let painted: String = painted.unwrap_or_default();
        let fits = |text: &str| page.width.is_none_or(|width| cells(text.trim_end()) <= width);
        let tail = line.tail().unwrap_or_default();
        let lines = if fits(&format!("{named}{valued}{plain_effect}{tail}")) {
            let used = cells(&named) + cells(&valued) + cells(&plain_effect);
            format!("{named}{valued}{painted}{}", show_notes(notes, page, used))
        } else {
            let all: Vec<_> = notes.iter().map(|note| note.text.as_str()).collect();
            // If the notes need lines of their own, the values stand between them and the effect.
            if fits(&format!("{named}{plain_effect}{}", all.join("  "))) {
                let notes = show_notes(notes, page, 0);
                format!("{named}{painted}{notes}\n{:INDENT$}{}", "", page.wrap(values, INDENT, INDENT + 2))
            } else {
                let values = page.wrap(values, INDENT, INDENT + 2);
                let last = values.rsplit('\n').next().map_or(0, cells);
                let notes = show_notes(notes, page, INDENT + last + 2);
                format!("{named}{painted}\n{:INDENT$}{values}  {notes}", "")
            }
        };
        lines.lines().map(|line| format!("{}\n", line.trim_end())).collect()
    }
}

/// A text with spaces up to a width, two at least.
fn padded(text: &str, width: usize) -> String {
    let gap = width.saturating_sub(cells(text)).max(2);
    text.chars().chain(spaces(if text.is_empty() { width } else { gap })).collect()
}

/// The notes of a line, separated by two spaces; one that does not fit begins a new line.
fn show_notes(notes: &[Span], page: Page, used: usize) -> String {
    let (mut text, mut at) = (String::new(), used);
    for (index, Span { text: note, paint }) in notes.iter().enumerate() {
        let gap = if index == 0 { 0 } else { 2 };
        if page.width.is_some_and(|width| at + gap + cells(note) > width) && at > INDENT {
            let _ = write!(text, "\n{:INDENT$}", "");
            at = INDENT;
        } else {
            text.extend(spaces(gap));
            at += gap;
        }
        let wrapped = page.wrap(note, at, INDENT);
        let last = wrapped.rsplit('\n').next().map_or(0, cells);
        at = if wrapped.contains('\n') { last } else { at + last };
        text.push_str(&paint(page.paint, wrapped));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn page(width: usize) -> Page {
        Page { paint: Paint::Plain, width: Some(width) }
    }

    fn line(name: &str, values: &str, notes: &[&str]) -> Line {
        let notes = notes.iter().map(|note| Span::plain(*note)).collect();
        let effect = Some(Span::plain("tightens"));
        Line { symbol: '~', name: name.to_owned(), values: values.to_owned(), effect, notes }
    }

    fn table(width: Option<usize>) -> String {
        let lines = [
            line("ai_search", "(not reported) → only_on_ad_pages", &[":7", "drift"]),
            line(
                "sbfm_static_resource_protection",
                "true → false",
                &["stale, left by an earlier plan variant"],
            ),
        ];
        let page = Page { paint: Paint::Plain, width };
        let columns = Columns::of(lines.iter(), page);
        lines.iter().map(|line| columns.show(line, page)).collect()
    }

    #[test]
    fn columns_never_touch_and_lines_fit() {
        insta::assert_snapshot!(table(None), @"
        ~ ai_search                        (not reported) → only_on_ad_pages  tightens   :7  drift
        ~ sbfm_static_resource_protection  true → false                       tightens   stale, left by an earlier plan variant
        ");
        insta::assert_snapshot!(table(Some(100)), @"
        ~ ai_search                        (not reported) → only_on_ad_pages  tightens   :7  drift
        ~ sbfm_static_resource_protection  true → false                       tightens
            stale, left by an earlier plan variant
        ");
        insta::assert_snapshot!(table(Some(60)), @"
        ~ ai_search                        tightens   :7  drift
            (not reported) → only_on_ad_pages
        ~ sbfm_static_resource_protection  tightens
            true → false  stale, left by an earlier plan variant
        ");
    }

    #[test]
    fn wide_characters_take_two_cells() {
        let lines = [line("a", "東京 → b", &["x"]), line("a", "c → bcde", &["x"])];
        let columns = Columns::of(lines.iter(), page(80));
        let at = |line| {
            let shown = columns.show(line, page(80));
            cells(shown.split("tightens").next().unwrap())
        };
        assert_eq!(at(&lines[0]), at(&lines[1]));
    }

    #[test]
    fn names_take_one_line_where_they_fit() {
        let names = ["a.example", "b.example", "c.example"];
        let shown = |width| page(width).names("", names.into_iter(), 2, "").trim_start().to_owned();
        insta::assert_snapshot!(shown(80), @"
          a.example, b.example, c.example
        ");
        insta::assert_snapshot!(shown(36), @"a.example, b.example, c.example");
    }

    proptest! {
        #[test]
        fn a_word_is_never_broken(text in "[a-z→ ]{0,80}", width in 10_usize..60, used in 0_usize..12) {
            // A gap at the beginning is kept, and is no word.
            let text = text.trim_start();
            let wrapped = page(width).wrap(text, used, 4);
            let words: Vec<_> = wrapped.split_whitespace().collect();
            prop_assert_eq!(words, text.split_whitespace().collect::<Vec<_>>());
            for (index, line) in wrapped.lines().enumerate() {
                let start = if index == 0 { used } else { 0 };
                let longest = text.split_whitespace().map(cells).max().unwrap_or(0) + 4.max(used);
                let is_long = line.split_whitespace().any(|word| 4 + cells(word) > width);
                prop_assert!(start + cells(line.trim_end()) <= width.max(longest) || is_long, "{wrapped}");
            }
        }
    }
}
