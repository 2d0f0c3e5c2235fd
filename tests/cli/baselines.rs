//! Baselines and temporary values: what counts, where it comes from, and what is said of what is wrong with them.

use crate::story::Story;
use botform::model::Digest;
use insta::assert_snapshot;
use serde_json::{Value, json};

const RETAIL: &str = "extends: company.yaml\nsettings:\n  ai_search: block\nplans:\n  sbfm_pro:\n    sbfm_verified_bots: allow\n  \
     sbfm_business:\n    sbfm_likely_automated: block\n";
const COMPANY: &str =
    "settings:\n  ai_search: only_on_ad_pages\n  enable_js: true\n  crawler_protection: enabled\n";

/// A Pro shop that extends a baseline, which extends another one.
fn shop(more: &str) -> Story {
    Story::new(json!([{"name": "shop.example.com", "plan": "pro"}]))
        .file("botform.yaml", "{}")
        .file("baselines/company.yaml", COMPANY)
        .file("baselines/retail.yaml", RETAIL)
        .file(
            "zones/shop.example.com.yaml",
            format!("zone: shop.example.com\nplan: sbfm_pro\nextends: ../baselines/retail.yaml\n{more}"),
        )
}

#[test]
fn the_zone_file_wins_over_its_baselines_and_the_plan_says_where_each_value_comes_from() {
    let story = shop("settings:\n  crawler_protection: disabled\n  ai_user: block\n");
    assert_snapshot!(story.run("plan"), @"
    ~ shop.example.com (sbfm_pro)                              zones/shop.example.com.yaml
        ~ ai_search               disabled → block             tightens   baselines/retail.yaml:3
        ~ ai_user                 disabled → block             tightens   :6
          3 settings in sync, 11 unmanaged

    Plan: 1 zone to change (2 settings), 0 in sync, 0 blocked, 0 failed.
    Digest: [digest]
    ---- exit 0
    ");
    let plan = story.run("plan --output json").json();
    let rows = plan["zones"][0]["settings"].as_array().unwrap();
    let row = |name: &str| rows.iter().find(|row| row["setting"] == name).unwrap();
    let at = |file: &str, line: u32, column: u32| json!({"file": file, "line": line, "column": column});
    let zone = at("zones/shop.example.com.yaml", 3, 10);
    assert_eq!(row("ai_search")["at"], at("baselines/retail.yaml", 3, 3));
    assert_eq!(row("ai_search")["via"], json!([zone]));
    assert_eq!(row("enable_js")["at"], at("baselines/company.yaml", 3, 3));
    assert_eq!(row("enable_js")["via"], json!([zone, at("baselines/retail.yaml", 1, 10)]));
    assert_eq!(row("crawler_protection")["at"], at("zones/shop.example.com.yaml", 5, 3));
    assert_eq!(row("crawler_protection").get("via"), None);
    let inputs: Vec<_> = plan["inputs"].as_array().unwrap().iter().map(|input| &input["path"]).collect();
    let expected =
        ["baselines/company.yaml", "baselines/retail.yaml", "botform.yaml", "zones/shop.example.com.yaml"];
    assert_eq!(inputs, expected);
    assert_eq!(plan["inputs"][0]["sha256"], Digest::of_bytes(COMPANY.as_bytes()).to_string());
}

#[test]
fn a_saved_plan_of_baselines_and_temporary_values_is_read_and_applied() {
    let temporary = "temporary:\n  - setting: enable_js\n    value: false\n    until: 2999-12-31\n    reason: load test\n";
    let story = shop(&format!("settings: {{ai_user: block}}\n{temporary}"));
    assert_eq!(story.run("plan --out plan.json").exit, 0);
    let saved: Value = serde_json::from_str(&story.read("plan.json")).unwrap();
    assert_snapshot!(story.run("show plan.json"), @"
    ~ shop.example.com (sbfm_pro)                              zones/shop.example.com.yaml
        ~ ai_search               disabled → block             tightens   baselines/retail.yaml:3
        ~ ai_user                 disabled → block             tightens   :4
        ~ crawler_protection      disabled → enabled           tightens   baselines/company.yaml:4
        ~ enable_js               true → false                 loosens    :6  temporary until 2999-12-31, then true: load test
          1 setting in sync, 11 unmanaged

    Plan: 1 zone to change (4 settings), 0 in sync, 0 blocked, 0 failed. 1 change loosens protection.
    Digest: [digest]
    ---- exit 0
    ");
    let shown = story.run("show plan.json --output json");
    assert_eq!(shown.json()["zones"], saved["zones"]);
    assert_eq!(story.run("apply plan.json").exit, 0);
    assert_eq!(story.run("plan --detailed-exitcode").exit, 0);
    assert_eq!(story.live("shop.example.com")["ai_search"], "block");
}

#[test]
fn later_baselines_win_and_one_that_is_reached_twice_counts_before_all_that_extend_it() {
    let story = Story::new(json!([{"name": "shop.example.com", "plan": "pro"}]))
        .file("botform.yaml", "{}")
        .file(
            "baselines/base.yaml",
            "settings: {ai_search: block, ai_user: block, crawler_protection: enabled}\n",
        )
        .file("baselines/a.yaml", "extends: base.yaml\nsettings: {ai_search: disabled, ai_user: disabled}\n")
        .file("baselines/b.yaml", "extends: [base.yaml]\nsettings: {ai_user: only_on_ad_pages}\n")
        .file(
            "zones/shop.example.com.yaml",
            "zone: shop.example.com\nplan: sbfm_pro\nextends: [../baselines/a.yaml, ../baselines/b.yaml]\n",
        );
    assert_eq!(story.run("apply --auto-approve").exit, 0);
    let live = story.live("shop.example.com");
    let value = |name: &str| live[name].as_str().unwrap().to_owned();
    assert_eq!(
        ["ai_search", "ai_user", "crawler_protection"].map(value),
        ["disabled", "only_on_ad_pages", "enabled"]
    );
}

#[test]
fn a_change_in_one_baseline_is_one_group_of_equal_changes() {
    let names: Vec<_> = (0..30).map(|n| format!("z{n:02}.example.com")).collect();
    let zones: Vec<_> = names.iter().map(|name| json!({"name": name, "plan": "pro"})).collect();
    let story = names.iter().fold(Story::new(json!(zones)), |story, name| {
        let file = format!("zone: {name}\nplan: sbfm_pro\nextends: ../baselines/retail.yaml\n");
        story.file(&format!("zones/{name}.yaml"), file)
    });
    let story =
        story.file("baselines/retail.yaml", "settings:\n  ai_search: block\n").file("botform.yaml", "{}");
    assert_snapshot!(story.run("plan"), @"
    ~ 30 zones (sbfm_pro)
        ~ ai_search               disabled → block             tightens   baselines/retail.yaml:2
          z00.example.com, z01.example.com, z02.example.com, z03.example.com, z04.example.com, z05.example.com and 24 more (all with --detail)

    Plan: 30 zones to change (30 settings), 0 in sync, 0 blocked, 0 failed.
    Digest: [digest]
    ---- exit 0
    ");
}

/// What `validate` says of a shop whose file goes on with these lines, beside these baselines.
fn told(lines: &str, baselines: &[(&str, &str)]) -> String {
    let zone = format!("zone: shop.example.com\nplan: sbfm_pro\n{lines}");
    let story = Story::new(json!([])).file("botform.yaml", "{}").file("zones/shop.example.com.yaml", zone);
    let story =
        baselines.iter().fold(story, |story, (name, text)| story.file(&format!("baselines/{name}"), text));
    let run = story.run("validate");
    assert_eq!(run.exit, 1, "{run}");
    run.stderr
}

#[test]
fn a_setting_that_the_variant_lacks_is_an_error_that_names_both_files() {
    let story = Story::new(json!([]))
        .file("botform.yaml", "{}")
        .file("baselines/all.yaml", "settings:\n  fight_mode: true\n  enable_js: true\n")
        .file("zones/a.yaml", "zone: a.example.com\nplan: sbfm_pro\nextends: ../baselines/all.yaml\n")
        .file("zones/b.yaml", "zone: b.example.com\nplan: sbfm_pro\nextends: ../baselines/all.yaml\n")
        .file("zones/c.yaml", "zone: c.example.com\nplan: bot_fight_mode\nextends: ../baselines/all.yaml\n");
    assert_snapshot!(story.run("validate"), @"
    ---- stderr
    error: `fight_mode` is not available on sbfm_pro (needs bot_fight_mode), the plan variant of zones/a.yaml and of 1 more
     --> baselines/all.yaml:2:3
      |
    2 |   fight_mode: true
      |   ^^^^^^^^^^ not a setting of every zone that extends this
      |
      = help: move it to `plans: {bot_fight_mode: …}`: zones of other plan variants do not take it from there

    ---- exit 1
    ");
    story.write(
        "baselines/all.yaml",
        "settings: {enable_js: true}\nplans: {bot_fight_mode: {fight_mode: true}}\n",
    );
    assert_eq!(story.run("validate").exit, 0);
}

#[test]
fn every_error_is_named_where_it_is() {
    assert_snapshot!(told("extends: ../baselines/retial.yaml\n", &[]), @"
    error: baselines/retial.yaml: no such file or folder
     --> zones/shop.example.com.yaml:3:10
      |
    3 | extends: ../baselines/retial.yaml
      |          ^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: the path starts at the folder of this file
    ");
    assert_snapshot!(told("extends: [/etc/passwd, ../../secret.yaml, ../.git/config.yaml, .env, 5]\n", &[]), @"
    error: `/etc/passwd` is an absolute path
     --> zones/shop.example.com.yaml:3:11
      |
    3 | extends: [/etc/passwd, ../../secret.yaml, ../.git/config.yaml, .env, 5]
      |           ^^^^^^^^^^^
      |
      = help: write the path from the folder of this file, such as `../baselines/retail.yaml`

    error: `../../secret.yaml` leads out of the repository
     --> zones/shop.example.com.yaml:3:24
      |
    3 | extends: [/etc/passwd, ../../secret.yaml, ../.git/config.yaml, .env, 5]
      |                        ^^^^^^^^^^^^^^^^^
      |
      = help: a baseline is a file of the same repository: below its `.git`, or else below the folder of `botform.yaml`

    error: `../.git/config.yaml` leads out of the repository
     --> zones/shop.example.com.yaml:3:43
      |
    3 | extends: [/etc/passwd, ../../secret.yaml, ../.git/config.yaml, .env, 5]
      |                                           ^^^^^^^^^^^^^^^^^^^
      |
      = help: a baseline is a file of the same repository: below its `.git`, or else below the folder of `botform.yaml`

    error: `.env` is not the path of a baseline
     --> zones/shop.example.com.yaml:3:64
      |
    3 | extends: [/etc/passwd, ../../secret.yaml, ../.git/config.yaml, .env, 5]
      |                                                                ^^^^
      |
      = help: a baseline ends in `.yaml` or `.yml`

    error: `extends` has to be a file such as `../baselines/retail.yaml`, or a list of them, not `5`
     --> zones/shop.example.com.yaml:3:70
      |
    3 | extends: [/etc/passwd, ../../secret.yaml, ../.git/config.yaml, .env, 5]
      |                                                                      ^

    5 errors in 1 file
    ");
    let circle =
        [("a.yaml", "extends: b.yaml\n"), ("b.yaml", "extends: [a.yaml]\nsettings: {ai_serch: block}\n")];
    assert_snapshot!(told("extends: ../baselines/a.yaml\n", &circle), @"
    error: `a.yaml` extends this file already: they extend each other in a circle
     --> baselines/b.yaml:1:11
      |
    1 | extends: [a.yaml]
      |           ^^^^^^
      |
      = help: remove one of these entries

    error: unknown setting `ai_serch`
     --> baselines/b.yaml:2:12
      |
    2 | settings: {ai_serch: block}
      |            ^^^^^^^^ not a setting
      |
      = help: did you mean `ai_search`?
    help: change it to
      |
    2 | settings: {ai_search: block}
      |                 +

    2 errors in 1 file
    ");
    let twice = [("a.yaml", "extends: b.yaml\n"), ("b.yaml", "settings: {}\n")];
    assert_snapshot!(told("extends: [../baselines/a.yaml, ../baselines/b.yaml, ../baselines/a.yaml]\n", &twice), @"
    error: `../baselines/b.yaml` is extended by baselines/a.yaml already, which wins over it
     --> zones/shop.example.com.yaml:3:32
      |
    3 | extends: [../baselines/a.yaml, ../baselines/b.yaml, ../baselines/a.yaml]
      |                                ^^^^^^^^^^^^^^^^^^^
      |
      = help: leave it out here, or name it first

    error: `../baselines/a.yaml` is extended twice
     --> zones/shop.example.com.yaml:3:53
      |
    3 | extends: [../baselines/a.yaml, ../baselines/b.yaml, ../baselines/a.yaml]
      |                                                     ^^^^^^^^^^^^^^^^^^^
      |
      = help: name it once

    2 errors in 1 file
    ");
    let wrong = [(
        "a.yaml",
        "zone: a.example\ntemporary: []\nsettigns: {}\nsettings: {ai_search: blok}\nplans: {pro: {}, sbfm_pro: {fight_mode: true}}\n",
    )];
    assert_snapshot!(told("extends: ../baselines/a.yaml\nplans: {}\n", &wrong), @"
    error: `zone` is a key of zone files, not of a baseline
     --> baselines/a.yaml:1:1
      |
    1 | zone: a.example
      | ^^^^ not a key of a baseline
      |
      = help: the keys of a baseline are `settings`, `plans`, `extends`

    error: `temporary` is a key of zone files, not of a baseline
     --> baselines/a.yaml:2:1
      |
    2 | temporary: []
      | ^^^^^^^^^ not a key of a baseline
      |
      = help: the keys of a baseline are `settings`, `plans`, `extends`

    error: unknown key `settigns`
     --> baselines/a.yaml:3:1
      |
    3 | settigns: {}
      | ^^^^^^^^ not a key of a baseline
      |
      = help: did you mean `settings`?
    help: change it to
      |
    3 - settigns: {}
    3 + settings: {}
      |

    error: `blok` is not a value of `ai_search`
     --> baselines/a.yaml:4:23
      |
    4 | settings: {ai_search: blok}
      |                       ^^^^ one of `disabled`, `block`, `only_on_ad_pages`
      |
      = help: did you mean `block`?
    help: change it to
      |
    4 | settings: {ai_search: block}
      |                          +

    error: `pro` is not a plan variant
     --> baselines/a.yaml:5:9
      |
    5 | plans: {pro: {}, sbfm_pro: {fight_mode: true}}
      |         ^^^ one of `bot_fight_mode`, `sbfm_pro`, `sbfm_business`, `bm_enterprise`

    error: `fight_mode` is not available on sbfm_pro (needs bot_fight_mode)
     --> baselines/a.yaml:5:29
      |
    5 | plans: {pro: {}, sbfm_pro: {fight_mode: true}}
      |                             ^^^^^^^^^^ not a setting of sbfm_pro
      |
      = help: Super Bot Fight Mode takes its place: set `sbfm_definitely_automated`; where an earlier plan left it on, `stale: clean` turns it off

    error: `plans` is a key of baselines, not of a zone file
     --> zones/shop.example.com.yaml:4:1
      |
    4 | plans: {}
      | ^^^^^ not a key of a zone file
      |
      = help: put it into a file in a folder `baselines`, and name that under `extends`

    7 errors in 2 files
    ");
}

#[test]
fn a_row_of_baselines_without_end_is_refused() {
    let files: Vec<_> =
        (0..20).map(|n| (format!("{n}.yaml"), format!("extends: {}.yaml\n", n + 1))).collect();
    let mut files: Vec<_> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    files.push(("20.yaml", "settings: {}\n"));
    let told = told("extends: ../baselines/0.yaml\n", &files);
    assert!(told.contains("more than 16 baselines extend each other in a row"), "{told}");
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_repository_is_refused_unread() {
    let story = Story::new(json!([]))
        .file("secret.yaml", "settings: {password: hunter2}\n")
        .file("repo/botform.yaml", "{}")
        .file("repo/zones/a.yaml", "zone: a.example.com\nplan: sbfm_pro\nextends: ../baselines/a.yaml\n");
    std::fs::create_dir(story.path("repo/baselines")).unwrap();
    std::os::unix::fs::symlink("../../secret.yaml", story.path("repo/baselines/a.yaml")).unwrap();
    let mut command = story.command("validate");
    command.current_dir(story.path("repo"));
    let run = story.end(command);
    assert!(
        run.stderr.contains("a link that leaves the repository") && !run.stderr.contains("hunter2"),
        "{run}"
    );
}

#[test]
fn rules_across_settings_hold_for_what_is_resolved() {
    let free = |extends: &str| {
        let zone = format!(
            "zone: a.example.com\nplan: bot_fight_mode\nextends: ../baselines/{extends}\nsettings: {{fight_mode: true}}\n"
        );
        let story = Story::new(json!([])).file("botform.yaml", "{}").file("zones/a.yaml", zone);
        let story = story.file("baselines/a.yaml", "settings:\n  enable_js: false\n");
        story.file("baselines/b.yaml", "settings:\n  enable_js: true\n").run("validate")
    };
    assert_snapshot!(free("a.yaml"), @"
    ---- stderr
    error: `fight_mode: true` needs `enable_js: true`, and baselines/a.yaml:2 says otherwise
     --> zones/a.yaml:4:24
      |
    4 | settings: {fight_mode: true}
      |                        ^^^^ Cloudflare refuses it otherwise
      |
      = help: write `enable_js: true` in the zone file, or remove `fight_mode: true`

    ---- exit 1
    ");
    assert_eq!(free("b.yaml").exit, 0);
}

#[test]
fn a_temporary_value_counts_until_its_last_day_and_says_so() {
    let entry = "temporary: [{setting: ai_search, value: disabled, until: 2999-12-31, reason: load test}]\n";
    let story = shop(entry);
    story.run("apply --auto-approve");
    assert_eq!(story.live("shop.example.com")["ai_search"], "disabled");
    assert_snapshot!(story.run("plan --detailed-exitcode"), @"
    = shop.example.com (sbfm_pro)  in sync                     zones/shop.example.com.yaml
        · ai_search               disabled                                temporary until 2999-12-31, then block: load test
          4 settings in sync, 12 unmanaged

    Plan: 0 zones to change, 1 in sync, 0 blocked, 0 failed.
    ---- exit 0
    ");
    let row = story.run("plan --output json").json()["zones"][0]["settings"][2].clone();
    assert_snapshot!(serde_json::to_string_pretty(&row).unwrap(), @r#"
    {
      "at": {
        "column": 23,
        "file": "zones/shop.example.com.yaml",
        "line": 4
      },
      "live": "disabled",
      "reason": "load test",
      "setting": "ai_search",
      "temporary": {
        "at": {
          "column": 3,
          "file": "baselines/retail.yaml",
          "line": 3
        },
        "reason": "load test",
        "then": "block",
        "until": "2999-12-31",
        "via": [
          {
            "column": 10,
            "file": "zones/shop.example.com.yaml",
            "line": 3
          }
        ]
      },
      "until": "2999-12-31",
      "verdict": "in_sync",
      "wanted": "disabled"
    }
    "#);
}

#[test]
fn the_plan_shows_the_way_back_and_validate_the_lines_to_remove() {
    let entry = "temporary:\n  - setting: ai_search\n    value: disabled\n    until: 2026-01-31\n    reason: load test\n";
    let story = shop(entry);
    assert_snapshot!(story.run("plan"), @"
    ~ shop.example.com (sbfm_pro)                              zones/shop.example.com.yaml
        ~ ai_search               disabled → block             tightens   baselines/retail.yaml:3
        ~ crawler_protection      disabled → enabled           tightens   baselines/company.yaml:4
          note: `ai_search` goes back from disabled to block, since its temporary value ended on 2026-01-31: load test   :5
          2 settings in sync, 12 unmanaged

    Plan: 1 zone to change (2 settings), 0 in sync, 0 blocked, 0 failed.
    Digest: [digest]
    ---- exit 0
    ");
    assert_snapshot!(story.run("validate"), @"
    1 zone file valid
    ---- stderr
    warning: the temporary value `ai_search: disabled` ended on 2026-01-31: load test
    --> zones/shop.example.com.yaml:5:14
     = help: remove lines 4 to 8

    ---- exit 0
    ");
}

#[test]
fn a_temporary_value_needs_something_to_go_back_to_and_is_checked_like_any_other() {
    let entries = "settings: {sbfm_verified_bots: allow}\ntemporary:\n  - {setting: ai_user, value: block, until: 2026-12-31, reason: x}\n  \
         - {setting: fight_mode, value: true, until: 2026-12-31, reason: x}\n  \
         - {setting: sbfm_verified_bots, value: blok, until: 2026-12-31, reason: x}\n  \
         - {setting: sbfm_verified_bots, until: 31.12.2026}\n";
    assert_snapshot!(told(entries, &[]), @"
    error: `ai_user` has nothing to go back to after its temporary value
     --> zones/shop.example.com.yaml:5:31
      |
    5 |   - {setting: ai_user, value: block, until: 2026-12-31, reason: x}
      |                               ^^^^^ neither `settings` nor a baseline names it, so this would stay
      |
      = help: write what counts after 2026-12-31 under `settings`: `ai_user: …`

    error: `fight_mode` is not available on sbfm_pro (needs bot_fight_mode)
     --> zones/shop.example.com.yaml:6:15
      |
    6 |   - {setting: fight_mode, value: true, until: 2026-12-31, reason: x}
      |               ^^^^^^^^^^ not a setting of sbfm_pro
      |
      = help: Super Bot Fight Mode takes its place: set `sbfm_definitely_automated`; where an earlier plan left it on, `stale: clean` turns it off

    error: `blok` is not a value of `sbfm_verified_bots`
     --> zones/shop.example.com.yaml:7:42
      |
    7 |   - {setting: sbfm_verified_bots, value: blok, until: 2026-12-31, reason: x}
      |                                          ^^^^ one of `allow`, `block`
      |
      = help: did you mean `block`?
    help: change it to
      |
    7 |   - {setting: sbfm_verified_bots, value: block, until: 2026-12-31, reason: x}
      |                                             +

    error: `reason` is missing
     --> zones/shop.example.com.yaml:8:5
      |
    8 |   - {setting: sbfm_verified_bots, until: 31.12.2026}
      |     ^
      |
      = help: add `reason: why`

    error: `value` is missing
     --> zones/shop.example.com.yaml:8:5
      |
    8 |   - {setting: sbfm_verified_bots, until: 31.12.2026}
      |     ^
      |
      = help: add `value: allow`

    error: `until` has to be a date, not `31.12.2026`
     --> zones/shop.example.com.yaml:8:42
      |
    8 |   - {setting: sbfm_verified_bots, until: 31.12.2026}
      |                                          ^^^^^^^^^^ written year-month-day
      |
      = help: a date is written such as `2026-12-31`

    6 errors in 1 file
    ");
}

#[test]
fn a_saved_plan_that_rests_on_what_has_ended_since_is_stale() {
    let temporary = "temporary: [{setting: enable_js, value: false, until: 2999-12-31, reason: load test}]\n";
    let accepted = "accept: [{setting: ai_search, until: 2999-12-31, reason: agreed}]\n";
    for (lines, what) in [(temporary, "temporary value of `enable_js`"), (accepted, "waiver for `ai_search`")]
    {
        let story = shop(&format!("settings: {{ai_user: block}}\n{lines}"));
        assert_eq!(story.run("plan --out plan.json").exit, 0);
        // A plan of long ago, as if it had been made before the end.
        let text = story.read("plan.json").replace("2999-12-31", "2020-01-31");
        let mut saved: Value = serde_json::from_str(&text).unwrap();
        saved["as_of"] = "2020-01-01".into();
        story.write("plan.json", saved.to_string());
        let run = story.run("apply plan.json --output json");
        assert_eq!((run.exit, run.outcome().as_str()), (4, "stale"), "{run}");
        assert!(run.stdout.contains(&format!("the {what} ended on 2020-01-31")), "{run}");
        assert!(story.bodies().is_empty());
    }
}

#[test]
fn one_baseline_of_many_zones_is_read_once() {
    let story = Story::new(json!([]))
        .file("botform.yaml", "{}")
        .file("baselines/wrong.yaml", "settings: {ai_serch: block}\n");
    for n in 0..50 {
        let zone = format!("zone: z{n}.example.com\nplan: sbfm_pro\nextends: ../baselines/wrong.yaml\n");
        story.write(&format!("zones/{n}.yaml"), zone);
    }
    let run = story.run("validate --output json");
    assert_eq!(run.json()["problems"].as_array().unwrap().len(), 1, "{run}");
}
