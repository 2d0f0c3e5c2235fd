//! Guards: each refuses with 5, in `plan` as in `apply` (but for protection), and passes with its own override and no other.

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

fn write(story: &Story, arguments: &str) -> Run {
    story.run(&format!("apply --auto-approve {arguments}"))
}

/// A policy that nothing breaks.
const KEPT: &str = "policy: [{id: pinned, reason: agreed, pin: {enable_js: true}}]";

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
    is_guarded(&story(&format!("guards: {{max_zones: 50%}}\n{KEPT}"), ""), "max-zones");
}

#[test]
fn too_many_changes_that_loosen() {
    is_guarded(&story(&format!("guards: {{max_loosening: 1}}\n{KEPT}"), ""), "max-loosening");
}

/// The zone is shown and not written, the other one is.
fn is_planned_only(more: &str) {
    let story = story("", more);
    let plan = story.run("plan --out plan.json");
    assert!(plan.stdout.contains("block → disabled") && plan.stdout.contains("1 zone protected."), "{plan}");
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
fn a_part_is_one_of_all_zones_of_the_run() {
    let story = story("", "");
    assert_eq!(write(&story, "--max-zones 66%").exit, 5, "2 of 3 are more than 66%");
    assert_eq!(write(&story, "--max-zones 67%").exit, 0);
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
    assert_eq!(write(&story(&project("2999-12-31"), ""), "").exit, 0);
    let story = story(&project("2001-01-01"), "");
    let run = write(&story, "");
    assert_eq!((run.exit, story.bodies().len()), (5, 0));
    insta::assert_snapshot!(run.stderr, @"
    error: refused, nothing was written (guard policy): policy `pinned` (agreed): `ai_bots_protection` is pinned to block, not disabled: a.example.com; the exception for a.example.com ended on 2001-01-01: trial
      hint: change the zone files, add an exception to the policy, or break it once with `--override-policy pinned`
    ");
}

#[test]
fn all_that_refuses_is_told_at_once_in_every_format() {
    let story = story("guards: {max_zones: 0, max_loosening: 0}", "protect: true\n");
    let run = write(&story, "--output json");
    assert_eq!((run.exit, run.stderr.matches("error: refused").count()), (5, 2));
    let outcomes = &run.json()["summary"]["outcomes"];
    assert_eq!(*outcomes, json!({"in_sync": 1, "not_attempted": 1, "protected": 1}));
}
