//! A new user's first hour, as that user types and reads it: 40 zones of all variants, from an empty folder to an
//! apply.

use super::story::Story;
use insta::assert_snapshot;
use serde_json::json;

/// Ten zones of each variant; five were on another plan once.
fn dashboard() -> Story {
    let plans = ["free", "pro", "sbfm_business", "bm_enterprise"];
    let zones = (0..40).map(|index| {
        let stale = if index % 8 == 1 { json!({"fight_mode": true}) } else { json!({}) };
        json!({"name": format!("shop-{index:02}.example.com"), "plan": plans[index % 4], "stale": stale})
    });
    Story::new(zones.collect())
}

/// The edits of a user.
fn edit(story: &Story, path: &str, from: &str, to: &str) {
    let text = story.read(path);
    assert_eq!(text.matches(from).count(), 1, "{text}");
    story.write(path, text.replace(from, to));
}

#[test]
fn the_first_hour_leads_from_nothing_to_an_apply() {
    let story = dashboard();
    let init = story.run("init");
    assert!(init.exit == 0 && init.stdout.contains("  botform import zones   #"), "{init}");
    assert_eq!(story.run("validate").exit, 0);
    assert_snapshot!(story.run("doctor"));
    assert_snapshot!(story.run("import zones"), @"
    40 written, 5 hold stale settings; plan: 0 changes
    ---- stderr
    reading 40 zones
    ---- exit 0
    ");
    assert!(story.path("zones/.gitkeep").exists());
    let file = "zones/shop-02.example.com.yaml";
    assert!(story.read(file).starts_with("# yaml-language-server: $schema=../schemas/zone.schema.json\n"));
    assert!(story.path("schemas/zone.schema.json").exists());
    let plan = story.run("plan --detailed-exitcode");
    assert!(plan.exit == 0 && plan.told().contains("Plan: 0, 40, "), "{plan}");
    edit(
        &story,
        file,
        "  enable_js: true\n",
        "  enable_js: true\n  sbfm_likely_automated: managed_challenge\n",
    );
    assert_snapshot!(story.run("plan --zone shop-02.*").told(), @"
    ~ shop-02.example.com (sbfm_business)                      zones/shop-02.example.com.yaml
        ~ sbfm_likely_automated   allow → managed_challenge    tightens   :8
          3

    Plan: 1, 1, 0, 0, 0
    ---- exit 0
    ");
    assert_snapshot!(story.run("apply --zone shop-02.*").told(), @"
    ~ shop-02.example.com (sbfm_business)                      zones/shop-02.example.com.yaml
        ~ sbfm_likely_automated   allow → managed_challenge    tightens   :8
          3

    Plan: 1, 1, 0, 0, 0

    Apply: 0, 0, 0, 0, 1
    ---- stderr
    error: nothing was written: there is no terminal to ask for approval

    hint: add `--auto-approve`, or apply a saved plan
    ---- exit 1
    ");
    assert_snapshot!(story.run("apply --auto-approve --zone shop-02.*").told(), @"
    ~ shop-02.example.com (sbfm_business)                      zones/shop-02.example.com.yaml
        ~ sbfm_likely_automated   allow → managed_challenge    tightens   :8
          3

    Plan: 1, 1, 0, 0, 0

      applied       shop-02.example.com   1 setting written and read back

    Apply: 1, 0, 0, 0, 0
    ---- exit 0
    ");
    assert_eq!(story.bodies(), [json!({"sbfm_likely_automated": "managed_challenge"})]);
    assert_eq!(story.run("plan --detailed-exitcode").exit, 0);
    assert_snapshot!(story.run("import zones"), @"
    40 unchanged, 5 hold stale settings; plan: 0 changes
    ---- stderr
    reading 40 zones
    ---- exit 0
    ");
}

#[test]
fn the_baseline_of_a_new_repository_takes_what_the_zones_share() {
    let story = dashboard();
    story.run("init");
    assert_snapshot!(story.run("import zones --baseline default"), @"
    40 written, 7 shared values in baselines/default.yaml, 5 hold stale settings; plan: 0 changes
    ---- stderr
    reading 40 zones
    ---- exit 0
    ");
    assert_snapshot!(story.read("baselines/default.yaml"), @"
    # yaml-language-server: $schema=../schemas/baseline.schema.json
    # What at least 80 % of the zones had in common when they were imported.
    settings:
      ai_bots_protection: block
      enable_js: true
      jsd_api_results_enabled: false
    plans:
      bot_fight_mode:
        bot_preference_sync_enabled: true
        is_robots_txt_managed: true
      sbfm_pro:
        bot_preference_sync_enabled: true
        is_robots_txt_managed: true
    ");
    assert_snapshot!(story.read("zones/shop-02.example.com.yaml"), @r#"
    # yaml-language-server: $schema=../schemas/zone.schema.json
    zone: shop-02.example.com
    zone_id: [id]
    plan: sbfm_business
    extends: ../baselines/default.yaml
    # Off and not managed: a change in the dashboard only shows as changed outside:
    #   ai_bots_migration_opt_out: false
    #   ai_search: disabled
    #   ai_training: disabled
    #   ai_user: disabled
    #   bot_preference_sync_enabled: false
    #   cf_robots_variant: "off"
    #   content_bots_protection: disabled
    #   crawler_protection: disabled
    #   is_robots_txt_managed: false
    #   optimize_wordpress: false
    #   sbfm_definitely_automated: allow
    #   sbfm_likely_automated: allow
    #   sbfm_static_resource_protection: false
    #   sbfm_verified_bots: allow
    "#);
    assert_eq!(story.run("validate").exit, 0);
    assert_eq!(story.run("plan --detailed-exitcode").exit, 0);
    edit(
        &story,
        "baselines/default.yaml",
        "ai_bots_protection: block",
        "ai_bots_protection: only_on_ad_pages",
    );
    // The guards of a new repository ask whether all of them are meant.
    let plan = story.run("plan --detailed-exitcode");
    assert!(plan.exit == 5 && plan.stderr.contains("allow them with `--max-zones 40`"), "{plan}");
    let meant = "--max-zones 40 --max-loosening 40";
    let plan = story.run(&format!("plan --detailed-exitcode {meant}"));
    assert!(plan.exit == 2 && plan.told().contains("Plan: 40, "), "{plan}");
    assert_eq!(story.run(&format!("apply --auto-approve {meant}")).exit, 0);
    assert_eq!(story.run("plan --detailed-exitcode").exit, 0);
}

#[test]
fn a_baseline_that_somebody_wrote_or_extends_is_joined_and_stays() {
    let story = dashboard();
    story.run("init");
    story.write(
        "zones/shop-01.example.com.yaml",
        "zone: shop-01.example.com\nplan: sbfm_pro\nextends: ../baselines/default.yaml\nsettings: {}\n",
    );
    let written = story.read("baselines/default.yaml");
    let run = story.run("import zones --baseline default");
    assert!(run.exit == 0 && run.stdout.contains("of them extend baselines/default.yaml"), "{run}");
    assert_eq!(story.read("baselines/default.yaml"), written);
    story.write("baselines/default.yaml", "settings: {} # mine\n");
    let run = story.run("import other --baseline default");
    assert!(run.exit == 0 && run.stdout.contains("of them extend baselines/default.yaml"), "{run}");
    assert_eq!(story.read("baselines/default.yaml"), "settings: {} # mine\n");
    assert_eq!(story.run("plan other --detailed-exitcode").exit, 0);
}
