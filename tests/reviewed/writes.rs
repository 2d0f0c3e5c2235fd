//! Canaries, error budgets, two applies at once, and writes that are sent again.

use crate::story::Story;
use serde_json::{Value, json};

/// Five zones to change; `faults` fall on the first.
fn five(faults: Value) -> Story {
    let zones: Vec<_> = (0..5)
        .map(|zone| json!({"name": format!("z{zone}.example.com"), "plan": "pro", "faults": if zone == 0 { faults.clone() } else { json!([]) }}))
        .collect();
    (0..5).fold(Story::new(json!(zones)), |story, zone| {
        story.zone(&format!("z{zone}.example.com"), "sbfm_pro", "ai_search: block")
    })
}

fn refuse() -> Value {
    json!([{"on": "PUT", "do": "refuse", "message": "no"}])
}

fn outcomes(story: &Story, flags: &str) -> (i32, Value) {
    let run = story.run(&format!("apply --auto-approve --output json --concurrency 1 {flags}"));
    (run.exit, run.json()["summary"]["outcomes"].clone())
}

#[test]
fn a_canary_that_fails_stops_all_others() {
    let story = five(refuse());
    assert_eq!(outcomes(&story, "--canary 2"), (3, json!({"applied": 1, "not_attempted": 3, "refused": 1})));
    assert_eq!(story.bodies().len(), 2);
}

#[test]
fn a_canary_that_succeeds_lets_the_others_go_on() {
    let story = five(json!([]));
    assert_eq!(outcomes(&story, "--canary 2"), (0, json!({"applied": 5})));
    let order: Vec<_> = story.traffic().into_iter().filter(|line| line.starts_with("PUT")).take(2).collect();
    assert_eq!(order, ["PUT z0.example.com", "PUT z1.example.com"]);
}

#[test]
fn a_spent_error_budget_ends_the_attempts() {
    let expected = (1, json!({"not_attempted": 4, "refused": 1}));
    assert_eq!(outcomes(&five(refuse()), "--max-failures 0"), expected);
    assert_eq!(outcomes(&five(refuse()), "--max-failures 19%"), expected);
    let borne = (3, json!({"applied": 4, "refused": 1}));
    assert_eq!(outcomes(&five(refuse()), "--max-failures 1"), borne);
    assert_eq!(outcomes(&five(refuse()), "--max-failures 20%"), borne);
    let story = five(refuse()).file("botform.yaml", "guards: {max_failures: 0}\n");
    assert_eq!(outcomes(&story, ""), expected);
}

#[test]
fn two_applies_at_once_write_each_zone_as_often_as_their_journals_say() {
    let story = five(json!([]));
    assert_eq!(story.run("plan --out plan.json").exit, 0);
    let start = |number: usize| {
        let mut command = story.command(&format!(
            "apply plan.json --partial --output json=result{number}.json --journal journal{number}.jsonl"
        ));
        command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().unwrap()
    };
    let exits = [start(1), start(2)].map(|mut child| child.wait().unwrap().code());
    assert_eq!(exits, [Some(0), Some(0)]);
    let result = |number: usize| -> Value {
        serde_json::from_str(&story.read(&format!("result{number}.json"))).unwrap()
    };
    let puts = story.bodies().len();
    let written = |outcomes: &Value| outcomes["applied"].as_u64().unwrap_or(0);
    let told: u64 = [1, 2].iter().map(|number| written(&result(*number)["summary"]["outcomes"])).sum();
    assert_eq!(told, puts as u64, "what was not written is not told as applied");
    let journaled: usize = [1, 2]
        .map(|number| story.read(&format!("journal{number}.jsonl")).matches("\"event\":\"put\"").count())
        .iter()
        .sum();
    assert_eq!(journaled, puts);
    assert!((5..=10).contains(&puts));
}

#[test]
fn another_plan_that_came_first_makes_this_one_stale() {
    let story = five(json!([]));
    assert_eq!(story.run("plan --out mine.json").exit, 0);
    story.write(
        "zones/z0.example.com.yaml",
        "zone: z0.example.com\nplan: sbfm_pro\nsettings:\n  ai_user: block\n",
    );
    assert_eq!(story.run("apply --auto-approve --zone z0.example.com").exit, 0);
    assert_eq!(story.run("apply mine.json").exit, 4);
    assert_eq!(story.bodies(), [json!({"ai_user": "block"})]);
}

/// The pause before a lost PUT is sent again is long enough for somebody else.
#[test]
fn a_lost_put_is_not_sent_again_over_an_edit_that_came_meanwhile() {
    let faults = json!([
        {"on": "PUT", "nth": 1, "do": "reset"},
        {"on": "GET", "nth": 4, "do": "edit", "set": {"ai_user": "block"}},
    ]);
    let story = five(faults);
    let run = story.run("apply --auto-approve --zone z0.example.com --output json");
    assert_eq!((run.exit, run.outcome().as_str()), (1, "stale"), "{run}");
    assert_eq!(story.bodies().len(), 1);
}

#[test]
fn a_lost_put_that_comes_through_late_is_applied() {
    let faults = json!([
        {"on": "PUT", "nth": 1, "do": "reset"},
        {"on": "GET", "nth": 4, "do": "edit", "set": {"ai_search": "block"}},
    ]);
    let story = five(faults);
    let run = story.run("apply --auto-approve --zone z0.example.com --output json");
    assert_eq!((run.exit, run.outcome().as_str()), (0, "applied"), "{run}");
    assert_eq!(story.bodies().len(), 1);
}
