//! How zones are found: by pages or by name, in their order, each with its own error.

use super::script::{Asked, Server, Step, json, success};
use super::{client, shown};
use crate::api::{ApiError, Failure, Lookup, Payload, ReadZones as _, Reason, ResolveError};
use crate::model::{AccountId, ZoneId, ZoneName};
use std::collections::HashMap;

fn id(number: usize) -> String {
    format!("{number:032x}")
}

/// A zone of a list: a number, a name, and the number of its account.
pub(super) type Zone = (usize, String, usize);

pub(super) fn zones(count: usize) -> Vec<Zone> {
    (0..count).map(|number| (number, format!("zone-{number:04}.example"), 1)).collect()
}

fn row((number, name, account): &Zone) -> String {
    let (id, account_id) = (id(*number), id(*account));
    format!(
        r#"{{"id":"{id}","name":"{name}","status":"active","account":{{"id":"{account_id}","name":"Account {account}"}},"plan":{{"id":"","legacy_id":"pro"}}}}"#
    )
}

/// A server that lists these zones as the API does.
fn listing(zones: Vec<Zone>) -> Server {
    Server::answering(move |_, asked| list(&zones, asked))
}

pub(super) fn list(zones: &[Zone], asked: &Asked) -> Step {
    let (path, query) = asked.line.split_once('?').unwrap_or((&asked.line, ""));
    if let Some(wanted) = path.strip_prefix("GET /client/v4/zones/") {
        return match zones.iter().find(|zone| id(zone.0) == wanted) {
            Some(zone) => success(&row(zone)),
            None => json(
                403,
                r#"{"success":false,"errors":[{"code":9109,"message":"Unauthorized to access requested resource"}]}"#,
            ),
        };
    }
    let query: HashMap<&str, &str> = query.split('&').filter_map(|pair| pair.split_once('=')).collect();
    let is_meant = |zone: &&Zone| {
        query.get("name").is_none_or(|name| *name == zone.1)
            && query.get("account.id").is_none_or(|account| *account == id(zone.2))
    };
    let rows: Vec<String> = zones.iter().filter(is_meant).map(row).collect();
    let page: usize = query.get("page").map_or(1, |page| page.parse().unwrap());
    let shown: Vec<String> = rows.iter().skip((page - 1) * 50).take(50).cloned().collect();
    let total = rows.len().div_ceil(50);
    json(
        200,
        &format!(
            r#"{{"success":true,"result":[{}],"result_info":{{"total_pages":{total},"total_count":{}}}}}"#,
            shown.join(","),
            rows.len()
        ),
    )
}

pub(super) fn wanted(name: &str) -> Lookup {
    Lookup::new(ZoneName::try_from(name.to_owned()).unwrap())
}

fn pinned(name: &str, number: usize) -> Lookup {
    Lookup { zone_id: Some(ZoneId::try_from(id(number)).unwrap()), ..wanted(name) }
}

fn of_account(name: &str, number: usize) -> Lookup {
    Lookup { account_id: Some(AccountId::try_from(id(number)).unwrap()), ..wanted(name) }
}

pub(super) async fn found(server: &Server, wanted: &[Lookup]) -> Vec<Result<usize, ApiError>> {
    let found = client(server).resolve(wanted).await;
    found
        .into_iter()
        .map(|zone| zone.map(|zone| usize::from_str_radix(zone.id.as_str(), 16).unwrap()))
        .collect()
}

#[tokio::test]
async fn one_zone_costs_one_request() {
    let server = listing(zones(120));
    assert_eq!(found(&server, &[of_account("zone-0077.example", 1)]).await, [Ok(77)]);
    let account = id(1);
    assert_eq!(
        server.lines(),
        [format!("GET /client/v4/zones?name=zone-0077.example&per_page=50&account.id={account}")]
    );
    let server = listing(zones(120));
    assert_eq!(found(&server, &[pinned("zone-0077.example", 77)]).await, [Ok(77)]);
    assert_eq!(server.lines(), [format!("GET /client/v4/zones/{}", id(77))]);
}

#[tokio::test]
async fn many_zones_cost_pages_and_come_in_order() {
    let server = listing(zones(230));
    let lookups: Vec<_> = (0..230).rev().map(|number| wanted(&format!("zone-{number:04}.example"))).collect();
    let numbers: Vec<_> = found(&server, &lookups).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(numbers, (0..230).rev().collect::<Vec<_>>());
    assert_eq!(server.asked().len(), 5);
}

#[tokio::test]
async fn few_zones_of_many_pages_are_asked_for_by_name() {
    let server = listing(zones(1000));
    let lookups =
        ["zone-0001.example", "zone-0500.example", "zone-0999.example"].map(|name| of_account(name, 1));
    assert_eq!(found(&server, &lookups).await, [Ok(1), Ok(500), Ok(999)]);
    // The first page settles one of them: within an account a name is unique.
    assert_eq!(server.asked().len(), 3);
    assert!(server.lines()[0].contains("account.id="));
}

#[tokio::test]
async fn zones_on_the_first_page_need_no_further_pages() {
    let server = listing(zones(150));
    let names = ["zone-0001.example", "zone-0002.example", "zone-0003.example", "zone-0140.example"];
    let lookups = names.map(|name| of_account(name, 1));
    assert_eq!(found(&server, &lookups).await, [Ok(1), Ok(2), Ok(3), Ok(140)]);
    assert_eq!(server.asked().len(), 2);
}

#[tokio::test]
async fn a_name_in_two_accounts_is_an_error_that_lists_both_wherever_they_stand() {
    let mut all = zones(300);
    all.push((900, "zone-0001.example".to_owned(), 2));
    let server = listing(all.clone());
    let results = found(&server, &[wanted("zone-0001.example"), wanted("zone-0002.example")]).await;
    insta::assert_snapshot!(shown(results[0].as_ref().unwrap_err()), @r"
    zone zone-0001.example was found 2 times: in account `Account 1` (00000000000000000000000000000001, active, zone id 00000000000000000000000000000001), in account `Account 2` (00000000000000000000000000000002, active, zone id 00000000000000000000000000000384)
    hint: add `account_id` or `zone_id` to the zone file to select one of them
    ");
    assert_eq!(results[1], Ok(2));
    let chosen = [of_account("zone-0001.example", 2), pinned("zone-0001.example", 1)];
    assert_eq!(found(&listing(all), &chosen).await, [Ok(900), Ok(1)]);
}

#[tokio::test]
async fn a_zone_that_is_not_found_gets_a_suggestion() {
    let server = listing(vec![(1, "shop.example.com".to_owned(), 1), (2, "blog.example.com".to_owned(), 1)]);
    let results =
        found(&server, &[wanted("shpo.example.com"), wanted("blog.example.com"), wanted("a.b")]).await;
    insta::assert_snapshot!(shown(results[0].as_ref().unwrap_err()), @r"
    zone shpo.example.com was not found
    hint: did you mean `shop.example.com`? Otherwise check the name; the zone was deleted, or the token cannot see it (permission `Zone Read` for it)
    ");
    assert_eq!(results[1], Ok(2));
    assert!(matches!(&results[2], Err(ApiError::Resolve(ResolveError::NotFound { similar: None, .. }))));
    // A name that is missing may have slipped between two pages: it is asked for once.
    assert_eq!(server.asked().len(), 3);
}

#[tokio::test]
async fn of_two_equally_similar_names_the_first_is_suggested() {
    let server =
        listing(vec![(1, "shop1.example.com".to_owned(), 1), (2, "shop2.example.com".to_owned(), 1)]);
    let asked = ["shop.example.com", "shop1.example.com", "a.b"].map(wanted);
    let results = found(&server, &asked).await;
    insta::assert_snapshot!(shown(results[0].as_ref().unwrap_err()), @r"
    zone shop.example.com was not found
    hint: did you mean `shop1.example.com`? Otherwise check the name; the zone was deleted, or the token cannot see it (permission `Zone Read` for it)
    ");
}

#[tokio::test]
async fn a_pinned_id_of_another_zone_is_an_error() {
    let server = listing(zones(3));
    let results = found(&server, &[pinned("shop.example.com", 2), wanted("zone-0001.example")]).await;
    insta::assert_snapshot!(shown(results[0].as_ref().unwrap_err()), @r"
    zone id 00000000000000000000000000000002 is not shop.example.com but zone-0002.example
    hint: correct `zone` or `zone_id` in the zone file: both must name the same zone
    ");
    assert_eq!(results[1], Ok(1));
}

#[tokio::test]
async fn a_pinned_id_that_the_list_lacks_is_asked_for() {
    let server = listing(zones(3));
    let results = found(&server, &[pinned("shop.example.com", 77), wanted("zone-0001.example")]).await;
    insta::assert_snapshot!(shown(results[0].as_ref().unwrap_err()), @r"
    GET /zones/0000000000000000000000000000004d (zone shop.example.com) was refused with status 403: Unauthorized to access requested resource (code 9109)
    hint: the token has no access to zone shop.example.com: add it to the token's resources
    ");
    assert_eq!(results[1], Ok(1));
}

/// Zones, the last of which has the name of another one in another account.
pub(super) fn with_twin(count: usize) -> Vec<Zone> {
    let mut all = zones(count);
    all.push((900, "zone-0001.example".to_owned(), 2));
    all
}

fn is_page(asked: &Asked, page: u32) -> bool {
    asked.line.contains(&format!("page={page}&"))
}

pub(super) fn is_ambiguous(found: &Result<usize, ApiError>) -> bool {
    matches!(found, Err(ApiError::Resolve(ResolveError::Ambiguous { zones, .. })) if zones.len() == 2)
}

#[tokio::test]
async fn zones_of_a_failed_page_are_requested_by_name() {
    let all = with_twin(149);
    let server =
        Server::answering(move |_, asked| if is_page(asked, 3) { json(502, "") } else { list(&all, asked) });
    let lookups = ["zone-0001.example", "zone-0070.example", "zone-0140.example"].map(wanted);
    let results = found(&server, &lookups).await;
    assert!(is_ambiguous(&results[0]), "{results:?}");
    assert_eq!(results[1..], [Ok(70), Ok(140)]);
}

#[tokio::test]
async fn zones_that_neither_page_nor_name_finds_fail_with_both_errors() {
    let all = zones(150);
    let server = Server::answering(move |_, asked| {
        let fails = is_page(asked, 2) || asked.line.contains("name=zone-0140");
        if fails { json(502, "") } else { list(&all, asked) }
    });
    let lookups = ["zone-0001.example", "zone-0070.example", "zone-0140.example"].map(wanted);
    let results = found(&server, &lookups).await;
    assert_eq!(results[..2], [Ok(1), Ok(70)]);
    assert_eq!(results[2].as_ref().unwrap_err().http_status(), Some(502));
}

#[tokio::test]
async fn without_the_first_page_pinned_zones_are_asked_for_by_id() {
    let all = zones(150);
    let server =
        Server::answering(move |_, asked| if is_page(asked, 1) { json(502, "") } else { list(&all, asked) });
    let lookups =
        [pinned("zone-0001.example", 1), wanted("zone-0002.example"), pinned("zone-0140.example", 140)];
    let results = found(&server, &lookups).await;
    assert_eq!((&results[0], &results[2]), (&Ok(1), &Ok(140)));
    assert_eq!(results[1].as_ref().unwrap_err().http_status(), Some(502));
}

#[tokio::test]
async fn a_page_that_is_added_while_reading_is_read_too() {
    let (before, after) = (zones(100), with_twin(100));
    let server =
        Server::answering(move |_, asked| list(if is_page(asked, 1) { &before } else { &after }, asked));
    let lookups = ["zone-0001.example", "zone-0099.example"].map(wanted);
    let results = found(&server, &lookups).await;
    assert!(is_ambiguous(&results[0]), "{results:?}");
    assert_eq!(results[1], Ok(99));
    assert_eq!(client(&server).all_zones(None).await.unwrap().len(), 101);
}

#[tokio::test]
async fn a_zone_that_slips_between_two_pages_is_found_by_name() {
    let before = with_twin(60);
    // The first zone is removed after the first page was read: what was zone 50 moves to the first page.
    let after = before[1..].to_vec();
    let server =
        Server::answering(move |_, asked| list(if is_page(asked, 1) { &before } else { &after }, asked));
    let lookups = ["zone-0001.example", "zone-0050.example", "zone-0055.example"].map(wanted);
    let results = found(&server, &lookups).await;
    assert!(is_ambiguous(&results[0]), "{results:?}");
    assert_eq!(results[1..], [Ok(50), Ok(55)]);
}

#[tokio::test]
async fn a_list_that_shifts_makes_no_name_unique() {
    // The twin stands on the second page at first, and on the first page when the second one is read.
    let mut before = zones(60);
    before.insert(50, (900, "zone-0001.example".to_owned(), 2));
    let after = before[1..].to_vec();
    let server =
        Server::answering(move |_, asked| list(if is_page(asked, 1) { &before } else { &after }, asked));
    let results = found(&server, &["zone-0001.example", "zone-0055.example"].map(wanted)).await;
    assert!(is_ambiguous(&results[0]), "{results:?}");
    assert_eq!(results[1], Ok(55));
}

#[tokio::test]
async fn a_list_that_fails_fails_all_with_its_error() {
    let server = Server::playing(vec![json(
        403,
        r#"{"success":false,"errors":[{"code":10000,"message":"Authentication error"}]}"#,
    )]);
    let results = found(&server, &[wanted("a.example"), wanted("b.example")]).await;
    insta::assert_snapshot!(shown(results[1].as_ref().unwrap_err()), @r"
    GET /zones was refused with status 403: Authentication error (code 10000)
    hint: check that the token is right and not expired, and give it the permission `Zone Read` for the zones; zone files with `zone_id` do not need the list of zones
    ");
    assert_eq!((results.len(), server.asked().len()), (2, 1));
}

#[tokio::test]
async fn pages_are_read_to_their_end_where_the_total_is_missing() {
    let all = zones(120);
    let server = Server::answering(move |_, asked| {
        let Step::Raw(bytes) = list(&all, asked) else { unreachable!() };
        let text = String::from_utf8(bytes).unwrap();
        let body = text.split_once("\r\n\r\n").unwrap().1.split_once(",\"result_info\"").unwrap().0;
        json(200, &format!("{body}}}"))
    });
    assert_eq!(client(&server).all_zones(None).await.unwrap().len(), 120);
    assert_eq!(server.asked().len(), 3);
}

#[tokio::test]
async fn errors_about_a_resolved_zone_name_it() {
    let all = zones(2);
    let server = Server::answering(move |_, asked| {
        if asked.line.ends_with("bot_management") {
            json(403, r#"{"success":false,"errors":[{"code":10000,"message":"Authentication error"}]}"#)
        } else {
            list(&all, asked)
        }
    });
    let client = client(&server);
    let zone = client.resolve(&[wanted("zone-0001.example")]).await.remove(0).unwrap();
    insta::assert_snapshot!(shown(&client.get(&zone).await.unwrap_err()), @r"
    GET /zones/00000000000000000000000000000001/bot_management (zone zone-0001.example, 2 attempts) was refused with status 403: Authentication error (code 10000)
    hint: check that the token is right and not expired, and give it the permission `Bot Management Read` for zone zone-0001.example
    ");
}

#[tokio::test]
async fn zones_asked_for_by_name_do_not_page_the_whole_account() {
    let mut all = zones(300);
    all.push((900, "zone-0200.example".to_owned(), 2));
    let server = listing(all);
    let names = ["zone-0200.example", "zone-0001.example", "absent.example"];
    let names = names.map(|name| ZoneName::try_from(name.to_owned()).unwrap());
    let found = client(&server).zones_named(&names, None).await.unwrap();
    let found: Vec<_> = found.iter().map(|zone| zone.name.as_str()).collect();
    assert_eq!(found, ["zone-0001.example", "zone-0200.example", "zone-0200.example"]);
    assert_eq!(server.asked().len(), 3);
}

#[tokio::test]
async fn pages_that_are_not_counted_and_repeat_end_soon() {
    let rows: Vec<String> = zones(50).iter().map(row).collect();
    let server = Server::playing(vec![success(&format!("[{}]", rows.join(",")))]);
    let error = client(&server).all_zones(None).await.unwrap_err();
    assert_eq!(error.reason(), Some(Reason::Payload(Payload::Repeats)), "{error:?}");
    assert_eq!(server.asked().len(), 2);
}

#[tokio::test]
async fn many_zones_of_one_name_are_listed_briefly() {
    let server = listing((1..=40).map(|number| (number, "a.example".to_owned(), number)).collect());
    let error = found(&server, &[wanted("a.example")]).await.remove(0).unwrap_err().to_string();
    assert!(
        error.starts_with("zone a.example was found 40 times: in account") && error.ends_with(" and 35 more")
    );
    assert!(error.len() < 800, "{error}");
}

#[tokio::test]
async fn a_page_of_zones_above_its_limit_is_not_read() {
    let server = Server::playing(vec![success(&format!("[\"{}\"]", "x".repeat(2 << 20)))]);
    let error = client(&server).all_zones(None).await.unwrap_err();
    assert_eq!(error.reason(), Some(Reason::Transport(Failure::TooLarge)), "{error:?}");
}

#[tokio::test]
async fn pinned_ids_are_found_in_the_list_whatever_the_order_of_the_names() {
    let zones: Vec<Zone> = [(3, "a.example"), (1, "b.example"), (2, "c.example")]
        .map(|(number, name)| (number, name.to_owned(), 1))
        .into();
    let server = listing(zones.clone());
    let lookups: Vec<_> = zones.iter().map(|(number, name, _)| pinned(name, *number)).collect();
    assert_eq!(found(&server, &lookups).await, [Ok(3), Ok(1), Ok(2)]);
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn the_answer_about_an_id_is_of_that_id_and_says_what_cannot_be_used() {
    let row = |number: usize, name: &str| success(&row(&(number, name.to_owned(), 1)));
    let server = Server::playing(vec![row(7, "..")]);
    let error = found(&server, &[pinned("shop.example.com", 7)]).await.remove(0).unwrap_err();
    assert!(matches!(error, ApiError::Resolve(ResolveError::Unusable(_))), "{error:?}");
    let server = Server::playing(vec![row(8, "shop.example.com")]);
    let error = found(&server, &[pinned("shop.example.com", 7)]).await.remove(0).unwrap_err();
    assert_eq!(error.reason(), Some(Reason::Payload(Payload::Result)), "{error:?}");
}

#[tokio::test]
async fn an_international_name_is_asked_for_in_its_other_form_before_it_is_not_found() {
    let server = Server::answering(|_, asked| {
        let is_unicode = asked.line.contains("name=b%C3%BCcher.example");
        let rows = if is_unicode { row(&(1, "bücher.example".to_owned(), 1)) } else { String::new() };
        success(&format!("[{rows}]"))
    });
    let wanted = [Lookup::new("bücher.example".parse().unwrap())];
    let found = client(&server).resolve(&wanted).await.remove(0);
    assert_eq!(found.map(|zone| zone.id.to_string()), Ok(id(1)));
    assert_eq!(server.asked().len(), 2);
}
