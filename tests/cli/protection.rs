//! Protection is a partial order: what cannot be compared loosens, both ways, and satisfies no `at_least`.

use crate::story::{Run, Story};
use botform::catalogue::{Variant, find};
use botform::diff::{Context, Effect};
use botform::model::{Desired, Guards, Live, Place, Policy, PolicyRule};
use botform::plan::{Plan, Provenance, ZonePlan};
use botform::run::{Guarded, Rules};
use insta::assert_snapshot;
use serde_json::json;

const DAY: jiff::civil::Date = jiff::civil::date(2026, 11, 23);

/// What a guard or a policy says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Passes,
    Refuses,
}
use Answer::{Passes, Refuses};

/// The plan of a zone that wants one value of `ai_training` over another.
fn plan(live: &str, wanted: &str) -> Plan {
    let mut want = Desired::new("a.example.com".parse().unwrap(), Variant::BotFightMode);
    want.set("ai_training", wanted).unwrap();
    let object = json!({"fight_mode": false, "enable_js": true, "ai_training": live});
    let id = "023e105f4ecef8ad9ca31a8372d0c353".try_into().unwrap();
    let live = Live::read(object.as_object().unwrap().clone());
    let zone = ZonePlan::build(&want, id, live, &Context::of_day(DAY));
    let made = Provenance::new("2026-11-23T00:00:00Z".parse().unwrap(), "emulate:".to_owned());
    Plan::build(made, vec![zone])
}

fn answer(plan: &Plan, limits: &Guards, policies: &[Policy]) -> Answer {
    let mut rules = Rules::new(plan.provenance().created_at);
    (rules.limits, rules.policies) = (*limits, policies);
    if Guarded::check(plan, &rules).is_ok() { Passes } else { Refuses }
}

fn no_loosening() -> Guards {
    let mut limits = Guards::default();
    limits.max_loosening = Some(0);
    limits
}

fn at_least(value: &str) -> Policy {
    let setting = find("ai_training").unwrap();
    Policy {
        id: "floor".to_owned(),
        reason: "agreed".to_owned(),
        zones: Vec::new(),
        rule: PolicyRule::AtLeast([(setting, setting.word(value).unwrap())].into()),
        exceptions: Vec::new(),
        place: Place::START,
    }
}

#[test]
fn each_pair_of_values_of_ai_training_has_the_effect_of_what_is_blocked_since_september_2026() {
    use Effect::{Loosens, Tightens};
    // Live, wanted, the effect of the change, `max_loosening: 0`, and `at_least` the live value. Of the crawlers that
    // collect training data, `disabled` blocks none; `disallow` all on all pages but Googlebot, Bingbot and Applebot;
    // `only_on_ad_pages` all, those three too, and only where there are ads; `block` all of them everywhere.
    for (live, wanted, effect, max_loosening, least) in [
        ("disabled", "disabled", None, Passes, Passes),
        ("disabled", "disallow", Some(Tightens), Passes, Passes),
        ("disabled", "only_on_ad_pages", Some(Tightens), Passes, Passes),
        ("disabled", "block", Some(Tightens), Passes, Passes),
        ("disallow", "disabled", Some(Loosens), Refuses, Refuses),
        ("disallow", "disallow", None, Passes, Passes),
        ("disallow", "only_on_ad_pages", Some(Loosens), Refuses, Refuses),
        ("disallow", "block", Some(Tightens), Passes, Passes),
        ("only_on_ad_pages", "disabled", Some(Loosens), Refuses, Refuses),
        ("only_on_ad_pages", "disallow", Some(Loosens), Refuses, Refuses),
        ("only_on_ad_pages", "only_on_ad_pages", None, Passes, Passes),
        ("only_on_ad_pages", "block", Some(Tightens), Passes, Passes),
        ("block", "disabled", Some(Loosens), Refuses, Refuses),
        ("block", "disallow", Some(Loosens), Refuses, Refuses),
        ("block", "only_on_ad_pages", Some(Loosens), Refuses, Refuses),
        ("block", "block", None, Passes, Passes),
    ] {
        let plan = plan(live, wanted);
        let row = plan.zones()[0].rows().iter().find(|row| row.name() == "ai_training");
        let told = (
            row.and_then(|row| row.effect),
            answer(&plan, &no_loosening(), &[]),
            answer(&plan, &Guards::default(), &[at_least(live)]),
        );
        assert_eq!(told, (effect, max_loosening, least), "{live} -> {wanted}");
    }
}

/// A zone where training crawlers are blocked on all pages, and a file that blocks them on pages with ads.
fn story(project: &str) -> Story {
    Story::new(json!([{"name": "a.example.com", "plan": "free", "live": {"fight_mode": false, "ai_training": "disallow"}}]))
        .zone("a.example.com", "bot_fight_mode", "ai_training: only_on_ad_pages")
        .file("botform.yaml", project)
}

/// Asserts that a guard refused it and nothing was written.
fn refused(story: &Story, arguments: &str) -> Run {
    let run = story.run(arguments);
    assert_eq!((run.exit, story.bodies().len()), (5, 0), "{run}");
    run
}

#[test]
fn from_disallow_to_pages_with_ads_loosens() {
    assert_snapshot!(story("concurrency: 1\n").run("plan").told(), @"
    ~ a.example.com (bot_fight_mode)                           zones/a.example.com.yaml
        ~ ai_training             disallow → only_on_ad_pages  loosens    shuts out search engines  :4
          0

    Plan: 1, 1, 0, 0, 0, 1, 1
    ---- exit 0
    ");
}

#[test]
fn from_disallow_to_pages_with_ads_is_refused_where_nothing_may_loosen() {
    let story = story("guards: {max_loosening: 0}\n");
    refused(&story, "plan");
    assert_snapshot!(refused(&story, "apply --auto-approve").stderr, @"
    error: refused, nothing was written (guard max-loosening): 1 change would loosen protection, and at most 0 may: a.example.com

    hint: if all of them are intended, allow them with `--max-loosening 1`
    ");
}

#[test]
fn pages_with_ads_are_not_at_least_disallow() {
    let story = story("policy: [{id: floor, reason: agreed, at_least: {ai_training: disallow}}]\n");
    refused(&story, "plan");
    refused(&story, "validate");
    assert_snapshot!(refused(&story, "apply --auto-approve").stderr, @"
    error: refused, nothing was written (guard policy): policy `floor` (agreed): `ai_training` may not be looser than disallow, but only_on_ad_pages cannot be compared with it: a.example.com (zones/a.example.com.yaml:4)

    hint: change the zone files, add an exception to the policy, or break it once with `--override-policy floor`
    ");
}
