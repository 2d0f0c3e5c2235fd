//! Pages of large fleets: they fit, their counts are right, and what is left out is counted.

use super::*;
use crate::catalogue::Variant;
use crate::diff::Context;
use crate::model::{Desired, Diagnostic, Live, Message, Place, ZoneId};
use crate::plan::{Provenance, ZonePlan};
use crate::render::markdown::COMMENT;
use crate::render::{Annotations, junit, sarif};
use crate::report::{Ending, Verb};
use serde_json::{Value as Json, json};

const ZONES: usize = 10_000;

/// A plan of many zones, each with a live object of its own, or unread for a reason of its own.
fn plan(live: impl Fn(usize) -> Result<Json, String>) -> Plan {
    let today = jiff::civil::date(2026, 11, 23);
    let context = Context::of_day(today);
    let zones = (0..ZONES).map(|n| {
        let name = format!("zone-{n:05}.customer.example.com");
        let file = format!("zones/{name}.yaml");
        let mut want = Desired::in_file(file, name.parse().unwrap(), Variant::SbfmPro, Place::START);
        want.set("ai_search", "block").unwrap();
        want.set("enable_js", true).unwrap();
        let id = ZoneId::try_from(format!("{n:032x}")).unwrap();
        match live(n) {
            Ok(live) => ZonePlan::build(&want, id, Live::read(live.as_object().unwrap().clone()), &context),
            Err(why) => {
                let request =
                    Message::from("GET /zones/").zone_id(id.as_str()).text("/bot_management (zone ");
                let why = Diagnostic::error(request.zone(name.as_str()).text(format!(") {why}")));
                ZonePlan::failed(&want, Some(id), why, today)
            }
        }
    });
    Plan::build(Provenance::default(), zones.collect())
}

fn shown(plan: &Plan, ending: Ending, room: Room) -> String {
    let report = Report { plan: Some(plan), ..Report::new(Verb::Plan, ending) };
    Markdown::new(&report, room).to_string()
}

fn live(ai_search: &str) -> Json {
    json!({"enable_js": true, "ai_search": ai_search, "sbfm_verified_bots": "allow"})
}

/// A page without what is folded: what a reader sees first.
fn unfolded(page: &str) -> String {
    let (mut text, mut depth) = (String::new(), 0);
    for part in page.split_inclusive("details>") {
        let plain = part.rsplit_once('<').map_or(part, |(plain, _)| plain);
        text.push_str(if depth == 0 { plain } else { "" });
        match part {
            part if part.ends_with("</details>") => depth -= 1,
            part if part.ends_with("<details>") => depth += 1,
            _ => {}
        }
    }
    text
}

#[test]
fn equal_changes_and_failures_of_many_zones_are_a_short_page_with_as_many_names_as_fit() {
    let causes = ["was refused with status 403", "timed out", "got an empty reply"];
    let failed = shown(&plan(|n| Err(causes[n % 3].to_owned())), Ending::Failed, COMMENT);
    let words = ["disabled", "only_on_ad_pages", "odd"];
    let changed = shown(&plan(|n| Ok(live(words[n % 3]))), Ending::Done, COMMENT);
    for page in [&failed, &changed] {
        assert!(unfolded(page).len() < 3_000, "{} bytes:\n{}", unfolded(page).len(), unfolded(page));
        assert!((60_000..=65_000).contains(&page.encode_utf16().count()), "{}", page.len());
        assert!(page.contains("3334 zones") && page.contains("3333 zones"), "{page}");
        assert!(page.contains(" zone names. `--output json`"), "{page}");
    }
    assert!(failed.contains("## botform plan: all 10000 zones failed\n"), "{failed}");
    let head = "10000 changes shut out search engines, 3333 changes loosen, all 10000 zones to change\n";
    assert!(changed.contains(head), "{changed}");
}

#[test]
#[ignore = "slow: CI runs it"]
fn different_changes_of_many_zones_fit_and_are_counted() {
    let plan = plan(|n| Ok(live(&format!("odd 😀 `{n}`"))));
    let page = shown(&plan, Ending::Done, COMMENT);
    let most = page.encode_utf16().count();
    assert!((60_000..=65_000).contains(&most), "{most}");
    let head = "10000 changes shut out search engines, 10000 changes loosen, all 10000 zones to change\n";
    assert!(page.contains(head), "{page}");
    let rows = page.lines().filter(|line| line.starts_with("| **loosens**;")).count();
    let left = format!("{} further changes", ZONES - rows);
    assert_eq!(page.matches(&left).count(), 2, "below the table and at the end: {left}\n{page}");
    let yaml = page.matches("```diff").count();
    assert!(yaml > 0 && page.contains(&format!("the YAML of {} zones", ZONES - yaml)), "{yaml}");
    for bytes in [3_000, 1 << 20] {
        let page = shown(&plan, Ending::Done, Room::Bytes(bytes));
        assert!(page.len() <= bytes, "{} of {bytes}", page.len());
    }
}

#[test]
#[ignore = "slow: CI runs it"]
fn a_row_gives_up_names_before_its_cause_or_its_change() {
    let causes = |n: usize| format!("was refused with status {}", if n == 0 { 401 } else { 403 });
    let failed = plan(|n| Err(causes(n)));
    let changed = plan(|n| Ok(live(if n == 0 { "only_on_ad_pages" } else { "disabled" })));
    for room in [4_000, 65_000] {
        let room = Room::Characters(room);
        let page = shown(&failed, Ending::Failed, room);
        assert!(page.contains("was refused with status 403") && page.contains("9999 zones"), "{page}");
        assert!(page.contains("was refused with status 401"), "{page}");
        let page = shown(&changed, Ending::Done, room);
        assert!(page.contains("`disabled` → `block`") && page.contains("9999 zones"), "{page}");
        assert!(page.contains("`only_on_ad_pages` → `block`"), "{page}");
        assert!(page.encode_utf16().count() <= room.most(), "{room:?}: {page}");
    }
    let page = shown(&changed, Ending::Done, Room::Bytes(1 << 20));
    assert!(page.contains("truncated=\"no\"") && page.matches("<code>zone-").count() >= ZONES, "all names");
}

#[test]
#[ignore = "slow: CI runs it"]
fn formats_for_machines_keep_their_limits_too() {
    let plan = plan(|n| Ok(live(&format!("odd {n}"))));
    let report = Report { plan: Some(&plan), ..Report::new(Verb::Plan, Ending::Done) };
    let text = Annotations::new(&report).to_string();
    assert_eq!(text.lines().filter(|line| line.starts_with("::warning ")).count(), 10, "{text}");
    let log = sarif(&report);
    assert_eq!(log["runs"][0]["results"].as_array().unwrap().len(), 5_000);
    assert_eq!(junit(&report).unwrap().matches("<testcase ").count(), ZONES);
}
