//! Faults around a PUT: whatever its answer, a GET shows its outcome.

use crate::story::Story;
use insta::assert_snapshot;
use serde_json::{Value, json};

/// Applies `ai_search: block` to a zone for each fault, which affects its first PUT or as many as its `count`.
/// Returns the outcomes and the number of PUTs to each zone.
fn apply(faults: &[Value]) -> (Story, Vec<(String, usize)>, i32) {
    let name = |n: usize| format!("z{n:02}.example.com");
    let zones = faults.iter().enumerate().map(|(n, fault)| {
        let mut fault = fault.clone();
        (fault["on"], fault["nth"]) = (json!("PUT"), json!(1));
        json!({"name": name(n), "plan": "pro", "faults": [fault]})
    });
    let story = Story::new(zones.collect());
    let story =
        (0..faults.len()).fold(story, |story, n| story.zone(&name(n), "sbfm_pro", "ai_search: block"));
    let run = story.run("apply --auto-approve --timeout 1 --output json");
    let traffic = story.traffic();
    let document = run.json();
    let ends = document["zones"].as_array().unwrap().iter().enumerate().map(|(n, zone)| {
        let put = format!("PUT {}", name(n));
        (zone["outcome"].as_str().unwrap().to_owned(), traffic.iter().filter(|line| **line == put).count())
    });
    let ends = ends.collect();
    (story, ends, run.exit)
}

#[test]
fn a_write_that_was_stored_is_applied_exactly_once_whatever_the_answer() {
    let words = ["cut", "silent", "reset", "success_false", "empty", "html"];
    let mut faults: Vec<_> = words.map(|word| json!({"do": format!("{word}_after_write")})).into();
    faults.extend(
        [408, 500, 502, 503, 520, 524].map(|status| json!({"do": "status_after_write", "status": status})),
    );
    let (_, ends, exit) = apply(&faults);
    assert!(ends.iter().all(|end| *end == ("applied".to_owned(), 1)), "{ends:?}");
    assert_eq!(exit, 0);
}

#[test]
fn a_write_that_was_not_stored_is_sent_again_and_then_applied() {
    let faults = [
        json!({"do": "cut"}),
        json!({"do": "reset"}),
        json!({"do": "silent"}),
        json!({"do": "success_false"}),
        json!({"do": "status", "status": 503}),
    ];
    let (story, ends, exit) = apply(&faults);
    assert!(ends.iter().all(|end| *end == ("applied".to_owned(), 2)), "{ends:?}");
    assert_eq!((exit, story.live("z02.example.com")["ai_search"].as_str()), (0, Some("block")));
}

#[test]
fn a_write_that_is_never_stored_is_sent_three_times_and_failed() {
    let fault = json!({"on": "PUT", "do": "status", "status": 502});
    let story = Story::shop_with(fault, "ai_search: block");
    assert_snapshot!(story.run("apply --auto-approve").told(), @"
    ~ shop.example.com (sbfm_pro)                              zones/shop.example.com.yaml
        ~ ai_search               disabled → block             tightens   shuts out search engines (medium confidence)  blocks social previews (low confidence)  :4
          0

    Plan: 1, 1, 0, 0, 0, 1

      failed        shop.example.com
          error: PUT /zones/[id]/bot_management (zone shop.example.com) failed with status 502: the reply is a web page: 502
            CF-Ray [ray]
            hint: a web page came back instead of the API's JSON, from a proxy or from Cloudflare's edge: check the API address and the proxy settings, or try again later

    Apply: 0, 0, 1, 0, 0
    ---- exit 1
    ");
    assert_eq!(story.bodies().len(), 3);
    assert_eq!(story.live("shop.example.com")["ai_search"], "disabled");
}

#[test]
fn a_false_success_is_reported_with_the_misleading_reply() {
    let story = Story::shop_with(
        json!({"on": "PUT", "nth": 1, "do": "success_false_after_write"}),
        "ai_search: block",
    );
    assert_snapshot!(story.run("apply --auto-approve").told(), @"
    ~ shop.example.com (sbfm_pro)                              zones/shop.example.com.yaml
        ~ ai_search               disabled → block             tightens   shuts out search engines (medium confidence)  blocks social previews (low confidence)  :4
          0

    Plan: 1, 1, 0, 0, 0, 1

      applied       shop.example.com   1 setting written and read back
          note: PUT /zones/[id]/bot_management (zone shop.example.com) was answered with `success: false` with status 200: no reason was given; the read-back shows that it was taken

    Apply: 1, 0, 0, 0, 0
    ---- exit 0
    ");
}

#[test]
fn throttled_writes_are_throttled_and_leave_the_zone_alone() {
    let (story, ends, exit) =
        apply(&["throttle", "throttle_10429"].map(|word| json!({"do": word, "count": 9, "retry_after": 0})));
    assert!(ends.iter().all(|end| *end == ("throttled".to_owned(), 3)), "{ends:?}");
    assert_eq!((exit, story.live("z00.example.com")["ai_search"].as_str()), (1, Some("disabled")));
}

#[test]
fn a_refused_write_is_sent_once_and_cloudflares_words_are_shown() {
    let refusal =
        json!({"on": "PUT", "do": "refuse", "status": 400, "code": 10400, "message": "not on a Sunday"});
    let story = Story::shop_with(refusal, "ai_search: block");
    assert_snapshot!(story.run("apply --auto-approve").told(), @"
    ~ shop.example.com (sbfm_pro)                              zones/shop.example.com.yaml
        ~ ai_search               disabled → block             tightens   shuts out search engines (medium confidence)  blocks social previews (low confidence)  :4
          0

    Plan: 1, 1, 0, 0, 0, 1

      refused       shop.example.com
          error: PUT /zones/[id]/bot_management (zone shop.example.com) was refused with status 400: not on a Sunday (code 10400)
            CF-Ray [ray]

    Apply: 0, 0, 1, 0, 0, 0
    ---- exit 1
    ");
    assert_eq!(story.bodies().len(), 1);
}

#[test]
fn a_put_that_was_refused_or_throttled_and_that_no_get_can_settle_is_unknown() {
    for put in
        [json!({"on": "PUT", "do": "throttle", "retry_after": 0}), json!({"on": "PUT", "do": "unauthorized"})]
    {
        let faults = json!([put, {"on": "GET", "nth": 3, "do": "forbidden_zone", "count": 100}]);
        let story = Story::new(json!([{"name": "shop.example.com", "plan": "pro", "faults": faults}])).zone(
            "shop.example.com",
            "sbfm_pro",
            "ai_search: block",
        );
        let run = story.run("apply --auto-approve --output json");
        assert_eq!((run.outcome().as_str(), run.exit), ("unknown", 1), "{run}");
        assert_eq!(story.bodies().len(), 1);
    }
}

#[test]
fn a_put_that_no_get_can_settle_is_unknown() {
    let faults = json!([{"on": "PUT", "do": "success_false_after_write"}, {"on": "GET", "nth": 3, "count": 9, "do": "html"}]);
    let story = Story::new(json!([{"name": "shop.example.com", "plan": "pro", "faults": faults}])).zone(
        "shop.example.com",
        "sbfm_pro",
        "ai_search: block",
    );
    assert_snapshot!(story.run("apply --auto-approve").told(), @"
    ~ shop.example.com (sbfm_pro)                              zones/shop.example.com.yaml
        ~ ai_search               disabled → block             tightens   shuts out search engines (medium confidence)  blocks social previews (low confidence)  :4
          0

    Plan: 1, 1, 0, 0, 0, 1

      unknown       shop.example.com
          error: the PUT was sent, and no GET could show its result
            hint: run `plan` to see what is live
          error: PUT /zones/[id]/bot_management (zone shop.example.com) was answered with `success: false` with status 200: no reason was given
            CF-Ray [ray]
            hint: try again later; Cloudflare support can look up the request by its CF-Ray
          error: GET /zones/[id]/bot_management (zone shop.example.com, 5 attempts) got a web page instead of JSON
            CF-Ray [ray]
            hint: a web page came back instead of the API's JSON, from a proxy or from Cloudflare's edge: check the API address and the proxy settings, or try again later

    Apply: 0, 0, 0, 1, 0, 0
    ---- stderr
    note: 1 zone left in flight; the next `apply` checks what happened
    ---- exit 1
    ");
}

#[test]
fn a_request_limit_is_waited_for() {
    let zones = json!([{"name": "a.example.com", "plan": "pro"}, {"name": "b.example.com", "plan": "pro"}]);
    let story = Story::world(&json!({"zones": zones, "limit": {"requests": 4, "seconds": 1}}))
        .zone("a.example.com", "sbfm_pro", "ai_search: block")
        .zone("b.example.com", "sbfm_pro", "ai_search: block");
    assert_eq!(story.run("apply --auto-approve").exit, 0);
}

#[test]
fn zones_without_the_permission_fail_alone_however_many_there_are() {
    for concurrency in [1, 16] {
        let faults = |zone: usize| match zone {
            4..10 => json!([{"on": "GET", "do": "unauthorized", "count": 99}]),
            _ => json!([]),
        };
        let name = |zone: usize| format!("z{zone:02}.example.com");
        let zones: Vec<_> =
            (0..31).map(|zone| json!({"name": name(zone), "plan": "pro", "faults": faults(zone)})).collect();
        let story = (0..31).fold(Story::new(json!(zones)), |story, zone| {
            story.zone(&name(zone), "sbfm_pro", "ai_search: block")
        });
        let run = story.run(&format!("plan --concurrency {concurrency} --output json"));
        assert_eq!((run.exit, &run.json()["summary"]["failed"]), (3, &json!(6)), "{run}");
        let requests = story.emulator().requests();
        let asked = requests.iter().filter(|request| request.path.ends_with("/tokens/verify")).count();
        assert!(asked <= 1, "at {concurrency}: {asked}");
    }
}
