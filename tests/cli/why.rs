//! `why`: what stopped a request, where the value comes from, and the ways out.

use super::story::{Story, TOKEN};
use insta::assert_snapshot;
use serde_json::{Value, json};

const RAY: &str = "8f1b2c3d4e5f6a7b";

/// An address of the documentation, which nothing may show.
const ADDRESS: &str = "203.0.113.77";

/// A request that a world tells of.
fn request(more: Value) -> Value {
    let mut request = json!({"requests": 1, "path": "/api/orders", "user_agent": "PartnerSync/2.1", "country": "DE", "asn": 3320, "address": ADDRESS, "ray": RAY, "minutes_ago": 7});
    request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    request
}

/// A zone with these live settings and this request.
fn zone(plan: &str, live: Value, more: Value) -> Value {
    json!({"name": "shop.example.com", "plan": plan, "live": live, "traffic": [request(more)]})
}

/// The parts of a world's rule table: the plan, what is live, the request, the setting, and its line or its gap.
fn table() -> Vec<(&'static str, &'static str, Value, Value, &'static str)> {
    let sbfm =
        |name: &str, value: Value| json!({"sbfm_likely_automated": "allow", "enable_js": true, name: value});
    let bot = |category: &str| json!({"is": "verified_bot", "category": category});
    vec![
        (
            "free",
            "bot_fight_mode",
            json!({"enable_js": true, "fight_mode": true}),
            json!({"is": "automated"}),
            "fight_mode",
        ),
        (
            "business",
            "sbfm_business",
            sbfm("sbfm_definitely_automated", json!("block")),
            json!({"is": "automated"}),
            "sbfm_definitely_automated",
        ),
        (
            "business",
            "sbfm_business",
            sbfm("sbfm_likely_automated", json!("managed_challenge")),
            json!({"is": "likely_automated"}),
            "sbfm_likely_automated",
        ),
        (
            "business",
            "sbfm_business",
            json!({"sbfm_likely_automated": "block", "sbfm_static_resource_protection": true}),
            json!({"is": "likely_automated", "static": true}),
            "sbfm_static_resource_protection",
        ),
        (
            "business",
            "sbfm_business",
            json!({"sbfm_likely_automated": "allow", "sbfm_definitely_automated": "block", "sbfm_static_resource_protection": true}),
            json!({"is": "automated", "static": true}),
            "sbfm_static_resource_protection",
        ),
        (
            "free",
            "bot_fight_mode",
            json!({"fight_mode": false, "ai_bots_protection": "block"}),
            bot("AI Crawler"),
            "ai_bots_protection",
        ),
        (
            "free",
            "bot_fight_mode",
            json!({"fight_mode": false, "ai_search": "block"}),
            bot("AI Search"),
            "ai_search",
        ),
        (
            "free",
            "bot_fight_mode",
            json!({"fight_mode": false, "ai_user": "block"}),
            bot("AI Assistant"),
            "ai_user",
        ),
        (
            "free",
            "bot_fight_mode",
            json!({"fight_mode": false, "ai_training": "disallow"}),
            bot("AI Crawler"),
            "ai_training",
        ),
        (
            "free",
            "bot_fight_mode",
            json!({"fight_mode": false, "ai_user": "only_on_ad_pages", "ai_search": "block"}),
            json!({"is": "verified_bot", "category": "AI Assistant", "ad_page": true}),
            "ai_user",
        ),
        (
            "free",
            "bot_fight_mode",
            json!({"fight_mode": false, "content_bots_protection": "block"}),
            json!({"content_bot": true}),
            "content_bots_protection",
        ),
        (
            "free",
            "bot_fight_mode",
            json!({"fight_mode": false, "crawler_protection": "enabled"}),
            bot("AI Crawler"),
            "crawler_protection",
        ),
    ]
}

/// The settings of a file as lines, from what is live.
fn lines(live: &Value) -> Vec<String> {
    live.as_object().unwrap().iter().map(|(name, value)| format!("{name}: {value}")).collect()
}

#[test]
fn every_rule_of_the_table_leads_to_its_setting_and_its_line() {
    for (plan, variant, live, more, setting) in table() {
        let lines = lines(&live);
        let story =
            Story::new(json!([zone(plan, live, more)])).zone("shop.example.com", variant, &lines.join("\n"));
        let run = story.run(&format!("why {RAY} --output json"));
        assert_eq!(run.exit, 0, "{setting}: {run}");
        let stop = &run.json()["why"]["zones"][0]["stops"][0];
        let acting = &stop["by"]["settings"]["settings"];
        assert_eq!((acting.as_array().unwrap().len(), &acting[0]["setting"]), (1, &json!(setting)), "{stop}");
        let line = 4 + lines.iter().position(|line| line.starts_with(setting)).unwrap();
        let file = &acting[0]["origin"]["file"];
        assert_eq!(
            (&file["file"], &file["line"]),
            (&json!("zones/shop.example.com.yaml"), &json!(line)),
            "{stop}"
        );
    }
}

#[test]
fn a_gap_in_the_table_is_reported_in_cloudflares_words() {
    let live = json!({"sbfm_likely_automated": "allow", "sbfm_verified_bots": "block"});
    let story =
        Story::new(json!([zone("business", live, json!({"is": "verified_bot", "category": "Monitoring"}))]));
    let run = story.run(&format!("why {RAY}"));
    assert!(run.stdout.contains("blocked (block) by something that is not one of the bot settings"), "{run}");
    assert!(run.stdout.contains("«Manage verified bots» of firewallManaged"), "{run}");
}

/// The customer of a partner, who is challenged.
fn customer() -> Story {
    let live = json!({"enable_js": true, "sbfm_definitely_automated": "managed_challenge", "sbfm_likely_automated": "allow", "sbfm_verified_bots": "allow"});
    let mut zone = zone("business", live, json!({"is": "automated"}));
    let others =
        json!({"requests": 600, "is": "automated", "path": "/products", "over_minutes": 1000, "solved": 18});
    zone["traffic"].as_array_mut().unwrap().push(others);
    let settings = "enable_js: true\nsbfm_definitely_automated: managed_challenge";
    Story::new(json!([zone])).zone("shop.example.com", "sbfm_business", settings)
}

/// What a run says, with times and days left out.
fn timeless(text: &str) -> String {
    let is_time =
        |word: &&str| word.len() >= 20 && word.ends_with('Z') && word.as_bytes().get(10) == Some(&b'T');
    let line = |line: &str| {
        let line = match line.split_once("until: ") {
            Some((head, tail)) => format!("{head}until: [day]{}", tail.get(10..).unwrap_or_default()),
            None => line.to_owned(),
        };
        let words: Vec<_> =
            line.split([' ', '(', ')', '`', '*']).filter(is_time).map(str::to_owned).collect();
        words.iter().fold(line, |line, time| line.replace(time, "[time]"))
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_challenged_customer_gets_the_line_and_the_remedies() {
    let story = customer();
    let run = story.run(&format!("why {RAY}-FRA"));
    let text = run.to_string();
    assert!(!text.contains(ADDRESS) && !text.contains(TOKEN));
    assert_snapshot!(timeless(&text), @r#"
    shop.example.com (sbfm_business)  zones/shop.example.com.yaml
      [time]  challenged (managed_challenge) by `sbfm_definitely_automated: managed_challenge`
          shop.example.com/api/orders, ray 8f1b2c3d4e5f6a7b, user agent PartnerSync/2.1, country DE, AS 3320, status 403
          `sbfm_definitely_automated` comes from zones/shop.example.com.yaml:5
          rule [id] «Manage definite bots» of firewallManaged; high confidence, seen 2026-11
        what you can do, least harmful first:
          1. report it to Cloudflare as a false positive (`--feedback FILE` writes the report); this alone changes nothing
          2. add a custom rule with the action `skip` for the phase `http_request_sbfm`, on `http.request.uri.path eq "/api/orders" and http.user_agent eq "PartnerSync/2.1"`: then only these requests pass
          3. set `sbfm_definitely_automated: allow` for 7 days: the requests pass
             it would have let pass 601 requests in 24 h; 18 of their challenges were solved: probably people
             in zones/shop.example.com.yaml:
               temporary:
                 - {setting: sbfm_definitely_automated, value: allow, until: [day], reason: a customer is stopped}

    ---- exit 0
    "#);
}

#[test]
fn a_ticket_takes_the_same_as_markdown() {
    let story = customer();
    let run = story.run(&format!("why {RAY} --output markdown"));
    assert_snapshot!(timeless(&run.to_string()), @r#"
    ### `shop.example.com (sbfm_business)  zones/shop.example.com.yaml`

    **`[time]  challenged (managed_challenge) by sbfm_definitely_automated: managed_challenge`**

    - `shop.example.com/api/orders, ray 8f1b2c3d4e5f6a7b, user agent PartnerSync/2.1, country DE, AS 3320, status 403`
    - `sbfm_definitely_automated comes from zones/shop.example.com.yaml:5`
    - `rule [id] «Manage definite bots» of firewallManaged; high confidence, seen 2026-11`

    What you can do, least harmful first:

    1. `report it to Cloudflare as a false positive (--feedback FILE writes the report); this alone changes nothing`
    2. `add a custom rule with the action skip for the phase http_request_sbfm, on http.request.uri.path eq "/api/orders" and http.user_agent eq "PartnerSync/2.1": then only these requests pass`
    3. `set sbfm_definitely_automated: allow for 7 days: the requests pass`

       `it would have let pass 601 requests in 24 h; 18 of their challenges were solved: probably people`

       In `zones/shop.example.com.yaml`:

       ```yaml
       temporary:
         - {setting: sbfm_definitely_automated, value: allow, until: [day], reason: a customer is stopped}
       ```

    ---- exit 0
    "#);
}

#[test]
fn bot_fight_mode_has_no_exception() {
    let live = json!({"enable_js": true, "fight_mode": true});
    let story = Story::new(json!([zone("free", live, json!({"is": "automated"}))])).zone(
        "shop.example.com",
        "bot_fight_mode",
        "fight_mode: true\nenable_js: true",
    );
    let run = story.run(&format!("why {RAY}"));
    assert!(run.stdout.contains("not possible: no rule can make an exception to Bot Fight Mode"), "{run}");
    assert!(run.stdout.contains("- {setting: fight_mode, value: false, until: "), "{run}");
}

#[test]
fn stale_values_of_an_earlier_plan_are_reported_and_cleaned_by_their_line() {
    let mut zone =
        zone("pro", json!({"sbfm_verified_bots": "allow", "enable_js": true}), json!({"is": "automated"}));
    zone["stale"] = json!({"fight_mode": true});
    let run = Story::new(json!([zone]))
        .zone("shop.example.com", "sbfm_pro", "enable_js: true")
        .run(&format!("why {RAY}"));
    assert!(run.stdout.contains("`fight_mode` is stale, left by an earlier plan variant"), "{run}");
    assert!(run.stdout.contains("settings:\n             fight_mode: false\n"), "{run}");
}

#[test]
fn a_value_of_a_baseline_is_found_through_the_files_that_lead_there() {
    let story = customer()
        .file("baselines/shops.yaml", "settings:\n  sbfm_definitely_automated: managed_challenge\n")
        .file("zones/shop.example.com.yaml", "zone: shop.example.com\nplan: sbfm_business\nextends: ../baselines/shops.yaml\nsettings:\n  enable_js: true\n");
    let run = story.run(&format!("why {RAY}"));
    let said = "comes from baselines/shops.yaml:2, extended at zones/shop.example.com.yaml:3\n";
    assert!(run.stdout.contains(said), "{run}");
}

#[test]
fn without_a_zone_file_the_answer_names_a_new_one() {
    let live = json!({"sbfm_likely_automated": "block", "enable_js": true});
    let story = Story::new(json!([zone("business", live, json!({"is": "likely_automated"}))]));
    let run = story.run(&format!("why {RAY}"));
    assert!(run.stdout.starts_with("shop.example.com (sbfm_business)  no zone file\n"), "{run}");
    assert!(run.stdout.contains("in a new zone file:\n           zone: shop.example.com\n"), "{run}");
    assert!(!run.stdout.contains("--feedback"), "of likely automated requests no score is known: {run}");
}

#[test]
fn a_request_is_found_by_its_address_which_nothing_shows() {
    let story = customer();
    let line = format!("why --zone shop.example.com --ip {ADDRESS} --output json -vv");
    let run = story.run(&line);
    assert!(run.exit == 0 && run.stdout.contains(RAY), "{run}");
    assert!(!run.to_string().contains(ADDRESS), "{run}");
    assert_eq!(run.json()["why"]["asked"]["by_address"], true);
    let none = story.run("why --zone shop.example.com --ip 198.51.100.9");
    assert!(none.stdout.contains("No event was found for the given address in 1 zone."), "{none}");
    let wrong = story.run("why --zone shop.example.com --ip 203.0.113.777");
    assert!(wrong.exit == 64 && !wrong.to_string().contains("203.0.113.777"), "{wrong}");
    for (flag, count) in
        [("--path /api/*", 1), ("--user-agent PartnerSync*", 1), ("--path /products", 2), ("--path /none", 0)]
    {
        let run = story.run(&format!("why --zone shop.example.com {flag} --output json"));
        let stops = run.json()["why"]["zones"][0]["stops"].as_array().map_or(0, Vec::len);
        assert_eq!(stops, count, "{flag}: {run}");
    }
}

#[test]
fn a_request_that_is_not_found_has_reasons_and_is_never_said_to_have_passed() {
    let run = customer().run("why 0000000000000001");
    assert_eq!(run.exit, 0, "{run}");
    assert_snapshot!(timeless(&run.to_string()), @"
    No event was found for Ray 0000000000000001 in 1 zone. Possible reasons:
      - events appear 1 to 3 minutes after the request: try again in a few minutes
      - it may be outside the searched period ([time] to [time]); on Free the analytics go back 24 h
      - busy zones are sampled: the event of a single request may not be kept
      - something else may have stopped it, which is no security event: the origin, a Worker, Access, or a cached error page
      - it may have gone to a zone that was not searched or that the token does not see
    ---- exit 0
    ");
}

#[test]
fn a_text_without_a_ray_id_is_wrong_usage_and_not_repeated() {
    let story = Story::shop("");
    for line in ["why", "why please help 203.0.113.77", "why --path /a", "why --since 1h"] {
        let run = story.run(line);
        assert!(run.exit == 64 && !run.to_string().contains(ADDRESS), "{line}: {run}");
    }
    for line in [
        "why Cloudflare Ray ID: 8f1b2c3d4e5f6a7b",
        "why 8f1b 2c3d 4e5f 6a7b",
        "why https://a.example/cdn-cgi/x?ray=8f1b2c3d4e5f6a7b-FRA",
    ] {
        assert!(story.run(line).stdout.contains(&format!("Ray {RAY}")), "{line}");
    }
}

#[test]
fn a_zone_that_cannot_be_asked_says_why_and_the_others_are_answered() {
    let live = json!({"sbfm_likely_automated": "block", "enable_js": true});
    let mut hidden = zone("business", live.clone(), json!({"is": "likely_automated"}));
    (hidden["name"], hidden["analytics"]) = ("hidden.example.com".into(), json!({"authorized": false}));
    let story = Story::new(json!([hidden, zone("business", live, json!({"is": "likely_automated"}))]));
    let run = story.run("why --zone *.example.com --path /api/orders");
    assert_eq!(run.exit, 3, "{run}");
    assert!(run.stdout.contains("hidden.example.com  no zone file\n  could not be searched: the token may not read the analytics of the zone\n    hint: give the token the permission `Zone Analytics Read` for the zone\n"), "{run}");
    assert!(run.stdout.contains("by `sbfm_likely_automated: block`"), "{run}");
    let none = story.run("why --zone hidden.example.com --path /api/orders");
    assert!(none.exit == 1 && none.stdout.contains("it may be outside the searched period"), "{none}");
}

#[test]
fn a_ray_id_that_is_found_says_nothing_of_the_zones_that_could_not_be_asked_before() {
    let live = json!({"sbfm_likely_automated": "block", "enable_js": true});
    let other = |name: String| json!({"name": name, "plan": "business", "live": live});
    // A query asks ten zones at once.
    let mut zones: Vec<_> = (0..10).map(|number| other(format!("a{number}.example.com"))).collect();
    zones[3]["analytics"] = json!({"authorized": false});
    zones.push(zone("business", live.clone(), json!({"is": "likely_automated"})));
    let story = Story::new(json!(zones));
    let run = story.run(&format!("why {RAY}"));
    assert!(run.exit == 0 && run.stdout.contains("by `sbfm_likely_automated: block`"), "{run}");
    assert!(!run.stdout.contains("could not be searched"), "{run}");
    let none = story.run("why 0000000000000001");
    assert!(none.exit == 3 && none.stdout.contains("could not be searched"), "{none}");
}

#[test]
fn a_missing_permission_of_the_token_is_named() {
    let token = json!({"token": TOKEN, "permissions": ["zone_read", "bot_management_read"]});
    let live = json!({"sbfm_likely_automated": "block"});
    let world =
        json!({"tokens": [token], "zones": [zone("business", live, json!({"is": "likely_automated"}))]});
    let run = Story::world(&world).run(&format!("why {RAY}"));
    assert!(run.exit == 1 && run.stdout.contains("`Zone Analytics Read`"), "{run}");
}

#[test]
fn a_report_is_written_once_and_can_be_submitted() {
    let story = customer();
    let run = story.run(&format!("why {RAY} --feedback report.yaml"));
    assert!(run.exit == 0 && run.stderr.contains("the report is in report.yaml"), "{run}");
    assert!(!story.read("report.yaml").contains(ADDRESS));
    let sent = story.run("feedback submit report.yaml --auto-approve");
    assert_eq!(sent.exit, 0, "{sent}");
    let again = story.run(&format!("why {RAY} --feedback report.yaml"));
    assert!(again.exit == 64 && again.stderr.contains("report.yaml already exists"), "{again}");
    let live = json!({"fight_mode": true, "enable_js": true});
    let free = Story::new(json!([zone("free", live, json!({"is": "automated"}))]));
    let none = free.run(&format!("why {RAY} --feedback report.yaml"));
    assert!(
        none.exit == 1 && none.stderr.contains("no report was written") && !free.path("report.yaml").exists(),
        "{none}"
    );
}

#[test]
fn untrusted_texts_do_not_act_on_a_terminal_or_a_ticket() {
    let hostile = "\u{1b}[2J| `x` <b>@all</b> \u{202e}";
    let live = json!({"sbfm_likely_automated": "block", "enable_js": true});
    let more = json!({"is": "likely_automated", "path": format!("/{hostile}"), "user_agent": hostile, "country": hostile});
    let story = Story::new(json!([zone("business", live, more)]));
    for format in ["text", "markdown"] {
        let run = story.run(&format!("why {RAY} --output {format}"));
        assert!(run.exit == 0 && !run.stdout.contains(['\u{1b}', '\u{202e}']), "{run}");
    }
    let markdown = story.run(&format!("why {RAY} --output markdown")).stdout;
    let html: Vec<_> = pulldown_cmark::Parser::new(&markdown)
        .filter(|event| {
            matches!(event, pulldown_cmark::Event::Html(_) | pulldown_cmark::Event::InlineHtml(_))
        })
        .collect();
    assert!(html.is_empty(), "{html:?}");
}

/// Runs a command in the folder of the repository, on its own examples.
fn on_the_examples(story: &Story, arguments: &str) -> crate::story::Run {
    let mut command = crate::story::command(std::path::Path::new(env!("CARGO_MANIFEST_DIR")), arguments);
    command.env("HOME", story.path("home"));
    story.end(command)
}

#[test]
fn the_story_of_the_incident_goes_from_the_ray_id_to_a_temporary_value_and_a_report() {
    let story = Story::new(json!([]));
    let (files, world) = ("examples/incident/zones", "examples/incident-world.yaml");
    let report = story.path("report.yaml");
    let line = format!("why {RAY}-FRA --files {files} --emulate {world} --feedback {}", report.display());
    let found = on_the_examples(&story, &line);
    assert!(found.exit == 0, "{found}");
    let said = "`sbfm_definitely_automated` comes from examples/incident/zones/orders.example.com.yaml:8\n";
    assert!(found.stdout.contains(said), "{found}");
    // The change that it names, added to the file as it stands there.
    let proposed: Vec<_> =
        found.stdout.lines().skip_while(|line| line.trim() != "temporary:").take(2).collect();
    let text = std::fs::read_to_string(format!("{files}/orders.example.com.yaml")).unwrap();
    let added: String =
        proposed.iter().map(|line| format!("{}\n", line.strip_prefix("           ").unwrap())).collect();
    story.write("zones/orders.example.com.yaml", text.replace("../../../schemas", "../schemas") + &added);
    let zones = story.path("zones");
    let plan = on_the_examples(&story, &format!("plan {} --emulate {world} --impact", zones.display()));
    assert!(plan.stdout.contains("managed_challenge → allow"), "{plan}");
    assert!(plan.stdout.contains("would have let pass about 12,"), "{plan}");
    let sent = on_the_examples(
        &story,
        &format!("feedback submit {} --emulate {world} --auto-approve", report.display()),
    );
    assert_eq!(sent.exit, 0, "{sent}");
}
