//! Reading a project file, and the messages about an invalid one.

use super::*;
use crate::model::PolicyRule;
use insta::assert_snapshot;

fn told(text: &str) -> String {
    let (project, problems) = check_project_text("botform.yaml", text.as_bytes());
    assert_eq!(project.is_some(), problems.is_empty());
    let lines = problems.into_iter().map(|problem| {
        let place = problem.place.unwrap();
        let hint = problem.hint.map_or(String::new(), |hint| format!(" ({hint})"));
        format!("{}:{} {}{hint}", place.line, place.column, problem.message)
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_whole_project_is_read() {
    let text = "account_id: 023e105f4ecef8ad9ca31a8372d0c353\nrate: 1200/300\nconcurrency: 16\nsince: applied\n\
        guards: {max_zones: 5%, max_loosening: 0, max_failures: 10}\npolicy:\n  \
        - id: bots-pass\n    reason: search engines\n    zones: ['*.example.com']\n    forbid: {sbfm_verified_bots: [block]}\n    \
        exceptions: [{zone: a.example.com, reason: test, until: 2026-12-31}]\n  \
        - {id: js, reason: needed, pin: {enable_js: true}}\n  - {id: floor, reason: floor, at_least: {ai_search: only_on_ad_pages}}\n";
    let (project, problems) = check_project_text("botform.yaml", text.as_bytes());
    assert_eq!(problems, []);
    let project = project.unwrap();
    assert_eq!(project.guards.max_zones, Some(Threshold::Percent(5)));
    assert_eq!(project.guards.max_failures, Some(Threshold::Count(10)));
    assert_eq!(project.since.as_deref(), Some("applied"));
    assert_eq!((project.guards.max_loosening, project.concurrency), (Some(0), Some(16)));
    let [bots, js, floor] = project.policy.as_slice() else { panic!("three policies") };
    assert_eq!((bots.zones.len(), bots.exceptions.len(), bots.place.line), (1, 1, 7));
    assert!(matches!(&bots.rule, PolicyRule::Forbid(values) if values.len() == 1));
    assert!(matches!(&js.rule, PolicyRule::Pin(values) if values.len() == 1));
    assert!(matches!(&floor.rule, PolicyRule::AtLeast(values) if values.len() == 1));
}

#[test]
fn an_empty_mapping_is_a_project() {
    assert_eq!(told("{}"), "");
    assert_snapshot!(told("- a"), @"1:1 a project file must be a mapping, not a list");
}

#[test]
fn wrong_numbers_are_reported() {
    assert_snapshot!(told("rate: fast\nconcurrency: 257\nguards: {max_zones: 101%, max_loosening: -1, max_failures: '5', max_zone: 1}\nacount_id: 1\n"), @"
    1:7 `fast` is not a request rate: write requests/seconds, such as `1200/300` (Cloudflare allows 1200 requests in 300 seconds: `1200/300`)
    2:14 `concurrency` must be a whole number from 1 to 256, not `257`
    3:21 `101%` is not a number such as `10`, or a percentage such as `5%`
    3:42 `max_loosening` must be a whole number from 0 to 999999999, not `-1`
    3:60 `max_failures` has a number in quotes (write `5`)
    3:65 unknown key `max_zone` (did you mean `max_zones`?)
    4:1 unknown key `acount_id` (did you mean `account_id`?)
    ");
}

#[test]
fn a_revision_is_one_commit() {
    for text in ["applied", "origin/main", "v1.2.3", "HEAD~3", "main^2^", "applied^{commit}", "main@{1}"] {
        assert_eq!(told(&format!("since: '{text}'\n")), "", "{text}");
    }
    for text in ["", " ", "a b", "a..b", "a...b", "..", "^main", "main^!", "main^@", "main^-1"] {
        assert_ne!(told(&format!("since: '{text}'\n")), "", "{text}");
    }
    assert_snapshot!(told("since: a..b\n"), @"1:8 `a..b` is a range, not a revision (name one commit, such as the tag `applied` or `origin/main`, without spaces)");
    assert_snapshot!(told("since: 12\n"), @r#"1:8 `since` must be a string, not `12` (put it in quotes)"#);
}

#[test]
fn wrong_policies_are_reported() {
    assert_snapshot!(told("policy:\n  - {id: a, reason: r, pin: {enable_js: yes}, forbid: {}}\n  - {id: a, reason: r}\n  \
        - {id: b, reason: r, at_least: {cf_robots_variants: off, optimize_wordpress: true}}\n  - {id: b, reason: '', pin: {}, zone: a}\n  \
        - {id: c, reason: r, forbid: {ai_search: block}}\n  - {id: c, reason: r, forbid: {ai_search: [blok]}, exceptions: [{zone: ''}]}\n"), @"
    2:24 a policy must have exactly one of `forbid`, `pin`, `at_least` (write each rule as its own policy)
    3:5 a policy must have exactly one of `forbid`, `pin`, `at_least` (write each rule as its own policy)
    4:35 unknown setting `cf_robots_variants` (did you mean `cf_robots_variant`?)
    4:60 no value of `optimize_wordpress` protects more than another (use `pin` to ask for one value)
    5:21 `reason` is empty (say why, for later readers of the file)
    5:25 `pin` does not name a setting (add a setting, or remove the policy)
    5:34 unknown key `zone` (did you mean `zones`?)
    6:44 `ai_search` must be a list of the forbidden values, not `block` (write `[block]`)
    7:10 a second policy has the id `c` (give each policy a unique id)
    7:45 `blok` is not a value of `ai_search` (did you mean `block`?)
    7:66 `reason` is missing (add `reason: why`)
    7:66 `until` is missing (add `until: 2026-12-31`)
    7:73 `zone` must be a zone name, or a pattern such as `*.example.com`, not an empty string
    ");
}

#[test]
fn a_fix_leads_to_a_valid_file() {
    assert_snapshot!(told("rate: 1200\n"), @"1:7 `1200` is not a request rate: write requests/seconds, such as `1200/300` (Cloudflare allows 1200 requests in 300 seconds: `1200/300`)");
    assert_snapshot!(told("rate: true\n"), @"1:7 `rate` must be a request rate such as `1200/300`, not `true`");
    assert_snapshot!(told("concurrency: '5'\n"), @"1:14 `concurrency` must be a whole number from 1 to 256, not `'5'` (write `5`)");
    assert_snapshot!(told("policy: [{id: a, reason: b, zones: [*.example.com]}]\n"), @r#"1:37 an unquoted string cannot begin with `*` (put it in quotes, such as "*.example.com")"#);
    assert_snapshot!(told("policy: [{id: a, reason: b, forbid: {ai_search: []}}]\n"), @"1:49 `ai_search` must be a list of the forbidden values, not an empty list");
}

#[test]
fn accounts_name_their_variables() {
    let text = "accounts:\n  - {account_id: 023e105f4ecef8ad9ca31a8372d0c353, token: CLOUDFLARE_API_TOKEN_RETAIL}\n  \
        - account_id: 0123456789abcdef0123456789abcdef\n    token: CLOUDFLARE_API_TOKEN\n";
    let (project, problems) = check_project_text("botform.yaml", text.as_bytes());
    assert_eq!(problems, []);
    let accounts = project.unwrap().accounts;
    let told = accounts.iter().map(|account| format!("{}: {}", account.place.line, account.token));
    assert_eq!(told.collect::<Vec<_>>(), ["2: CLOUDFLARE_API_TOKEN_RETAIL", "4: CLOUDFLARE_API_TOKEN"]);
}

#[test]
fn wrong_accounts_are_reported_and_what_may_be_a_token_is_not_repeated() {
    let id = "023e105f4ecef8ad9ca31a8372d0c353";
    let text = format!(
        "accounts:\n  - {{account_id: {id}, token: CLOUDFLARE_API_TOKEN_A}}\n  - {{account_id: {id}, token: CLOUDFLARE_API_TOKEN_B}}\n  \
        - {{account_id: 1, tokens: X}}\n  - {{account_id: f{}, token: GITHUB_TOKEN}}\n  - token: cfut_0123456789\n",
        &id[1..]
    );
    assert_snapshot!(told(&text), @"
    3:18 account `023e105f4ecef8ad9ca31a8372d0c353` is listed a second time (remove one of the two)
    4:18 `account_id` must be a string, not `1`
    4:21 unknown key `tokens` (did you mean `token`?)
    5:52 `token` must name the variable that holds the token (name a variable of the environment: `CLOUDFLARE_API_TOKEN`, or one that begins with `CLOUDFLARE_API_TOKEN_`)
    6:5 `account_id` is missing (add `account_id: 023e105f4ecef8ad9ca31a8372d0c353`)
    6:5 `token` must name the variable that holds the token (name a variable of the environment: `CLOUDFLARE_API_TOKEN`, or one that begins with `CLOUDFLARE_API_TOKEN_`)
    ");
    let (_, problems) = check_project_text("botform.yaml", text.as_bytes());
    assert!(!format!("{problems:?}").contains("cfut_"), "{problems:?}");
}
