//! Warnings about an expression. Cloudflare's own examples mix two dialects, so nothing here is an error.

use crate::catalogue::feedback::EXPRESSION_FIELDS;
use crate::config::check::{Check, did_you_mean, listed};
use crate::config::suggest;
use crate::config::yaml::{Cursor, short};
use crate::model::Severity;
use std::collections::BTreeSet;

/// The field that every expression of a report should have a condition on.
const SCORE: &str = "cf.bot_management.score";

/// Functions that people also write as infix operators.
const FUNCTIONS: [&str; 2] = ["starts_with", "ends_with"];

/// A probable mistake in an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Doubt {
    message: String,
    hint: String,
}

/// Warns of probable mistakes in an expression.
pub(super) fn check(check: &mut Check, at: Cursor<'_>, text: &str) {
    for Doubt { message, hint } in doubts(text) {
        check.push(at.problem(message).severity(Severity::Warning).hint(hint));
    }
}

/// All doubts about an expression, each kind once.
fn doubts(text: &str) -> Vec<Doubt> {
    let tokens = tokens(text);
    let mut doubts = Vec::new();
    quotes(&tokens, &mut doubts);
    brackets(&tokens, &mut doubts);
    functions(&tokens, &mut doubts);
    names(&tokens, &mut doubts);
    doubts
}

/// A piece of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token<'t> {
    /// A text in quotes.
    Text {
        quote: char,
        is_closed: bool,
    },
    /// A word, such as a field, an operator or a function.
    Word(&'t str),
    Bracket(char),
    /// Anything else: numbers, addresses, lists, operators.
    Other,
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, length) = token(first, rest);
        tokens.push(token);
        // A token has at least its first character.
        rest = rest.get(length.max(first.len_utf8())..).unwrap_or("").trim_start();
    }
    tokens
}

fn token(first: char, rest: &str) -> (Token<'_>, usize) {
    match first {
        '"' | '\'' => {
            let end = closing(rest, first);
            (Token::Text { quote: first, is_closed: end.is_some() }, end.unwrap_or(rest.len()))
        }
        'r' if raw(rest).is_some() => {
            let end = raw(rest).flatten();
            (Token::Text { quote: '"', is_closed: end.is_some() }, end.unwrap_or(rest.len()))
        }
        '(' | ')' | '{' | '}' | '[' | ']' => (Token::Bracket(first), 1),
        c if c.is_ascii_alphabetic() || c == '_' => {
            let word = run(rest, |c| c.is_ascii_alphanumeric() || c == '_' || c == '.');
            (Token::Word(word), word.len())
        }
        // A number, an address or a range of them, or a list such as `$cf.open_proxies`.
        c if c.is_ascii_digit() || c == '$' || c == ':' => {
            (Token::Other, run(rest, |c| c.is_ascii_alphanumeric() || "$_.:/".contains(c)).len())
        }
        c => (Token::Other, c.len_utf8()),
    }
}

/// The longest prefix of characters that fit.
fn run(text: &str, fits: impl Fn(char) -> bool) -> &str {
    text.find(|c| !fits(c)).and_then(|end| text.get(..end)).unwrap_or(text)
}

/// The length of a text in quotes; `None` if it is not closed.
fn closing(text: &str, quote: char) -> Option<usize> {
    let mut is_escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            c if c == quote => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// The length of a raw string such as `r#"…"#`: `Some(None)` if it is not closed, `None` if there is no raw string.
fn raw(text: &str) -> Option<Option<usize>> {
    let hashes = run(text.strip_prefix('r')?, |c| c == '#').len();
    let body = text.get(1 + hashes..)?.strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    Some(body.find(&end).map(|at| 1 + hashes + 1 + at + end.len()))
}

fn quotes(tokens: &[Token<'_>], doubts: &mut Vec<Doubt>) {
    let has = |wanted: fn(&Token<'_>) -> bool| tokens.iter().any(wanted);
    if has(|token| matches!(token, Token::Text { is_closed: false, .. })) {
        let (message, hint) =
            ("a quote in the expression is not closed", "close it, or escape quotes within it");
        doubts.push(Doubt { message: message.to_owned(), hint: hint.to_owned() });
    }
    if has(|token| matches!(token, Token::Text { quote: '\'', .. })) {
        let message = "the expression has strings in single quotes, which the Rules language does not accept";
        let hint = "write them in double quotes; Cloudflare's own example wrongly uses single quotes";
        doubts.push(Doubt { message: message.to_owned(), hint: hint.to_owned() });
    }
}

fn brackets(tokens: &[Token<'_>], doubts: &mut Vec<Doubt>) {
    let mut open = Vec::new();
    let mut wrong = None;
    for token in tokens {
        match token {
            Token::Bracket(bracket @ ('(' | '{' | '[')) => open.push(*bracket),
            Token::Bracket(bracket) if open.pop() != Some(opening(*bracket)) => {
                wrong = wrong.or(Some((*bracket, "opened")));
            }
            Token::Bracket(_) | Token::Text { .. } | Token::Word(_) | Token::Other => {}
        }
    }
    let wrong = wrong.or(open.last().map(|bracket| (*bracket, "closed")));
    doubts.extend(wrong.map(|(bracket, what)| Doubt {
        message: format!("a `{bracket}` in the expression is not {what}"),
        hint: "each bracket needs its counterpart".to_owned(),
    }));
}

fn opening(bracket: char) -> char {
    match bracket {
        ')' => '(',
        '}' => '{',
        _ => '[',
    }
}

fn functions(tokens: &[Token<'_>], doubts: &mut Vec<Doubt>) {
    for name in FUNCTIONS {
        let is_infix = tokens.iter().enumerate().any(|(at, token)| {
            *token == Token::Word(name) && tokens.get(at + 1) != Some(&Token::Bracket('('))
        });
        if is_infix {
            doubts.push(Doubt {
                message: format!("`{name}` is a function of the Rules language, not an operator"),
                hint: format!(
                    "write `{name}(http.request.uri.path, \"/checkout\")`; Cloudflare's own example wrongly writes it between the operands"
                ),
            });
        }
    }
}

fn names(tokens: &[Token<'_>], doubts: &mut Vec<Doubt>) {
    // Functions may contain dots too.
    let is_call = |at: usize| tokens.get(at + 1) == Some(&Token::Bracket('('));
    let words = tokens.iter().enumerate().filter_map(|(at, token)| match token {
        Token::Word(word) if word.contains('.') && !is_call(at) => Some(*word),
        _ => None,
    });
    let fields: BTreeSet<&str> = words.collect();
    for field in fields.iter().filter(|field| !EXPRESSION_FIELDS.contains(field)) {
        let hint = did_you_mean(suggest(field, EXPRESSION_FIELDS.iter().copied())).unwrap_or_else(|| {
            format!("the documented fields are {}", listed(EXPRESSION_FIELDS.iter().copied()))
        });
        let message = format!("`{}` is not a documented field for reports", short(field));
        doubts.push(Doubt { message, hint });
    }
    if !fields.contains(SCORE) {
        let message = "the expression has no condition on the bot score".to_owned();
        let hint = format!(
            "add the scores that this traffic had, such as `(…) and {SCORE} lt 30` for people that were taken for bots"
        );
        doubts.push(Doubt { message, hint });
    }
    if fields.iter().all(|field| *field == SCORE) {
        let message = "the expression matches all traffic of the zone, whoever sent it".to_owned();
        let hint = "add what the misjudged traffic has in common, such as `and http.request.uri.path eq \"/checkout\"`";
        doubts.push(Doubt { message, hint: hint.to_owned() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn told(text: &str) -> Vec<String> {
        doubts(text).into_iter().map(|doubt| doubt.message).collect()
    }

    #[test]
    fn an_expression_of_the_rules_language_raises_no_doubt() {
        for text in [
            "(http.host eq \"shop.example.com\" and starts_with(http.request.uri.path, \"/checkout\")) and cf.bot_management.score lt 5",
            "ip.src in {1.2.3.0/24 2001:db8::1 ::1} and ip.geoip.asnum eq 64500 and cf.bot_management.score ge 30",
            "http.user_agent matches r#\"a \"quoted\" (\"# and cf.bot_management.score eq 1",
            "http.host eq \"a\\\")\" and cf.bot_management.score le 46 and ip.src in $cf.open_proxies",
        ] {
            assert_eq!(told(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn the_dialect_of_cloudflares_example_is_warned_about() {
        let example = "(http.host eq 'shop.example.com' and http.request.uri.path starts_with '/checkout') and cf.bot_management.score lt 5";
        insta::assert_snapshot!(told(example).join("\n"), @"
        the expression has strings in single quotes, which the Rules language does not accept
        `starts_with` is a function of the Rules language, not an operator
        ");
    }

    #[test]
    fn unclosed_brackets_and_quotes_are_reported() {
        insta::assert_snapshot!(told("(ip.src eq 1.1.1.1 and cf.bot_management.score lt 5").join("\n"), @"a `(` in the expression is not closed");
        insta::assert_snapshot!(told("ip.src eq 1.1.1.1 and cf.bot_management.score in {5)").join("\n"), @"a `)` in the expression is not opened");
        insta::assert_snapshot!(told("cf.bot_management.score lt 5 and http.host eq \"a").join("\n"), @"a quote in the expression is not closed");
    }

    #[test]
    fn undocumented_fields_and_a_missing_score_are_reported() {
        insta::assert_snapshot!(told("http.hosst eq \"a\" and http.request.method eq \"cf.bot_management.score\"").join("\n"), @"
        `http.hosst` is not a documented field for reports
        `http.request.method` is not a documented field for reports
        the expression has no condition on the bot score
        ");
        assert_eq!(doubts("http.hosst eq 1")[0].hint, "did you mean `http.host`?");
    }

    #[test]
    fn a_score_alone_would_report_the_whole_site() {
        for text in [
            "(cf.bot_management.score lt 30)",
            "cf.bot_management.score ge 1 and cf.bot_management.score le 99",
            "true",
        ] {
            assert!(told(text).iter().any(|message| message.contains("all traffic of the zone")), "{text}");
        }
        assert!(!told("ip.src eq 1.1.1.1").iter().any(|message| message.contains("all traffic")));
    }

    proptest! {
        #[test]
        fn any_text_is_scanned_without_a_panic(text in "(\\PC|[\"'(){}\\[\\]r#\\\\.$:/\n\t]){0,60}") {
            let _ = doubts(&text);
        }
    }
}
