//! Text from outside within Markdown: always in a code span, a fence or a `<code>` element, where it can mention
//! nobody, link nothing, and end no tag, fence or table.

use crate::model::clean;
use std::borrow::Cow;

/// The longest text of a cell.
const LONGEST: usize = 300;

/// A text of at most that many characters.
pub(super) fn cut(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        None => Cow::Borrowed(text),
        Some((at, _)) => Cow::Owned(format!("{}…", text.get(..at).unwrap_or_default())),
    }
}

/// A text as a code span that may stand in a table.
pub(in crate::render) fn code(text: &str) -> String {
    let shown = clean(text);
    let shown = cut(shown.trim(), LONGEST);
    if shown.is_empty() {
        return "(empty)".to_owned();
    }
    let fence = "`".repeat(longest_run(&shown) + 1);
    let pad = if shown.starts_with('`') || shown.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{}{pad}{fence}", escape_pipes(&shown))
}

/// Escapes pipes so that they end no cell. A space separates a pipe from a backslash before it, which would itself be
/// escaped otherwise.
fn escape_pipes(text: &str) -> String {
    text.replace("\\|", "\\ |").replace('|', "\\|")
}

/// A text as HTML, which a summary needs.
pub(super) fn html(text: &str) -> String {
    let shown = clean(text);
    let shown = cut(&shown, LONGEST);
    let escaped = shown.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    format!("<code>{}</code>", escaped.replace('|', "&#124;").replace('`', "&#96;"))
}

/// A text in a fence that it cannot end.
pub(in crate::render) fn fenced(language: &str, text: &str) -> String {
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    format!("{fence}{language}\n{}\n{fence}\n", text.trim_end())
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// A link to a line of a file; `base` stands before its path.
pub(super) fn link(base: &str, file: &str, line: Option<u32>) -> String {
    let (line, anchor) = match line {
        Some(line) => (format!(":{line}"), format!("#L{line}")),
        None => (String::new(), String::new()),
    };
    format!("[{}]({base}{}{anchor})", code(&format!("{file}{line}")), path(file))
}

/// A path as a part of an address.
pub(in crate::render) fn path(file: &str) -> String {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(byte);
    file.bytes()
        .map(|byte| if is_plain(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use pulldown_cmark::{Event, Options, Parser, Tag};

    fn events(text: &str) -> Vec<Event<'_>> {
        Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_GFM).collect()
    }

    #[test]
    fn a_code_span_holds_any_text() {
        assert_eq!(code("a"), "`a`");
        assert_eq!(code("`a`|b"), "`` `a`\\|b ``");
        assert_eq!(code(" \u{202e}\n"), "`\\u{202e}\\u{a}`");
        assert_eq!(code(""), "(empty)");
        assert_eq!(html("<b>`|"), "<code>&lt;b&gt;&#96;&#124;</code>");
        assert_eq!(link("", "zones/a b.yaml", Some(5)), "[`zones/a b.yaml:5`](zones/a%20b.yaml#L5)");
    }

    proptest! {
        #[test]
        fn a_cell_stays_one_cell_of_code(text in "([`|<>@#*_\\[\\]\\\\ a]|</details>|\\PC|\\s){1,24}") {
            let table = format!("| a | b |\n| - | - |\n| {} | x |\n", code(&text));
            let events = events(&table);
            let cells = events.iter().filter(|event| matches!(event, Event::Start(Tag::TableCell))).count();
            let odd = events.iter().find(|event| matches!(event, Event::Html(_) | Event::InlineHtml(_) | Event::Start(Tag::Link { .. })));
            prop_assert_eq!((cells, odd), (4, None), "{}", table);
        }

        #[test]
        fn a_fence_holds_any_text(text in "([`~a\\n]|```|</details>){1,24}") {
            let text = fenced("diff", &text);
            let blocks = events(&text).iter().filter(|event| matches!(event, Event::Start(_))).count();
            prop_assert_eq!(blocks, 1, "{}", text);
        }
    }
}
