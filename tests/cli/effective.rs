//! What an earlier plan variant left behind acts: verdicts, policies and `import` go by it.

use crate::story::Story;
use insta::assert_snapshot;
use serde_json::{Value, json};

/// A Free zone on which a rule of an earlier Super Bot Fight Mode acts, and its file of then.
fn downgraded(value: &str, more: &str) -> Story {
    let live = json!({"enable_js": true, "fight_mode": false});
    let stale = json!({"sbfm_verified_bots": "block"});
    let zones = json!([{"name": "shop.example.com", "plan": "free", "live": live, "stale": stale}]);
    Story::new(zones).zone_with("shop.example.com", "sbfm_pro", &format!("sbfm_verified_bots: {value}"), more)
}

#[test]
fn a_named_neutral_value_is_a_change_while_its_stale_member_acts() {
    let story = downgraded("allow", "");
    assert_snapshot!(story.run("plan --detailed-exitcode").told(), @"
    ~ shop.example.com (sbfm_pro)                              zones/shop.example.com.yaml
        - sbfm_verified_bots      block → allow                loosens    stale, left by an earlier plan variant  :4
          warning: the file says `plan: sbfm_pro`, but live is bot_fight_mode   :2
            hint: write `plan: bot_fight_mode`
          0

    Plan: 1, 0, 1, 0, 0, 0, 1
    ---- exit 2
    ");
    let zone = story.run("plan --output json").json()["zones"][0].clone();
    assert_eq!(zone["body"], json!({"sbfm_verified_bots": "allow"}));
    let rows = zone["settings"].as_array().unwrap();
    let of_bots: Vec<_> = rows.iter().filter(|row| row["setting"] == "sbfm_verified_bots").collect();
    assert_eq!(of_bots.len(), 1, "one row, which is its clean-up");
    assert_eq!((&of_bots[0]["leftover"], &of_bots[0]["live"]), (&json!(true), &json!("block")));
    assert_eq!(of_bots[0]["at"]["line"], 4);
    assert_eq!(story.run("plan --out plan.json").exit, 0);
    assert_eq!(story.run("apply plan.json --journal j.jsonl").exit, 0);
    assert!(story.live("shop.example.com").get("stale_zone_configuration").is_none());
    assert_eq!(story.run("plan --detailed-exitcode").exit, 0);
    let undo = story.run("undo j.jsonl --auto-approve");
    let lost = "`sbfm_verified_bots` was stale at \"block\", left by an earlier plan variant; that cannot be written again";
    assert!(undo.stdout.contains(lost), "{undo}");
}

#[test]
fn a_sticky_leftover_that_the_file_names_is_not_applied() {
    let stale = json!({"sbfm_verified_bots": "block"});
    let zones = json!([{"name": "shop.example.com", "plan": "free", "stale": stale, "sticky": true}]);
    let story = Story::new(zones).zone("shop.example.com", "sbfm_pro", "sbfm_verified_bots: allow");
    let run = story.run("apply --auto-approve --output json");
    assert_eq!((run.exit, run.outcome().as_str()), (1, "not_applied"), "{run}");
    assert_eq!(run.json()["zones"][0]["findings"][0]["kind"], "kept");
}

#[test]
fn policies_judge_what_acts() {
    let policy = "policy:\n- {id: bots, reason: search, forbid: {sbfm_verified_bots: [block]}}\n";
    let acts = "is broken live: `sbfm_verified_bots` may not be block";
    let free = json!({"enable_js": true, "fight_mode": false});
    let stale = json!({"sbfm_verified_bots": "block"});
    let zones = json!([{"name": "shop.example.com", "plan": "free", "live": free, "stale": stale}]);
    let story = Story::new(zones).zone("shop.example.com", "bot_fight_mode", "enable_js: true");
    let story = story.file("botform.yaml", policy);
    let run = story.run("plan");
    assert!(run.exit == 0 && run.to_string().contains(acts), "{run}");
    // What is cleaned is not judged.
    story.write(
        "zones/shop.example.com.yaml",
        "zone: shop.example.com\nplan: bot_fight_mode\nsettings: {enable_js: true}\nstale: clean\n",
    );
    let run = story.run("plan");
    assert!(run.exit == 0 && !run.to_string().contains("may not be"), "{run}");
}

#[test]
fn import_keeps_what_acts_after_a_downgrade() {
    for (value, after) in [("block", "block"), ("allow", "block")] {
        let story = downgraded(value, "");
        let run = story.run("import zones --zone shop.example.com");
        assert_eq!(run.exit, 0, "{run}");
        assert!(story.read("zones/shop.example.com.yaml").contains(&format!("sbfm_verified_bots: {after}")));
        assert_eq!(story.run("plan --detailed-exitcode").exit, 0, "a plan after an import is empty");
    }
}

#[test]
fn a_held_clean_up_names_the_value_that_acts() {
    let story = downgraded("allow", "");
    let saved = story.run("plan --out then.json");
    assert_eq!(saved.exit, 0, "{saved}");
    let plan = story.run("plan --since-plan then.json --output json").json();
    let row = plan["zones"][0]["settings"].as_array().unwrap().iter().find(|row| row["leftover"] == true);
    assert_eq!(row.map(|row| &row["verdict"]), Some(&Value::from("held")));
}

#[test]
fn an_undo_writes_what_acted_where_the_zone_has_the_setting() {
    let live = json!({"enable_js": true, "sbfm_verified_bots": "allow"});
    let stale = json!({"sbfm_verified_bots": "block"});
    let zones = json!([{"name": "shop.example.com", "plan": "pro", "live": live, "stale": stale}]);
    let story = Story::new(zones).zone("shop.example.com", "sbfm_pro", "sbfm_verified_bots: allow");
    assert_eq!(story.run("plan --detailed-exitcode").exit, 2, "the reported value does not act");
    assert_eq!(story.run("apply --auto-approve --journal j.jsonl").exit, 0);
    assert_eq!(story.bodies(), [json!({"sbfm_verified_bots": "allow"})]);
    let undo = story.run("undo j.jsonl --auto-approve");
    assert!(undo.exit == 0 && !undo.stdout.contains("cannot be restored"), "{undo}");
    assert_eq!(story.live("shop.example.com")["sbfm_verified_bots"], "block");
}
