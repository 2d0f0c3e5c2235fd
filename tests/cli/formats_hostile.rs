//! Formats under hostile texts.

use crate::formats_checked::{annotations, check_all, check_page, in_all_formats};
use crate::story::{Story, TOKEN};
use serde_json::json;

/// What an API error or a name may hold.
const HOSTILE: &str = "` </details></code>\n```\n::error::x ##[error]y @everyone <script>alert(1)</script> | `a` `` \
    [b](javascript:c) ![d](http://e.example/f) &lt; ]]> <!-- -- \u{202e}bidi \u{1b}[31mred\u{7} %0A::warning::z #1";

#[test]
fn hostile_texts_are_inert_in_each_format() {
    let refuse = json!([{"on": "GET", "do": "refuse", "status": 400, "code": 10400, "message": HOSTILE}]);
    let live = json!({"sbfm_verified_bots": HOSTILE, "ai_search": HOSTILE, HOSTILE: HOSTILE, "enable_js": true,
        "stale_zone_configuration": {HOSTILE: HOSTILE}});
    let story = Story::new(json!([
        {"name": "a.example.com", "plan": "pro", "live": live},
        {"name": "b.example.com", "plan": "pro", "faults": refuse}
    ]))
    .zone("a.example.com", "sbfm_pro", "ai_search: block")
    .zone_with(
        "b.example.com",
        "sbfm_pro",
        "ai_search: block",
        "freeze: {reason: \"</details> @everyone | `\", until: 2999-12-31}\n",
    );
    for command in ["plan", "apply --auto-approve --journal journal"] {
        let run = story.end(in_all_formats(&story, command));
        assert_eq!(run.exit, 3, "{run}");
        check_all(&story, &run);
        for page in ["r.md", "summary.md"] {
            let plain = check_page(&story.read(page));
            assert!(!plain.contains('@') && !plain.contains("javascript"), "{plain}");
        }
        let text = story.read("r.github");
        assert!(
            !text.contains("##[") && annotations(&text).iter().all(|(_, at, _)| !at["title"].contains("::"))
        );
        for (file, raw) in [("r.md", "<script"), ("r.xml", "<script"), ("r.xml", "]]> <!--")] {
            let holds = story.read(file).lines().any(|line| line.contains(raw) && !line.contains('`'));
            assert!(!holds, "{file} holds {raw}");
        }
        for file in ["r.md", "r.github", "r.sarif", "r.xml", "r.gitlab", "r.json", "r.html", "summary.md"] {
            let text = story.read(file);
            let odd = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
            let is_json = file.ends_with("json") || file.ends_with("sarif");
            assert!(is_json || !text.contains(odd), "{file}");
            assert!(!text.contains('\u{1b}') && !text.contains(TOKEN), "{file}");
        }
    }
}

#[cfg(unix)]
#[test]
fn hostile_names_of_files_are_inert_in_each_format() {
    let story = Story::shop("enable_js: true");
    let names = [
        "a,b::error file=x::y%0A.yaml",
        "@everyone](http:x) `|</details>.yaml",
        "\u{202e}c\n##[error]d.yaml",
    ];
    for name in names {
        // `</details>` holds the one character that no name may hold.
        let name = name.replace('/', "\u{2044}");
        story.write(
            &format!("zones/{name}"),
            "zone: a.example.com\nplan: nothing\nsettings: {\"</details> `|::error::x\": 1}\n",
        );
    }
    let run = story.end(in_all_formats(&story, "validate"));
    assert_eq!(run.exit, 1, "{run}");
    check_all(&story, &run);
    let text = story.read("r.github");
    let files: Vec<_> =
        annotations(&text).into_iter().filter_map(|(_, at, _)| at.get("file").copied()).collect();
    assert!(files.iter().any(|file| file.contains("a%2Cb%3A%3Aerror file=x%3A%3Ay%250A.yaml")), "{text}");
    assert!(
        text.lines().rev().skip(1).all(|line| line.starts_with("::error ")) && !text.contains("##["),
        "{text}"
    );
    for page in ["r.md", "summary.md"] {
        let plain = check_page(&story.read(page));
        assert!(!plain.contains('@') && !plain.contains('|'), "{plain}");
    }
}

/// Longer than any width that can be given to a format.
const ENDLESS: usize = 70_000;

#[test]
#[ignore = "slow: CI runs it"]
fn endless_names_values_and_gaps_are_shown_and_cut() {
    let (key, gap) = ("k".repeat(ENDLESS), format!("a{}b", " ".repeat(ENDLESS)));
    let live = json!({"ai_search": gap, &key: gap, &gap: key, "enable_js": true,
        "stale_zone_configuration": {&key: true, &gap: key, "fight_mode": true}});
    let story = Story::new(json!([
        {"name": "a.example.com", "plan": "pro", "live": live},
        {"name": "b.example.com", "plan": "pro", "live": live}
    ]));
    let waived = format!("accept: [{{setting: enable_js, until: 2999-12-31, reason: \"{gap}\"}}]\n");
    let temporary = format!(
        "temporary: [{{setting: ai_search, value: disabled, until: 2999-12-31, reason: \"{gap}\"}}]\n"
    );
    let story = story.zone_with("a.example.com", "sbfm_pro", "ai_search: block", &temporary).zone_with(
        "b.example.com",
        "sbfm_pro",
        "ai_search: block\nenable_js: false",
        &waived,
    );
    for columns in ["40", ""] {
        for line in [
            "plan --out plan.json",
            "plan --detail",
            "plan --coverage",
            "show plan.json",
            "show plan.json --detail",
            "apply plan.json --detail --journal a.jsonl",
            "import imported --all-settings",
            "import imported --diff",
        ] {
            let mut command = story.command(line);
            command.env("COLUMNS", columns);
            let run = story.end(command);
            assert!(
                [0, 2].contains(&run.exit) && !run.stderr.contains("panicked"),
                "{columns} {line}: {}",
                run.exit
            );
            assert!(!run.stdout.contains(&key[..300]), "{columns} {line}: a whole key is shown");
        }
        let run = story.end(in_all_formats(&story, "plan"));
        assert!(!run.stderr.contains("panicked"), "{columns}: {}", run.exit);
    }
}

#[test]
#[ignore = "slow: CI runs it"]
fn endless_arguments_and_lines_do_not_panic() {
    let endless = "k".repeat(ENDLESS);
    let gap = format!("\"a{}b\"", " ".repeat(ENDLESS));
    for text in [&endless, &gap] {
        let zone = |lines: &str| format!("zone: x.example.com\nplan: sbfm_pro\nsettings: {{}}\n{lines}\n");
        let story = Story::shop("enable_js: true")
            .file("zones/a.yaml", zone(&format!("freeze: {{reason: {text}, until: x}}")))
            .file("zones/b.yaml", zone(&format!("{text}: {text}\nextends: {text}")))
            .file("zones/c.yaml", format!("zone: {text}\nplan: {text}\nsettings: {{{text}: 1}}"))
            .file("zones/d.yaml", zone(&format!("? {text} {text}\n: {text}")));
        for columns in ["40", ""] {
            for line in [
                "validate",
                "plan --output json",
                "plan --rate",
                "plan --max-zones",
                "plan --zone",
                "explain",
            ] {
                let mut command = story.command(line);
                if line.contains("--") && !line.contains("json") || line == "explain" {
                    command.arg(text.replace('"', ""));
                }
                command.env("COLUMNS", columns);
                let run = story.end(command);
                assert!(run.exit > 0 && !run.stderr.contains("panicked"), "{columns} {line}: {}", run.exit);
            }
        }
    }
}
