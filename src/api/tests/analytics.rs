//! Queries of the analytics, against replies of every documented shape.

use super::script::{Server, Step, json};
use super::{ID, client};
use crate::api::{Condition, Counted, RequestKind, Shown, Tables};
use crate::model::{Estimate, NoNumber, NoNumberKind, Window, ZoneId};
use serde_json::{Value as Json, json as value};

const OTHER: &str = "123e105f4ecef8ad9ca31a8372d0c353";

fn ids() -> [ZoneId; 2] {
    [ID, OTHER].map(|id| ZoneId::try_from(id.to_owned()).unwrap())
}

fn window() -> Window {
    Window { from: "2026-11-28T12:00:00Z".parse().unwrap(), to: "2026-11-29T11:55:00Z".parse().unwrap() }
}

fn data(zones: Json) -> Step {
    json(200, &value!({"data": {"viewer": {"zones": zones}}, "errors": null}).to_string())
}

fn errors(errors: Json) -> Step {
    json(200, &value!({"data": null, "errors": errors}).to_string())
}

fn message(text: &str) -> Step {
    errors(value!([{"message": text, "path": null, "extensions": {"timestamp": "2026-11-29T12:00:00Z"}}]))
}

fn group(rule: &str, count: u64) -> Json {
    value!({
        "count": count, "dimensions": {"action": "block", "source": "firewallManaged", "ruleId": rule, "description": ""},
        "confidence": {"count": {"estimate": count, "lower": count - 10, "upper": count + 12, "sampleSize": 90}},
    })
}

fn counts(id: &str, groups: &[Json]) -> Json {
    value!({"zoneTag": id, "firewallEventsAdaptiveGroups": groups})
}

/// What both zones got, and how many queries it took.
async fn asked(steps: Vec<Step>) -> (Vec<Result<Vec<Counted>, NoNumber>>, Vec<Json>) {
    let (server, ids) = (Server::playing(steps), ids());
    let zones: Vec<_> = ids.iter().collect();
    let found = client(&server).rule_counts(&zones, &["botFight"], window(), 100).await;
    let bodies = server.asked().into_iter().map(|asked| serde_json::from_str(&asked.body).unwrap()).collect();
    (found, bodies)
}

fn kinds(found: &[Result<Vec<Counted>, NoNumber>]) -> Vec<Result<u64, NoNumberKind>> {
    let sum = |groups: &Vec<Counted>| groups.iter().map(|group| group.requests.count).sum();
    found.iter().map(|found| found.as_ref().map(sum).map_err(|why| why.kind)).collect()
}

#[tokio::test]
async fn zones_are_distinguished_by_their_id_whatever_their_order() {
    let (found, bodies) =
        asked(vec![data(value!([counts(OTHER, &[]), counts(ID, &[group("a", 900)])]))]).await;
    assert_eq!(kinds(&found), [Ok(900), Ok(0)]);
    assert_eq!(found[0].as_ref().unwrap()[0].requests, Estimate { count: 900, lower: 890, upper: 912 });
    let variables = &bodies[0]["variables"];
    assert_eq!(variables["zones"], value!([ID, OTHER]));
    assert_eq!(variables["from"], "2026-11-28T12:00:00Z");
    assert!(!bodies[0]["query"].as_str().unwrap().contains(ID), "ids are variables");
}

#[tokio::test]
async fn a_zone_that_is_refused_is_left_out_and_the_others_are_asked_again() {
    let text = format!("zone {OTHER:?} does not have access to the field 'botManagementDecision'");
    let by_name =
        errors(value!([{"message": text, "path": ["viewer", "zones"], "extensions": {"code": "authz"}}]));
    let by_index = |index: Json| {
        let path = value!(["viewer", "zones", index, "firewallEventsAdaptiveGroups"]);
        errors(
            value!([{"message": "does not have access to the path", "path": path, "extensions": {"code": "authz"}}]),
        )
    };
    let rest = data(value!([counts(ID, &[group("a", 20)])]));
    for refused in [by_name, by_index(value!(1)), by_index(value!("1"))] {
        let (found, bodies) = asked(vec![refused, rest.clone()]).await;
        assert_eq!(kinds(&found), [Ok(20), Err(NoNumberKind::NotEntitled)]);
        assert_eq!(bodies[1]["variables"]["zones"], value!([ID]));
    }
    let (found, _) = asked(vec![message(&format!("zones [{OTHER}] are not authorized")), rest]).await;
    assert_eq!(kinds(&found), [Ok(20), Err(NoNumberKind::NotPermitted)]);
}

#[tokio::test]
async fn an_error_that_names_no_zone_is_asked_of_each_alone() {
    let one = data(value!([counts(ID, &[group("a", 20)])]));
    let refused = message("the gears are stuck");
    let (found, bodies) = asked(vec![refused.clone(), one, refused]).await;
    assert_eq!(kinds(&found), [Ok(20), Err(NoNumberKind::Failed)]);
    assert_eq!(bodies.len(), 3);
    assert_eq!(found[1].as_ref().unwrap_err().text, "the analytics answered: the gears are stuck");
}

#[tokio::test]
async fn a_partial_answer_keeps_what_it_has() {
    let zones =
        value!([counts(ID, &[group("a", 20)]), {"zoneTag": OTHER, "firewallEventsAdaptiveGroups": null}]);
    let error = value!({"message": "query consumed excessive resources", "path": ["viewer", "zones", 1]});
    let reply = value!({"data": {"viewer": {"zones": zones}}, "errors": [error]});
    let (found, bodies) = asked(vec![json(200, &reply.to_string())]).await;
    assert_eq!(kinds(&found), [Ok(20), Err(NoNumberKind::UsedUp)]);
    assert_eq!(bodies.len(), 1);
}

#[tokio::test]
async fn a_busy_moment_is_waited_for_and_a_used_up_limit_is_not() {
    let answer = data(value!([counts(ID, &[]), counts(OTHER, &[])]));
    let (found, bodies) =
        asked(vec![message("too many queries in progress, please try again later"), answer]).await;
    assert_eq!((kinds(&found), bodies.len()), (vec![Ok(0), Ok(0)], 2));
    let (found, bodies) = asked(vec![message("rate limiter budget depleted, please try again")]).await;
    assert_eq!((kinds(&found), bodies.len()), (vec![Err(NoNumberKind::UsedUp); 2], 1));
    let (found, bodies) = asked(vec![message("query consumed excessive resources")]).await;
    assert_eq!((kinds(&found), bodies.len()), (vec![Err(NoNumberKind::UsedUp); 2], 5));
}

#[tokio::test]
async fn every_other_message_has_its_reason() {
    for (text, kind) in [
        ("cannot request data older than 86400s", NoNumberKind::TooOld),
        ("query time range is too large", NoNumberKind::TooOld),
        ("unknown field \"x\"", NoNumberKind::Failed),
        ("error parsing args for \"y\"", NoNumberKind::Failed),
    ] {
        let (found, _) = asked(vec![message(text)]).await;
        assert_eq!(kinds(&found), [Err(kind), Err(kind)], "{text}");
    }
    let refused = value!({"success": false, "errors": [{"code": 10000, "message": "Authentication error"}]});
    let (found, _) = asked(vec![json(403, &refused.to_string())]).await;
    assert_eq!(kinds(&found), [Err(NoNumberKind::NotPermitted); 2]);
}

#[tokio::test]
async fn a_reply_of_another_shape_is_no_zero() {
    for zones in [
        value!([]),
        value!([{"zoneTag": ID}]),
        value!([counts(ID, &[value!({"dimensions": {}})])]),
        value!([{"zoneTag": ID, "firewallEventsAdaptiveGroups": "none"}]),
        value!([{"firewallEventsAdaptiveGroups": []}]),
    ] {
        let (found, _) = asked(vec![data(zones.clone())]).await;
        assert_eq!(kinds(&found), [Err(NoNumberKind::Failed); 2], "{zones}");
    }
    let (found, _) = asked(vec![json(200, "{}")]).await;
    assert_eq!(kinds(&found), [Err(NoNumberKind::Failed); 2]);
}

#[tokio::test]
async fn events_are_read_with_whatever_they_have_and_no_address_is_asked_for() {
    let row = value!({"action": "managed_challenge", "clientAsn": 3320, "datetime": "2026-11-29T10:00:00Z", "ruleId": "bot_fight_mode", "edgeResponseStatus": "403", "userAgent": null});
    let server = Server::playing(vec![data(value!([{"zoneTag": ID, "firewallEventsAdaptive": [row, {}]}]))]);
    let (ids, shown) = (ids(), Shown::default());
    let conditions = [(Condition::Address, "203.0.113.7".to_owned()), (Condition::Path, "/a\"}%".to_owned())];
    let found = client(&server).events(&[&ids[0]], &conditions, window(), &shown).await;
    let events = found[0].as_ref().unwrap();
    assert_eq!((events[0].asn.as_str(), events[0].status, events[1].weight), ("3320", Some(403), 1));
    let body: Json = serde_json::from_str(&server.asked()[0].body).unwrap();
    let (query, variables) = (body["query"].as_str().unwrap(), &body["variables"]);
    let selected = query.rsplit_once(") {").unwrap().1;
    assert!(!selected.contains("clientIP") && query.contains("clientIP: $ip"), "{query}");
    assert_eq!((&variables["ip"], &variables["path"]), (&value!("203.0.113.7"), &value!("/a\"}%")));
}

#[tokio::test]
async fn single_events_are_counted_by_their_sampling_and_a_full_answer_is_asked_for_in_parts() {
    let row = value!({"action": "block", "ruleId": "a", "source": "botFight", "description": "", "sampleInterval": 10});
    let zone = |rows: usize| data(value!([{"zoneTag": ID, "firewallEventsAdaptive": vec![&row; rows]}]));
    let server = Server::playing(vec![zone(4), zone(3), zone(1)]);
    let ids = ids();
    let found = client(&server).rule_events(&[&ids[0]], &["botFight"], window(), 4).await;
    assert_eq!(found[0].as_ref().unwrap()[0].requests.count, 40);
    assert_eq!(server.asked().len(), 3);
    let server = Server::playing(vec![zone(4)]);
    let found = client(&server).rule_events(&[&ids[0]], &["botFight"], window(), 4).await;
    assert_eq!(found[0].as_ref().unwrap_err().kind, NoNumberKind::TooMany);
}

#[tokio::test]
async fn more_than_ten_zones_take_more_than_one_query() {
    let ids: Vec<_> = (0..23).map(|number| ZoneId::try_from(format!("{number:032x}")).unwrap()).collect();
    let server = Server::answering(|_, asked| {
        let body: Json = serde_json::from_str(&asked.body).unwrap();
        let zones = body["variables"]["zones"].as_array().unwrap();
        let settings =
            value!({"httpRequestsAdaptiveGroups": {"enabled": true, "availableFields": ["count"]}});
        let zones = zones
            .iter()
            .map(|id| value!({"zoneTag": id, "settings": settings, "httpRequestsAdaptiveGroups": []}));
        data(zones.collect())
    });
    let client = client(&server);
    let zones: Vec<_> = ids.iter().collect();
    let tables: Vec<Tables> = client.tables(&zones).await.into_iter().collect::<Result<_, _>>().unwrap();
    assert!(tables.len() == 23 && tables.iter().all(|tables| tables.events.is_none()));
    let found = client.request_counts(&zones, RequestKind::Category, window(), 10).await;
    assert!(found.iter().all(|found| found.as_ref().is_ok_and(Vec::is_empty)));
    assert_eq!(server.asked().len(), 6);
    assert_eq!(client.budget().remaining(), Some(1200), "the queries have a budget of their own");
    assert_eq!(client.queries().remaining(), Some(294));
}

#[tokio::test]
async fn the_answer_about_a_single_zone_needs_no_name_and_may_not_have_that_of_another() {
    let untagged = value!({"firewallEventsAdaptiveGroups": [group("a", 20)]});
    for (zone, expected) in [
        (untagged, Ok(20)),
        (counts(ID, &[group("a", 20)]), Ok(20)),
        (counts(OTHER, &[group("a", 20)]), Err(NoNumberKind::Failed)),
    ] {
        let server = Server::playing(vec![data(value!([zone.clone()]))]);
        let found = client(&server).rule_counts(&[&ids()[0]], &["botFight"], window(), 100).await;
        assert_eq!(kinds(&found), [expected], "{zone}");
    }
}
