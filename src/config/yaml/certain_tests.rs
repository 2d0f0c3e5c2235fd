//! What is certain without the reader is what the reader reads.

use super::{Options, Source, certain, reader, walk};
use proptest::prelude::*;

/// Whether the values of a text are certain; fails if the reader reads them otherwise.
fn is_certain(text: &str) -> bool {
    let source = Source::new("a.yaml", text);
    let walk::Walked { root, problems, .. } = walk::walk(&source, Options::default());
    let Some(index) = root.filter(|_| problems.is_empty()) else { return false };
    let Some(values) = certain::values(&source, &index) else { return false };
    assert_eq!(reader::read(text, &index).ok(), Some(values), "{text:?}");
    true
}

#[test]
fn the_values_of_the_usual_files_are_certain() {
    for text in [
        "zone: shop.example.com\nplan: sbfm_pro\nsettings:\n  enable_js: true\n  cf_robots_variant: \"off\"\n",
        "zone: a.example # here\n\nextends: ../baselines/retail.yaml\nzone_id: 023e105f4ecef8ad9ca31a8372d0c353\n",
        "a:\n    b: 'x y'  # why\n\n    # more\n    c: 2026-12-01\nd: 12\n# end\n",
        "extends:\n  - ../a.yaml\n  - ../b.yaml\naccept:\n  - setting: fight_mode\n    until: 2026-12-31\n",
        "a: yes\nb: no and more\nc: nan\nd: inf\ne: e5\nf: 1/2\n",
    ] {
        assert!(is_certain(text), "{text:?}");
    }
}

#[test]
fn what_is_in_doubt_is_left_to_the_reader() {
    for text in [
        "",
        "# nothing\n",
        "a:\n",
        "a: \n",
        "a: ~\n",
        "a: null\n",
        "a: NULL\n",
        "a: True\n",
        "a: 1.5\n",
        "a: 010\n",
        "a: 0x1F\n",
        "a: 1e5\n",
        "a: -1\n",
        "a: 9999999999999999999\n",
        "a: .inf\n",
        "a: [1]\n",
        "a: {}\n",
        "a: |\n  x\n",
        "a: b\n  c\n",
        "a: b\n  c: d\n",
        "a: &x b\n",
        "a: *x\n",
        "a: !t b\n",
        "a: b\na: c\n",
        "true: a\n",
        "1: a\n",
        "<<: a\n",
        "'a': b\n",
        "a: \"b\\n\"\n",
        "a: 'b''c'\n",
        "a: \"b\n  c\"\n",
        "a: \"b\" c\n",
        "a: b: c\n",
        "a:b\n",
        "---\na: b\n",
        "%YAML 1.2\n---\na: b\n",
        "a:\n  b: c\n d: e\n",
        "a:\nb: c\n",
        "a:\tb\n",
        "a:\n\tb: c\n",
        "a: ä\n",
        "a: b\n...\n",
        "? a\n",
        "a: @b\n",
        "a: `b\n",
        "a: %b\n",
        "a: - b\n",
        "a: #b\n",
        "a: b#c\n",
        "# ä\na: b\n",
        "a: b\r\n",
        "? a\n: b\n",
        "- ? a\n  : b\n",
    ] {
        assert!(!is_certain(text), "{text:?}");
    }
}

/// A line that is nearly plain, or is.
fn line() -> impl Strategy<Value = String> {
    let key = prop_oneof![
        6 => "[a-c_]{1,2}", 1 => prop::sample::select(vec!["true", "null", "n", "Yes", "1", "<<", "a b", "-", "\"a\""]).prop_map(str::to_owned)
    ];
    let odd = vec![
        "true",
        "True",
        "false",
        "null",
        "Null",
        "~",
        "yes",
        "off",
        "nan",
        "inf",
        "Infinity",
        ".nan",
        "0",
        "00",
        "07",
        "7",
        "-7",
        "+7",
        "1_000",
        "123456789012345678",
        "1234567890123456789",
        "1e5",
        "1.5",
        "0b11",
        "0b2",
        "0o7",
        "0x1F",
        "0xg",
        "2026-12-01",
        "2026-12-01T00:00:00Z",
        "023e105f4ecef8ad9ca31a8372d0c353",
        "00000000000000000000000000000012",
        "12345678901234567890123456789e12",
        "0b000000000000000000000000000001",
        "../b/c.yaml",
        "./x",
        "a/b",
        "1/2",
        "/a",
        "..",
        "a  b",
        "a - b",
        "a b.",
        "'x'",
        "\"x y\"",
        "''",
        "\" \"",
        "\"a'b\"",
        "'a\"b'",
        "'a: b'",
        "\"# b\"",
        "\"a\" b",
        "'a",
        "{}",
        "[]",
        "a: b",
        "a:b",
        "a #b",
        "a# b",
        "a@b",
        "- a",
        "|",
        "&a b",
        "*a",
        "",
    ];
    let value =
        prop_oneof![2 => "[a-z0-9_./ -]{1,6}", 4 => prop::sample::select(odd).prop_map(str::to_owned)];
    let after = prop::sample::select(vec!["", "", "", "", " ", " # x", "  #", "#", " ä"]);
    let end = prop::sample::select(vec!["\n", "\n", "\n", "\r\n", "\n\n", "\n  \n"]);
    let indent = prop::sample::select(vec!["", "", "", "  ", "  ", "  ", "    ", "   "]);
    let colon = prop::sample::select(vec![": ", ": ", ": ", ":", ":  ", " : "]);
    prop_oneof![
        6 => (indent.clone(), key.clone(), colon, value, after.clone(), end.clone())
            .prop_map(|(indent, key, colon, value, after, end)| format!("{indent}{key}{colon}{value}{after}{end}")),
        3 => (indent.clone(), key, after, end.clone()).prop_map(|(indent, key, after, end)| format!("{indent}{key}:{after}{end}")),
        1 => (indent, "[a-zä#: \t]{0,4}", end).prop_map(|(indent, text, end)| format!("{indent}#{text}{end}")),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases.max(2_000)))]

    #[test]
    fn what_is_certain_is_what_the_reader_reads(lines in prop::collection::vec(line(), 1..6)) {
        is_certain(&lines.concat());
    }

    #[test]
    fn any_text_is_read_as_the_reader_reads_it(
        text in prop::collection::vec(prop::sample::select(vec![
            "a", "b", "c", ": ", ":", "- ", "\n", "\n  ", "\n    ", "'", "\"", "#", " #", " ", "1", "0", ".", "/", "true", "-", "---", "@", "\r\n", "é",
        ]), 0..24)
    ) {
        is_certain(&format!("{}\n", text.concat()));
    }
}
