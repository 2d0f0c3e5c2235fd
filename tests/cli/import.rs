//! `import`: writes live zones to new files whose plan is empty, and to existing files.

use crate::story::{Run, Story, command};
use botform::emulator::World;
use insta::assert_snapshot;
use serde_json::{Value, json};
use std::fs;

const PLANS: [&str; 4] = ["free", "pro", "sbfm_business", "bm_enterprise"];

fn name(n: usize) -> String {
    format!("zone-{n:03}.example.com")
}

/// A zone whose live settings differ from those of its neighbours.
fn zone(n: usize) -> Value {
    let mut zone = json!({"name": name(n), "plan": PLANS[n % 4]});
    if n.is_multiple_of(5) {
        zone["live"] = live(n);
    }
    if n % 40 == 1 {
        zone["stale"] = json!({"fight_mode": true});
    }
    zone
}

fn live(n: usize) -> Value {
    let mut live = json!({"enable_js": n.is_multiple_of(2), "ai_search": "block", "cf_robots_variant": "policy_only",
        "is_robots_txt_managed": true, "ai_training": "disallow", "crawler_protection": "enabled"});
    let more = match PLANS[n % 4] {
        "free" => json!({"fight_mode": n.is_multiple_of(2)}),
        "pro" => {
            json!({"sbfm_definitely_automated": "block", "sbfm_verified_bots": "allow", "optimize_wordpress": true})
        }
        "sbfm_business" => {
            json!({"sbfm_likely_automated": "managed_challenge", "sbfm_static_resource_protection": true})
        }
        _ => json!({"auto_update_model": true, "bm_cookie_enabled": false, "suppress_session_score": false}),
    };
    live.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    live
}

fn fleet(zones: usize) -> Story {
    Story::of(World::read(&json!({ "zones": (0..zones).map(zone).collect::<Vec<_>>() })).unwrap())
}

/// All files below a folder with their bytes and times.
fn files(story: &Story, folder: &str) -> Vec<(String, Vec<u8>, std::time::SystemTime)> {
    let entries = fs::read_dir(story.path(folder)).unwrap().map(Result::unwrap);
    let mut files: Vec<_> = entries
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            (name, fs::read(entry.path()).unwrap(), entry.metadata().unwrap().modified().unwrap())
        })
        .collect();
    files.sort();
    files
}

#[test]
#[ignore = "slow: CI runs it"]
fn three_hundred_zones_are_imported_and_plan_to_nothing() {
    let story = fleet(300);
    let run = story.run("import");
    assert_snapshot!(run, @"
    300 written, 8 hold stale settings; plan: 0 changes
    ---- stderr
    reading 300 zones
    note: for completion in editors, run `botform schema zone > schemas/zone.schema.json` next to the folder first
    ---- exit 0
    ");
    let requests = story.emulator().requests().len();
    assert_eq!(requests, 306, "one request for each zone, and one for 50 of the list");
    assert_eq!(story.run("validate").stdout, "300 zone files valid\n");
    assert!(story.run("plan --detailed-exitcode").told().contains("Plan: 0, 300, "));
    let before = files(&story, "zones");
    assert_snapshot!(story.run("import"), @"
    300 unchanged, 8 hold stale settings; plan: 0 changes
    ---- stderr
    reading 300 zones
    ---- exit 0
    ");
    assert!(files(&story, "zones") == before, "a second import writes nothing");
}

#[test]
fn one_setting_that_drifted_is_one_changed_line() {
    let story = fleet(8);
    assert_eq!(story.run("import").exit, 0);
    let file = "zones/zone-005.example.com.yaml";
    let text = story.read(file).replace("settings:\n", "settings: # agreed in May\n\n");
    let text = text.replace("  ai_search: block\n", "  # as everywhere\n  ai_search: \"block\"   # keep\n");
    story.write(file, format!("\u{feff}{}# end", text.replace('\n', "\r\n")));
    let edited = story.read(file);
    assert_eq!(story.run("plan --detailed-exitcode").exit, 0);
    assert!(story.emulator().edit(|world| world.set(&name(5), "ai_search", Some(json!("disabled")))));
    assert_snapshot!(story.run("import --adopt --diff"), @r#"
    --- a/zones/zone-005.example.com.yaml
    +++ b/zones/zone-005.example.com.yaml
    @@ -4,7 +4,7 @@
     settings: # agreed in May
     
       # as everywhere
    -  ai_search: "block"   # keep
    +  ai_search: "disabled"   # keep
       ai_training: disallow
       cf_robots_variant: policy_only
       crawler_protection: enabled
    1 to edit (1 value, 1 of which loosens protection), 7 unchanged, 1 holds stale settings; plan: 0 changes
    ---- stderr
    reading 8 zones
    ---- exit 0
    "#);
    assert_eq!(story.read(file), edited, "a diff writes nothing");
    assert_snapshot!(story.run("import --adopt"), @"
    1 edited (1 value, 1 of which loosens protection), 7 unchanged, 1 holds stale settings; plan: 0 changes
    ---- stderr
    reading 8 zones
    ---- exit 0
    ");
    assert_eq!(story.read(file), edited.replace("\"block\"   # keep", "\"disabled\"   # keep"));
    assert_eq!(story.run("plan --detailed-exitcode").exit, 0);
}

/// Imports a world and plans it: nothing may be left to change.
fn is_in_sync_after_import(zones: Value) -> (Story, Run) {
    let story = Story::new(zones);
    let run = story.run("import");
    let plan = story.run("plan --detailed-exitcode");
    assert_eq!(plan.exit, 0, "{run}\n{plan}");
    assert!(run.stdout.ends_with("plan: 0 changes\n"), "{run}");
    (story, run)
}

#[test]
fn recorded_zones_plan_to_nothing() {
    for recorded in [
        include_str!("../recorded/free-2026-06.json"),
        include_str!("../recorded/pro-2026-08-selection.json"),
    ] {
        let recorded: Value = serde_json::from_str(recorded).unwrap();
        for all in [false, true] {
            let story = Story::new(json!([
                {"name": "a.example.com", "plan": recorded["plan"], "live": recorded["result"]}
            ]));
            assert_eq!(story.run(if all { "import --all-settings" } else { "import" }).exit, 0);
            assert_eq!(story.run("plan --detailed-exitcode").exit, 0);
        }
    }
}

#[test]
fn the_zones_of_the_example_world_plan_to_nothing() {
    let world = botform::config::parse_document(
        "world.yaml",
        include_bytes!("../../examples/world.yaml"),
        botform::config::Options::default(),
    );
    let (story, _) = is_in_sync_after_import(world.unwrap().root()["zones"].clone());
    assert_snapshot!(story.read("zones/bank.example.com.yaml"), @r#"
    zone: bank.example.com
    zone_id: [id]
    plan: bm_enterprise
    settings:
      ai_bots_protection: block
      ai_training: disallow
      auto_update_model: false
      bot_preference_sync_enabled: true
      content_bots_protection: block
      enable_js: true
      is_robots_txt_managed: true
      jsd_api_results_enabled: false
      suppress_session_score: true
    # Off and not managed: a change in the dashboard only shows as changed outside:
    #   ai_search: disabled
    #   ai_user: disabled
    #   bm_cookie_enabled: true
    #   cf_robots_variant: "off"
    #   crawler_protection: disabled
    # Left behind by an earlier plan variant, and still protecting the zone. Once custom rules take over, `stale: clean`
    # and `custom_rules_in_place: true` switch it off:
    #   sbfm_definitely_automated: block
    #   sbfm_likely_automated: managed_challenge
    #   sbfm_static_resource_protection: "true"
    "#);
}

#[test]
fn values_that_a_file_cannot_express_become_comments_that_nothing_can_end() {
    let hostile = "x\n  ai_user: allow\u{202e}\u{2028}::error::";
    let live = json!({"enable_js": true, "ai_search": hostile, "ai_user": "disabled", "fight_mode": true,
        "yaml-language-server: $schema=https://evil.example": 1, hostile: {"a": [hostile]}});
    let zone = json!({"name": "a.example.com", "plan": "free", "live": live, "stale": {hostile: hostile}});
    let (story, run) = is_in_sync_after_import(json!([zone]));
    assert_snapshot!(run, @r#"
    1 written, 1 holds stale settings; plan: 0 changes
    ---- stderr
    reading 1 zone
    warning: this version does not know the live value "x\n  ai_user: allow\u{202e}\u{2028}::error::" of `ai_search`
    --> zones/a.example.com.yaml
     = help: it is a comment in the file, and is not managed

    note: for completion in editors, run `botform schema zone > schemas/zone.schema.json` next to the folder first
    ---- exit 0
    "#);
    assert_snapshot!(story.read("zones/a.example.com.yaml"), @r#"
    zone: a.example.com
    zone_id: [id]
    plan: bot_fight_mode
    settings:
      enable_js: true
      fight_mode: true
    # Off and not managed: a change in the dashboard only shows as changed outside:
    #   ai_user: disabled
    # Live but not known to this version of botform:
    #   ai_search: "x\n  ai_user: allow\U0000202E\U00002028::error::"
    #   "x\n  ai_user: allow\u{202e}\u{2028}::error::": {"a":["x\n  ai_user: allow\u{202e}\u{2028}::error::"]}
    #   "yaml-language-server: $schema=https://evil.example": 1
    # Left behind by an earlier plan variant, and impossible to clean:
    #   "x\n  ai_user: allow\u{202e}\u{2028}::error::": "x\n  ai_user: allow\U0000202E\U00002028::error::" (this version does not know it)
    "#);
}

#[test]
fn unreadable_zones_are_counted_with_their_code_and_the_others_written() {
    let forbidden = json!([{"on": "GET", "do": "forbidden_zone"}]);
    let story = Story::new(json!([
        {"name": "a.example.com", "plan": "free"},
        {"name": "b.example.com", "plan": "pro", "faults": forbidden},
    ]));
    assert_snapshot!(story.run("import"), @"
    1 written, 1 unreadable (9109); plan: 0 changes
    ---- stderr
    reading 2 zones
    error: GET /zones/[id]/bot_management (zone b.example.com) was refused with status 403: Unauthorized to access requested resource (code 9109) (CF-Ray [ray])

    hint: the token has no access to zone b.example.com: add it to the token's resources
    note: for completion in editors, run `botform schema zone > schemas/zone.schema.json` next to the folder first
    ---- exit 3
    ");
    assert!(!story.path("zones/b.example.com.yaml").exists());
}

#[test]
fn files_with_errors_are_named_and_the_others_done() {
    let story =
        Story::new(json!((0..5).map(|n| json!({"name": name(n), "plan": "free"})).collect::<Vec<_>>()));
    let story = story
        .file("zones/team/one.yaml", "zone: zone-000.example.com\nplan: nope\nsettings: {}\n")
        .file("zones/zone-001.example.com.yaml", "zone: [\n")
        .file("zones/a.yaml", "zone: zone-002.example.com\nplan: bot_fight_mode\nsettings: {}\n")
        .file("zones/b.yaml", "zone: zone-002.example.com\nplan: bot_fight_mode\nsettings: {}\n");
    fs::create_dir(story.path("zones/zone-003.example.com.yaml")).unwrap();
    let before: Vec<_> = ["team/one", "zone-001.example.com", "a", "b"]
        .map(|file| story.read(&format!("zones/{file}.yaml")))
        .into();
    assert_snapshot!(story.run("import"), @"
    1 written, 4 not imported; plan: 0 changes
    ---- stderr
    error: the zone `zone-002.example.com` is also in zones/a.yaml:1
     --> zones/b.yaml:1:7
      |
    1 | zone: zone-002.example.com
      |       ^^^^^^^^^^^^^^^^^^^^ only one file per zone
      |
      = help: remove one of the two; if two accounts have a zone of this name, give both files their `zone_id` or `account_id`

    error: `nope` is not a plan variant
     --> zones/team/one.yaml:2:7
      |
    2 | plan: nope
      |       ^^^^ one of `bot_fight_mode`, `sbfm_pro`, `sbfm_business`, `bm_enterprise`
      |
      = help: `bot_fight_mode`: Bot Fight Mode, on the Free plan; `sbfm_pro`: Super Bot Fight Mode, on the Pro plan; `sbfm_business`: Super Bot Fight Mode, on the Business plan, and on Enterprise without the Bot Management add-on; `bm_enterprise`: Bot Management for Enterprise

    error: while parsing a node, did not find expected node content
     --> zones/zone-001.example.com.yaml:2:1
      |
    2 |
      | ^

    error: a folder, not a file
    --> zones/zone-003.example.com.yaml
     = help: remove it, or give it another name

    4 errors in 4 files
    reading 5 zones
    note: for completion in editors, run `botform schema zone > schemas/zone.schema.json` next to the folder first
    ---- exit 3
    ");
    let after: Vec<_> = ["team/one", "zone-001.example.com", "a", "b"]
        .map(|file| story.read(&format!("zones/{file}.yaml")))
        .into();
    assert_eq!(before, after);
    assert!(story.path("zones/zone-004.example.com.yaml").is_file());
}

#[test]
fn accepted_and_unmanaged_settings_are_left_alone_and_loosenings_are_counted() {
    let story = Story::shop("ai_search: block\nai_user: block\nsbfm_verified_bots: block").file(
        "zones/shop.example.com.yaml",
        "zone: shop.example.com\nplan: sbfm_pro\nsettings: {ai_search: block, ai_user: block, sbfm_verified_bots: allow}\n\
         accept: [{setting: ai_user, reason: under discussion, until: 2099-12-31}]\n",
    );
    let before = story.read("zones/shop.example.com.yaml");
    assert_snapshot!(story.run("import --adopt"), @"
    1 edited (1 value, 1 of which loosens protection); plan: 0 changes
    ---- stderr
    reading 1 zone
    ---- exit 0
    ");
    let after = story.read("zones/shop.example.com.yaml");
    assert_eq!(after, before.replace("ai_search: block", "ai_search: disabled"));
}

#[test]
fn a_zone_that_moved_to_another_plan_adopts_the_plan_or_the_neutral_values() {
    let live = json!({"enable_js": true, "sbfm_verified_bots": "allow", "ai_search": "block"});
    let zone = |name: &str| json!({"name": name, "plan": "pro", "live": live});
    let story = Story::new(json!([zone("a.example.com"), zone("b.example.com")]))
        .zone("a.example.com", "sbfm_business", "ai_search: block")
        .zone("b.example.com", "sbfm_business", "sbfm_likely_automated: block");
    assert_snapshot!(story.run("import --adopt --diff"), @"
    --- a/zones/a.example.com.yaml
    +++ b/zones/a.example.com.yaml
    @@ -1,4 +1,4 @@
     zone: a.example.com
    -plan: sbfm_business
    +plan: sbfm_pro
     settings:
       ai_search: block
    --- a/zones/b.example.com.yaml
    +++ b/zones/b.example.com.yaml
    @@ -1,4 +1,4 @@
     zone: b.example.com
     plan: sbfm_business
     settings:
    -  sbfm_likely_automated: block
    +  sbfm_likely_automated: allow
    2 to edit (1 value, 1 of which loosens protection); plan: 0 changes
    ---- stderr
    reading 2 zones
    ---- exit 0
    ");
    assert_eq!(story.run("import --adopt").exit, 0);
    assert_eq!(story.run("plan --detailed-exitcode").exit, 0);
}

#[test]
fn one_name_in_two_accounts_gets_two_files() {
    let account = |letter: &str| letter.repeat(32);
    let world = json!({
        "accounts": [{"id": account("a"), "name": "Shops"}, {"id": account("b"), "name": "Labs"}],
        "zones": [{"name": "shop.example.com", "plan": "pro", "account": "Shops"}, {"name": "shop.example.com", "plan": "free", "account": "Labs"}],
    });
    let story = Story::world(&world);
    assert_eq!(story.run("import").stdout, "2 written; plan: 0 changes\n");
    let text = story.read(&format!("zones/shop.example.com@{}.yaml", account("b")));
    assert!(text.contains(&format!("account_id: {}\nplan: bot_fight_mode\n", account("b"))), "{text}");
    assert_eq!(story.run("plan --detailed-exitcode").exit, 0);
    assert_eq!(story.run("import").stdout, "2 unchanged; plan: 0 changes\n");
    let one = Story::world(&world).zone("shop.example.com", "sbfm_pro", "ai_search: block");
    assert_snapshot!(one.run("import"), @"
    0 written, 2 not imported; plan: 0 changes
    ---- stderr
    reading 2 zones
    error: several accounts have a zone named shop.example.com
    --> zones/shop.example.com.yaml:1:7
     = help: add `zone_id` or `account_id` to the file to select one of them

    error: several accounts have a zone named shop.example.com
    --> zones/shop.example.com.yaml:1:7
     = help: add `zone_id` or `account_id` to the file to select one of them

    2 errors in 1 file
    ---- exit 1
    ");
    assert_eq!(
        one.run(&format!("import --adopt --account {}", account("a"))).stdout,
        "1 edited (1 value, 1 of which loosens protection); plan: 0 changes\n"
    );
}

#[test]
fn zones_are_chosen_by_name_and_account() {
    let story = fleet(10);
    assert_eq!(
        story.run("import --zone zone-00* --exclude *4.example.com").stdout,
        "9 written, 1 holds stale settings; plan: 0 changes\n"
    );
    assert_eq!(story.run("import live --zone ZONE-003.example.com").stdout, "1 written; plan: 0 changes\n");
    for (arguments, told) in [
        ("import --zone zone-03.example.com", "did you mean"),
        ("import --exclude nothing.example", "matches none"),
        ("import --exclude *", "no zone is left"),
        ("import zones/zone-001.example.com.yaml", "is not a folder"),
        ("import --from a.json --emulate=", "cannot be used with"),
    ] {
        let run = story.run(arguments);
        assert_eq!(run.exit, 64, "{run}");
        assert!(run.stderr.contains(told), "{run}");
    }
}

#[test]
fn a_new_file_names_the_schema_if_there_is_one() {
    let story = fleet(1).file("schemas/zone.schema.json", "{}");
    assert_eq!(story.run("import deep/zones --all-settings").exit, 0);
    let text = story.read("deep/zones/zone-000.example.com.yaml");
    assert!(
        text.starts_with("# yaml-language-server: $schema=../../schemas/zone.schema.json\nzone: "),
        "{text}"
    );
}

#[test]
fn a_snapshot_is_imported_without_a_network() {
    let story = fleet(12);
    assert_eq!(story.run("snapshot live.json").exit, 0);
    let run = story.end(command(story.path("").as_path(), "import --from live.json"));
    assert_snapshot!(run, @"
    12 written, 1 holds stale settings; plan: 0 changes
    ---- stderr
    note: for completion in editors, run `botform schema zone > schemas/zone.schema.json` next to the folder first
    ---- exit 0
    ");
    let before = files(&story, "zones");
    assert!(story.run("import").stdout.starts_with("12 unchanged"));
    assert!(files(&story, "zones") == before);
}

#[test]
#[ignore = "slow: CI runs it"]
fn values_that_most_zones_share_go_into_a_baseline_and_the_plan_stays_empty() {
    let story = fleet(300).file("schemas/baseline.schema.json", "{}");
    assert_snapshot!(story.run("import --baseline shops"), @"
    300 written, 6 shared values in baselines/shops.yaml, 8 hold stale settings; plan: 0 changes
    ---- stderr
    reading 300 zones
    note: for completion in editors, run `botform schema zone > schemas/zone.schema.json` next to the folder first
    ---- exit 0
    ");
    assert_snapshot!(story.read("baselines/shops.yaml"), @"
    # yaml-language-server: $schema=../schemas/baseline.schema.json
    # What at least 80 % of the zones had in common when they were imported.
    settings:
      ai_bots_protection: block
      enable_js: true
    plans:
      bot_fight_mode:
        bot_preference_sync_enabled: true
        is_robots_txt_managed: true
      sbfm_pro:
        bot_preference_sync_enabled: true
        is_robots_txt_managed: true
    ");
    assert_snapshot!(story.read("zones/zone-001.example.com.yaml"), @r#"
    zone: zone-001.example.com
    zone_id: [id]
    plan: sbfm_pro
    extends: ../baselines/shops.yaml
    settings:
      jsd_api_results_enabled: false
    # Off and not managed: a change in the dashboard only shows as changed outside:
    #   ai_bots_migration_opt_out: false
    #   ai_search: disabled
    #   ai_training: disabled
    #   ai_user: disabled
    #   cf_robots_variant: "off"
    #   content_bots_protection: disabled
    #   crawler_protection: disabled
    #   optimize_wordpress: false
    #   sbfm_definitely_automated: allow
    #   sbfm_static_resource_protection: false
    #   sbfm_verified_bots: allow
    # Left behind by an earlier plan variant, and still acting on traffic. `stale: clean` switches it off:
    #   fight_mode: true
    "#);
    assert_snapshot!(story.read("zones/zone-005.example.com.yaml"), @"
    zone: zone-005.example.com
    zone_id: [id]
    plan: sbfm_pro
    settings:
      ai_search: block
      ai_training: disallow
      cf_robots_variant: policy_only
      crawler_protection: enabled
      enable_js: false
      is_robots_txt_managed: true
      optimize_wordpress: true
      sbfm_definitely_automated: block
    # Off and not managed: a change in the dashboard only shows as changed outside:
    #   sbfm_verified_bots: allow
    ");
    assert_eq!(story.run("validate").stdout, "300 zone files valid\n");
    assert!(story.run("plan --detailed-exitcode").told().contains("Plan: 0, 300, "));
    let before = files(&story, "zones");
    assert!(story.run("import").stdout.starts_with("300 unchanged"));
    assert!(files(&story, "zones") == before);
    let baseline = story.read("baselines/shops.yaml");
    let drift = |world: &mut World| world.set(&name(1), "ai_bots_protection", Some(json!("disabled")));
    assert!(story.emulator().edit(drift));
    let run = story.run("import --adopt");
    let edited =
        "1 edited (1 value, 1 of which loosens protection, 1 of which overrides a baseline), 299 unchanged";
    assert!(run.stdout.starts_with(edited), "{run}");
    let after = files(&story, "zones");
    let changed: Vec<_> = before.iter().zip(&after).filter(|(before, after)| before.1 != after.1).collect();
    let [(old, new)] = changed.as_slice() else { panic!("{} files changed", changed.len()) };
    let text = String::from_utf8(old.1.clone()).unwrap();
    let line = "  jsd_api_results_enabled: false\n";
    assert_eq!(new.1, text.replace(line, &format!("{line}  ai_bots_protection: disabled\n")).into_bytes());
    assert_eq!(story.read("baselines/shops.yaml"), baseline);
}

#[test]
fn a_value_of_a_baseline_is_overridden_in_the_zone_file() {
    let story =
        Story::shop("").file("baselines/all.yaml", "settings: {ai_search: block, ai_user: block}\n").file(
            "zones/shop.example.com.yaml",
            "zone: shop.example.com\nplan: sbfm_pro\nextends: ../baselines/all.yaml # all\n\
              temporary: [{setting: ai_user, value: only_on_ad_pages, until: 2099-12-31, reason: test}]",
        );
    assert_snapshot!(story.run("import --adopt"), @"
    1 edited (1 value, 1 of which loosens protection, 1 of which overrides a baseline); plan: 1 change
    ---- stderr
    reading 1 zone
    warning: `temporary` has `ai_user: only_on_ad_pages` until 2099-12-31: it is not edited
    --> zones/shop.example.com.yaml:4:23

    ---- exit 0
    ");
    assert_snapshot!(story.read("zones/shop.example.com.yaml"), @"
    zone: shop.example.com
    plan: sbfm_pro
    extends: ../baselines/all.yaml # all
    temporary: [{setting: ai_user, value: only_on_ad_pages, until: 2099-12-31, reason: test}]
    settings:
      ai_search: disabled
    ");
    assert_eq!(story.read("baselines/all.yaml"), "settings: {ai_search: block, ai_user: block}\n");
    assert!(story.run("import").stdout.starts_with("1 unchanged"));
}

#[test]
fn a_zone_whose_baseline_has_errors_is_left_alone() {
    let story = Story::new(json!([{"name": "shop.example.com", "plan": "pro"}]))
        .file("baselines/all.yaml", "settings: {ai_search: nope}\n")
        .file("zones/a.yaml", "zone: shop.example.com\nplan: sbfm_pro\nextends: ../baselines/all.yaml\n");
    let run = story.run("import");
    assert_eq!(run.exit, 1, "{run}");
    assert!(run.stdout.starts_with("0 written, 1 not imported;"), "{run}");
    assert!(run.stderr.contains("`nope`") && !story.path("zones/shop.example.com.yaml").exists(), "{run}");
}

#[test]
fn a_baseline_has_a_name_and_a_place() {
    let story = fleet(5);
    for arguments in ["import --baseline ../x", "import --baseline="] {
        assert_eq!(story.run(arguments).exit, 64, "{arguments}");
    }
    assert_snapshot!(story.run("import . --baseline all --diff --zone zone-000* --zone zone-004*"), @r#"
    --- /dev/null
    +++ b/baselines/all.yaml
    @@ -0,0 +1,4 @@
    +# What at least 80 % of the zones had in common when they were imported.
    +settings:
    +  enable_js: true
    +  is_robots_txt_managed: true
    --- /dev/null
    +++ b/zone-000.example.com.yaml
    @@ -0,0 +1,10 @@
    +zone: zone-000.example.com
    +zone_id: [id]
    +plan: bot_fight_mode
    +extends: baselines/all.yaml
    +settings:
    +  ai_search: block
    +  ai_training: disallow
    +  cf_robots_variant: policy_only
    +  crawler_protection: enabled
    +  fight_mode: true
    --- /dev/null
    +++ b/zone-004.example.com.yaml
    @@ -0,0 +1,17 @@
    +zone: zone-004.example.com
    +zone_id: [id]
    +plan: bot_fight_mode
    +extends: baselines/all.yaml
    +settings:
    +  ai_bots_protection: block
    +  bot_preference_sync_enabled: true
    +  jsd_api_results_enabled: false
    +# Off and not managed: a change in the dashboard only shows as changed outside:
    +#   ai_bots_migration_opt_out: false
    +#   ai_search: disabled
    +#   ai_training: disabled
    +#   ai_user: disabled
    +#   cf_robots_variant: "off"
    +#   content_bots_protection: disabled
    +#   crawler_protection: disabled
    +#   fight_mode: false
    2 to write, 2 shared values in baselines/all.yaml; plan: 0 changes
    ---- stderr
    reading 2 zones
    note: for completion in editors, run `botform schema zone > schemas/zone.schema.json` next to the folder first
    ---- exit 0
    "#);
    assert!(!story.path("baselines").exists());
    let run = story.run("import . --baseline all");
    assert_eq!(run.exit, 0, "{run}");
    assert_eq!(story.run("plan . --detailed-exitcode").exit, 0);
}

/// A zone whose file differs from it, and one without a file.
fn drifted() -> Story {
    let live = json!({"enable_js": true, "ai_search": "disabled", "sbfm_verified_bots": "allow"});
    Story::new(json!([
        {"name": "new.example.com", "plan": "pro", "live": live},
        {"name": "shop.example.com", "id": "5".repeat(32), "plan": "pro", "live": live},
    ]))
    .zone("shop.example.com", "sbfm_pro", "ai_search: block\nenable_js: false")
}

#[test]
fn an_import_reports_differences_and_keeps_existing_files() {
    let story = drifted();
    let before = story.read("zones/shop.example.com.yaml");
    assert_snapshot!(story.run("import"), @"
    zones/shop.example.com.yaml differs from live: ai_search block → disabled (loosens), enable_js false → true
    1 written, 1 differs and stays (2 values, 1 of which would loosen protection); plan: 2 changes
    ---- stderr
    reading 2 zones
    note: existing files stay as they are
    
    hint: `--zone NAME` takes the live values of one zone into its file, `--adopt` those of all zones; or run `apply`
    note: for completion in editors, run `botform schema zone > schemas/zone.schema.json` next to the folder first
    ---- exit 0
    ");
    assert_eq!(story.read("zones/shop.example.com.yaml"), before);
    assert!(story.path("zones/new.example.com.yaml").exists());
    let plan = story.run("plan");
    assert!(
        plan.stdout.contains("Plan: 1 zone to change (2 settings)"),
        "the import counted the same: {plan}"
    );
}

#[test]
fn a_named_zone_is_adopted_but_a_pattern_adopts_none() {
    let id = "5".repeat(32);
    for named in ["shop.example.com", "SHOP.example.com", id.as_str()] {
        let story = drifted();
        let run = story.run(&format!("import --zone {named}"));
        assert!(run.exit == 0 && run.stdout.starts_with("1 edited (2 values, 1 of which loosens"), "{run}");
        assert_eq!(story.run("plan --detailed-exitcode").exit, 0);
    }
    for others in ["import --zone *", "import --exclude new.example.com", "import --zone shop*"] {
        let (story, before) = (drifted(), drifted().read("zones/shop.example.com.yaml"));
        let run = story.run(others);
        assert!(run.exit == 0 && run.stdout.contains("1 differs and stays"), "{run}");
        assert_eq!(story.read("zones/shop.example.com.yaml"), before);
        let run = story.run(&format!("{others} --adopt"));
        assert!(run.exit == 0 && run.stdout.contains("1 edited"), "{run}");
    }
}

#[test]
fn the_name_of_a_zone_is_no_path_and_the_hint_says_which_flag_takes_it() {
    let story = drifted();
    let run = story.run("import shop.example.com");
    assert_snapshot!(run, @"
    ---- stderr
    error: shop.example.com is not a folder
    
    hint: `--zone shop.example.com` selects the zone; `./shop.example.com` makes a folder of that name
    ---- exit 64
    ");
    assert!(!story.path("shop.example.com").exists());
    for command in
        ["plan shop.example.com", "apply shop.example.com --auto-approve", "validate shop.example.com"]
    {
        let run = story.run(command);
        assert_eq!(run.exit, 1, "{run}");
        assert!(run.stderr.contains("`--zone shop.example.com` selects the zone"), "{run}");
    }
    assert_eq!(story.run("import ./sites.example").exit, 0);
    assert!(story.path("sites.example/new.example.com.yaml").exists());
    assert!(story.bodies().is_empty());
}

#[test]
fn an_id_selects_a_zone_wherever_a_name_does() {
    let id = "5".repeat(32);
    let story = drifted().file(
        "zones/shop.example.com.yaml",
        format!("zone: shop.example.com\nzone_id: \"{id}\"\nplan: sbfm_pro\nsettings:\n  ai_search: block\n"),
    );
    assert_eq!(story.run("import --zone new.example.com").exit, 0);
    for (command, part) in [
        ("validate", "1 zone file valid"),
        ("snapshot live.json", "1 zone in live.json"),
        ("plan", "~ shop.example.com"),
        ("feedback list", "0 reports"),
        ("apply --auto-approve", "1 applied"),
    ] {
        let run = story.run(&format!("{command} --zone {id}"));
        assert!(run.exit == 0 && run.stdout.contains(part), "{run}");
    }
    let others = story.run(&format!("plan --exclude {id}"));
    assert!(others.exit == 0 && others.stdout.contains("1 in sync"), "{others}");
    let nobody = story.run(&format!("plan --zone {}", "7".repeat(32)));
    assert!(nobody.exit == 64 && nobody.stderr.contains("pins it as `zone_id`"), "{nobody}");
    let unseen = story.run(&format!("import --zone {}", "7".repeat(32)));
    assert!(unseen.exit == 64 && unseen.stderr.contains("that the credentials see"), "{unseen}");
}

#[test]
fn a_new_zone_joins_the_baseline_that_there_is() {
    let story = fleet(8);
    assert_eq!(story.run("import --baseline fleet").exit, 0);
    let baseline = story.read("baselines/fleet.yaml");
    let [like, unlike] = ["like.example.com", "unlike.example.com"];
    story.emulator().edit(|world| {
        let more = json!({"zones": [
            {"name": like, "plan": "pro", "live": live(1)},
            {"name": unlike, "plan": "pro", "live": {"enable_js": false, "ai_search": "block", "sbfm_verified_bots": "allow"}},
        ]});
        *world = World::read(&json!({"zones": (0..8).map(zone).chain(more["zones"].as_array().unwrap().clone()).collect::<Vec<_>>()})).unwrap();
    });
    let run = story.run("import --baseline fleet");
    assert_snapshot!(run, @"
    2 written, 2 of them extend baselines/fleet.yaml, 8 unchanged, 1 holds stale settings; plan: 0 changes
    ---- stderr
    reading 10 zones
    note: for completion in editors, run `botform schema zone > schemas/zone.schema.json` next to the folder first
    ---- exit 0
    ");
    assert_eq!(story.read("baselines/fleet.yaml"), baseline, "other zones extend it");
    assert_snapshot!(story.read(&format!("zones/{unlike}.yaml")), @"
    zone: unlike.example.com
    zone_id: [id]
    plan: sbfm_pro
    extends: ../baselines/fleet.yaml
    settings:
      ai_search: block
      enable_js: false
      is_robots_txt_managed: false
    # Off and not managed: a change in the dashboard only shows as changed outside:
    #   sbfm_verified_bots: allow
    ");
    assert_eq!(story.run("plan --detailed-exitcode").exit, 0);
    story.write("baselines/broken.yaml", "settings: {ai_search: nope}\n");
    let broken = story.run("import fresh --baseline broken");
    assert!(broken.exit == 1 && broken.stderr.contains("`nope`"), "{broken}");
    assert!(!story.path("fresh").exists());
}

#[test]
fn a_live_value_with_an_unmet_need_becomes_a_comment() {
    let live = json!({"enable_js": false, "fight_mode": true});
    let (story, _) =
        is_in_sync_after_import(json!([{"name": "a.example.com", "plan": "free", "live": live}]));
    assert_snapshot!(story.read("zones/a.example.com.yaml"), @"
    zone: a.example.com
    zone_id: [id]
    plan: bot_fight_mode
    settings:
      enable_js: false
    # Live but not managed: Cloudflare refuses it together with the other live values:
    #   fight_mode: true (needs `enable_js: true`)
    ");
}
