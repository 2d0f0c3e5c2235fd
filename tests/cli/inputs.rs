//! Bad input: a clear error, exit 1, and nothing sent.

use crate::story::Story;
use insta::assert_snapshot;

/// Plans one file of a content.
fn plan(content: impl AsRef<[u8]>) -> String {
    let story = Story::shop("").file("bad/zone.yaml", content);
    let run = story.run("plan bad");
    assert_eq!(run.exit, 1, "{run}");
    assert!(run.stdout.is_empty(), "{run}");
    assert!(story.emulator().requests().is_empty());
    run.stderr
}

fn settings(lines: &str) -> String {
    plan(format!("zone: shop.example.com\nplan: sbfm_pro\nsettings:\n{lines}"))
}

#[test]
fn validate_gives_problems_as_json_too() {
    let story = Story::shop("")
        .file("zones/b.yaml", "zone: b.example.com\nplan: sbfm_pro\nsettings: {ai_serch: block}\n");
    let run = story.run("validate --output json");
    assert_eq!(run.exit, 1);
    let problem = &run.json()["problems"][0];
    assert_eq!(
        (&problem["file"], &problem["line"], &problem["column"]),
        (&"zones/b.yaml".into(), &3.into(), &12.into())
    );
    assert_eq!(problem["replacement"], "ai_search");
    let good = story.file("zones/b.yaml", "zone: b.example.com\nplan: sbfm_pro\nsettings: {}\n");
    assert_eq!(
        good.run("validate --zone b.* --output json").json(),
        serde_json::json!({"format_version": "1.0", "zones": 1, "problems": []})
    );
}

#[test]
fn all_problems_of_all_files_are_reported_in_one_run() {
    let story = Story::shop("")
        .file("zones/a.yaml", "zone: a.example.com\nplan: sbfm_prob\nsettings: {enable_js: yes}\n")
        .file("zones/b.yaml", "zone: b.example.com\nplan: sbfm_pro\nsettings:\n  sbfm_likely_automated: block\n  ai_serch: blok\n  using_latest_model: true\n")
        .file("zones/c.yaml", "zone: shop.example.com\nplan: sbfm_pro\nsettings: {}\n");
    assert_snapshot!(story.run("plan"), @"
    ---- stderr
    error: `sbfm_prob` is not a plan variant
     --> zones/a.yaml:2:7
      |
    2 | plan: sbfm_prob
      |       ^^^^^^^^^ one of `bot_fight_mode`, `sbfm_pro`, `sbfm_business`, `bm_enterprise`
      |
      = help: did you mean `sbfm_pro`?
    help: change it to
      |
    2 - plan: sbfm_prob
    2 + plan: sbfm_pro
      |

    error: `enable_js` must be `true` or `false`, not `yes`
     --> zones/a.yaml:3:23
      |
    3 | settings: {enable_js: yes}
      |                       ^^^ not a boolean in YAML 1.2
      |
    help: change it to
      |
    3 - settings: {enable_js: yes}
    3 + settings: {enable_js: true}
      |

    error: `sbfm_likely_automated` is not available on sbfm_pro (needs sbfm_business)
     --> zones/b.yaml:4:3
      |
    4 |   sbfm_likely_automated: block
      |   ^^^^^^^^^^^^^^^^^^^^^ not a setting of sbfm_pro
      |
     ::: zones/b.yaml:2:7
      |
    2 | plan: sbfm_pro
      |       -------- the plan variant of this file
      |
      = help: remove it, or correct `plan` if the zone has another one

    error: unknown setting `ai_serch`
     --> zones/b.yaml:5:3
      |
    5 |   ai_serch: blok
      |   ^^^^^^^^ not a setting of sbfm_pro
      |
      = help: did you mean `ai_search`?
    help: change it to
      |
    5 |   ai_search: blok
      |        +

    error: `using_latest_model` is read-only
     --> zones/b.yaml:6:3
      |
    6 |   using_latest_model: true
      |   ^^^^^^^^^^^^^^^^^^ only Cloudflare sets it
      |
      = help: remove it

    error: the zone `shop.example.com` is also in zones/c.yaml:1
     --> zones/shop.example.com.yaml:1:7
      |
    1 | zone: shop.example.com
      |       ^^^^^^^^^^^^^^^^ only one file per zone
      |
      = help: remove one of the two; if two accounts have a zone of this name, give both files their `zone_id` or `account_id`

    6 errors in 3 files
    ---- exit 1
    ");
    assert!(story.emulator().requests().is_empty());
}

#[test]
fn misspelt_keys_and_values_get_a_suggestion() {
    assert_snapshot!(settings("  ai_bots_protectoin: block\n  ai_search: blocked\n"), @"
    error: unknown setting `ai_bots_protectoin`
     --> bad/zone.yaml:4:3
      |
    4 |   ai_bots_protectoin: block
      |   ^^^^^^^^^^^^^^^^^^ not a setting of sbfm_pro
      |
      = help: did you mean `ai_bots_protection`?
    help: change it to
      |
    4 -   ai_bots_protectoin: block
    4 +   ai_bots_protection: block
      |

    error: `blocked` is not a value of `ai_search`
     --> bad/zone.yaml:5:14
      |
    5 |   ai_search: blocked
      |              ^^^^^^^ one of `disabled`, `block`, `only_on_ad_pages`
      |
      = help: did you mean `block`?
    help: change it to
      |
    5 -   ai_search: blocked
    5 +   ai_search: block
      |

    2 errors in 1 file
    ");
}

#[test]
fn yaml_1_1_booleans_and_words_are_not_mixed() {
    assert_snapshot!(settings("  enable_js: yes\n  crawler_protection: true\n"), @"
    error: `enable_js` must be `true` or `false`, not `yes`
     --> bad/zone.yaml:4:14
      |
    4 |   enable_js: yes
      |              ^^^ not a boolean in YAML 1.2
      |
    help: change it to
      |
    4 -   enable_js: yes
    4 +   enable_js: true
      |

    error: `true` is not a value of `crawler_protection`
     --> bad/zone.yaml:5:23
      |
    5 |   crawler_protection: true
      |                       ^^^^ one of `enabled`, `disabled`
      |
      = help: write the word `enabled`
    help: change it to
      |
    5 -   crawler_protection: true
    5 +   crawler_protection: enabled
      |

    2 errors in 1 file
    ");
}

#[test]
fn null_is_refused() {
    assert_snapshot!(settings("  enable_js: null\n  ai_search:\n"), @"
    error: `enable_js` has no value
     --> bad/zone.yaml:4:14
      |
    4 |   enable_js: null
      |              ^^^^ null is not a value of a setting
      |
      = help: leave the setting out to leave it unmanaged

    error: `ai_search` has no value
     --> bad/zone.yaml:5:3
      |
    5 |   ai_search:
      |   ^^^^^^^^^ null is not a value of a setting
      |
      = help: leave the setting out to leave it unmanaged

    2 errors in 1 file
    ");
}

#[test]
fn a_duplicate_key_is_reported_at_its_second_place() {
    assert_snapshot!(settings("  enable_js: true\n  ai_search: block\n  enable_js: false\n"), @"
    error: the key `enable_js` appears a second time
     --> bad/zone.yaml:6:3
      |
    6 |   enable_js: false
      |   ^^^^^^^^^ each key may appear once
      |
     ::: bad/zone.yaml:4:3
      |
    4 |   enable_js: true
      |   --------- the first one
      |
      = help: remove one of the two
    ");
}

#[test]
fn a_file_that_is_not_a_zone_file_at_all_is_reported() {
    assert_snapshot!(plan("zone: a.example.com\nplan: sbfm_pro\nsettings: {}\n---\nzone: b.example.com\n"), @"
    error: the file contains more than one document
     --> bad/zone.yaml:4:1
      |
    4 | ---
      | ^^^
      |
      = help: put each document into its own file
    ");
    assert_snapshot!(plan(b"zone: caf\xe9.example.com\n"), @"
    error: the file is not UTF-8: byte 9 in line 1 is wrong
     --> bad/zone.yaml:1:10
      |
    1 | zone: caf
      |          ^
      |
      = help: save it as UTF-8
    ");
    assert_snapshot!(plan("zone: a.example.com\nplan: sbfm_pro\nsettings:\n\tenable_js: true\n"), @"
    error: a tab cannot indent a line
     --> bad/zone.yaml:4:1
      |
    4 |     enable_js: true
      | ^^^^
      |
      = help: indent with spaces
    ");
    assert_snapshot!(plan(""), @"
    error: the file is empty
     --> bad/zone.yaml:1:1
      |
    1 |
      | ^
    ");
    assert_snapshot!(plan("- zone: a.example.com\n"), @"
    error: a zone file must be a mapping, not a list
     --> bad/zone.yaml:1:1
      |
    1 | - zone: a.example.com
      | ^^^^^^^^^^^^^^^^^^^^^
      |
      = help: start the file with `zone:`, `plan:` and `settings:`
    ");
}

#[test]
fn oversized_files_are_refused_where_the_limit_is_exceeded() {
    assert_snapshot!(plan(format!("zone: {}", "x".repeat(30_000_000))), @"
    error: the file has 30000006 bytes; the limit is 1048576
    --> bad/zone.yaml
     = help: split it, or move it out of the folder if it does not belong there
    ");
    assert_snapshot!(plan("[".repeat(100_000)), @"
    error: more than 64 levels of nesting
     --> bad/zone.yaml:1:256
      |
     ::: 
    1 | …[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[...
      |                                                              ^
    ");
    assert_snapshot!(plan(format!("{{{}", "a: {".repeat(100_000))), @"
    error: more than 64 levels of nesting
     --> bad/zone.yaml:1:1021
      |
     ::: 
    1 | …{a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: ...
      |                                                              ^
    ");
    let bomb = (1..9).fold("a0: &a0 [x,x,x,x,x,x,x,x,x]\n".to_owned(), |bomb, n| {
        let last = n - 1;
        format!(
            "{bomb}a{n}: &a{n} [*a{last},*a{last},*a{last},*a{last},*a{last},*a{last},*a{last},*a{last}]\n"
        )
    });
    let told = plan(bomb);
    assert_snapshot!(told.split("\n\n").next().unwrap(), @"
    error: an alias must refer to a single value
     --> bad/zone.yaml:2:10
      |
    2 | a1: &a1 [*a0,*a0,*a0,*a0,*a0,*a0,*a0,*a0]
      |          ^^^
      |
      = help: write the list or the mapping out
     = the same in 63 other places:
        bad/zone.yaml:2, bad/zone.yaml:3, bad/zone.yaml:4, bad/zone.yaml:5, bad/zone.yaml:6, bad/zone.yaml:7 and 2 more
    ");
}

#[test]
fn paths_without_zone_files_are_errors() {
    let story = Story::shop("").file("empty/readme.txt", "no zones here");
    assert_snapshot!(story.run("plan no/such/folder"), @"
    ---- stderr
    error: no such file or folder
    --> no/such/folder
     = help: name zone files, or folders that hold them

    ---- exit 1
    ");
    assert_snapshot!(story.run("plan empty"), @"
    ---- stderr
    error: the folder contains no zone files
    --> empty
     = help: zone files end in `.yaml` or `.yml`

    ---- exit 1
    ");
}

#[test]
fn a_missing_default_folder_is_reported() {
    let story = Story::new(serde_json::json!([]));
    assert_snapshot!(story.run("plan"), @"
    ---- stderr
    error: there is no folder `zones` here
    --> zones
     = help: `botform import` writes a file for each live zone; `botform init` makes a repository

    ---- exit 1
    ");
}

#[cfg(unix)]
#[test]
fn an_unreadable_file_is_an_error() {
    use std::os::unix::fs::PermissionsExt as _;
    let story = Story::shop("enable_js: true");
    let path = story.path("zones/shop.example.com.yaml");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).unwrap();
    // Root reads everything.
    if std::fs::read(&path).is_ok() {
        return;
    }
    let run = story.run("plan");
    assert_eq!(run.exit, 1);
    assert!(run.stderr.contains("zones/shop.example.com.yaml"), "{run}");
}

#[test]
fn the_same_zone_in_two_files_names_both() {
    let story = Story::shop("enable_js: true")
        .file("zones/again.yaml", "zone: shop.example.com\nplan: sbfm_pro\nsettings: {}\n");
    assert_snapshot!(story.run("validate"), @"
    ---- stderr
    error: the zone `shop.example.com` is also in zones/again.yaml:1
     --> zones/shop.example.com.yaml:1:7
      |
    1 | zone: shop.example.com
      |       ^^^^^^^^^^^^^^^^ only one file per zone
      |
      = help: remove one of the two; if two accounts have a zone of this name, give both files their `zone_id` or `account_id`

    ---- exit 1
    ");
}

#[test]
fn a_valid_folder_is_reported_as_valid() {
    assert_snapshot!(Story::shop("enable_js: true").run("validate"), @"
    1 zone file valid
    ---- exit 0
    ");
}

#[test]
fn rules_across_settings_are_checked_offline() {
    assert_snapshot!(settings("  bot_preference_sync_enabled: false\n  is_robots_txt_managed: true\n"), @"
    error: `bot_preference_sync_enabled: false` needs `is_robots_txt_managed: false`
     --> bad/zone.yaml:5:26
      |
    5 |   is_robots_txt_managed: true
      |                          ^^^^ Cloudflare silently turns it on again while robots.txt is managed
      |
     ::: bad/zone.yaml:4:32
      |
    4 |   bot_preference_sync_enabled: false
      |                                ----- required by this
      |
      = help: write `is_robots_txt_managed: false`, or remove `bot_preference_sync_enabled: false`
    help: change it to
      |
    5 -   is_robots_txt_managed: true
    5 +   is_robots_txt_managed: false
      |
    ");
    assert_snapshot!(plan("zone: a.example.com\nplan: bot_fight_mode\nsettings: {fight_mode: true, enable_js: false}\n"), @"
    error: `fight_mode: true` needs `enable_js: true`
     --> bad/zone.yaml:3:41
      |
    3 | settings: {fight_mode: true, enable_js: false}
      |                                         ^^^^^ Cloudflare refuses it otherwise
      |
     ::: bad/zone.yaml:3:24
      |
    3 | settings: {fight_mode: true, enable_js: false}
      |                        ---- required by this
      |
      = help: write `enable_js: true`, or remove `fight_mode: true`
    help: change it to
      |
    3 - settings: {fight_mode: true, enable_js: false}
    3 + settings: {fight_mode: true, enable_js: true}
      |
    ");
}

#[test]
fn an_invalid_world_is_reported_with_every_error() {
    let story = Story::shop("enable_js: true")
        .file("world.yaml", "zones:\n  - name: shop.example.com\n    plan: sbfm_prob\n  - {plan: pro}\n");
    assert_snapshot!(story.run("plan --emulate world.yaml"), @"
    ---- stderr
    error: world.yaml is not a valid world file
      caused by: zones[0].plan: unknown word `sbfm_prob`, did you mean `sbfm_pro`? (one of `bot_fight_mode`, `sbfm_pro`, `sbfm_business`, `bm_enterprise`, `free`, `pro`, `business`, `enterprise`)
      caused by: zones[1]: `name` is missing

    hint: see examples/world.yaml for the format
    ---- exit 1
    ");
    assert_eq!(story.run("plan --emulate no-such-world.yaml").exit, 64);
}
