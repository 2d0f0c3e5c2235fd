//! Printed text is inert: whatever the input, in every format and width, no line begins with a CI command and no
//! character is a terminal control or invisible.

use crate::formats_checked::{ALL, check_page};
use crate::story::{Run, Story};
use serde_json::{Value, json};

/// Hostile texts, each short enough for a file name. Their many words make it likely that a line of any width begins
/// with a command.
fn hostile() -> [String; 2] {
    let masks = (1..9).map(|n| format!("{} ::add-mask::m ", "w".repeat(n))).collect();
    let all = "::error file=x::y\n::stop-commands::x\r\n \u{a0}::a::b\r::c::d\u{2028}::e::f ##vso[task.x]y ##[error]z \
        ##VSO[c ##teamcity[b \u{1b}[0Ksection_start:1:x\r\u{1b}[0Ky\u{9b}2J\u{1b}[1m::g::h \u{202e}a\u{34f}b\u{fe0f}c\
        \u{7f}d\u{fffe}e\u{ffff}f\u{3164}g\u{e0041}h\u{180b}i\u{feff}j\u{1d173}k\u{e0100}";
    [masks, all.to_owned()]
}

/// Characters that control a terminal, are invisible, or are not allowed in XML.
fn is_odd(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}')
        || matches!(c, '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}')
        || matches!(c, '\u{fff0}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}' | '\u{1d173}'..='\u{1d17a}')
        || matches!(c, '\u{e0000}'..='\u{e0fff}')
}

/// A text without the colours that are ours.
fn plain(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part
            .split_once('m')
            .filter(|(style, _)| style.bytes().all(|byte| b"0123456789;".contains(&byte)))
        {
            Some((_, rest)) => plain.push_str(rest),
            None => plain.push_str(&format!("\u{1b}[{part}")),
        }
    }
    plain
}

/// Checks printed text; only the GitHub format has legitimate CI commands.
fn assert_inert(what: &str, text: &str, is_github: bool) {
    let own = ["::error ", "::warning ", "::notice "];
    for line in text.split('\n') {
        let start = line.trim_start();
        let is_own = start.starts_with("::: ") || (is_github && own.iter().any(|own| line.starts_with(own)));
        assert!(!start.starts_with("::") || is_own, "{what}: a command: {line:?}");
        let odd: String = line.chars().filter(|c| is_odd(*c)).collect();
        assert!(odd.is_empty(), "{what}: {odd:?} is printed: {line:?}");
        let lower = line.to_lowercase();
        for command in ["##[", "##vso[", "##teamcity["] {
            assert!(!lower.contains(command), "{what}: `{command}`: {line:?}");
        }
    }
}

const FILES: [&str; 8] =
    ["r.json", "r.md", "r.github", "r.sarif", "r.xml", "r.gitlab", "r.html", "summary.md"];

fn assert_run(what: &str, story: &Story, run: &Run) {
    assert_inert(&format!("{what} stdout"), &plain(&run.stdout), what.contains("--output github "));
    assert_inert(&format!("{what} stderr"), &plain(&run.stderr), false);
    for file in FILES {
        let Ok(text) = std::fs::read_to_string(story.path(file)) else { continue };
        assert_inert(&format!("{what} {file}"), &text, file == "r.github");
        match file {
            "r.json" | "r.sarif" | "r.gitlab" => drop(serde_json::from_str::<Value>(&text).unwrap()),
            "r.xml" => drop(quick_junit::Report::deserialize_from_str(&text).unwrap()),
            "r.html" => {
                let (_, data) = text.split_once("type=\"application/json\">").unwrap();
                serde_json::from_str::<Value>(data.split_once("</script>").unwrap().0).unwrap();
            }
            "r.md" | "summary.md" => drop(check_page(&text)),
            _ => {}
        }
        std::fs::remove_file(story.path(file)).unwrap();
    }
}

fn run(story: &Story, line: &str, argument: &[&str], columns: &str) {
    let mut command = story.command(line);
    command.args(argument).env("COLUMNS", columns);
    if line.contains("github") {
        command.env("GITHUB_STEP_SUMMARY", story.path("summary.md"));
    }
    let run = story.end(command);
    assert!(run.exit >= 0 && run.exit < 100, "{line}: {run}");
    assert_run(&format!("{columns} {line} {argument:?}"), story, &run);
}

/// The widths of the terminal; the narrow one cuts lines at most places, and without one none is cut.
type Widths = &'static [&'static str];

const NARROW: Widths = &["40"];
const ALL_WIDTHS: Widths = &["40", "80", ""];

/// Runs each line in each width.
fn in_widths(widths: Widths, story: &Story, lines: &[&str], argument: &[&str]) {
    for columns in widths {
        lines.iter().for_each(|line| run(story, line, argument, columns));
    }
}

/// Runs a command with all formats on stdout and in files, in each width.
fn run_everywhere(widths: Widths, story: &Story, verbs: &[&str], argument: &[&str]) {
    for verb in verbs {
        in_widths(widths, story, &[&format!("{verb} {ALL}")], argument);
        run(story, &format!("{verb} --color always"), argument, "40");
        run(story, &format!("{verb} --output json"), argument, "");
        run(story, &format!("--log-format json -vv {verb} --output github"), argument, "");
    }
}

const ACCOUNT: &str = "01a7362d577a6c3019a474fd6f485823";

fn quoted(text: &str) -> String {
    json!(text).to_string().replace('\u{7f}', "\\u007f").replace(is_odd, "?")
}

fn try_zone_files(widths: Widths) {
    for text in hostile() {
        let raw = text.replace(['\r', '\n'], " ");
        let text = &quoted(&text);
        let zone = |lines: &str| format!("zone: x.example.com\nplan: sbfm_pro\n{lines}\n");
        let story = Story::shop("ai_search: block")
            .file("zones/a.yaml", zone(&format!("settings: {{{text}: {text}}}")));
        story.write(
            "zones/b.yaml",
            zone(&format!("{text}: 1\nsettings: {{ai_search: {text}}}\nextends: {text}")),
        );
        story.write("zones/c.yaml", zone(&format!("settings: {{ai_search: blok}} # {raw}\n# {raw}")));
        story.write(
            "zones/d.yaml",
            zone(&format!("settings: {{ai_search: blok}} # {}", raw.replace(is_odd, "?"))),
        );
        story.write("zones/e.yaml", format!("zone: {text}\nplan: {text}\nsettings: {{}}\n"));
        run_everywhere(widths, &story, &["validate"], &[]);
    }
}

fn try_reasons_policies_and_replies(widths: Widths) {
    for text in hostile() {
        let (text, raw) = (&quoted(&text), text);
        let live = json!({"ai_search": raw, &raw: raw, "enable_js": true, "sbfm_verified_bots": "block",
            "stale_zone_configuration": {&raw: raw, "fight_mode": true}});
        let refuse = |on| json!([{"on": on, "do": "refuse", "status": 400, "code": 10400, "message": raw}]);
        let story = Story::new(json!([
            {"name": "a.example.com", "plan": "pro", "live": live},
            {"name": "b.example.com", "plan": "pro", "faults": refuse("GET")},
            {"name": "c.example.com", "plan": "pro", "faults": refuse("PUT")},
            {"name": "d.example.com", "plan": "pro", "live": live}
        ]));
        let until = "until: 2999-12-31";
        let story = story
            .zone_with("a.example.com", "sbfm_pro", "ai_search: block\nenable_js: false", &format!(
                "accept: [{{setting: enable_js, {until}, reason: {text}}}]\ntemporary: [{{setting: ai_search, value: disabled, {until}, reason: {text}}}]\n"))
            .zone("b.example.com", "sbfm_pro", "ai_search: block")
            .zone("c.example.com", "sbfm_pro", "ai_search: block")
            .zone_with("d.example.com", "sbfm_pro", "ai_search: block", &format!("freeze: {{reason: {text}, {until}}}\n"))
            .file("botform.yaml", format!("policy:\n- id: {text}\n  reason: {text}\n  forbid: {{sbfm_verified_bots: [block]}}\n"));
        let verbs = [
            "validate",
            "plan --detail --out plan.json",
            "apply --auto-approve --journal journal",
            "show plan.json",
        ];
        run_everywhere(widths, &story, &verbs, &[]);
        in_widths(
            widths,
            &story,
            &["import imported --diff", "import imported", "undo", "plan --coverage"],
            &[],
        );
        story.write(
            "botform.yaml",
            "policy:\n- id: x\n  reason: x\n  forbid: {ai_search: [block]}\n".replace('x', text),
        );
        run_everywhere(widths, &story, &["validate", "plan"], &[]);
    }
}

#[cfg(unix)]
fn try_names_and_arguments(widths: Widths) {
    for text in hostile() {
        let name = text.replace('/', "-");
        let story = Story::shop("ai_search: block");
        let zone = "zone: shop.example.com\nplan: sbfm_pro\nsettings:\n  ai_search: blok\n";
        story.write(&format!("wrong/{name}.yaml"), zone);
        story.write(&format!("{name}/wrong/a.yaml"), zone);
        story.write(&format!("{name}/right/a.yaml"), zone.replace("blok", "block"));
        run_everywhere(widths, &story, &["validate", "plan"], &["wrong"]);
        run_everywhere(widths, &story, &["validate", "plan"], &[&name, &format!("{name}/right")]);
        for flag in [
            "--since",
            "--since-plan",
            "--zone",
            "--unprotect",
            "--override-policy",
            "--base-url",
            "--rate",
            &text,
        ] {
            in_widths(
                widths,
                &story,
                &["plan", "plan --output github", "--log-format json plan"],
                &[flag, &text],
            );
        }
        in_widths(widths, &story, &["apply --auto-approve"], &["--journal", &name]);
        for line in [
            "undo",
            "show",
            "schema",
            "explain",
            "init",
            "import",
            "snapshot",
            "feedback plan",
            "feedback list --type",
            "doctor --account",
        ] {
            in_widths(widths, &story, &[line], &["--", &name]);
        }
        for variable in ["CLOUDFLARE_BASE_URL", "CLOUDFLARE_ACCOUNT_ID", "GITHUB_OUTPUT", "HOME"] {
            let mut command = story.command("plan --output github");
            command.env(variable, &text);
            let run = story.end(command);
            assert_run(&format!("--output github {variable}"), &story, &run);
        }
    }
}

fn try_reports_and_submissions(widths: Widths) {
    for text in hostile() {
        let report = json!({"created_at": "2026-01-31T12:00:00Z", "type": text, "description": text, "expression": text,
            "subtype": text, "requests": 1, "requests_by_score": {&text: 1}, "requests_by_attribute": {&text: {&text: 1}}});
        let row = json!({"submission_id": text, "requested_at": "2026-03-01T08:00:00Z", "type": text, "subject": text,
            "requested_by": text, "outcome_disposition": text, "customer_status": text, &text: text});
        let story = Story::world(
            &json!({"zones": [{"name": "shop.example.com", "plan": "pro", "feedback": [report]}],
            "accounts": [{"id": ACCOUNT, "name": text}], "submissions": {"account": ACCOUNT, "rows": [row]}}),
        );
        let submissions = format!("submissions --account {ACCOUNT} --since 2026-01-01 --until 2026-12-31");
        let lists = [
            "feedback list --output".to_owned(),
            format!("{submissions} --output"),
            format!("{submissions} --summary --output"),
        ];
        for list in lists {
            for format in ["table", "json", "jsonl", "csv"] {
                in_widths(widths, &story, &[&format!("{list} {format}")], &[]);
            }
        }
    }
}

#[test]
fn texts_in_zone_files_are_inert() {
    try_zone_files(NARROW);
}

#[test]
#[ignore = "slow: CI runs it"]
fn reasons_policies_and_replies_are_inert() {
    try_reasons_policies_and_replies(NARROW);
}

#[cfg(unix)]
#[test]
#[ignore = "slow: CI runs it"]
fn names_of_files_folders_branches_and_arguments_are_inert() {
    try_names_and_arguments(NARROW);
}

#[test]
fn reports_and_submissions_are_inert() {
    try_reports_and_submissions(NARROW);
}

#[cfg(unix)]
#[test]
#[ignore = "slow: CI runs it"]
fn all_texts_are_inert_in_each_width() {
    try_zone_files(ALL_WIDTHS);
    try_reasons_policies_and_replies(ALL_WIDTHS);
    try_names_and_arguments(ALL_WIDTHS);
    try_reports_and_submissions(ALL_WIDTHS);
}
