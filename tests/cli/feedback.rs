//! Feedback reports of files: planned, submitted once whatever happens, and found in sync the second time.

use crate::story::{Run, Story, signal, wait_until};
use insta::assert_snapshot;
use serde_json::{Value, json};

/// The example of Cloudflare's reference, as a file.
pub(crate) fn reference() -> Value {
    let examples: Value = serde_json::from_str(include_str!("../recorded/feedback-reference.json")).unwrap();
    let mut report = examples[0].clone();
    report.as_object_mut().unwrap().remove("created_at");
    report["zone"] = "shop.example.com".into();
    report
}

/// The reference's report, with an expression that raises no doubt.
fn report() -> Value {
    let mut report = reference();
    report["expression"] = "(ip.src eq 203.0.113.1 and cf.bot_management.score lt 5)".into();
    report
}

/// The report in a folder, and its zone with some faults.
fn story(faults: Value) -> Story {
    Story::new(json!([{"name": "shop.example.com", "plan": "business", "faults": faults}]))
        .file("feedback/checkout.json", report().to_string())
}

fn submit(story: &Story) -> Run {
    story.run("feedback submit --auto-approve --output json")
}

/// The outcomes of all reports.
fn outcomes(run: &Run) -> Vec<String> {
    let document = run.json();
    let zones = document["zones"].as_array().unwrap().clone();
    let reports = zones.iter().flat_map(|zone| zone["reports"].as_array().unwrap().clone());
    reports.map(|report| report["outcome"].as_str().unwrap_or("none").to_owned()).collect()
}

fn there(story: &Story, zone: &str) -> usize {
    story.emulator().world().feedback(zone).unwrap().len()
}

fn posts(story: &Story) -> usize {
    story.emulator().requests().iter().filter(|request| request.method == "POST").count()
}

#[test]
fn the_example_of_the_reference_is_submitted_listed_and_skipped_the_second_time() {
    let story =
        Story::new(json!([{"name": "shop.example.com", "plan": "business", "feedback_shape": "null"}]))
            .file("feedback/checkout.json", reference().to_string());
    let first = story.run("feedback submit feedback/checkout.json --auto-approve");
    assert_snapshot!(first.stdout, @"
    + shop.example.com
        + false_positive  Legitimate checkout traffic was blocked as bots   1200 requests   feedback/checkout.json:1

    Feedback: 1 report to submit, 0 already there, 0 zones blocked, 0 failed.

      submitted      shop.example.com   feedback/checkout.json

    Feedback: 1 submitted, 0 already there, 0 failed.
    ");
    assert_eq!(first.exit, 0);
    let listed = story.run("feedback list --output json").json();
    let live = &listed["zones"][0]["reports"][0];
    for (member, value) in reference().as_object().unwrap().iter().filter(|(member, _)| *member != "zone") {
        assert_eq!(&live[member], value, "{member}");
    }
    assert!(live["created_at"].is_string() && live.get("zone").is_none());
    let second = submit(&story);
    assert_eq!((outcomes(&second), second.exit), (vec!["already_there".to_owned()], 0));
    assert_eq!((there(&story, "shop.example.com"), posts(&story)), (1, 1));
}

#[test]
fn a_plan_shows_what_is_new_and_writes_nothing() {
    let story = story(json!([]));
    let run = story.run("feedback plan --detailed-exitcode");
    assert_snapshot!(run, @"
    + shop.example.com
        + false_positive  Legitimate checkout traffic was blocked as bots   1200 requests   feedback/checkout.json:1

    Feedback: 1 report to submit, 0 already there, 0 zones blocked, 0 failed.
    ---- exit 2
    ");
    assert_eq!((there(&story, "shop.example.com"), posts(&story)), (0, 0));
    submit(&story);
    let run = story.run("feedback plan --detailed-exitcode");
    assert_eq!(run.exit, 0, "{run}");
    assert!(
        run.stdout.ends_with("Feedback: 0 reports to submit, 1 already there, 0 zones blocked, 0 failed.\n")
    );
}

#[test]
fn each_wrong_sum_is_refused_with_the_difference_before_any_request() {
    for (member, change, told) in [
        (
            "requests_by_score",
            json!({"1": 200, "2": 300, "3": 400, "4": 200}),
            "`requests_by_score` sums to 1100, but `requests` is 1200: 100 are missing",
        ),
        (
            "requests_by_score_src",
            json!({"heuristics": 201, "machine_learning": 1000}),
            "`requests_by_score_src` sums to 1201, but `requests` is 1200: 1 is too many",
        ),
        ("requests", json!(1199), "`requests_by_score` sums to 1200, but `requests` is 1199: 1 is too many"),
    ] {
        let mut broken = report();
        broken[member] = change;
        let story = story(json!([])).file("feedback/checkout.json", broken.to_string());
        for command in ["feedback plan", "feedback submit --auto-approve"] {
            let run = story.run(command);
            assert!(run.exit == 1 && run.stderr.contains(told), "{command}: {run}");
            assert!(run.stderr.contains("feedback/checkout.json:1:"), "{run}");
        }
        assert!(story.emulator().requests().is_empty());
    }
}

#[test]
fn a_report_whose_reply_is_lost_after_the_write_is_stored_exactly_once() {
    for fault in [
        "cut_after_write",
        "reset_after_write",
        "html_after_write",
        "empty_after_write",
        "success_false_after_write",
    ] {
        let story = story(json!([{"on": "POST", "nth": 1, "do": fault}]));
        let run = submit(&story);
        assert_eq!((outcomes(&run), run.exit), (vec!["submitted".to_owned()], 0), "{fault}: {run}");
        assert_eq!((there(&story, "shop.example.com"), posts(&story)), (1, 1), "{fault}");
    }
}

#[test]
fn a_report_that_was_certainly_not_stored_is_sent_again() {
    let story = story(json!([{"on": "POST", "nth": 1, "do": "throttle", "retry_after": 0}]));
    let run = submit(&story);
    assert_eq!((outcomes(&run), run.exit), (vec!["submitted".to_owned()], 0), "{run}");
    assert_eq!((there(&story, "shop.example.com"), posts(&story)), (1, 2));
}

/// Submits and interrupts the search for the report, which would take half a minute.
fn submit_and_interrupt(story: &Story, arguments: &str) -> Run {
    let child = story.start(&mut story.command(arguments));
    wait_until("the POST", || posts(story) > 0);
    signal(&child, "-INT");
    story.finish(child)
}

#[test]
fn a_report_with_an_unknown_outcome_is_not_sent_again() {
    for fault in [json!({"do": "silent"}), json!({"do": "cut"}), json!({"do": "status", "status": 502})] {
        let mut fault = fault;
        (fault["on"], fault["nth"]) = (json!("POST"), json!(1));
        let story = story(json!([fault]));
        let run = submit_and_interrupt(&story, "feedback submit --auto-approve --output json --timeout 1");
        assert_eq!((outcomes(&run), run.exit), (vec!["unknown".to_owned()], 1), "{fault}: {run}");
        assert_eq!((there(&story, "shop.example.com"), posts(&story)), (0, 1), "{fault}");
        let again = submit(&story);
        assert_eq!((outcomes(&again), there(&story, "shop.example.com")), (vec!["submitted".to_owned()], 1));
    }
}

#[test]
fn a_report_that_was_accepted_but_is_not_listed_is_unknown() {
    let story = story(json!([{"on": "POST", "nth": 1, "do": "ignore"}]));
    let run = submit_and_interrupt(&story, "feedback submit --auto-approve");
    assert!(
        run.exit == 1 && run.stdout.contains("Cloudflare accepted it, but the list does not show it"),
        "{run}"
    );
    assert_eq!(posts(&story), 1);
}

#[test]
fn a_refusal_is_shown_in_cloudflares_words_and_the_other_reports_continue() {
    let refuse = json!([{"on": "POST", "do": "refuse", "status": 403, "code": 10000, "message": "Feedback needs a Business plan"}]);
    let story = Story::new(json!([
        {"name": "shop.example.com", "plan": "pro", "faults": refuse},
        {"name": "tickets.example.com", "plan": "enterprise"},
    ]));
    let mut tickets = report();
    tickets["zone"] = "tickets.example.com".into();
    let story =
        story.file("feedback/a.json", report().to_string()).file("feedback/b.json", tickets.to_string());
    let run = submit(&story);
    assert_eq!((outcomes(&run), run.exit), (vec!["refused".to_owned(), "submitted".to_owned()], 3), "{run}");
    let diagnostic = &run.json()["zones"][0]["reports"][0]["diagnostics"][0];
    assert!(
        diagnostic["message"].as_str().unwrap().contains("Feedback needs a Business plan"),
        "{diagnostic}"
    );
}

#[test]
fn a_token_that_may_not_submit_ends_the_run_after_ten_zones() {
    let refuse = json!([{"on": "POST", "do": "refuse", "status": 403, "code": 10000, "count": 9}]);
    let name = |zone: usize| format!("z{zone:02}.example.com");
    let zones: Vec<_> =
        (0..14).map(|zone| json!({"name": name(zone), "plan": "business", "faults": refuse})).collect();
    let story = (0..14).fold(Story::new(json!(zones)), |story, zone| {
        let mut report = report();
        report["zone"] = name(zone).into();
        story.file(&format!("feedback/{zone:02}.json"), report.to_string())
    });
    let run = story.run("feedback submit --auto-approve --concurrency 1 --output json");
    let expected = [["refused"; 10].as_slice(), &["not_attempted"; 4]].concat();
    assert_eq!(outcomes(&run), expected, "{run}");
    assert_eq!((run.exit, posts(&story)), (1, 10));
}

#[test]
fn many_reports_of_one_zone_without_the_permission_keep_no_other_zone_waiting() {
    let refuse = json!([{"on": "POST", "do": "refuse", "status": 403, "code": 10000, "count": 99}]);
    let story = Story::new(json!([
        {"name": "shop.example.com", "plan": "business", "faults": refuse},
        {"name": "tickets.example.com", "plan": "business"},
    ]));
    let story = (0..13).fold(story, |story, number| {
        let mut report = report();
        report["description"] = format!("report {number}").into();
        report["zone"] = if number < 12 { "shop.example.com" } else { "tickets.example.com" }.into();
        story.file(&format!("feedback/{number:02}.json"), report.to_string())
    });
    let run = story.run("feedback submit --auto-approve --concurrency 1 --output json");
    let expected = [["refused"; 10].as_slice(), &["not_attempted"; 2], &["submitted"]].concat();
    assert_eq!(outcomes(&run), expected, "{run}");
}

#[test]
fn a_zone_that_cannot_be_read_fails_alone_and_nothing_of_it_is_sent() {
    let story = Story::new(json!([
        {"name": "shop.example.com", "plan": "business", "faults": [{"on": "GET_FEEDBACK", "do": "refuse", "status": 403, "code": 9109, "message": "Unauthorized to access requested resource"}]},
        {"name": "tickets.example.com", "plan": "enterprise"},
    ]));
    let with = |zone: &str| {
        let mut report = report();
        report["zone"] = zone.into();
        report.to_string()
    };
    let story = story
        .file("feedback/a.json", with("shop.example.com"))
        .file("feedback/b.json", with("tickets.example.com"))
        .file("feedback/c.json", with("nowhere.example.com"));
    let plan = story.run("feedback plan --detailed-exitcode");
    assert_eq!(plan.exit, 3, "failure beats changes: {plan}");
    let run = submit(&story);
    assert_eq!(outcomes(&run), ["failed", "failed", "submitted"], "{run}");
    assert_eq!((run.exit, posts(&story)), (3, 1));
}

#[test]
fn a_pinned_id_of_another_zone_blocks() {
    let story = Story::new(
        json!([{"name": "other.example.com", "plan": "business", "id": "0123456789abcdef0123456789abcdef"}]),
    );
    let mut pinned = report();
    pinned["zone_id"] = "0123456789abcdef0123456789abcdef".into();
    let story = story.file("feedback/a.json", pinned.to_string());
    let run = submit(&story);
    assert_eq!((outcomes(&run), run.exit), (vec!["not_attempted".to_owned()], 1), "{run}");
    assert_eq!(run.json()["zones"][0]["status"], "blocked");
    assert_eq!(posts(&story), 0);
}

#[test]
fn without_a_terminal_nothing_is_submitted_unless_it_is_approved() {
    let story = story(json!([]));
    let run = story.run("feedback submit");
    assert_eq!(run.exit, 1);
    assert_snapshot!(run.stderr, @"
    error: nothing was submitted: there is no terminal to ask for approval

    hint: add `--auto-approve`
    ");
    assert_eq!(posts(&story), 0);
}

#[test]
fn the_same_report_in_two_files_names_both() {
    let story = story(json!([])).file("feedback/again.json", report().to_string());
    let run = story.run("feedback plan");
    assert!(
        run.exit == 1
            && run
                .stderr
                .contains("the same report of zone `shop.example.com` is also in feedback/again.json"),
        "{run}"
    );
}

#[test]
fn two_files_that_name_one_zone_in_two_ways_are_sent_once() {
    let id = "0123456789abcdef0123456789abcdef";
    let other = "fedcba9876543210fedcba9876543210";
    let story = Story::new(json!([{"name": "shop.example.com", "plan": "business", "id": id}]));
    let account = story.emulator().world();
    assert!(account.zone_id("shop.example.com").is_some() && other != id);
    let mut later = report();
    later["zone_id"] = id.into();
    later["description"] = "another one".into();
    let story =
        story.file("feedback/a.json", report().to_string()).file("feedback/b.json", later.to_string());
    let run = submit(&story);
    assert_eq!(run.json()["zones"].as_array().unwrap().len(), 1, "{run}");
    assert_eq!(outcomes(&run), ["submitted", "submitted"]);
}

#[test]
fn an_interrupted_run_starts_no_further_report_and_shows_each() {
    let story = story(json!([{"on": "POST", "nth": 1, "do": "silent_after_write"}]));
    let mut second = report();
    second["description"] = "the second one".into();
    let story = story.file("feedback/second.json", second.to_string());
    let child = story.start(&mut story.command("feedback submit --auto-approve --output json --timeout 2"));
    story.wait_for("the first POST", |world| world.requests().iter().any(|request| request.method == "POST"));
    signal(&child, "-INT");
    let run = story.finish(child);
    assert_eq!(
        (outcomes(&run), run.exit),
        (vec!["submitted".to_owned(), "not_attempted".to_owned()], 3),
        "{run}"
    );
    assert_eq!(there(&story, "shop.example.com"), 1);
}

#[test]
fn an_unknown_zone_pattern_and_an_empty_folder_are_errors() {
    let story = story(json!([])).file("empty/readme.md", "");
    let run = story.run("feedback plan --zone shop.exmaple.com");
    assert!(run.exit == 64 && run.stderr.contains("did you mean `shop.example.com`?"), "{run}");
    for (path, told) in
        [("empty", "the folder contains no report files"), ("nowhere", "no such file or folder")]
    {
        let run = story.run(&format!("feedback plan {path}"));
        assert!(run.exit == 1 && run.stderr.contains(told), "{run}");
    }
}

#[test]
fn a_bare_emulate_has_the_zones_of_the_reports() {
    let story = story(json!([]));
    let run = story.run("feedback submit --auto-approve --output json --emulate");
    assert_eq!((outcomes(&run), run.exit), (vec!["submitted".to_owned()], 0), "{run}");
    assert!(story.emulator().requests().is_empty());
}
