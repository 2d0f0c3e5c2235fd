//! Faults around a PUT: whatever its answer, a GET tells what became of it.

use crate::story::Story;
use insta::assert_snapshot;
use serde_json::{Value, json};

/// Applies `ai_search: block` while a fault falls on the first PUT.
fn apply(mut fault: Value) -> (Story, String, i32) {
    fault["on"] = json!("PUT");
    if fault.get("nth").is_none() {
        fault["nth"] = json!(1);
    }
    let story = Story::shop_with(fault, "ai_search: block");
    let run = story.run("apply --auto-approve --timeout 1 --output json");
    let outcome = run.outcome();
    (story, outcome, run.exit)
}

#[test]
fn a_write_that_was_stored_is_applied_exactly_once_whatever_the_answer() {
    for word in ["cut", "silent", "reset", "success_false", "empty", "html"] {
        let (story, outcome, exit) = apply(json!({"do": format!("{word}_after_write")}));
        assert_eq!((outcome.as_str(), exit), ("applied", 0), "{word}");
        assert_eq!(story.bodies().len(), 1, "{word}");
    }
    for status in [408, 500, 502, 503, 520, 524] {
        let (story, outcome, exit) = apply(json!({"do": "status_after_write", "status": status}));
        assert_eq!((outcome.as_str(), exit, story.bodies().len()), ("applied", 0, 1), "{status}");
    }
}

#[test]
fn a_write_that_was_not_stored_is_sent_again_and_then_applied() {
    for fault in [
        json!({"do": "cut"}),
        json!({"do": "reset"}),
        json!({"do": "success_false"}),
        json!({"do": "status", "status": 503}),
    ] {
        let (story, outcome, exit) = apply(fault.clone());
        assert_eq!((outcome.as_str(), exit, story.bodies().len()), ("applied", 0, 2), "{fault}");
        assert_eq!(story.live("shop.example.com")["ai_search"], "block");
    }
}

#[test]
fn a_write_that_is_never_stored_is_sent_three_times_and_failed() {
    let fault = json!({"on": "PUT", "do": "status", "status": 502});
    let story = Story::shop_with(fault, "ai_search: block");
    assert_snapshot!(story.run("apply --auto-approve"), @"
    ~ shop.example.com (sbfm_pro)                              zones/shop.example.com.yaml
        ~ ai_search               disabled → block             tightens   :4
          0 settings in sync, 15 unmanaged

    Plan: 1 zone to change (1 setting), 0 in sync, 0 blocked, 0 failed.
    Digest: [digest]

      failed        shop.example.com
          error: PUT /zones/[id]/bot_management (zone shop.example.com) failed with status 502: the reply is a web page: 502
            CF-Ray [ray]
            hint: a web page came instead of the API's JSON, as from a proxy or from trouble at Cloudflare's edge: check the API address and the proxy settings, or try again later

    Apply: 0 applied, 0 in sync, 1 failed, 0 blocked, 0 not attempted.
    ---- stderr
    journal: [file]
    ---- exit 1
    ");
    assert_eq!(story.bodies().len(), 3);
    assert_eq!(story.live("shop.example.com")["ai_search"], "disabled");
}

#[test]
fn a_success_that_was_none_is_told_with_the_reply_that_lied() {
    let story = Story::shop_with(
        json!({"on": "PUT", "nth": 1, "do": "success_false_after_write"}),
        "ai_search: block",
    );
    assert_snapshot!(story.run("apply --auto-approve"), @"
    ~ shop.example.com (sbfm_pro)                              zones/shop.example.com.yaml
        ~ ai_search               disabled → block             tightens   :4
          0 settings in sync, 15 unmanaged

    Plan: 1 zone to change (1 setting), 0 in sync, 0 blocked, 0 failed.
    Digest: [digest]

      applied       shop.example.com   1 setting written and read back
          note: PUT /zones/[id]/bot_management (zone shop.example.com) was answered with `success: false` with status 200: no reason was given; the read-back shows that it was taken

    Apply: 1 applied, 0 in sync, 0 failed, 0 blocked, 0 not attempted.
    ---- stderr
    journal: [file]
    ---- exit 0
    ");
}

#[test]
fn throttled_writes_are_throttled_and_leave_the_zone_alone() {
    for word in ["throttle", "throttle_10429"] {
        let (story, outcome, exit) = apply(json!({"do": word, "nth": 1, "count": 9, "retry_after": 0}));
        assert_eq!((outcome.as_str(), exit), ("throttled", 1), "{word}");
        assert_eq!(story.live("shop.example.com")["ai_search"], "disabled");
    }
}

#[test]
fn a_refusal_is_sent_once_and_shown_as_cloudflare_said_it() {
    let refusal =
        json!({"on": "PUT", "do": "refuse", "status": 400, "code": 10400, "message": "not on a Sunday"});
    let story = Story::shop_with(refusal, "ai_search: block");
    assert_snapshot!(story.run("apply --auto-approve"), @"
    ~ shop.example.com (sbfm_pro)                              zones/shop.example.com.yaml
        ~ ai_search               disabled → block             tightens   :4
          0 settings in sync, 15 unmanaged

    Plan: 1 zone to change (1 setting), 0 in sync, 0 blocked, 0 failed.
    Digest: [digest]

      refused       shop.example.com
          error: PUT /zones/[id]/bot_management (zone shop.example.com) was refused with status 400: not on a Sunday (code 10400)
            code 10400, CF-Ray [ray]

    Apply: 0 applied, 0 in sync, 1 refused, 0 failed, 0 blocked, 0 not attempted.
    ---- stderr
    journal: [file]
    ---- exit 1
    ");
    assert_eq!(story.bodies().len(), 1);
}

#[test]
fn a_put_that_no_get_can_settle_is_unknown() {
    let faults = json!([{"on": "PUT", "do": "success_false_after_write"}, {"on": "GET", "nth": 3, "count": 9, "do": "html"}]);
    let story = Story::new(json!([{"name": "shop.example.com", "plan": "pro", "faults": faults}])).zone(
        "shop.example.com",
        "sbfm_pro",
        "ai_search: block",
    );
    assert_snapshot!(story.run("apply --auto-approve"), @"
    ~ shop.example.com (sbfm_pro)                              zones/shop.example.com.yaml
        ~ ai_search               disabled → block             tightens   :4
          0 settings in sync, 15 unmanaged

    Plan: 1 zone to change (1 setting), 0 in sync, 0 blocked, 0 failed.
    Digest: [digest]

      unknown       shop.example.com
          error: the PUT was sent, and no GET could tell what became of it
            hint: run `plan` to see what is live
          error: PUT /zones/[id]/bot_management (zone shop.example.com) was answered with `success: false` with status 200: no reason was given
            CF-Ray [ray]
            hint: try again later; Cloudflare support can look it up by the CF-Ray
          error: GET /zones/[id]/bot_management (zone shop.example.com, 5 attempts) got a web page instead of JSON
            CF-Ray [ray]
            hint: a web page came instead of the API's JSON, as from a proxy or from trouble at Cloudflare's edge: check the API address and the proxy settings, or try again later

    Apply: 0 applied, 0 in sync, 0 failed, 1 unknown, 0 blocked, 0 not attempted.
    ---- stderr
    journal: [file]
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
