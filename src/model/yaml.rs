//! Writes a string so that every YAML version and tool reads it as that string.

use super::is_unsafe;
use std::fmt::Write as _;

/// Words that some version of YAML does not read as a string.
const TAKEN: [&str; 9] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];

/// A string as a YAML scalar on one line: plain if it is unambiguous, otherwise in double quotes. `off`, which YAML 1.1
/// reads as *false*, is quoted, and so is an id that reads as a number.
#[must_use]
pub(crate) fn plain_or_quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '@');
    let is_numeric = |c: char| c.is_ascii_digit() || matches!(c, '_' | '-' | '.' | 'e' | 'E' | 'x' | 'o');
    let begins = text.strip_prefix("../").unwrap_or(text);
    let begins = begins.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
    let is_taken = TAKEN.iter().any(|word| text.eq_ignore_ascii_case(word));
    if begins && text.chars().all(is_plain) && !text.chars().all(is_numeric) && !is_taken {
        return text.to_owned();
    }
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            c if is_unsafe(c) => {
                // Writing to a string cannot fail.
                let _ = write!(quoted, "\\U{:08X}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ambiguous_strings_are_quoted() {
        for plain in [
            "block",
            "shop.example.com",
            "023e105f4ecef8ad9ca31a8372d0c353",
            "_dmarc.example.com",
            "../a.yaml",
        ] {
            assert_eq!(plain_or_quoted(plain), plain);
        }
        for quoted in
            ["off", "No", "", "1.2", "1.e5", "12345678901234567890123456789012", "0x1", "a: b", "-a"]
        {
            assert_eq!(plain_or_quoted(quoted), format!("\"{quoted}\""));
        }
        assert_eq!(plain_or_quoted("a\n\"\u{202e}"), r#""a\n\"\U0000202E""#);
    }

    proptest! {
        #[test]
        fn it_reads_back(text in "([a-z0-9.:#,\\[{*&!|>'\"%@` \\-\\\\]|\\PC|\\s){0,12}") {
            let read: serde_yaml::Value = serde_yaml::from_str(&plain_or_quoted(&text)).unwrap();
            prop_assert_eq!(read.as_str(), Some(&*text));
        }
    }
}
