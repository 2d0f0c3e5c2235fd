//! `plan --who`: who changed what differs, by the audit log of the account; and where that is silent, why.

use crate::story::{Run, Story, TOKEN};
use insta::assert_snapshot;
use serde_json::{Value, json};

const SHOP: &str = "shop.example.com";

/// A shop whose file wants AI search blocked, and a world with that audit log.
fn story(audit: Value) -> Story {
    let world = json!({
        "tokens": [
            {"token": TOKEN, "name": "nightly"},
            {"token": "cfut_of_a_script", "name": "cleanup script"},
        ],
        "zones": [{"name": SHOP, "plan": "pro", "live": {
            "ai_search": "block", "enable_js": true, "sbfm_verified_bots": "allow", "crawler_protection": "disabled",
        }}],
        "audit": audit,
    });
    Story::world(&world).zone(SHOP, "sbfm_pro", "ai_search: block")
}

/// Somebody sets a value, and the log says who, unless nobody is named.
fn set(story: &Story, key: &str, value: &str, entry: Option<Value>) {
    story.emulator().edit(|world| {
        assert!(world.set(SHOP, key, Some(json!(value))));
        let id = world.zone_id(SHOP).unwrap().to_owned();
        let Some(mut entry) = entry else { return };
        entry["zone"] = json!({"name": SHOP});
        entry["minutes_ago"] = json!(20);
        entry["resource"] = json!({"product": "bot_management", "request": {key: value}});
        if entry.get("raw").is_none() {
            entry["raw"] = json!({"method": "PUT", "uri": format!("/zones/{id}/bot_management")});
        }
        world.log(&entry).unwrap();
    });
}

fn dashboard() -> Value {
    json!({"actor": {"type": "user", "context": "dash", "email": "jane@example.com", "ip_address": "198.51.100.7"}})
}

fn timeless() -> insta::internals::SettingsBindDropGuard {
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "[time]");
    settings.bind_to_scope()
}

/// The line of the row that differs, without its values.
fn said(run: &Run) -> String {
    let text = run.stdout.replace("\n", " ");
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let start = words.find("by ").unwrap_or_else(|| panic!("{run}"));
    let rest = &words[start..];
    rest[..rest.find(" 0 settings").or(rest.find(" 1 setting")).unwrap_or(rest.len())].to_owned()
}

#[test]
fn a_person_in_the_dashboard() {
    let story = story(json!({}));
    set(&story, "ai_search", "disabled", Some(dashboard()));
    let _times = timeless();
    assert_snapshot!(said(&story.run("plan --who")), @"by jane@example.com in the dashboard at [time]");
}

#[test]
fn a_token_through_the_api() {
    let story = story(json!({}));
    let id = story.emulator().world().zone_id(SHOP).unwrap().to_owned();
    let body = r#"{"ai_search":"disabled"}"#;
    let status = put(&story, &id, "cfut_of_a_script", body);
    assert_eq!(status, 200);
    let _times = timeless();
    assert_snapshot!(said(&story.run("plan --who")), @"by token cleanup script through the API at [time]");
}

#[test]
fn botform_itself_by_the_journal_of_its_own_put() {
    let story = story(json!({})).zone(SHOP, "sbfm_pro", "ai_search: disabled");
    assert_eq!(story.run("apply --auto-approve").exit, 0);
    story.write(
        &format!("zones/{SHOP}.yaml"),
        format!("zone: {SHOP}\nplan: sbfm_pro\nsettings:\n  ai_search: block\n"),
    );
    let _times = timeless();
    assert_snapshot!(said(&story.run("plan --who")), @"by botform (token nightly) at [time]");
    // On another machine there is no journal, and the program only says what it is.
    std::fs::remove_dir_all(story.path("home")).unwrap();
    assert_snapshot!(said(&story.run("plan --who")), @"by token nightly with botform at [time]");
}

#[test]
fn cloudflare_itself() {
    let story = story(json!({}));
    set(
        &story,
        "ai_search",
        "disabled",
        Some(json!({"actor": {"type": "system", "email": "bot-fight@cloudflare.com"}})),
    );
    let _times = timeless();
    assert_snapshot!(said(&story.run("plan --who")), @"by Cloudflare at [time]");
}

#[test]
fn no_entry_yet_and_later_none() {
    let story = story(json!({"delay_seconds": 3600}));
    let id = story.emulator().world().zone_id(SHOP).unwrap().to_owned();
    assert_eq!(put(&story, &id, "cfut_of_a_script", r#"{"ai_search":"disabled"}"#), 200);
    assert_snapshot!(said(&story.run("plan --who")), @"by whom: no entry in the audit log yet");
    // A snapshot of an earlier day had the value already: an entry would show by now.
    assert_eq!(story.run("snapshot last.json").exit, 0);
    let last = story.read("last.json");
    let mut last: Value = serde_json::from_str(&last).unwrap();
    last["taken_at"] = json!("2026-01-01T00:00:00Z");
    story.write("last.json", serde_json::to_string_pretty(&last).unwrap());
    assert_snapshot!(said(&story.run("plan --who --moved-since last.json")), @"by whom: no entry in the audit log; Cloudflare's own migrations leave none");
}

#[test]
fn a_token_without_access_to_the_log_is_a_reason_and_not_an_error() {
    let world = json!({
        "tokens": [{"token": TOKEN, "permissions": ["zone_read", "bot_management_read"]}],
        "zones": [{"name": SHOP, "plan": "pro"}],
    });
    let story = Story::world(&world).zone(SHOP, "sbfm_pro", "ai_search: block");
    let run = story.run("plan --who");
    assert_eq!(run.exit, 0, "{run}");
    assert_snapshot!(said(&run), @"by whom: not permitted: Account Settings Read");
    assert!(run.stderr.is_empty(), "{run}");
}

#[test]
fn an_unreadable_log_is_a_reason_too() {
    let story = story(json!({}));
    set(&story, "ai_search", "disabled", None);
    story
        .emulator()
        .edit(|world| {
            world.script(
                None,
                &json!({"on": "AUDIT", "do": "refuse", "status": 400, "code": 10400, "message": "no log"}),
            )
        })
        .unwrap();
    let run = story.run("plan --who");
    assert_eq!(run.exit, 0, "{run}");
    assert!(
        said(&run).starts_with("by whom: the audit log was not read completely: GET /accounts/"),
        "{run}"
    );
}

#[test]
fn every_format_says_it_and_no_address_of_a_client_is_anywhere() {
    let story = story(json!({}));
    set(&story, "ai_search", "disabled", Some(dashboard()));
    let formats = ["json", "markdown", "github", "sarif", "html"];
    let outputs: String = formats.iter().map(|format| format!(" --output {format}={format}.out")).collect();
    let run = story.run(&format!("plan --who --out plan.json --output text{outputs} -vv"));
    assert_eq!(run.exit, 0, "{run}");
    let files: Vec<String> = formats.iter().map(|format| story.read(&format!("{format}.out"))).collect();
    for (format, text) in formats.iter().zip(&files) {
        assert!(text.contains("jane@example.com"), "{format}: {text}");
    }
    let saved = story.read("plan.json");
    for text in files.iter().chain([&run.stdout, &run.stderr, &saved]) {
        assert!(!text.contains("198.51.100.7"), "{text}");
    }
    let saved: Value = serde_json::from_str(&saved).unwrap();
    let who =
        saved["zones"][0]["settings"].as_array().unwrap().iter().find_map(|row| row.get("who")).unwrap();
    assert_eq!((&who["entry"]["by"], &who["entry"]["through"]), (&json!("somebody"), &json!("dashboard")));
    assert!(story.run("show plan.json").stdout.contains("jane@example.com"));
}

#[test]
fn the_plan_is_the_same_with_and_without_evidence_and_is_applied_as_any() {
    let story = story(json!({}));
    set(&story, "ai_search", "disabled", Some(dashboard()));
    let (with, without) =
        (story.run("plan --who --output json").json(), story.run("plan --output json").json());
    assert_eq!(with["digest"], without["digest"]);
    let digest = without["digest"].as_str().unwrap();
    assert_eq!(story.run("plan --who --out plan.json").exit, 0);
    assert_eq!(story.run(&format!("apply plan.json --expect {digest}")).exit, 0);
    assert_eq!(story.bodies(), [json!({"ai_search": "block"})]);
}

#[test]
fn what_changed_outside_has_its_actor_too() {
    let story = story(json!({}));
    assert_eq!(story.run("snapshot last.json").exit, 0);
    let mut last: Value = serde_json::from_str(&story.read("last.json")).unwrap();
    last["taken_at"] = json!("2026-01-01T00:00:00Z");
    story.write("last.json", serde_json::to_string_pretty(&last).unwrap());
    set(&story, "crawler_protection", "enabled", Some(dashboard()));
    assert_eq!(story.run("snapshot tonight.json").exit, 0);
    let requests = story.emulator().requests().len();
    let _times = timeless();
    let run = story.run("plan --live tonight.json --moved-since last.json --who");
    assert_snapshot!(said(&run), @"by jane@example.com in the dashboard at [time]");
    let asked: Vec<_> = story.emulator().requests().split_off(requests);
    assert_eq!(asked.len(), 1, "the log alone is asked: {asked:?}");
    std::fs::remove_file(story.path(&format!("zones/{SHOP}.yaml"))).unwrap();
    let story = story.zone("other.example.com", "sbfm_pro", "enable_js: true");
    let run = story.run("plan --live tonight.json --moved-since last.json --who");
    assert!(run.stdout.replace("\n ", "").contains("jane@example.com"), "a zone that no file manages: {run}");
}

#[test]
fn one_listing_answers_for_the_fleet_and_stops_when_it_knows_enough() {
    let zones: Vec<_> =
        (0..30).map(|number| json!({"name": format!("z{number}.example.com"), "plan": "pro"})).collect();
    let mut story = Story::new(json!(zones));
    for number in 0..30 {
        story = story.zone(&format!("z{number}.example.com"), "sbfm_pro", "ai_search: block");
    }
    story.emulator().edit(|world| {
        // What else happens in an account.
        for number in 0..10_000 {
            let entry = json!({"id": format!("dns-{number}"), "minutes_ago": 30 + number, "raw": {"method": "POST", "uri": "/zones/x/dns_records"}});
            world.log(&entry).unwrap();
        }
        for number in 0..30 {
            let name = format!("z{number}.example.com");
            let entry = json!({"minutes_ago": 20, "zone": {"name": name}, "actor": {"email": "jane@example.com", "context": "dash"}});
            world.log(&entry).unwrap();
        }
    });
    let listings = |story: &Story| {
        let requests = story.emulator().requests();
        requests.iter().filter(|request| request.path.ends_with("/logs/audit")).count()
    };
    let run = story.run("plan --who --output json").json();
    let rows = run["zones"].as_array().unwrap().iter().flat_map(|zone| zone["settings"].as_array().unwrap());
    let named = rows.filter(|row| row["who"]["entry"]["email"] == "jane@example.com").count();
    assert_eq!((named, listings(&story)), (30, 1));
    // Equal changes by one actor are said once, whenever each was made.
    let run = story.run("plan --who");
    assert_eq!(run.stdout.matches("jane@example.com").count(), 1, "{run}");
    // Where nothing is found, all pages are read: ten of a thousand, and the rest.
    story.emulator().edit(|world| assert!(world.set("z0.example.com", "ai_search", Some(json!("fortress")))));
    story.emulator().edit(|world| {
        let id = world.zone_id("z0.example.com").unwrap().to_owned();
        let raw = json!({"method": "PUT", "uri": format!("/zones/{id}/bot_management")});
        let entry = json!({"minutes_ago": 1, "zone": {"name": "z0.example.com"}, "raw": raw, "resource": {"request": {"ai_search": "x"}}});
        world.log(&entry).unwrap();
    });
    let before = listings(&story);
    assert_eq!(story.run("plan --who").exit, 0);
    assert_eq!(listings(&story) - before, 12, "11 pages with entries, and an empty one");
}

#[test]
fn a_plan_without_differences_asks_nothing() {
    let story = story(json!({}));
    assert_eq!(story.run("plan --who").exit, 0);
    assert!(story.emulator().requests().iter().all(|request| !request.path.contains("/logs/")));
}

#[test]
fn wrong_usage_is_reported() {
    let story = story(json!({}));
    assert_eq!(story.run("plan --who=soon").exit, 64);
    assert_eq!(story.run("plan --who=18mo").exit, 64);
    assert_eq!(story.run("snapshot live.json").exit, 0);
    let mut command = story.command("plan --live live.json --who");
    command.env("CLOUDFLARE_BASE_URL", "http://127.0.0.1:9");
    let run = story.end(command);
    assert!(run.exit == 64 && run.stderr.contains("would ask"), "{run}");
}

/// Somebody else's PUT.
fn put(story: &Story, zone_id: &str, token: &str, body: &str) -> u16 {
    let url = format!("{}/zones/{zone_id}/bot_management", story.emulator().base_url());
    let (token, body) = (token.to_owned(), body.to_owned());
    let sent = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            rustls::crypto::ring::default_provider().install_default().ok();
            let client = reqwest::Client::builder().no_proxy().build().unwrap();
            let request =
                client.put(url).bearer_auth(token).header("content-type", "application/json").body(body);
            request.send().await.unwrap().status().as_u16()
        })
    });
    sent.join().unwrap()
}
