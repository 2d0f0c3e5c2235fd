//! The commands of the README, on the examples of the repository.

use crate::story::{Story, TOKEN, command, wait_until};
use insta::assert_snapshot;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Stdio;

/// Runs a command in the repository's folder.
fn run(story: &Story, arguments: &str) -> crate::story::Run {
    let mut command = command(Path::new(env!("CARGO_MANIFEST_DIR")), arguments);
    command.env("HOME", story.path("home"));
    story.end(command)
}

#[test]
fn the_first_command_of_the_readme_applies_four_zones() {
    let story = Story::new(json!([]));
    assert_snapshot!(run(&story, "apply examples/zones --emulate examples/world.yaml --auto-approve").told(), @"
    ~ bank.example.com (bm_enterprise)                         examples/zones/bank.example.com.yaml
        ~ auto_update_model                false → true                 tightens   :13
        ~ bot_preference_sync_enabled      true → false                            :12
        ~ is_robots_txt_managed            true → false                 loosens    :11
        ~ suppress_session_score           true → false                 tightens   :15
        - sbfm_definitely_automated        block → allow                loosens    stale, left by an earlier plan variant
        - sbfm_likely_automated            managed_challenge → allow    loosens    stale, left by an earlier plan variant
        - sbfm_static_resource_protection  true → false                 loosens    stale, left by an earlier plan variant
          5

    ~ shop.example.com (sbfm_pro)                              examples/zones/shop.example.com.yaml
        ~ ai_search                        block → disabled             loosens    :9
        ~ cf_robots_variant                off → policy_only            tightens   :10
        ~ sbfm_definitely_automated        allow → managed_challenge    tightens   shuts out Cloudflare Tunnel and API clients  :12
        ~ sbfm_verified_bots               block → allow                loosens    :13
        - fight_mode                       true → false                 loosens    stale, left by an earlier plan variant
          3

    ~ tickets.example.com (sbfm_business)                      examples/zones/tickets.example.com.yaml
        ~ ai_bots_protection               only_on_ad_pages → block     tightens   blocks social previews (low confidence)  :7
        ~ cf_robots_variant                policy_only → off            loosens    :9
        ~ content_bots_protection          disabled → block             tightens   shuts out search engines (low confidence)  :8
        ~ enable_js                        false → true                 tightens   breaks ETag and Content-Security-Policy (medium confidence)  :6
        ~ sbfm_definitely_automated        managed_challenge → block    tightens   shuts out Cloudflare Tunnel and API clients  :11
        ~ sbfm_likely_automated            allow → managed_challenge    tightens   :12
        ~ sbfm_static_resource_protection  true → false                 loosens    :14
          2

    ~ blog.example.com (bot_fight_mode)                        examples/zones/blog.example.com.yaml
        ~ ai_training                      disabled → disallow          tightens   :10
        ~ crawler_protection               disabled → enabled           tightens   :11
        ~ fight_mode                       false → true                 tightens   allows no exceptions  :7
          3

    Plan: 4, 18, 4, 0, 0, 0, 1, 9

      applied       bank.example.com   7 settings written and read back
      applied       blog.example.com   3 settings written and read back
      applied       shop.example.com   5 settings written and read back
      applied       tickets.example.com   7 settings written and read back

    Apply: 4, 0, 0, 0, 0
    ---- exit 0
    ");
}

#[test]
fn no_example_shuts_search_engines_out() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let folders = ["zones", "blocked", "retail/zones", "retail/baselines"];
    for folder in folders {
        for file in std::fs::read_dir(examples.join(folder)).unwrap() {
            let path = file.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            for value in ["ai_training: block", "ai_training: only_on", "sbfm_verified_bots: block"] {
                assert!(!text.contains(value), "{}: {value}", path.display());
            }
        }
    }
}

#[test]
fn a_plan_of_the_examples_shows_changes_and_a_blocked_zone_makes_it_partial() {
    let story = Story::new(json!([]));
    assert_eq!(run(&story, "plan examples/zones --emulate=examples/world.yaml --detailed-exitcode").exit, 2);
    let blocked = run(
        &story,
        "plan examples/zones examples/blocked --emulate=examples/world.yaml --detailed-exitcode --zone news.example.com --zone blog.example.com",
    );
    assert_snapshot!(blocked.told(), @"
    ~ blog.example.com (bot_fight_mode)                        examples/zones/blog.example.com.yaml
        ~ ai_training                disabled → disallow                 tightens   :10
        ~ crawler_protection         disabled → enabled                  tightens   :11
        ~ fight_mode                 false → true                        tightens   allows no exceptions  :7
          3

    ! news.example.com (sbfm_business)  blocked                examples/blocked/news.example.com.yaml
        ~ sbfm_definitely_automated  allow → block                       tightens   shuts out Cloudflare Tunnel and API clients  :8
        + sbfm_likely_automated      (not reported) → managed_challenge  tightens   blocked  :9
          error: `sbfm_likely_automated: managed_challenge` is not available on this zone (live is sbfm_pro; needs sbfm_business)   :9
            hint: remove `sbfm_likely_automated`, write `allow`, or move the zone to another Cloudflare plan; `--send-unavailable sbfm_likely_automated` sends it anyway and shows Cloudflare's answer
          warning: the file says `plan: sbfm_business`, but live is sbfm_pro   :5
            hint: write `plan: sbfm_pro`
          1

    Plan: 1, 3, 0, 1, 0
    ---- exit 3
    ");
}

#[test]
fn after_an_apply_to_a_running_emulator_the_plan_is_empty() {
    let story = Story::new(json!([]));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut emulator = command(folder, "emulator --listen 127.0.0.1:0 --world examples/world.yaml");
    let child = story.start(emulator.stdin(Stdio::null()));
    wait_until("the address", || story.read("stdout").ends_with('\n'));
    let address = story.read("stdout").trim().to_owned();
    let other = Story::new(json!([]));
    let run = |line: &str| {
        let mut command = command(folder, line);
        command
            .env("CLOUDFLARE_BASE_URL", &address)
            .env("CLOUDFLARE_API_TOKEN", TOKEN)
            .env("HOME", other.path("home"));
        other.end(command).exit
    };
    assert_eq!(run("plan examples/zones --detailed-exitcode"), 2);
    assert_eq!(run("apply examples/zones --auto-approve"), 0);
    assert_eq!(run("plan examples/zones --detailed-exitcode"), 0);
    crate::story::signal(&child, "-INT");
    assert_eq!(story.finish(child).exit, 0);
}

#[test]
fn a_recorded_free_reply_plans_applies_and_converges() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recorded/free-2026-06.json");
    let recorded: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let zones = json!([{"name": "blog.example.com", "plan": recorded["plan"], "live": recorded["result"]}]);
    let story = Story::new(zones).zone("blog.example.com", "bot_fight_mode", "fight_mode: true\nenable_js: true\ncf_robots_variant: \"policy_only\"\nai_search: block\nai_user: disabled");
    assert_snapshot!(story.run("plan").told(), @"
    ~ blog.example.com (bot_fight_mode)                        zones/blog.example.com.yaml
        + ai_search               (not reported) → block       tightens   shuts out search engines (medium confidence)  blocks social previews (low confidence)  :7
        ~ cf_robots_variant       off → policy_only            tightens   :6
        ~ fight_mode              false → true                 tightens   allows no exceptions  :4
          2

    Plan: 1, 2, 0, 0, 0, 1
    ---- exit 0
    ");
    assert_eq!(story.run("apply --auto-approve").exit, 0);
    assert_eq!(story.live("blog.example.com")["is_robots_txt_managed"], true);
    assert_eq!(story.run("plan --detailed-exitcode").exit, 0);
}
