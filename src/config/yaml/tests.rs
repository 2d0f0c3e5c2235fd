//! What is read, what is rejected, and that the two parsers agree.

use super::*;
use crate::config::Problems;
use crate::model::{Diagnostic, Place};
use insta::assert_snapshot;
use proptest::prelude::*;
use std::fmt::Write as _;

fn read(text: &str) -> Result<YamlDocument, Vec<Diagnostic>> {
    parse_document("a.yaml", text.as_bytes(), Options::default()).map_err(Problems::into_vec)
}

fn told(text: &str) -> Vec<String> {
    told_of(text.as_bytes(), Options::default())
}

fn told_of(bytes: &[u8], options: Options) -> Vec<String> {
    let problems = parse_document("a.yaml", bytes, options).map_or_else(Problems::into_vec, |_| Vec::new());
    problems
        .into_iter()
        .map(|problem| match problem.place {
            Some(place) => format!("{}:{} {}", place.line, place.column, problem.message),
            None => problem.message.to_string(),
        })
        .collect()
}

#[test]
fn keys_and_values_have_places() {
    let doc = read("\u{feff}zone: ä.example\nsettings:\n  \"ü\": [1, 2]\n  b:\n").unwrap();
    let place = |at: crate::model::Place| (at.line, at.column);
    let root = doc.cursor();
    let (zone, settings) = (root.get("zone").unwrap(), root.get("settings").unwrap());
    assert_eq!((place(zone.key_place()), place(zone.place())), ((1, 1), (1, 7)));
    let list = settings.get("ü").unwrap();
    assert_eq!((place(list.key_place()), place(list.items().unwrap()[1].place())), ((3, 3), (3, 12)));
    let empty = settings.get("b").unwrap();
    assert_eq!((place(empty.place()), empty.value()), ((4, 3), &serde_json::Value::Null));
    assert_eq!(zone.written(), Some("ä.example"));
    assert!(settings.get("none").is_none() && settings.items().is_none() && zone.members().is_none());
}

#[test]
fn a_comment_after_a_value_is_not_part_of_it() {
    for (written, rest) in [
        ("\"x y\"", "  # \"z\""),
        ("\" \"", "  #\n  "),
        ("\"a\\\"b\"", " # c"),
        ("'a''b'", "  # 'c'"),
        ("'#'", " #"),
        ("x", "  # y"),
    ] {
        for before in ["a: ", "a:  ", "b: c\na:\n  "] {
            let doc = read(&format!("{before}{written}{rest}\n")).unwrap();
            assert_eq!(doc.cursor().get("a").unwrap().written(), Some(written), "{before:?} {rest:?}");
        }
    }
}

#[test]
fn a_duplicate_key_is_reported_at_its_second_place() {
    let problems = read("a: 1\nb: 2\na: 3\n").unwrap_err();
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].place.unwrap().line, 3);
    assert_eq!(problems[0].marked().related.as_ref().unwrap().place.line, 1);
    assert_eq!(told("{a: 1, a: 2}"), ["1:8 the key `a` appears a second time"]);
}

#[test]
fn rejected_members_are_left_out_and_the_rest_is_read() {
    for text in ["a: 1\na:\n  x: 2\n  y: ü\nb: 3\n", "{a: 1, a: [2], b: 3}", "a: 1\n<<: {x: 1}\nb: 3"] {
        let (document, problems) = read_document("a.yaml", text.as_bytes(), Options::default());
        assert_eq!(problems.len(), 1, "{text}");
        assert!(document.is_some(), "{text} {problems:?}");
        assert_eq!(document.unwrap().root(), &serde_json::json!({"a": 1, "b": 3}), "{text}");
    }
}

#[test]
fn valid_but_unsupported_yaml_is_rejected() {
    let cases = [
        ("", "1:1 the file is empty"),
        ("# nothing\n", "1:1 the file is empty"),
        ("a: 1\n---\nb: 2\n", "2:1 the file contains more than one document"),
        ("a: &x {b: 1}\nc: *x\n", "2:4 an alias must refer to a single value"),
        ("a: &x b\n*x : 1\n", "2:1 a key cannot be an alias"),
        ("d:\n  <<: {a: 1}\n", "2:3 merge keys are not supported"),
        ("a: !secret b\n", "1:4 tags are not supported"),
        ("1: b\n", "1:1 the key `1` is not a string"),
        ("true: b\n", "1:1 the key `true` is not a string"),
        ("? [a]\n: b\n", "1:3 a key must be a string, not a list or a mapping"),
        ("a: 1\n\tb: 2\n", "2:1 a tab cannot indent a line"),
        ("a:\n  - 1\n \t- 2\n", "3:2 a tab cannot indent a line"),
        ("a: .inf\n", "1:4 `.inf` is not a supported number"),
        ("- .nan\n", "1:3 `.nan` is not a supported number"),
        ("a: b\u{2028}\n", "1:5 the character U+2028 is not allowed in a file"),
        ("a: 1\rb: 2\n", "1:5 the character U+000D is not allowed in a file"),
        ("a: \0\n", "not a text file: it contains NUL bytes"),
        ("a: &x:y b\n", "1:4 the name of this anchor or alias is not supported"),
        ("a: *x\n", "1:4 an unquoted string cannot begin with `*`"),
    ];
    for (text, expected) in cases {
        assert_eq!(told(text), [expected], "{text}");
    }
    assert_eq!(told("a: [1\nb: 2\n").len(), 1);
    assert_eq!(told("a: \"b\n").len(), 1);
}

#[test]
fn values_that_only_look_odd_are_read() {
    for text in
        ["a: |\n  x\n  \ty\n", "a: &x 1\nb: *x\n", "\"1\": a\n", "a: yes\nb: off\n", "---\na: 1\n...\n"]
    {
        assert!(read(text).is_ok(), "{text} {:?}", told(text));
    }
}

#[test]
fn integer_keys_are_read_where_they_are_wanted() {
    let options = Options { integer_keys: true, ..Options::default() };
    let doc = parse_document("a.yaml", b"s:\n  1: 200\n  99: 3\n", options).unwrap();
    assert_eq!(doc.root(), &serde_json::json!({"s": {"1": 200, "99": 3}}));
    assert_eq!(doc.cursor().get("s").unwrap().get("99").unwrap().key_place().line, 3);
    assert_eq!(told_of(b"1: a\n\"1\": b\n", options), ["2:1 the key `1` appears a second time"]);
    assert_eq!(told_of(b"0x10: a\n", options), ["1:1 the key `0x10` is not a string"]);
    assert_eq!(told_of(b"1.5: a\n", options), ["1:1 the key `1.5` is not a string"]);
}

#[test]
fn invalid_utf8_is_reported_with_its_line() {
    let wrong = told_of(b"a: 1\nb: \xFF\n", Options::default());
    assert_eq!(wrong, ["2:4 the file is not UTF-8: byte 8 in line 2 is wrong"]);
    let utf16 = parse_document("a.yaml", b"\xFF\xFEa\0", Options::default()).unwrap_err();
    assert_eq!(utf16[0].hint.clone().unwrap(), "it looks like UTF-16: save it as UTF-8");
}

#[test]
fn limits_are_reported_where_they_are_exceeded() {
    let mut bomb = "a0: &a0 lol\n".to_owned();
    for level in 1..60 {
        let _ = writeln!(bomb, "a{level}: &a{level} [*a{0}, *a{0}, *a{0}]", level - 1);
    }
    let many = format!("a: &a {}\nb: [{}]\n", "x".repeat(400_000), "*a, ".repeat(100_000));
    let cases = [
        ("brackets", "[".repeat(100_000)),
        ("braces", "{a: ".repeat(100_000)),
        ("dashes", "- ".repeat(100_000)),
        ("question marks", "? ".repeat(100_000)),
        ("bomb", bomb),
        ("copies", many),
        ("long line", format!("a: {}", "x".repeat(30_000_000))),
        ("long text", format!("a: \"{}", "x".repeat(1_000_000))),
        ("nodes", "- 1\n".repeat(200_000)),
        ("flow", format!("[{}", "1,".repeat(500_000))),
        ("keys", (0..49_000).map(|n| format!("k{n}: 1\n")).collect()),
        ("anchors", "&a ".repeat(300_000)),
    ];
    let found = cases.map(|(name, text)| {
        let told = told(&text);
        let last = told.last().map_or("it is read", String::as_str);
        format!("{name}: {last:.150} ({} problems)", told.len())
    });
    assert_snapshot!(found.join("\n"), @"
    brackets: 1:256 more than 64 levels of nesting (1 problems)
    braces: 1:1021 more than 64 levels of nesting (1 problems)
    dashes: 1:129 more than 64 levels of nesting (1 problems)
    question marks: 1:129 more than 64 levels of nesting (64 problems)
    bomb: 60:24 an alias must refer to a single value (174 problems)
    copies: 2:13 the aliases of the file expand to too much text (1 problems)
    long line: the file has 30000003 bytes; the limit is 1048576 (1 problems)
    long text: 1:4 while scanning a quoted scalar, found unexpected end of stream (1 problems)
    nodes: 100000:3 more than 100000 keys and values (1 problems)
    flow: 1:200000 more than 100000 keys and values (1 problems)
    keys: it is read (0 problems)
    anchors: 1:4 did not find expected <document start> (1 problems)
    ");
}

fn scalar() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zäß_.-]{1,8}",
        "'[a-zä :#,]{0,8}'",
        "\"[a-z😀 :#,]{0,8}\"",
        Just("true".to_owned()),
        Just("off".to_owned()),
        Just("~".to_owned()),
        Just("0x1F".to_owned()),
        Just("1.5e3".to_owned()),
        Just("\"\\u00e4\\n\"".to_owned()),
        Just(String::new()),
        "-?[0-9]{1,20}",
    ]
}

/// A document in block or flow style, with comments and unusual line ends between.
fn yaml() -> impl Strategy<Value = String> {
    let flow = scalar().prop_recursive(3, 12, 4, |inner| {
        let map = prop::collection::btree_map("[a-zü]{1,5}", inner.clone(), 0..4).prop_map(|members| {
            let members: Vec<_> = members.iter().map(|(key, value)| format!("{key}: {value}")).collect();
            format!("{{{}}}", members.join(", "))
        });
        let items = prop::collection::vec(inner.prop_filter("an item", |text| !text.is_empty()), 0..4);
        prop_oneof![map, items.prop_map(|items| format!("[{}]", items.join(", ")))]
    });
    let line = flow.prop_map(|value| format!(" {value}\n"));
    line.prop_recursive(4, 24, 4, |inner| {
        let keys = prop_oneof!["[a-zé_]{1,6}", "'[a-z ]{1,4}'", "\"[a-z😀]{1,4}\""];
        let map = prop::collection::btree_map(keys, inner.clone(), 1..4).prop_map(|members| {
            let members = members.iter().map(|(key, value)| format!("{key}:{value}"));
            format!(" # ü\r\n{}", indent(&members.collect::<String>()))
        });
        let items = prop::collection::vec(inner, 1..4).prop_map(|items| {
            let items = items.iter().map(|item| format!("-{item}"));
            format!("\n\n{}", indent(&items.collect::<String>()))
        });
        let block = "[a-z äöü]{0,20}".prop_map(|text| format!(" |\n  x{text}\n    y\n"));
        prop_oneof![4 => map, 3 => items, 1 => block]
    })
    .prop_map(|value| format!("root:{value}"))
}

fn indent(text: &str) -> String {
    text.split_inclusive('\n').map(|line| format!("  {line}")).collect()
}

fn every_path_is_marked(at: Cursor<'_>) {
    for (key, member) in at.members().unwrap_or_default() {
        let problem = member.problem_at_key("");
        let excerpt = problem.marked().excerpt.as_ref().unwrap();
        let marked = excerpt.text[excerpt.start..excerpt.end].trim_matches(['"', '\'']);
        assert_eq!(marked, key, "{:?}", problem.place);
        every_path_is_marked(member);
    }
    at.items().unwrap_or_default().into_iter().for_each(every_path_is_marked);
    if at.value().is_number() || at.value().is_boolean() {
        let marked = at.source().slice(&at.span());
        assert!(!marked.is_empty() && !marked.contains(char::is_whitespace), "{marked}");
    }
}

proptest! {
    #[test]
    fn the_two_parsers_agree_on_every_path_of_a_document(text in yaml()) {
        match read(&text) {
            Ok(doc) => every_path_is_marked(doc.cursor()),
            // Plain texts such as `-` or `...` can make a line that no parser reads.
            Err(problems) => prop_assert!(!problems[0].message.to_string().contains("two ways"), "{text}\n{problems:?}"),
        }
    }

    #[test]
    fn the_two_parsers_agree_on_whatever_they_both_read(
        text in prop::collection::vec(prop::sample::select(vec![
            "a", "b", ": ", ":", "- ", "\n", "\n  ", "\n    ", "[", "]", "{", "}", ", ", "'", "\"", "#", " ", "\t", "|", ">",
            "&x ", "*x", "!t ", "? ", "\r\n", "ä", "😀", "1", "~", "%", "@", "---", "...", "\\", "\u{85}", "\u{2028}", "\u{feff}",
        ]), 0..24)
    ) {
        // A block of text that is the whole document may begin in the first column, where the one parser sees a comment
        // and the other text: no file that people write is one, and both ways it is refused.
        prop_assume!(!text.concat().trim_start().starts_with(['|', '>']));
        let told = told(&text.concat());
        prop_assert!(!told.iter().any(|problem| problem.contains("two ways")), "{:?} {told:?}", text.concat());
    }
}

#[test]
fn conflict_markers_have_their_own_message() {
    let text = "a: 1\n<<<<<<< HEAD\nb: 1\n=======\nb: 2\n>>>>>>> theirs\n";
    let problems = parse_document("a.yaml", text.as_bytes(), Options::default()).unwrap_err();
    let told: Vec<_> = problems.iter().map(|problem| problem.message.to_string()).collect();
    assert_eq!(told, ["the file contains an unresolved git conflict"]);
    assert_eq!(problems[0].place, Some(Place { line: 2, column: 1 }));
}
