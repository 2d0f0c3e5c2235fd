//! Baselines: which value counts, where it comes from, and the messages about invalid ones.

use crate::story::Story;
use botform::model::Digest;
use insta::assert_snapshot;
use serde_json::json;

const RETAIL: &str = "extends: company.yaml\nsettings:\n  ai_search: block\nplans:\n  sbfm_pro:\n    sbfm_verified_bots: allow\n  \
     sbfm_business:\n    sbfm_likely_automated: block\n";
const COMPANY: &str =
    "settings:\n  ai_search: only_on_ad_pages\n  enable_js: true\n  crawler_protection: enabled\n";

/// A Pro shop that extends a baseline, which extends another one.
pub(crate) fn shop(more: &str) -> Story {
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
    assert_snapshot!(story.run("plan").told(), @"
    ~ shop.example.com (sbfm_pro)                              zones/shop.example.com.yaml
        ~ ai_search               disabled → block             tightens   shuts out search engines (medium confidence)  blocks social previews (low confidence)  baselines/retail.yaml:3
        ~ ai_user                 disabled → block             tightens   blocks social previews (low confidence)  :6
          3

    Plan: 1, 2, 0, 0, 0, 1
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
fn later_baselines_win_and_one_that_is_reached_twice_never_overrides_its_extenders() {
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
    assert_snapshot!(story.run("plan").told(), @"
    ~ 30 zones (sbfm_pro)
        ~ ai_search               disabled → block             tightens   shuts out search engines (medium confidence)  blocks social previews (low confidence)  baselines/retail.yaml:2
          z00.example.com, z01.example.com, z02.example.com, z03.example.com, z04.example.com, z05.example.com and 24 more (all with --detail)

    Plan: 30, 30, 0, 0, 0, 30
    ---- exit 0
    ");
}

/// The output of `validate` for a shop whose file ends with these lines, with these baselines.
pub(crate) fn told(lines: &str, baselines: &[(&str, &str)]) -> String {
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
      |   ^^^^^^^^^^ not available to every zone that extends this
      |
      = help: move it to `plans: {bot_fight_mode: …}`: only zones of that plan variant read it there

    ---- exit 1
    ");
    story.write(
        "baselines/all.yaml",
        "settings: {enable_js: true}\nplans: {bot_fight_mode: {fight_mode: true}}\n",
    );
    assert_eq!(story.run("validate").exit, 0);
}

#[test]
fn every_error_is_reported_at_its_place() {
    let entry = "temporary: [{setting: ai_search, value: block, until: 2026-12-31, reason: x}]\n";
    assert_snapshot!(told(&format!("extends: ../baselines/retial.yaml\n{entry}"), &[]), @"
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

    error: `../../secret.yaml` is outside the repository
     --> zones/shop.example.com.yaml:3:24
      |
    3 | extends: [/etc/passwd, ../../secret.yaml, ../.git/config.yaml, .env, 5]
      |                        ^^^^^^^^^^^^^^^^^
      |
      = help: a baseline must be in the same repository: below the folder of its `.git`, or, without git, below the folder of `botform.yaml`

    error: `../.git/config.yaml` is outside the repository
     --> zones/shop.example.com.yaml:3:43
      |
    3 | extends: [/etc/passwd, ../../secret.yaml, ../.git/config.yaml, .env, 5]
      |                                           ^^^^^^^^^^^^^^^^^^^
      |
      = help: a baseline must be in the same repository: below the folder of its `.git`, or, without git, below the folder of `botform.yaml`

    error: `.env` is not the path of a baseline
     --> zones/shop.example.com.yaml:3:64
      |
    3 | extends: [/etc/passwd, ../../secret.yaml, ../.git/config.yaml, .env, 5]
      |                                                                ^^^^
      |
      = help: a baseline ends in `.yaml` or `.yml`

    error: `extends` must be a file such as `../baselines/retail.yaml`, or a list of them, not `5`
     --> zones/shop.example.com.yaml:3:70
      |
    3 | extends: [/etc/passwd, ../../secret.yaml, ../.git/config.yaml, .env, 5]
      |                                                                      ^

    5 errors in 1 file
    ");
    let circle =
        [("a.yaml", "extends: b.yaml\n"), ("b.yaml", "extends: [a.yaml]\nsettings: {ai_serch: block}\n")];
    assert_snapshot!(told("extends: ../baselines/a.yaml\n", &circle), @"
    error: `a.yaml` already extends this file: `extends` is circular
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
    error: `../baselines/b.yaml` is already extended by baselines/a.yaml, which overrides it
     --> zones/shop.example.com.yaml:3:32
      |
    3 | extends: [../baselines/a.yaml, ../baselines/b.yaml, ../baselines/a.yaml]
      |                                ^^^^^^^^^^^^^^^^^^^
      |
      = help: remove it here, or list it first

    error: `../baselines/a.yaml` is extended twice
     --> zones/shop.example.com.yaml:3:53
      |
    3 | extends: [../baselines/a.yaml, ../baselines/b.yaml, ../baselines/a.yaml]
      |                                                     ^^^^^^^^^^^^^^^^^^^
      |
      = help: list it once

    2 errors in 1 file
    ");
    let wrong = [(
        "a.yaml",
        "zone: a.example\ntemporary: []\nsettigns: {}\nsettings: {ai_search: blok}\nplans: {pro: {}, sbfm_pro: {fight_mode: true}}\n",
    )];
    assert_snapshot!(told("extends: ../baselines/a.yaml\nplans: {}\n", &wrong), @"
    error: `zone` belongs in zone files, not in a baseline
     --> baselines/a.yaml:1:1
      |
    1 | zone: a.example
      | ^^^^ not a key of a baseline
      |
      = help: the keys of a baseline are `settings`, `plans`, `extends`

    error: `temporary` belongs in zone files, not in a baseline
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
      = help: Super Bot Fight Mode replaces it: set `sbfm_definitely_automated`; where an earlier plan left it on, `stale: clean` turns it off

    error: `plans` belongs in a baseline, not in a zone file
     --> zones/shop.example.com.yaml:4:1
      |
    4 | plans: {}
      | ^^^^^ not a key of a zone file
      |
      = help: move it to a file in a folder `baselines`, and list that file under `extends`

    7 errors in 2 files
    ");
}

#[test]
fn an_endless_chain_of_baselines_is_refused() {
    let files: Vec<_> =
        (0..20).map(|n| (format!("{n}.yaml"), format!("extends: {}.yaml\n", n + 1))).collect();
    let mut files: Vec<_> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    files.push(("20.yaml", "settings: {}\n"));
    let told = told("extends: ../baselines/0.yaml\n", &files);
    assert!(told.contains("more than 16 baselines extend each other in a chain"), "{told}");
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
fn rules_across_settings_apply_to_the_resolved_values() {
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
    error: `fight_mode: true` needs `enable_js: true`, but baselines/a.yaml:2 sets another value
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

#[test]
fn an_output_is_not_a_baseline_and_one_that_changed_after_the_plan_is_warned_about() {
    let story = shop("");
    let run = story.run("plan --output json=baselines/company.yaml");
    assert_eq!(run.exit, 64, "{run}");
    assert_eq!(story.read("baselines/company.yaml"), COMPANY);
    assert_eq!(story.run("plan --out plan.json").exit, 0);
    story.write("baselines/company.yaml", "settings: {}\n");
    let run = story.run("apply plan.json");
    assert!(run.stderr.contains("baselines/company.yaml changed after the plan was made"), "{run}");
}
