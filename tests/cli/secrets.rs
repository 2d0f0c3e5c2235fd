//! No secret is ever shown: not on any output, at any level of logs, in any outcome, nor in the journal.

use crate::story::{Run, Story, TOKEN};
use serde_json::{Value, json};
use std::process::Command;

const EMAIL: &str = "recognisable.person@example.com";
const KEY: &str = "0a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6e7f8";

/// Everything that a run leaves behind, with the name of where it was found.
fn traces(story: &Story, run: &Run) -> Vec<(String, String)> {
    let mut traces =
        vec![("stdout".to_owned(), run.stdout.clone()), ("stderr".to_owned(), run.stderr.clone())];
    for entry in walkdir::WalkDir::new(story.path(""))
        .into_iter()
        .flatten()
        .filter(|entry| entry.file_type().is_file())
    {
        let text = String::from_utf8_lossy(&std::fs::read(entry.path()).unwrap()).into_owned();
        traces.push((entry.path().display().to_string(), text));
    }
    traces
}

fn assert_silent(story: &Story, run: &Run, secrets: &[&str]) {
    for (place, text) in traces(story, run) {
        for secret in secrets {
            assert!(!text.contains(secret), "{place} shows a secret: {text}");
            assert!(!text.contains(&secret[8..]), "{place} shows part of a secret: {text}");
        }
    }
}

fn story(faults: Value) -> Story {
    let zones = json!([{"name": "a.example.com", "plan": "pro", "faults": faults}, {"name": "b.example.com", "plan": "pro"}]);
    Story::new(zones).zone("a.example.com", "sbfm_pro", "ai_search: block").zone(
        "b.example.com",
        "sbfm_pro",
        "ai_search: block",
    )
}

const LINES: [&str; 5] = [
    "plan --out plan.json --output json=other.json",
    "apply --auto-approve --journal journal.jsonl",
    "-vvv apply --auto-approve --output json --journal journal.jsonl",
    "-vvv --log-format json apply --auto-approve --journal journal.jsonl",
    "-v plan --detail",
];

#[test]
fn the_token_is_nowhere_whatever_the_outcome() {
    let echo = json!({"on": "PUT", "do": "refuse", "status": 403, "code": 10000, "message": format!("Invalid token Bearer {TOKEN} (token {TOKEN})")});
    let other =
        json!({"on": "PUT", "do": "refuse", "status": 400, "code": 10400, "message": format!("{TOKEN}")});
    for faults in [
        json!([]),
        json!([echo]),
        json!([other]),
        json!([{"on": "PUT", "nth": 1, "do": "status", "status": 502}]),
        json!([{"on": "GET", "do": "forbidden_zone"}]),
    ] {
        let story = story(faults);
        for line in LINES {
            assert_silent(&story, &story.run(line), &[TOKEN]);
        }
    }
}

#[test]
fn rust_log_trace_shows_no_secret() {
    let traced = |story: &Story, line: &str, level: &str| {
        let mut command = story.command(line);
        command.env("RUST_LOG", level);
        story.end(command)
    };
    for level in [
        "trace",
        "hyper=trace,reqwest=trace,rustls=trace,botform=trace",
        "hyper_util::client=trace,h2::codec=trace",
    ] {
        let story = story(json!([{"on": "PUT", "nth": 1, "do": "cut"}]));
        let run = traced(&story, "apply --auto-approve", level);
        assert_silent(&story, &run, &[TOKEN]);
        let run = traced(&story, "--log-format json plan", level);
        assert_silent(&story, &run, &[TOKEN]);
    }
}

fn with_key<'a>(command: &'a mut Command, email: &str, key: &str) -> &'a mut Command {
    command.env_remove("CLOUDFLARE_API_TOKEN").env("CLOUDFLARE_EMAIL", email).env("CLOUDFLARE_API_KEY", key)
}

#[test]
fn the_email_and_the_key_are_nowhere() {
    let echo = json!({"on": "PUT", "do": "refuse", "status": 403, "code": 10000, "message": format!("{EMAIL} with {KEY} may not")});
    let story = story(json!([echo]));
    for line in LINES {
        let mut command = story.command(line);
        with_key(&mut command, EMAIL, KEY).env("RUST_LOG", "trace");
        assert_silent(&story, &story.end(command), &[EMAIL, KEY]);
    }
}

#[test]
fn credentials_that_cannot_be_sent_are_not_shown_either() {
    let story = story(json!([]));
    for token in
        [format!("{TOKEN}\n"), format!(" {TOKEN} x"), format!("Bearer {TOKEN}"), format!("{TOKEN}\u{e9}")]
    {
        let mut command = story.command("-vvv plan");
        command.env("CLOUDFLARE_API_TOKEN", &token);
        assert_silent(&story, &story.end(command), &[TOKEN]);
    }
    let mut command = story.command("-vvv plan");
    with_key(&mut command, &format!("{EMAIL}\n"), &format!("{KEY}\r"));
    assert_silent(&story, &story.end(command), &[EMAIL, KEY]);
}

#[test]
fn a_token_in_the_address_is_not_shown() {
    let story = story(json!([]));
    for address in [
        format!("http://user:{TOKEN}@127.0.0.1:1/client/v4"),
        format!("http://127.0.0.1:1/client/v4?token={TOKEN}"),
    ] {
        let run = story.run(&format!("-vvv plan --base-url {address}"));
        assert_eq!(run.exit, 64);
        assert_silent(&story, &run, &[TOKEN]);
    }
}

#[test]
fn no_library_logs_request_contents_at_any_level() {
    let story = story(json!([]));
    for asked in [
        "trace",
        "hyper_util::client=trace,hyper_util::client::legacy::pool=trace",
        "reqwest::connect=debug,h2=trace",
    ] {
        let mut command = story.command("plan");
        command.env("RUST_LOG", asked);
        let run = story.end(command);
        let foreign: Vec<_> = run.stderr.lines().filter(|line| !line.contains("botform")).collect();
        assert!(foreign.is_empty(), "{asked}: {foreign:?}");
        assert_eq!(asked == "trace", run.stderr.contains("botform"), "{asked}: {run}");
    }
}

/// A token in Cloudflare's format, no part of which occurs in ordinary text.
const REAL: &str = "cfut_Qb7Zk2Wm9Xr4Tn6Vp1Ls8Hd3Gf5Jc0Yy2Uu4Ee";

/// The shortest part of a credential that would help an attacker.
const PART: usize = 8;

fn assert_no_part(what: &str, text: &str, secret: &str) {
    for at in 0..=secret.len() - PART {
        let part = &secret[at..at + PART];
        assert!(!text.contains(part), "{what}: `{part}` is shown: {text}");
    }
}

/// Runs a command with the token in the environment and in one more variable.
fn run_with_token(story: &Story, line: &str, variable: Option<(&str, &str)>) {
    let mut command = story.command(line);
    command.env("CLOUDFLARE_API_TOKEN", REAL).envs(variable);
    let run = story.end(command);
    assert_no_part(&format!("{line} {variable:?}"), &run.to_string(), REAL);
}

/// The whole token, and its parts where a message may cut it.
fn values() -> [String; 4] {
    [0, 20, 50, 180].map(|before| format!("{}{REAL}", "-".repeat(before)))
}

/// The flags of a command that take a value, as its help has them.
fn flags(story: &Story, name: &str) -> Vec<String> {
    let help = story.run(&format!("{name} --help")).stdout;
    let flag = |line: &str| {
        let (flag, value) = line.trim().split_once([' ', '=', '['])?;
        let flag = flag.starts_with("--").then(|| flag.to_owned())?;
        value.trim_start_matches(['[', '=']).starts_with('<').then_some(flag)
    };
    help.lines().filter_map(flag).collect()
}

/// The values to give to the nth flag or variable.
type Values = fn(usize) -> Vec<String>;

/// Another one each time: each place where a message may cut the token is tried on every fourth flag.
const ONE_EACH: Values = |nth| vec![values()[nth % 4].clone()];
const ALL_EACH: Values = |_| values().to_vec();

fn expect_no_part_by_a_flag(values: Values) {
    let story = story(json!([]));
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let emulator = format!("emulator --listen {}", taken.local_addr().unwrap());
    let mut count = 0;
    for name in [
        "validate",
        "plan",
        "apply",
        "show",
        "import",
        "snapshot",
        "undo",
        "feedback list",
        "feedback plan",
        "feedback submit",
        "submissions",
        "schema",
        "explain",
        "doctor",
        "init",
        &emulator,
        "completions",
    ] {
        for flag in flags(&story, name).iter().map(|flag| format!("{flag}=")).chain(["-- ".to_owned()]) {
            count += 1;
            for value in values(count) {
                run_with_token(&story, &format!("{name} {flag}{value}"), None);
            }
        }
    }
    assert!(count > 117, "only {count} flags were found");
}

fn expect_no_part_by_a_variable(values: Values) {
    let story = story(json!([]));
    for (nth, variable) in [
        "CLOUDFLARE_BASE_URL",
        "CLOUDFLARE_ACCOUNT_ID",
        "CLOUDFLARE_API_KEY",
        "COLUMNS",
        "RUST_LOG",
        "GITHUB_OUTPUT",
        "GITHUB_STEP_SUMMARY",
        "GITHUB_REPOSITORY",
        "HTTPS_PROXY",
        "HOME",
    ]
    .into_iter()
    .enumerate()
    {
        for value in values(nth) {
            for line in ["plan", "doctor", "-vvv plan --output github", "undo"] {
                run_with_token(&story, line, Some((variable, &value)));
            }
        }
    }
}

#[test]
#[ignore = "slow: CI runs it"]
fn no_part_of_the_token_is_shown_as_the_value_of_a_flag() {
    expect_no_part_by_a_flag(ONE_EACH);
}

#[test]
fn no_part_of_the_token_is_shown_as_the_value_of_a_variable() {
    expect_no_part_by_a_variable(ONE_EACH);
}

#[test]
#[ignore = "slow: CI runs it"]
fn no_part_of_the_token_is_shown_wherever_a_message_cuts_it() {
    expect_no_part_by_a_flag(ALL_EACH);
    expect_no_part_by_a_variable(ALL_EACH);
}

#[test]
#[ignore = "slow: CI runs it"]
fn no_part_of_the_token_is_shown_where_a_file_holds_it() {
    let outputs = "validate --output=text --output json=a --output markdown=b --output github=c --output sarif=d --output junit=e --output html=f";
    for value in values() {
        let zone = |lines: &str| format!("zone: x.example.com\nplan: sbfm_pro\n{lines}\n");
        for text in [
            format!("zone: {value}\nplan: {value}\n"),
            zone(&format!("settings: {{{value}: 1}}")),
            zone(&format!("settings: {{ai_search: {value}, enable_js: \"{value}\"}}")),
            zone(&format!("settings: {{ai_search: blok}} # {value}")),
            zone(&format!("{value}: {value}\nextends: {value}")),
            zone(&format!("settings: {{}}\n? [{value}]\n: {value}")),
            zone(&format!(
                "temporary: [{{setting: {value}, value: {value}, until: {value}, reason: {value}}}]"
            )),
        ] {
            let story = Story::shop("enable_js: true").file("zones/x.yaml", text);
            story.write(&format!("zones/{}.yaml", &value[value.len() - REAL.len()..]), "zone: [\n");
            for columns in ["40", "80", ""] {
                run_with_token(&story, outputs, Some(("COLUMNS", columns)));
            }
            for name in ["a", "b", "c", "d", "e", "f"] {
                assert_no_part(name, &story.read(name), REAL);
            }
        }
    }
}

#[test]
fn no_part_of_the_token_is_shown_where_the_api_echoes_it() {
    for value in values() {
        let refuse = json!({"on": "PUT", "do": "refuse", "status": 400, "code": 10400, "message": &value[..value.len() - 3]});
        let story = story(json!([refuse]));
        for line in ["-vvv apply --auto-approve --journal journal", "--log-format json plan --detail"] {
            run_with_token(&story, line, Some(("COLUMNS", "40")));
        }
    }
}
