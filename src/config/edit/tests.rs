use super::*;
use crate::catalogue::{self, Value, Variant};
use crate::config::check_text;
use proptest::prelude::*;
use proptest::test_runner::Config;

/// A piece of a generated file: bytes that stay, or the value of a setting.
#[derive(Clone, Debug)]
enum Piece {
    Kept(String),
    Value { setting: &'static str, written: String },
}

const SETTINGS: [(&str, &[&str]); 5] = [
    ("ai_bots_protection", &["block", "disabled", "only_on_ad_pages"]),
    ("ai_training", &["block", "disabled", "disallow", "only_on_ad_pages"]),
    ("cf_robots_variant", &["off", "policy_only"]),
    ("enable_js", &["true", "false"]),
    ("sbfm_verified_bots", &["allow", "block"]),
];

fn value_of(setting: &str, word: &str) -> Value {
    match word {
        "true" | "false" => Value::Toggle(word == "true"),
        word => catalogue::find(setting).and_then(|setting| setting.word(word)).unwrap(),
    }
}

/// How a value is written: a style that its kind allows.
fn written(word: &str, style: usize, is_flow: bool) -> String {
    let is_toggle = matches!(word, "true" | "false");
    match style {
        1 if !is_toggle => format!("'{word}'"),
        2 if !is_toggle => format!("\"{word}\""),
        3 if !is_toggle && !is_flow => format!("|- # a block\n      {word}"),
        4 if !is_toggle && !is_flow => format!(">-\n    {word}\n"),
        5 => format!("&v{style} {word}"),
        6 if !is_toggle => {
            let (first, rest) = word.split_at(1);
            format!("\"\\x{:02x}{rest}\"", first.as_bytes()[0])
        }
        _ => word.to_owned(),
    }
}

/// Bytes between members, none of which YAML cares about.
const ASIDES: [&str; 5] =
    ["", " # block: allow", "  #", " # ai_bots_protection: 'block' — ünïcode 😀", "   "];

#[derive(Clone, Debug)]
struct Case {
    pieces: Vec<Piece>,
    crlf: bool,
    mark: bool,
    ends: bool,
    wanted: Vec<usize>,
}

fn case() -> impl Strategy<Value = Case> {
    let member = (0_usize..4, 0_usize..8, 0_usize..5, 0_usize..4);
    let members = prop::collection::vec(member, SETTINGS.len());
    let order = Just((0..SETTINGS.len()).collect::<Vec<_>>()).prop_shuffle();
    let flags = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    (members, order, flags).prop_map(|(members, order, (is_flow, crlf, mark, ends))| {
        let mut pieces = vec![Piece::Kept(head(is_flow))];
        let mut has_anchor = false;
        for (nth, index) in order.iter().enumerate() {
            let (setting, words) = SETTINGS[*index];
            let (word, style, aside, _) = members[*index];
            let style = if style == 5 && has_anchor { 0 } else { style };
            has_anchor |= style == 5;
            let key = match style {
                1 => format!("'{setting}'"),
                2 => format!("\"{setting}\""),
                _ => setting.to_owned(),
            };
            let before = if is_flow { String::new() } else { format!("  # {nth} {setting}: block\n  ") };
            keep(&mut pieces, &format!("{before}{key}:{}", " ".repeat(1 + aside)));
            let written = written(words[word % words.len()], style, is_flow);
            // Behind a block of text a comment would be part of it.
            let is_block = !is_flow && written.starts_with(['|', '>']);
            let aside = if is_block { "" } else { ASIDES[aside] };
            pieces.push(Piece::Value { setting, written });
            let after = if is_flow { format!(" , # {nth} {aside}\n  ") } else { format!("{aside}\n") };
            keep(&mut pieces, &after);
        }
        keep(&mut pieces, &foot(is_flow));
        let wanted = members.iter().map(|(.., wanted)| *wanted).collect();
        Case { pieces, crlf, mark, ends, wanted }
    })
}

/// Adds bytes that stay; in one piece with those before them, so that they are found at one place only.
fn keep(pieces: &mut Vec<Piece>, text: &str) {
    match pieces.last_mut() {
        Some(Piece::Kept(before)) => before.push_str(text),
        _ => pieces.push(Piece::Kept(text.to_owned())),
    }
}

fn head(is_flow: bool) -> String {
    let settings = if is_flow { "settings: {\n  " } else { "\"settings\":   # these\n" };
    format!("# a: &b *c\nzone:   'shop.example.com'\nplan: sbfm_pro # 'off'\n{settings}")
}

fn foot(is_flow: bool) -> String {
    let close = if is_flow { "}\n" } else { "" };
    format!("{close}\n# end\naccept: [{{setting: ai_search, reason: \"off: # {{\", until: 2030-01-01}}]\n")
}

impl Case {
    fn line_ends(&self, text: &str) -> String {
        if self.crlf { text.replace('\n', "\r\n") } else { text.to_owned() }
    }

    fn bytes(&self) -> Vec<u8> {
        let texts = self.pieces.iter().map(|piece| match piece {
            Piece::Kept(text) | Piece::Value { written: text, .. } => self.line_ends(text),
        });
        let text = texts.collect::<String>();
        let text = if self.ends { &*text } else { text.trim_end() };
        [if self.mark { "\u{feff}" } else { "" }, text].concat().into_bytes()
    }

    /// The new value of each setting; `None` leaves it alone.
    fn target(&self, setting: &str) -> Option<Value> {
        let index = SETTINGS.iter().position(|(name, _)| *name == setting).unwrap();
        let words = SETTINGS[index].1;
        let choice = self.wanted[index];
        (choice > 0).then(|| value_of(setting, words[choice % words.len()]))
    }

    fn edits(&self) -> Vec<Edit> {
        let each = SETTINGS.iter().filter_map(|(name, _)| Some((catalogue::find(name)?, self.target(name)?)));
        each.map(|(setting, value)| Edit::Setting(setting, value)).collect()
    }

    /// Fails unless all bytes outside the edited values are kept, in order.
    fn check_kept(&self, edited: &[u8]) {
        let edited = std::str::from_utf8(edited).unwrap().trim_start_matches('\u{feff}');
        let mut rest = edited;
        let mut is_open = false;
        for (index, piece) in self.pieces.iter().enumerate() {
            let (text, is_edited) = match piece {
                Piece::Kept(text) => (text, false),
                Piece::Value { setting, written } => (written, self.target(setting).is_some()),
            };
            let mut text = self.line_ends(text);
            if index + 1 == self.pieces.len() && !self.ends {
                text.truncate(text.trim_end().len());
            }
            if is_edited {
                is_open = true;
                continue;
            }
            let at = rest.find(&text).unwrap_or_else(|| panic!("{text:?} is gone from\n{edited}"));
            assert!(is_open || at == 0, "{:?} came before {text:?}", &rest[..at]);
            assert!(at < 60, "too much came before {text:?}");
            rest = &rest[at + text.len()..];
            is_open = false;
        }
        assert_eq!(rest, "");
    }
}

proptest! {
    #![proptest_config(Config { cases: 300, failure_persistence: None, ..Config::default() })]

    #[test]
    fn an_edit_keeps_every_byte_outside_the_named_values(case in case()) {
        let bytes = case.bytes();
        let (before, problems) = check_text("a.yaml", &bytes);
        let before = before.unwrap_or_else(|| panic!("{problems:?}\n{}", String::from_utf8_lossy(&bytes)));
        let edited = edit_text("a.yaml", &bytes, &case.edits()).unwrap();
        let after = check_text("a.yaml", &edited).0.unwrap();
        for (name, _) in SETTINGS {
            let setting = catalogue::find(name).unwrap();
            let wanted = case.target(name).unwrap_or(before.get(setting).unwrap().value);
            prop_assert_eq!(after.get(setting).unwrap().value, wanted, "{}", name);
        }
        prop_assert_eq!(&after.accept, &before.accept);
        prop_assert_eq!(edited.starts_with(b"\xEF\xBB\xBF"), case.mark);
        case.check_kept(&edited);
        prop_assert_eq!(edit_text("a.yaml", &edited, &case.edits()).unwrap(), edited);
    }
}

fn edited(text: &str, edits: &[Edit]) -> String {
    let edited = edit_text("a.yaml", text.as_bytes(), edits);
    String::from_utf8(edited.unwrap_or_else(|problem| panic!("{problem:?}"))).unwrap()
}

fn set(setting: &str, word: &str) -> Edit {
    Edit::Setting(catalogue::find(setting).unwrap(), value_of(setting, word))
}

#[test]
fn an_alias_keeps_its_value_when_its_anchor_is_edited() {
    let file = "zone: a.example\nplan: sbfm_pro\nsettings:\n  ai_search: &all block # the anchor\n  ai_user: *all\n  \
                ai_training: *all # stays\naccept:\n  - {setting: ai_search, reason: *all, until: 2030-01-01}\n";
    assert_eq!(
        edited(file, &[set("ai_search", "disabled"), set("ai_user", "only_on_ad_pages")]),
        "zone: a.example\nplan: sbfm_pro\nsettings:\n  ai_search: &all disabled # the anchor\n  ai_user: \
         only_on_ad_pages\n  ai_training: block # stays\naccept:\n  - {setting: ai_search, reason: block, until: \
         2030-01-01}\n"
    );
    let moved = edited(file, &[set("ai_user", "disabled")]);
    assert_eq!(moved, file.replace("ai_user: *all", "ai_user: disabled"));
}

#[test]
fn off_is_quoted_and_the_plan_is_edited() {
    let file = "plan: sbfm_pro\nzone: a.example\nsettings: {\"cf_robots_variant\":policy_only}";
    let edits = [set("cf_robots_variant", "off"), Edit::Plan(Variant::SbfmBusiness)];
    assert_eq!(
        edited(&file.replace(":policy_only", ": policy_only"), &edits),
        "plan: sbfm_business\nzone: a.example\nsettings: {\"cf_robots_variant\": \"off\"}"
    );
}

#[test]
fn a_setting_that_is_not_named_gets_a_line_behind_the_last_one() {
    let with = |settings: &str| {
        edited(&format!("zone: a.example\nplan: sbfm_pro\nsettings:{settings}"), &[set("ai_search", "block")])
            .split_once("settings:")
            .unwrap()
            .1
            .to_owned()
    };
    assert_eq!(with(" {}"), " {ai_search: block}");
    assert_eq!(with(" { # none\n }\n"), " {ai_search: block # none\n }\n");
    assert_eq!(with(" {enable_js: true, }\n"), " {enable_js: true, ai_search: block, }\n");
    assert_eq!(with("\n  enable_js: true # on"), "\n  enable_js: true # on\n  ai_search: block");
    assert_eq!(
        with("\r\n    enable_js: true\r\n# end\r\n"),
        "\r\n    enable_js: true\r\n    ai_search: block\r\n# end\r\n"
    );
    assert_eq!(
        with("\n  ai_user: >-\n     block\n\n\naccept: []\n"),
        "\n  ai_user: >-\n     block\n  ai_search: block\n\n\naccept: []\n"
    );
}

#[test]
fn a_file_without_settings_gets_them_at_its_end() {
    let edits = [set("ai_search", "block"), set("enable_js", "false")];
    let block = "zone: a.example\nextends: b.yaml # all\n# end\n";
    assert_eq!(
        edited(block, &edits),
        "zone: a.example\nextends: b.yaml # all\nsettings:\n  ai_search: block\n  enable_js: false\n# end\n"
    );
    assert_eq!(
        edited("{zone: a.example, extends: [b.yaml]}", &edits),
        "{zone: a.example, extends: [b.yaml], settings: {ai_search: block, enable_js: false}}"
    );
    let empty = edited("zone: a.example\nsettings: {}\n", &edits);
    assert_eq!(empty, "zone: a.example\nsettings: {ai_search: block, enable_js: false}\n");
}

#[test]
fn a_file_that_cannot_be_read_is_not_edited() {
    for broken in ["a: [", "zone: a.example\nzone: b.example\n", "settings: 1\n", "[]\n"] {
        assert!(edit_text("a.yaml", broken.as_bytes(), &[set("ai_search", "block")]).is_err(), "{broken}");
    }
}
