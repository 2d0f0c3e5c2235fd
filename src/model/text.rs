//! Makes untrusted text safe to print: it cannot move the cursor, hide the text around it, or send a command to the CI
//! system that reads the log.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Whether a character controls a terminal, is invisible, or is not allowed in XML: controls, directional marks, zero
/// widths, fillers, variation selectors, line and paragraph separators, tags, the byte order mark, noncharacters.
#[must_use]
pub(crate) fn is_unsafe(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_control();
    }
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}')
        || matches!(c, '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}')
        || matches!(c, '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}')
        || matches!(c, '\u{fdd0}'..='\u{fdef}' | '\u{e0000}'..='\u{e0fff}')
        || u32::from(c) & 0xfffe == 0xfffe
}

/// The format of the printed output, which determines the escapes and the sequences that are legitimate in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notation {
    /// Lines of text.
    Text,
    /// The same with colours.
    Painted,
    /// The same with annotations, which are commands to GitHub.
    Annotations,
    /// JSON, which has its own escapes.
    Json,
}

/// Untrusted text, made safe for use within a line: escapes unsafe characters and breaks up the beginnings of CI
/// commands (`::` at its start, `##[`, `##vso[` and the like anywhere). The result for a character depends only on the
/// characters before it, so cleaning a prefix gives a prefix of the clean text.
#[must_use]
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    if !is_suspect(text) {
        return Cow::Borrowed(text);
    }
    let (mut cleaned, mut line) = (String::with_capacity(text.len()), Line::default());
    for c in text.chars() {
        if line.ends_command(c) || is_unsafe(c) {
            escape(c, Notation::Text, &mut cleaned);
        } else {
            cleaned.push(c);
        }
    }
    Cow::Owned(cleaned)
}

/// Lines that are safe to print, whatever their origin: the same rules as for [`clean`], except for sequences that
/// belong to the notation.
#[must_use]
pub(crate) fn printable(text: &str, notation: Notation) -> Cow<'_, str> {
    if !text.split_inclusive('\n').any(|line| is_suspect(line.strip_suffix('\n').unwrap_or(line))) {
        return Cow::Borrowed(text);
    }
    let mut printed = String::with_capacity(text.len());
    text.split_inclusive('\n').for_each(|line| print_line(line, notation, &mut printed));
    Cow::Owned(printed)
}

fn print_line(text: &str, notation: Notation, printed: &mut String) {
    let (mut line, mut rest) = (Line::of(text, notation), text);
    while let Some(c) = rest.chars().next() {
        if let Some(style) = style(rest).filter(|_| notation == Notation::Painted) {
            // Colours may be stripped later, so they must not hide a CI command that they split.
            printed.push_str(style);
            rest = &rest[style.len()..];
            continue;
        }
        rest = &rest[c.len_utf8()..];
        // `:::` marks a related place in a drawing; it is not a CI command.
        let is_mark = c == ':' && rest.starts_with(": ");
        if (line.ends_command(c) && !is_mark) || (is_unsafe(c) && c != '\n') {
            escape(c, notation, printed);
        } else {
            printed.push(c);
        }
    }
}

/// The colour that a text begins with.
fn style(text: &str) -> Option<&str> {
    let end = text.strip_prefix("\u{1b}[")?.find(|c: char| !c.is_ascii_digit() && c != ';')? + 2;
    text.get(..=end).filter(|style| style.ends_with('m'))
}

/// Whether a text may contain anything to escape: a cheap test for the common case.
fn is_suspect(text: &str) -> bool {
    text.contains(is_unsafe) || text.contains("::") || text.contains("##")
}

fn escape(c: char, notation: Notation, text: &mut String) {
    // Writing to a string cannot fail.
    let _ = match notation {
        Notation::Json => {
            c.encode_utf16(&mut [0; 2]).iter().try_for_each(|unit| write!(text, "\\u{unit:04x}"))
        }
        Notation::Text | Notation::Painted | Notation::Annotations => write!(text, "{}", c.escape_unicode()),
    };
}

/// The state of a line in the search for the beginning of a CI command.
#[derive(Default)]
struct Line {
    start: Start,
    /// The `#` before a word that has not ended.
    hashes: usize,
}

/// How a line begins.
#[derive(Default, PartialEq, Eq)]
enum Start {
    #[default]
    Blank,
    Colon,
    Other,
}

impl Line {
    /// The state at the start of a line. In JSON a string never begins a line, and annotations are botform's own
    /// commands.
    fn of(text: &str, notation: Notation) -> Self {
        let is_own = match notation {
            Notation::Text | Notation::Painted => false,
            Notation::Annotations => {
                ["::error ", "::warning ", "::notice "].iter().any(|own| text.starts_with(own))
            }
            Notation::Json => true,
        };
        Self { start: if is_own { Start::Other } else { Start::Blank }, hashes: 0 }
    }

    /// Whether the next character completes the beginning of a command.
    fn ends_command(&mut self, c: char) -> bool {
        let ends = (c == ':' && self.start == Start::Colon) || (c == '[' && self.hashes >= 2);
        self.start = match self.start {
            Start::Blank if c == ':' => Start::Colon,
            Start::Blank if c.is_whitespace() => Start::Blank,
            Start::Blank | Start::Colon | Start::Other => Start::Other,
        };
        self.hashes = match c {
            '#' => self.hashes + 1,
            c if c.is_ascii_alphanumeric() && self.hashes >= 2 => self.hashes,
            _ => 0,
        };
        ends
    }
}

/// A count with its noun.
#[must_use]
pub(crate) fn plural(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// The first names, and how many more there are.
pub(crate) fn some_of(names: impl Iterator<Item = impl AsRef<str>>, most: usize) -> String {
    let (mut shown, mut more) = (String::new(), 0_usize);
    for (index, name) in names.enumerate() {
        match index {
            0 => shown.push_str(name.as_ref()),
            _ if index < most => shown.extend([", ", name.as_ref()]),
            _ => more += 1,
        }
    }
    if more == 0 { shown } else { format!("{shown} and {more} more") }
}

/// Untrusted text, shortened for a message.
#[must_use]
pub(crate) fn short(text: &str) -> String {
    const LONGEST: usize = 60;
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or("")),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn terminal_controls_and_invisible_characters_are_escaped() {
        assert_eq!(clean("a\u{1b}[2Kb\n\u{202e}"), "a\\u{1b}[2Kb\\u{a}\\u{202e}");
        for c in [
            '\u{61c}',
            '\u{200b}',
            '\u{200d}',
            '\u{2028}',
            '\u{2029}',
            '\u{feff}',
            '\u{2066}',
            '\u{9b}',
            '\u{7f}',
            '\u{34f}',
            '\u{fe0f}',
            '\u{fffe}',
            '\u{1ffff}',
        ] {
            assert!(clean(&format!("a{c}b")).starts_with("a\\u{"), "{c:?}");
        }
        assert_eq!(clean("plain → text"), "plain → text");
    }

    #[test]
    fn commands_to_a_ci_are_broken_up() {
        assert_eq!(clean("::set-output name=x::y"), ":\\u{3a}set-output name=x::y");
        assert_eq!(clean("  ::error::x"), "  :\\u{3a}error::x");
        assert_eq!(
            clean("a ##[group]b ##vso[task.x]c ##VSO[d"),
            "a ##\\u{5b}group]b ##vso\\u{5b}task.x]c ##VSO\\u{5b}d"
        );
        assert_eq!(clean("##teamcity[x ###[y #[z ## [a"), "##teamcity\\u{5b}x ###\\u{5b}y #[z ## [a");
        for plain in ["2001:db8::1", "a[0]", "#[x]", "#a#[x] ##", "key: [a]", "::"[..1].to_owned().as_str()] {
            assert_eq!(clean(plain), plain);
        }
    }

    #[test]
    fn json_keeps_its_meaning_and_contains_no_command() {
        let value = serde_json::json!({"##[a]": ["##vso[b", 1, {}], "c": "[d] ##[\n##[e::f", "\u{202e}": "a\u{e0041}\u{7f}é"});
        for json in [value.to_string(), format!("{value:#}\n")] {
            let text = printable(&json, Notation::Json);
            assert!(!text.contains("##[") && !text.contains("##vso["), "{text}");
            assert!(text.chars().all(|c| c == '\n' || !is_unsafe(c)) && text.contains('é'), "{text}");
            assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
        }
    }

    #[test]
    fn each_notation_keeps_what_is_its_own() {
        let printed = |text| {
            use Notation::{Annotations, Json, Painted, Text};
            [Text, Painted, Annotations, Json].map(|notation| printable(text, notation).into_owned())
        };
        let red = "\u{1b}[1;31ma\u{1b}[0m::b";
        assert_eq!(printed(red)[1], red);
        assert_eq!(printed(red)[0], "\\u{1b}[1;31ma\\u{1b}[0m::b");
        assert_eq!(printed("a\n \u{1b}[1m::b\u{1b}[2K\n")[1], "a\n \u{1b}[1m:\\u{3a}b\\u{1b}[2K\n");
        assert_eq!(printed("::error a::b\n::c::d\n")[2], "::error a::b\n:\\u{3a}c::d\n");
        assert_eq!(printed("\n ::: a.yaml:1:7\n ::::a")[0], "\n ::: a.yaml:1:7\n :\\u{3a}::a");
        assert_eq!(printed("\"\u{fffe}\"\n::")[3], "\"\\ufffe\"\n::");
    }

    proptest! {
        #[test]
        fn a_clean_text_is_safe_and_a_clean_prefix_its_prefix(text in "([:#\\[ vso]|\\PC|\\s){0,12}", at in 0_usize..12) {
            let cleaned = clean(&text).into_owned();
            prop_assert!(!cleaned.contains(is_unsafe) && !cleaned.contains("##[") && !cleaned.contains("##vso["));
            prop_assert!(!cleaned.trim_start().starts_with("::"));
            let prefix: String = text.chars().take(at).collect();
            prop_assert!(cleaned.starts_with(&*clean(&prefix)));
        }
    }
}
