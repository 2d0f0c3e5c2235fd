//! Text from outside, made safe to print: nothing in it moves the cursor, hides what stands beside it, or is a
//! command to the CI that reads the log.

use serde_json::ser::{Formatter, PrettyFormatter};
use std::borrow::Cow;
use std::fmt::Write as _;
use std::io;

/// Whether a character acts on a terminal or is not seen: controls, marks of direction, zero widths, line and
/// paragraph separators, tags, the byte order mark.
#[must_use]
pub fn is_unsafe(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_control();
    }
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// A text from outside as it may be printed: unsafe characters are escaped, and the beginnings of CI commands are
/// broken up (`::` at its start, `##[` and `##vso[` anywhere). What a part of a text becomes depends only on what
/// stands before it, so that a clean prefix is a prefix of the clean text.
#[must_use]
pub fn clean(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unsafe) && !text.contains("::") && !text.contains("##") {
        return Cow::Borrowed(text);
    }
    let mut cleaned = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        let before = || text.get(..at).unwrap_or_default();
        if is_unsafe(c) || (matches!(c, ':' | '[') && opens_command(before(), c)) {
            // Writing to a string cannot fail.
            let _ = write!(cleaned, "{}", c.escape_unicode());
        } else {
            cleaned.push(c);
        }
    }
    Cow::Owned(cleaned)
}

/// Whether a character after others is the last of the beginning of a CI command.
fn opens_command(before: &str, c: char) -> bool {
    match c {
        ':' => before.strip_suffix(':').is_some_and(|before| before.trim_start().is_empty()),
        '[' => [&b"##"[..], b"##vso"].iter().any(|word| {
            let end = before.len().checked_sub(word.len()).and_then(|start| before.as_bytes().get(start..));
            end.is_some_and(|end| end.eq_ignore_ascii_case(word))
        }),
        _ => false,
    }
}

/// A text from outside, cut to what a message can hold.
#[must_use]
pub fn short(text: &str) -> String {
    const LONGEST: usize = 60;
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or("")),
        None => text.to_owned(),
    }
}

/// A text of JSON that holds no CI command and nothing that is not seen: the bracket of `##[` and `##vso[`, and what
/// [`is_unsafe`] beyond ASCII, can only be within a string, and are written as escapes, which mean the same to whoever
/// reads the JSON.
#[must_use]
pub fn clean_json(text: &str) -> Cow<'_, str> {
    let is_hidden = |c: char| !c.is_ascii() && is_unsafe(c);
    if !text.contains("##") && !text.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut cleaned = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        if is_hidden(c) || (c == '[' && opens_command(text.get(..at).unwrap_or_default(), c)) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a string cannot fail.
                let _ = write!(cleaned, "\\u{unit:04x}");
            }
        } else {
            cleaned.push(c);
        }
    }
    Cow::Owned(cleaned)
}

/// Writes JSON that holds no CI command, indented.
#[derive(Debug, Default)]
pub struct CiSafe(PrettyFormatter<'static>);

impl Formatter for CiSafe {
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, to: &mut W, text: &str) -> io::Result<()> {
        to.write_all(clean_json(text).as_bytes())
    }

    fn begin_array<W: ?Sized + io::Write>(&mut self, to: &mut W) -> io::Result<()> {
        self.0.begin_array(to)
    }

    fn end_array<W: ?Sized + io::Write>(&mut self, to: &mut W) -> io::Result<()> {
        self.0.end_array(to)
    }

    fn begin_array_value<W: ?Sized + io::Write>(&mut self, to: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(to, first)
    }

    fn end_array_value<W: ?Sized + io::Write>(&mut self, to: &mut W) -> io::Result<()> {
        self.0.end_array_value(to)
    }

    fn begin_object<W: ?Sized + io::Write>(&mut self, to: &mut W) -> io::Result<()> {
        self.0.begin_object(to)
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, to: &mut W) -> io::Result<()> {
        self.0.end_object(to)
    }

    fn begin_object_key<W: ?Sized + io::Write>(&mut self, to: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(to, first)
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, to: &mut W) -> io::Result<()> {
        self.0.begin_object_value(to)
    }

    fn end_object_value<W: ?Sized + io::Write>(&mut self, to: &mut W) -> io::Result<()> {
        self.0.end_object_value(to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde::Serialize as _;

    #[test]
    fn what_acts_on_a_terminal_or_is_not_seen_is_escaped() {
        assert_eq!(clean("a\u{1b}[2Kb\n\u{202e}"), "a\\u{1b}[2Kb\\u{a}\\u{202e}");
        for c in ['\u{61c}', '\u{200b}', '\u{200d}', '\u{2028}', '\u{2029}', '\u{feff}', '\u{2066}', '\u{9b}']
        {
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
        for plain in ["2001:db8::1", "a[0]", "#[x]", "key: [a]", "::"[..1].to_owned().as_str()] {
            assert_eq!(clean(plain), plain);
        }
    }

    #[test]
    fn json_means_the_same_and_holds_no_command() {
        let value = serde_json::json!({"##[a]": ["##vso[b", 1, {}], "c": "[d] ##[\n##[e", "\u{202e}": "a\u{e0041}\u{200b}é"});
        let mut bytes = Vec::new();
        value.serialize(&mut serde_json::Serializer::with_formatter(&mut bytes, CiSafe::default())).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        assert!(!text.contains("##[") && !text.contains("##vso["), "{text}");
        assert!(text.chars().all(|c| c == '\n' || !is_unsafe(c)) && text.contains('é'), "{text}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
        let plain = serde_json::json!({"a": [1, [], {"b": null}]});
        let mut bytes = Vec::new();
        plain.serialize(&mut serde_json::Serializer::with_formatter(&mut bytes, CiSafe::default())).unwrap();
        assert_eq!(bytes, serde_json::to_vec_pretty(&plain).unwrap());
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
