//! What people see in their editor: the messages, the hover and the completion of the real YAML language server, with
//! our schemas. It is fetched from npm into a temporary folder, so that this only runs when it is asked for:
//!
//! ```text
//! cargo test --test editors -- --ignored
//! ```
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use serde_json::{Value, json};
use std::process::Command;

const CLIENT: &str = include_str!("editors.mjs");

const ZONE: &str = "zone: a.example.com\nplan: sbfm_pro\n";

/// Asks the language server about texts, each under a schema; `|` in a text is the cursor.
fn ask(texts: &[(&str, String)]) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, content: &str| std::fs::write(folder.path().join(name), content).unwrap();
    for name in ["zone", "baseline", "project", "feedback"] {
        let file = format!("{name}.schema.json");
        write(&file, &std::fs::read_to_string(format!("schemas/{file}")).unwrap());
    }
    let asks: Vec<_> = texts.iter().map(|(schema, text)| json!({"schema": schema, "text": text})).collect();
    write("asks.json", &json!(asks).to_string());
    write("ask.mjs", CLIENT);
    write("package.json", "{\"private\": true}");
    let run = |program: &str, arguments: &[&str]| {
        Command::new(program).args(arguments).current_dir(folder.path()).output().unwrap()
    };
    assert!(
        run("npm", &["install", "--silent", "--no-audit", "yaml-language-server@latest"]).status.success()
    );
    let output = run("node", &["ask.mjs"]);
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

/// Wrong texts, each with the beginning of the one message about it.
fn mistakes() -> Vec<(&'static str, String, &'static str)> {
    const PATH: &str =
        "write the path of a baseline from the folder of this file, such as `../baselines/retail.yaml`";
    const RULES: &str = "a policy must have exactly one of `forbid`, `pin`, `at_least`";
    const PART: &str = "write a number such as `10`, or a percentage such as `5%`";
    const EMPTY: &str = "`settings` is a mapping; write `settings: {}` to manage nothing";
    let temporary = |entry: &str| format!("settings: {{ai_search: block}}\ntemporary: [{{{entry}}}]\n");
    let zone = [
        ("settings: {enable_j: true}\n".to_owned(), "not a setting of sbfm_pro; its settings: `ai_bots"),
        ("settings: {ai_search: blok}\n".to_owned(), "`ai_search` is one of `disabled`, `block`"),
        ("settings: {enable_js: yes}\n".to_owned(), "`enable_js` is `true` or `false`, without quotes"),
        ("settings:\n  enable_js:\n".to_owned(), "`enable_js` is `true` or `false`, without quotes"),
        (
            "settings: {sbfm_likely_automated: block}\n".to_owned(),
            "`sbfm_likely_automated` is a setting of sbfm_business; this file is sbfm_pro",
        ),
        ("settings:\n".to_owned(), EMPTY),
        (String::new(), "Missing property \"settings\"."),
        ("settings: {enable_js: true, enable_js: false}\n".to_owned(), "Map keys must be unique"),
        ("settings: {}\nzome: a\n".to_owned(), "Property zome is not allowed."),
        ("extends: /etc/passwd\n".to_owned(), PATH),
        ("extends: [a.yaml, 5]\n".to_owned(), PATH),
        ("extends:\n".to_owned(), PATH),
        (temporary("setting: ai_search, value: blok, until: 2026-12-31, reason: x"), "`ai_search` is one of"),
        (
            temporary("setting: fight_mode, value: true, until: 2026-12-31, reason: x"),
            "`fight_mode` is a setting of bot_fight_mode; this file is sbfm_pro",
        ),
        (
            temporary("setting: ai_search, value: block, until: 31.12.2026, reason: x"),
            "a date is written such",
        ),
        ("setings:\n".to_owned(), "Property setings is not allowed."),
        ("setings: {}\n".to_owned(), "Property setings is not allowed."),
        ("settings: {}\nstale: true\n".to_owned(), "`stale` is one of `report`, `clean`"),
        ("settings: {}\nstale:\n".to_owned(), "`stale` is one of `report`, `clean`"),
        ("settings: {using_latest_model: true}\n".to_owned(), "`using_latest_model` is read-only"),
        (
            "settings: {}\naccept: [fight_mode]\n".to_owned(),
            "an item of `accept` is a mapping with the keys `setting`, `reason`, `until`",
        ),
        ("settings: {}\nfreeze: true\n".to_owned(), "`freeze` is a mapping with the keys"),
        (
            "settings: {}\nzone_id: 02310510451801931831083720353123\n".to_owned(),
            "an id has 32 lower-case hexadecimal digits",
        ),
        (temporary("setting: ai_search, value: block, until: 2026-12-31"), "Missing property \"reason\"."),
    ];
    let zone = zone.map(|(lines, message)| ("zone", format!("{ZONE}{lines}"), message));
    let free = "zone: a.example.com\nplan: bot_fight_mode\nsettings: {fight_mode: true, enable_js: false}\n";
    let others = [
        ("zone", "zone: a.example.com\nplan: pro\nsettings: {}\n", "`plan` is one of `bot_fight_mode`"),
        ("zone", "plan: sbfm_pro\nsettings: {}\n", "Missing property \"zone\"."),
        ("zone", "zome: a.example.com\nplan: sbfm_pro\nsettings: {}\n", "Property zome is not allowed."),
        (
            "project",
            "policy: [{idd: a, reason: b, pin: {enable_js: true}}]\n",
            "Property idd is not allowed.",
        ),
        (
            "project",
            "policy: [{id: a, reason: b, pinn: {enable_js: true}}]\n",
            "Property pinn is not allowed.",
        ),
        ("zone", free, "`fight_mode: true` needs `enable_js: true`"),
        ("baseline", "settings: {ai_serch: block}\n", "not a setting; the settings: `ai_bots_protection`"),
        ("baseline", "settings:\n", EMPTY),
        (
            "baseline",
            "plans: {sbfm_pro: {fight_mode: true}}\n",
            "`fight_mode` is a setting of bot_fight_mode; these are for sbfm_pro",
        ),
        ("baseline", "plans: {pro: {}}\n", "`plans` is a mapping with the keys `bot_fight_mode`"),
        ("project", "guards: {max_zones: 5x}\n", PART),
        ("project", "guards: {max_zones: true}\n", PART),
        ("project", "policy: [{id: a, reason: b}]\n", RULES),
        (
            "project",
            "policy: [{id: a, reason: b, pin: {enable_js: true}, forbid: {enable_js: [true]}}]\n",
            RULES,
        ),
        ("project", "policy: [{id: a, reason: b, pin: a}]\n", "`pin` is a mapping of settings"),
        ("feedback", REPORT, "`created_at` is read-only: remove it"),
    ];
    let scores = ["100", "a", "\"01\""].map(|score| {
        let report = REPORT.replace("created_at: 2026-01-01T00:00:00Z\n", "");
        let report = report.replace("requests_by_score: {1:", &format!("requests_by_score: {{{score}:"));
        ("feedback", report, "`requests_by_score` is a mapping with the scores `1` to `99`")
    });
    let zone = zone.into_iter().chain(scores);
    zone.chain(others.map(|(schema, text, message)| (schema, text.to_owned(), message))).collect()
}

const REPORT: &str = "zone: a.example.com\ncreated_at: 2026-01-01T00:00:00Z\ntype: false_positive\ndescription: x\n\
    expression: (cf.bot_management.score lt 30)\nfirst_request_seen_at: 2026-01-31T08:00:00Z\n\
    last_request_seen_at: 2026-01-31T08:00:00Z\nrequests: 1\nrequests_by_score: {1: 1}\nrequests_by_score_src: {ml: 1}\n\
    requests_by_attribute: {}\n";

#[test]
#[ignore = "fetches yaml-language-server from npm"]
fn the_language_server_says_one_thing_of_each_mistake_and_nothing_of_good_files() {
    let mistakes = mistakes();
    let mut texts: Vec<_> = mistakes.iter().map(|(schema, text, _)| (*schema, text.clone())).collect();
    let wrong = texts.len();
    for (schema, file) in [
        ("zone", "examples/zones/shop.example.com.yaml"),
        ("zone", "examples/retail/zones/garden.example.com.yaml"),
        ("baseline", "examples/retail/baselines/shops.yaml"),
        ("feedback", "examples/feedback/checkout-false-positive.yaml"),
    ] {
        let text = std::fs::read_to_string(file).unwrap();
        texts.push((schema, text.lines().skip(1).map(|line| line.to_owned() + "\n").collect()));
    }
    let answers = ask(&texts);
    for ((_, text, message), answer) in mistakes.iter().zip(&answers) {
        let messages = answer["messages"].as_array().unwrap();
        let is_expected = |said: &Value| said.as_str().unwrap().starts_with(message);
        assert!(messages.len() == 1 && messages.iter().all(is_expected), "{text}: {messages:#?}");
    }
    for ((_, text), answer) in texts.iter().zip(&answers).skip(wrong) {
        assert_eq!(answer["messages"], json!([]), "{text}");
    }
}

#[test]
#[ignore = "fetches yaml-language-server from npm"]
fn the_language_server_completes_what_is_allowed_and_explains_it_once() {
    let answers = ask(&[
        ("zone", "|".to_owned()),
        ("zone", format!("{ZONE}settings:\n  ai_search|: block\n")),
        ("zone", format!("{ZONE}settings:\n  |\n")),
        ("zone", format!("{ZONE}settings:\n  ai_search: |\n")),
        ("baseline", "plans:\n  bot_fight_mode:\n    |\n".to_owned()),
    ]);
    let words = |answer: &Value, key: &str| -> Vec<String> {
        answer[key].as_array().unwrap().iter().map(|word| word.as_str().unwrap().to_owned()).collect()
    };
    let file = "zone: ${1:example.com}\nplan: ${2|bot_fight_mode,sbfm_pro,sbfm_business,bm_enterprise|}\nsettings:\n  $0";
    assert!(words(&answers[0], "inserted").contains(&file.to_owned()), "{:#}", answers[0]);
    let hover = answers[1]["hover"].as_str().unwrap();
    let meaning = "crawlers of AI search are blocked on all pages";
    assert_eq!(hover.matches(meaning).count(), 1, "{hover}");
    assert!(hover.starts_with("#### ai\\_search\n\nControls what AI search crawlers may do."), "{hover}");
    let settings = words(&answers[2], "offered");
    assert!(settings.contains(&"sbfm_verified_bots".to_owned()), "{settings:?}");
    assert!(!settings.contains(&"sbfm_likely_automated".to_owned()), "{settings:?}");
    assert_eq!(words(&answers[3], "offered"), ["disabled", "block", "only_on_ad_pages"]);
    assert!(words(&answers[4], "offered").contains(&"fight_mode".to_owned()), "{:#}", answers[4]);
}
