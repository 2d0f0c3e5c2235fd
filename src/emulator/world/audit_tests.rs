//! The audit log as a client meets it.

use super::*;
use crate::catalogue::Variant;
use crate::emulator::world::{Answer, Body, ZoneSeed};

const NOW: &str = "2026-11-29T12:00:00Z";

fn world(audit: Json) -> World {
    let zone = json!({"name": "a.example", "plan": "pro"});
    World::read(&json!({"zones": [zone], "audit": audit})).unwrap()
}

fn ask(world: &mut World, method: &str, path: &str, query: &[(&str, &str)], body: &str) -> (Json, String) {
    let request = Request {
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        authorization: Some("Bearer abc".to_owned()),
        content_type: Some("application/json".to_owned()),
        agent: Some("curl/8".to_owned()),
        body: Some(body.into()),
        now: NOW.parse().unwrap(),
        ..Request::default()
    };
    let Answer { body, headers, .. } = world.answer(&request);
    let Body::Json(body) = body else { panic!("no JSON") };
    let ray = headers.into_iter().find(|(name, _)| *name == "cf-ray").unwrap().1;
    (body, ray)
}

fn list(world: &mut World, more: &[(&str, &str)]) -> Json {
    let path = format!("/accounts/{DEFAULT_ACCOUNT}/logs/audit");
    let window = [("since", "2026-11-01"), ("before", NOW)];
    ask(world, "GET", &path, &[&window, more].concat(), "").0
}

fn ids(page: &Json) -> Vec<&str> {
    page["result"].as_array().unwrap().iter().map(|entry| entry["id"].as_str().unwrap()).collect()
}

#[test]
fn a_put_is_logged_with_its_ray_and_a_get_or_a_refused_put_is_not() {
    let mut world = World::matching([ZoneSeed::new("a.example", Variant::SbfmPro)]);
    let path = format!("/zones/{}/bot_management", world.zone_id("a.example").unwrap());
    ask(&mut world, "GET", &path, &[], "");
    ask(&mut world, "PUT", &path, &[], r#"{"ai_search":7}"#);
    let (_, ray) = ask(&mut world, "PUT", &path, &[], r#"{"ai_search":"block"}"#);
    let page = list(&mut world, &[]);
    assert_eq!(page["result"].as_array().unwrap().len(), 1, "{page}");
    let entry = &page["result"][0];
    assert_eq!(entry["raw"]["cf_ray_id"].as_str().unwrap(), ray.split('-').next().unwrap());
    assert_eq!(
        (&entry["raw"]["uri"], &entry["resource"]["request"]),
        (&json!(path), &json!({"ai_search": "block"}))
    );
    assert_eq!(
        (&entry["actor"]["context"], &entry["raw"]["user_agent"]),
        (&json!("api_token"), &json!("curl/8"))
    );
}

#[test]
fn an_entry_shows_after_the_delay() {
    let entry = |minutes: u32| json!({"id": format!("{minutes}"), "minutes_ago": minutes, "zone": {"name": "a.example"}});
    let mut world = world(json!({"delay_seconds": 600, "entries": [entry(5), entry(15)]}));
    let page = list(&mut world, &[]);
    assert_eq!(ids(&page), ["15"]);
    let entry = &page["result"][0];
    assert_eq!(entry["action"]["time"], "2026-11-29T11:45:00Z");
    assert_eq!(entry["zone"]["id"].as_str(), world.zone_id("a.example"));
}

#[test]
fn each_form_of_cursors_leads_through_all_entries_once() {
    for form in ["plain", "cursors_after", "repeats"] {
        let entry = |id: u32| json!({"id": id.to_string(), "minutes_ago": id / 2});
        let mut world = world(json!({"cursor": form, "entries": (0..7).map(entry).collect::<Vec<_>>()}));
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        for _ in 0..5 {
            let page = list(&mut world, &[("limit", "3"), ("cursor", &cursor), ("direction", "asc")]);
            seen.extend(ids(&page).into_iter().map(str::to_owned));
            let info = &page["result_info"];
            let next = info["cursor"].as_str().or(info["cursors"]["after"].as_str()).unwrap_or_default();
            if ids(&page).is_empty() || next.is_empty() || next == cursor {
                break;
            }
            cursor = next.to_owned();
        }
        assert_eq!(seen, ["6", "4", "5", "2", "3", "0", "1"], "{form}");
    }
}

#[test]
fn a_query_without_its_window_and_a_wrong_entry_are_refused() {
    let mut world = world(json!({}));
    let path = format!("/accounts/{DEFAULT_ACCOUNT}/logs/audit");
    for query in [&[("since", "2026-11-01")][..], &[("since", "x"), ("before", NOW)]] {
        assert_eq!(ask(&mut world, "GET", &path, query, "").0["success"], false);
    }
    for (name, value) in [("limit", "1001"), ("cursor", "x"), ("direction", "up")] {
        assert_eq!(list(&mut world, &[(name, value)])["success"], false, "{name}");
    }
    assert_eq!(list(&mut world, &[("zone_id", "x")])["success"], true);
    let wrong = json!({"audit": {"entries": [{}, {"minutes_ago": 1, "zone": {"name": "b.example"}}]}});
    let errors = World::read(&wrong).unwrap_err();
    let errors: Vec<_> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(
        errors,
        [
            "audit.entries[0]: `action.time` or `minutes_ago` is missing",
            "audit.entries[1].zone: there is no zone `b.example`"
        ]
    );
}
