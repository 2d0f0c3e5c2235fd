//! Temporary values: when they count, the return to the standing value, and saved plans that depend on an ended one.

use crate::baselines::{shop, told};
use insta::assert_snapshot;
use serde_json::Value;

#[test]
fn a_saved_plan_of_baselines_and_temporary_values_is_read_and_applied() {
    let temporary = "temporary:\n  - setting: enable_js\n    value: false\n    until: 2999-12-31\n    reason: load test\n";
    let story = shop(&format!("settings: {{ai_user: block}}\n{temporary}"));
    assert_eq!(story.run("plan --out plan.json").exit, 0);
    let saved: Value = serde_json::from_str(&story.read("plan.json")).unwrap();
    assert_snapshot!(story.run("show plan.json").told(), @"
    ~ shop.example.com (sbfm_pro)                              zones/shop.example.com.yaml
        ~ ai_search               disabled → block             tightens   shuts out search engines (medium confidence)  blocks social previews (low confidence)  baselines/retail.yaml:3
        ~ ai_user                 disabled → block             tightens   blocks social previews (low confidence)  :4
        ~ crawler_protection      disabled → enabled           tightens   baselines/company.yaml:4 via baselines/retail.yaml:1
        ~ enable_js               true → false                 loosens    :6  temporary until 2999-12-31, then true: load test
          1

    Plan: 1, 4, 0, 0, 0, 1, 2999, 12, 31, 1, 1
    ---- exit 0
    ");
    let shown = story.run("show plan.json --output json");
    assert_eq!(shown.json()["zones"], saved["zones"]);
    assert_eq!(story.run("apply plan.json").exit, 0);
    assert_eq!(story.run("plan --detailed-exitcode").exit, 0);
    assert_eq!(story.live("shop.example.com")["ai_search"], "block");
}

#[test]
fn a_temporary_value_counts_until_its_last_day_and_the_plan_shows_it() {
    let entry = "temporary: [{setting: ai_search, value: disabled, until: 2999-12-31, reason: load test}]\n";
    let story = shop(entry);
    story.run("apply --auto-approve");
    assert_eq!(story.live("shop.example.com")["ai_search"], "disabled");
    assert_snapshot!(story.run("plan --detailed-exitcode").told(), @"
    = shop.example.com (sbfm_pro)  in sync                     zones/shop.example.com.yaml
        = ai_search               disabled                     temporary until 2999-12-31, then block: load test
          4

    Plan: 0, 1, 0, 0, 1, 2999, 12, 31
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
fn the_plan_shows_the_return_and_validate_the_lines_to_remove() {
    let entry = "temporary:\n  - setting: ai_search\n    value: disabled\n    until: 2026-01-31\n    reason: load test\n";
    let story = shop(entry);
    assert_snapshot!(story.run("plan").told(), @"
    ~ shop.example.com (sbfm_pro)                              zones/shop.example.com.yaml
        ~ ai_search               disabled → block             tightens   shuts out search engines (medium confidence)  blocks social previews (low confidence)  baselines/retail.yaml:3
        ~ crawler_protection      disabled → enabled           tightens   baselines/company.yaml:4 via baselines/retail.yaml:1
          note: `ai_search` returns from disabled to block because its temporary value ended on 2026-01-31: load test   :5
          2

    Plan: 1, 2, 0, 0, 0, 1
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
fn a_temporary_value_needs_a_standing_value_and_is_checked_like_any_other() {
    let entries = "settings: {sbfm_verified_bots: allow}\ntemporary:\n  - {setting: ai_user, value: block, until: 2026-12-31, reason: x}\n  \
         - {setting: fight_mode, value: true, until: 2026-12-31, reason: x}\n  \
         - {setting: sbfm_verified_bots, value: blok, until: 2026-12-31, reason: x}\n  \
         - {setting: sbfm_verified_bots, until: 31.12.2026}\n";
    assert_snapshot!(told(entries, &[]), @"
    error: `ai_user` has no value to return to after its temporary value
     --> zones/shop.example.com.yaml:5:31
      |
    5 |   - {setting: ai_user, value: block, until: 2026-12-31, reason: x}
      |                               ^^^^^ neither `settings` nor a baseline names it, so the temporary value would stay
      |
      = help: add the value that applies after 2026-12-31 under `settings`: `ai_user: …`

    error: `fight_mode` is not available on sbfm_pro (needs bot_fight_mode)
     --> zones/shop.example.com.yaml:6:15
      |
    6 |   - {setting: fight_mode, value: true, until: 2026-12-31, reason: x}
      |               ^^^^^^^^^^ not a setting of sbfm_pro
      |
      = help: Super Bot Fight Mode replaces it: set `sbfm_definitely_automated`; where an earlier plan left it on, `stale: clean` turns it off

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

    error: `until` must be a date, not `31.12.2026`
     --> zones/shop.example.com.yaml:8:42
      |
    8 |   - {setting: sbfm_verified_bots, until: 31.12.2026}
      |                                          ^^^^^^^^^^ written year-month-day
      |
      = help: a date looks like `2026-12-31`

    6 errors in 1 file
    ");
}

#[test]
fn a_saved_plan_that_depends_on_an_ended_entry_is_stale() {
    let temporary = "temporary: [{setting: enable_js, value: false, until: 2999-12-31, reason: load test}]\n";
    let accepted = "accept: [{setting: ai_search, until: 2999-12-31, reason: agreed}]\n";
    for (lines, what) in [(temporary, "temporary value of `enable_js`"), (accepted, "waiver for `ai_search`")]
    {
        let story = shop(&format!("settings: {{ai_user: block}}\n{lines}"));
        assert_eq!(story.run("plan --out plan.json").exit, 0);
        // Date the plan back to before the end of the temporary value.
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
fn a_freeze_that_outlasts_a_temporary_value_is_warned_about_with_the_baseline() {
    let entry = "temporary: [{setting: ai_search, value: disabled, until: 2999-06-30, reason: load test}]\n";
    let story = shop(&format!("{entry}freeze: {{until: 2999-12-31, reason: sale}}\n"));
    let run = story.run("validate");
    assert!(
        run.exit == 0 && run.stderr.contains("the freeze until 2999-12-31 keeps `ai_search: disabled`"),
        "{run}"
    );
    story.write("baselines/company.yaml", "settings:\n  jsd_api_results_enabled: true\n");
    assert_snapshot!(story.run("plan").told(), @"
    ~ shop.example.com (sbfm_pro)                              zones/shop.example.com.yaml
        = ai_search                disabled                     temporary until 2999-06-30, then block: load test
        ~ jsd_api_results_enabled  false → true                            baselines/company.yaml:2 via baselines/retail.yaml:1
          warning: `jsd_api_results_enabled` is documented as a part of Bot Management for Enterprise: expect other plans to refuse it   baselines/company.yaml:2
          not written, protected until 2999-12-31: sale
          2

    Plan: 0, 0, 0, 0, 1, 1, 2999, 06, 30
    ---- exit 0
    ");
}
