//! The words of a line that is being typed in a shell, as the shell would pass them on.

/// The words of a line up to the cursor, without quotes; the last one is that at the cursor, and may be empty.
pub(super) fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut is_in_word = false;
    let mut quote = None;
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (None, '\'' | '"') => (quote, is_in_word) = (Some(c), true),
            (Some(open), c) if open == c => quote = None,
            // Within single quotes a backslash means itself.
            (None | Some('"'), '\\') => {
                is_in_word = true;
                push(&mut words, chars.next().into_iter());
            }
            (None, c) if c.is_whitespace() => {
                if is_in_word {
                    words.push(String::new());
                }
                is_in_word = false;
            }
            (_, c) => {
                is_in_word = true;
                push(&mut words, std::iter::once(c));
            }
        }
    }
    words
}

fn push(words: &mut [String], chars: impl Iterator<Item = char>) {
    if let Some(word) = words.last_mut() {
        word.extend(chars);
    }
}

/// A word without its quotes.
pub(super) fn unquoted(word: &str) -> String {
    words(word).join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_that_the_shell_would_pass_on() {
        for (line, expected) in [
            ("botform plan ", vec!["botform", "plan", ""]),
            ("botform  plan my\\ zones", vec!["botform", "plan", "my zones"]),
            (
                "botform plan 'my zones' --zone a.example@",
                vec!["botform", "plan", "my zones", "--zone", "a.example@"],
            ),
            (
                "botform plan \"it's\" 'a\\b' --output=json",
                vec!["botform", "plan", "it's", "a\\b", "--output=json"],
            ),
            ("botform plan 'my zo", vec!["botform", "plan", "my zo"]),
            ("botform plan '' x", vec!["botform", "plan", "", "x"]),
            ("", vec![""]),
        ] {
            assert_eq!(words(line), expected, "{line}");
        }
    }
}
