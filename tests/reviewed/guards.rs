//! Guards: each refuses with 5, in `plan` as in `apply` (but for protection), and passes with its own override and no
//! other.

use crate::story::{Run, Story};
use serde_json::json;

/// Overrides that are all wrong for the guard at hand, but for one.
const OVERRIDES: [(&str, &str); 3] = [
    ("max-zones", "--max-zones 10"),
    ("max-loosening", "--max-loosening 10"),
    ("policy", "--override-policy pinned"),
];

/// Three zones, of which two change and each change loosens.
fn story(project: &str, more: &str) -> Story {
    let zone = |name: &str, word: &str| {
        json!({"name": name, "plan": "pro",
        "live": {"enable_js": true, "ai_bots_protection": word, "sbfm_verified_bots": "allow"}})
    };
    Story::new(json!([
        zone("a.example.com", "block"),
        zone("b.example.com", "block"),
        zone("c.example.com", "disabled")
    ]))
    .zone_with("a.example.com", "sbfm_pro", "ai_bots_protection: disabled", more)
    .zone("b.example.com", "sbfm_pro", "ai_bots_protection: disabled")
    .zone("c.example.com", "sbfm_pro", "ai_bots_protection: disabled")
    .file("botform.yaml", if project.is_empty() { "guards: {}" } else { project })
}

/// A policy that all zones keep, so that it can be overridden in vain.
const KEPT: &str = "policy: [{id: pinned, reason: agreed, pin: {enable_js: true}}]\n";

fn write(story: &Story, arguments: &str) -> Run {
    story.run(&format!("apply --auto-approve {arguments}"))
}

/// The guard refuses in `plan`, with files and a saved plan, and gives way to its own override alone.
fn is_guarded(story: &Story, guard: &str) {
    let plan = story.run("plan --out plan.json");
    assert_eq!(plan.exit, 5, "{plan}");
    assert!(plan.stderr.contains(&format!("error: apply would be refused (guard {guard}): ")), "{plan}");
    let others: Vec<_> =
        OVERRIDES.iter().filter(|(name, _)| *name != guard).map(|(_, flags)| *flags).collect();
    for command in ["apply --auto-approve", "apply plan.json"] {
        for overrides in ["", &others.join(" ")] {
            let run = story.run(&format!("{command} {overrides}"));
            assert_eq!(run.exit, 5, "{run}");
            assert!(run.stderr.contains(&format!("refused, nothing was written (guard {guard}): ")), "{run}");
            assert_eq!(run.stderr.matches("guard ").count(), 1, "{run}");
            assert!(run.stderr.contains("hint: "), "{run}");
        }
    }
    assert!(story.bodies().is_empty());
    let own = OVERRIDES.iter().find(|(name, _)| *name == guard).unwrap().1;
    let run = story.run(&format!("apply plan.json {own}"));
    assert_eq!((run.exit, story.bodies().len()), (0, 2), "{run}");
}

#[test]
fn too_many_zones() {
    is_guarded(&story(&format!("guards: {{max_zones: 1}}\n{KEPT}"), ""), "max-zones");
    is_guarded(&story(&format!("guards: {{max_zones: 33%}}\n{KEPT}"), ""), "max-zones");
}

#[test]
fn too_many_changes_that_loosen() {
    is_guarded(&story(&format!("guards: {{max_loosening: 1}}\n{KEPT}"), ""), "max-loosening");
}

/// The zone is shown and not written, the other one is.
fn is_planned_only(more: &str) {
    let story = story("", more);
    let plan = story.run("plan --out plan.json");
    assert!(
        plan.stdout.contains("block → disabled")
            && plan.stdout.contains("1 zone is protected, so its changes are not written."),
        "{plan}"
    );
    assert_eq!(story.run("plan --detailed-exitcode").exit, 2);
    for command in ["apply --auto-approve", "apply plan.json"] {
        let run = story.run(command);
        assert_eq!((run.exit, story.bodies().len()), (0, 1), "{run}");
        assert!(run.stdout.contains("protected     a.example.com"), "{run}");
    }
    assert_eq!(story.run("apply plan.json --unprotect a.example.com").exit, 64);
    assert_eq!(write(&story, "--unprotect nobody.example.com").exit, 64);
    let run = write(&story, "--unprotect a.example.com");
    assert_eq!((run.exit, story.bodies().len()), (0, 2), "{run}");
}

#[test]
fn a_protected_zone_is_planned_only() {
    is_planned_only("protect: true\n");
}

#[test]
fn a_frozen_zone_is_planned_only() {
    is_planned_only("freeze: {reason: sale, until: 2999-12-31}\n");
}

#[test]
fn a_setting_that_is_pinned_forbidden_or_below_its_least() {
    for rule in [
        "pin: {ai_bots_protection: block}",
        "forbid: {ai_bots_protection: [disabled]}",
        "at_least: {ai_bots_protection: only_on_ad_pages}",
    ] {
        is_guarded(&story(&format!("policy: [{{id: pinned, reason: agreed, {rule}}}]"), ""), "policy");
    }
}

#[test]
fn a_limit_of_0_lets_nothing_through_and_is_no_hindrance_where_nothing_changes() {
    for flags in ["--max-zones 0", "--max-zones 0%", "--max-loosening 0"] {
        let story = story("", "");
        assert_eq!(write(&story, flags).exit, 5);
        assert_eq!(write(&story, &format!("{flags} --zone c.example.com")).exit, 0);
        assert!(story.bodies().is_empty());
    }
}

#[test]
fn a_share_is_of_all_zone_files_of_the_project_rounded_up_whatever_is_selected() {
    let limited = |percent: u32| story(&format!("guards: {{max_zones: {percent}%}}\n"), "");
    assert_eq!(write(&limited(33), "").exit, 5, "1 of 3 may change, and 2 would");
    for selection in ["--zone a.example.com", "zones/a.example.com.yaml"] {
        let story = limited(1);
        let run = write(&story, selection);
        assert_eq!((run.exit, story.bodies().len()), (0, 1), "{run}");
    }
    assert_eq!(write(&limited(34), "").exit, 0);
}

#[test]
fn files_anywhere_below_the_project_file_count_and_other_yaml_does_not() {
    let other = "zone: d.example.com\nplan: sbfm_pro\nsettings: {}\n";
    let story = story("guards: {max_zones: 25%}\n", "")
        .file("more/d.yaml", other)
        .file("more/ci.yaml", "jobs: {zone: 1, plan: 2}\n")
        .file("more/feedback/e.yaml", other.replace('d', "e"))
        .file("zones/sub/README.md", "");
    let run = story.run("plan --output json zones/a.example.com.yaml --out plan.json");
    assert_eq!((run.exit, &run.json()["zone_files"]), (0, &json!(4)), "{run}");
    story.write("more/f.yaml", other.replace("d.", "f."));
    let plan = story.run("plan zones/a.example.com.yaml zones/b.example.com.yaml --out two.json");
    assert!(plan.exit == 0 && !plan.stderr.contains("guard"), "2 of 5 may change: {plan}");
    std::fs::remove_file(story.path("more/f.yaml")).unwrap();
    let run = story.run("apply two.json");
    assert_eq!(run.exit, 5, "a saved plan is judged by the files of now: {run}");
    assert!(run.stderr.contains("2 of 4 zones would change, and at most 25% may"), "{run}");
    let elsewhere = story.run("plan --output json more/d.yaml --max-zones 1%");
    assert_eq!(elsewhere.json()["zone_files"], 4, "{elsewhere}");
}

/// The exit codes of `validate`, `plan`, `apply`, and of a plan that was saved before the policy came.
fn exits(story: &Story, project: &str, flags: &str) -> [i32; 4] {
    story.write("botform.yaml", "guards: {}\n");
    let _ = story.run("plan --out before.json");
    story.write("botform.yaml", project);
    let exits = [
        story.run(&format!("validate {flags}")).exit,
        story.run(&format!("plan {flags}")).exit,
        write(story, flags).exit,
        story.run("apply before.json").exit,
    ];
    assert!(exits[2] != 5 || exits[3] != 5 || story.bodies().is_empty());
    exits
}

/// A Pro zone as its file wants it.
fn settled(live: &str, file: &str, more: &str) -> Story {
    let live = json!({"enable_js": true, "ai_bots_protection": live, "sbfm_verified_bots": "block"});
    Story::new(json!([{"name": "a.example.com", "plan": "pro", "live": live, "stale": {"fight_mode": true}}]))
        .zone_with("a.example.com", "sbfm_pro", file, more)
}

const FORBIDS: &str =
    "policy:\n  - id: no-block\n    reason: agreed\n    forbid: {ai_bots_protection: [block]}\n";

#[test]
fn a_policy_judges_what_the_file_wants_changed_or_not() {
    let story = settled("block", "ai_bots_protection: block", "");
    assert_eq!(exits(&story, FORBIDS, ""), [5; 4]);
    insta::assert_snapshot!(story.run("validate"), @"
    ---- stderr
    error: policy `no-block` (agreed): `ai_bots_protection` may not be block
     --> zones/a.example.com.yaml:4:3
      |
    4 |   ai_bots_protection: block
      |   ^^^^^^^^^^^^^^^^^^
      |
      = help: change the zone files, add an exception to the policy, or break it once with `--override-policy no-block`

    ---- exit 5
    ");
    insta::assert_snapshot!(story.run("plan").told(), @"
    = a.example.com (sbfm_pro)  in sync                        zones/a.example.com.yaml
        ? fight_mode              true                         stale, still acts on traffic; `stale: clean` would clean it
          1

    Plan: 0, 1, 0, 0, 1
    ---- stderr
    error: apply would be refused (guard policy): policy `no-block` (agreed): `ai_bots_protection` may not be block: a.example.com (zones/a.example.com.yaml:4)

    hint: change the zone files, add an exception to the policy, or break it once with `--override-policy no-block`
    ---- exit 5
    ");
    let problems = story.run("validate --output json").json()["problems"].clone();
    assert_eq!((&problems[0]["kind"], &problems[0]["line"]), (&json!("policy"), &json!(4)), "{problems}");
    for accepted in ["block", "disabled"] {
        let more = "accept: [{setting: ai_bots_protection, reason: agreed, until: 2999-12-31}]\n";
        let story = settled(accepted, "ai_bots_protection: block", more);
        assert_eq!(exits(&story, FORBIDS, ""), [5; 4], "live is {accepted}");
    }
    story.write("zones/b.yaml", "zone: b.example.com\n");
    let run = story.run("validate");
    assert!(run.exit == 5 && run.stderr.contains("`plan` is missing"), "all errors of a run at once: {run}");
    let protected = settled("disabled", "ai_bots_protection: block", "protect: true\n");
    assert_eq!(exits(&protected, FORBIDS, ""), [5; 4]);
}

#[test]
fn a_policy_that_only_a_live_value_breaks_is_a_warning() {
    let unmanaged = settled("block", "enable_js: true", "");
    assert_eq!(exits(&unmanaged, FORBIDS, ""), [0; 4]);
    insta::assert_snapshot!(unmanaged.run("plan").told(), @"
    = a.example.com (sbfm_pro)  in sync                        zones/a.example.com.yaml
        ? fight_mode              true                         stale, still acts on traffic; `stale: clean` would clean it
          warning: policy `no-block` (agreed) is broken live: `ai_bots_protection` may not be block
          1

    Plan: 0, 1, 0, 0, 1
    ---- exit 0
    ");
    for more in ["protect: true\n", "accept: [{setting: ai_bots_protection, reason: b, until: 2999-12-31}]\n"]
    {
        let story = settled("block", "ai_bots_protection: disabled", more);
        assert_eq!(exits(&story, FORBIDS, ""), [0; 4]);
        let plan = story.run("plan");
        assert!(plan.stdout.contains("warning: policy `no-block` (agreed) is broken live: "), "{plan}");
    }
    let mended = settled("block", "ai_bots_protection: disabled", "");
    mended.write("botform.yaml", FORBIDS);
    let plan = mended.run("plan");
    assert!(plan.exit == 0 && !plan.stdout.contains("no-block"), "{plan}");
}

#[test]
fn no_policy_judges_a_clean_up_of_stale_settings() {
    let story = settled("block", "enable_js: true", "stale: clean\n");
    story.write("botform.yaml", "policy: [{id: pinned, reason: agreed, pin: {fight_mode: true}}]\n");
    assert_eq!(story.run("validate").exit, 0);
    let run = write(&story, "");
    assert_eq!((run.exit, story.bodies()), (0, vec![json!({"fight_mode": false})]), "{run}");
}

#[test]
fn a_zone_that_is_not_selected_is_not_judged() {
    let policy = "policy: [{id: pinned, reason: agreed, zones: [a.*], pin: {ai_bots_protection: block}}]\n";
    let story = story(policy, "");
    for command in ["validate", "plan", "apply --auto-approve"] {
        let run = story.run(&format!("{command} --zone b.example.com"));
        assert_eq!(run.exit, 0, "{run}");
    }
    assert_eq!(story.run("validate").exit, 5);
}

#[test]
fn a_pattern_that_no_zone_file_matches_is_an_error_or_a_note_where_paths_were_named() {
    let policy = "policy: [{id: pinned, reason: agreed, zones: [a.exmaple.com], pin: {enable_js: true}}]\n";
    let story = story(policy, "");
    for command in ["validate", "plan", "apply --auto-approve"] {
        let run = story.run(command);
        assert_eq!((run.exit, story.bodies().len()), (1, 0), "{run}");
    }
    insta::assert_snapshot!(story.run("validate"), @"
    ---- stderr
    error: policy `pinned`: no zone file has a zone that `a.exmaple.com` matches
     --> botform.yaml:1:10
      |
    1 | policy: [{id: pinned, reason: agreed, zones: [a.exmaple.com], pin: {enable_js: true}}]
      |          ^^^
      |
      = help: did you mean `a.example.com`?

    ---- exit 1
    ");
    let named = story.run("plan zones/a.example.com.yaml");
    assert!(named.exit == 0 && named.stderr.contains("note: policy `pinned`"), "{named}");
    // A zone file of the project outside the default folder is one, too.
    story.write("more/z.yaml", "zone: a.exmaple.com\nplan: sbfm_pro\nsettings: {}\n");
    let run = story.run("plan");
    assert!(run.exit == 0 && run.stderr.is_empty(), "{run}");
}

#[test]
fn an_override_of_a_policy_is_part_of_what_is_approved() {
    let policy = "policy: [{id: pinned, reason: agreed, pin: {ai_bots_protection: block}}]\n";
    let story = story(policy, "");
    for (flag, meant) in [("pined", "did you mean `pinned`?"), ("x", "has no policy with this id")] {
        for command in ["plan", "apply --auto-approve"] {
            let run = story.run(&format!("{command} --override-policy {flag}"));
            assert!(run.exit == 64 && run.stderr.contains(meant), "{run}");
        }
    }
    let digest = |flags: &str| {
        let run = story.run(&format!("plan --out plan.json {flags}"));
        (run.exit, run.stdout.lines().find(|line| line.starts_with("Digest: ")).unwrap().to_owned())
    };
    let (without, with) = (digest(""), digest("--override-policy pinned"));
    assert_eq!((without.0, with.0), (5, 0));
    assert_ne!(without.1, with.1);
    let run = story.run("apply plan.json");
    assert_eq!((run.exit, story.bodies().len()), (0, 2), "{run}");
}

#[test]
fn the_share_of_an_undo_is_of_the_project_as_well() {
    let story = story("guards: {max_zones: 34%}\n", "");
    let run = write(&story, "--journal j.jsonl");
    assert_eq!(run.exit, 0, "{run}");
    story.write("botform.yaml", "guards: {max_zones: 33%}\n");
    let undo = "undo j.jsonl --auto-approve --journal back.jsonl";
    let run = story.run(undo);
    assert!(run.exit == 5 && run.stderr.contains("2 of 3 zones would change"), "{run}");
    assert_eq!(story.run(&format!("{undo} --zone a.example.com")).exit, 0);
}

#[test]
fn an_unknown_live_value_that_is_overwritten_loosens() {
    let live = json!({"enable_js": true, "ai_bots_protection": "fortress", "sbfm_verified_bots": "allow"});
    let story = Story::new(json!([{"name": "a.example.com", "plan": "pro", "live": live}])).zone(
        "a.example.com",
        "sbfm_pro",
        "ai_bots_protection: block",
    );
    assert_eq!((write(&story, "--max-loosening 0").exit, story.bodies().len()), (5, 0));
    assert_eq!(write(&story, "--max-loosening 1").exit, 0);
}

#[test]
fn limits_given_to_a_plan_are_saved_with_it_and_are_part_of_its_digest() {
    let story = story("guards: {max_zones: 1, max_loosening: 1}\n", "");
    let plan = |flags: &str| {
        let run = story.run(&format!("plan --out plan.json {flags}"));
        let digest: serde_json::Value = serde_json::from_str(&story.read("plan.json")).unwrap();
        (run.exit, digest["digest"].clone())
    };
    let (refused, allowed) = (plan(""), plan("--max-zones 67% --max-loosening 2"));
    assert_eq!((refused.0, allowed.0), (5, 0));
    assert_ne!(refused.1, allowed.1);
    let run = story.run("apply plan.json");
    assert_eq!((run.exit, story.bodies().len()), (0, 2), "{run}");
}

#[test]
fn a_plan_that_was_saved_during_a_freeze_is_not_written_after_it() {
    let story = story("", "freeze: {reason: sale, until: 2999-12-31}\n");
    assert_eq!(story.run("plan --out plan.json").exit, 0);
    let text = story.read("zones/a.example.com.yaml");
    story.write("zones/a.example.com.yaml", text.lines().take(4).collect::<Vec<_>>().join("\n"));
    let run = story.run("apply plan.json");
    assert_eq!((run.exit, story.bodies().len()), (0, 1), "{run}");
    assert!(run.stdout.contains("protected     a.example.com"), "{run}");
}

#[test]
fn an_undo_reads_todays_files() {
    let undo = "undo j.jsonl --auto-approve --journal back.jsonl";
    let applied = || {
        let story = story("", "");
        assert_eq!(write(&story, "--journal j.jsonl").exit, 0);
        story
    };
    let broken = applied();
    let text = broken.read("zones/a.example.com.yaml");
    broken.write("zones/a.example.com.yaml", format!("{text}protect: true\ntomorrow: 1\n"));
    let run = broken.run(undo);
    assert_eq!((run.exit, broken.bodies().len()), (3, 3), "{run}");
    assert!(run.stdout.contains("zones/a.example.com.yaml cannot be checked now"), "{run}");
    assert_eq!(broken.run(&format!("{undo} --unprotect a.example.com")).exit, 0);
    // Whoever takes back a commit takes back the files that it added, too.
    let gone = applied();
    std::fs::remove_file(gone.path("zones/a.example.com.yaml")).unwrap();
    let run = gone.run(undo);
    assert_eq!((run.exit, gone.bodies().len()), (0, 4), "{run}");
    assert!(run.stdout.contains("note: no file of a.example.com is found now"), "{run}");
}

#[test]
fn a_freeze_that_has_ended_refuses_nothing_and_a_standing_protection_outlives_it() {
    let ended = story("", "freeze: {reason: sale, until: 2001-01-01}\n");
    assert_eq!((write(&ended, "").exit, ended.bodies().len()), (0, 2));
    let both = story("", "protect: true\nfreeze: {reason: sale, until: 2001-01-01}\n");
    assert_eq!((write(&both, "").exit, both.bodies().len()), (0, 1));
}

#[test]
fn an_exception_lets_its_zone_pass_until_it_ends() {
    let project = |until: &str| {
        format!(
            "policy:\n  - id: pinned\n    reason: agreed\n    pin: {{ai_bots_protection: block}}\n    zones: [a.*]\n    exceptions: [{{zone: a.example.com, reason: trial, until: {until}}}]\n"
        )
    };
    let excepted = story(&project("2999-12-31"), "");
    assert_eq!((excepted.run("validate").exit, write(&excepted, "").exit), (0, 0));
    let story = story(&project("2001-01-01"), "");
    let run = story.run("validate");
    assert!(run.exit == 5 && run.stderr.contains("ended on 2001-01-01: trial"), "{run}");
    let run = write(&story, "");
    assert_eq!((run.exit, story.bodies().len()), (5, 0));
    insta::assert_snapshot!(run.stderr, @"
    error: refused, nothing was written (guard policy): policy `pinned` (agreed): `ai_bots_protection` is pinned to block, not disabled: a.example.com (zones/a.example.com.yaml:4); the exception for a.example.com ended on 2001-01-01: trial

    hint: change the zone files, add an exception to the policy, or break it once with `--override-policy pinned`
    ");
}

#[test]
fn all_refusals_are_reported_at_once_in_every_format() {
    let story = story("guards: {max_zones: 0, max_loosening: 0}", "protect: true\n");
    let run = write(&story, "--output json");
    assert_eq!((run.exit, run.stderr.matches("error: refused").count()), (5, 2));
    let outcomes = &run.json()["summary"]["outcomes"];
    assert_eq!(*outcomes, json!({"in_sync": 1, "not_attempted": 1, "protected": 1}));
}
