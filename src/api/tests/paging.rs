//! Lists whose `result_info` is missing, unusable or contradicts the rows: none of them proves that a name is unique.

use super::client;
use super::resolving::{Zone, found, is_ambiguous, list, wanted, with_twin, zones};
use super::script::{Asked, Server, Step, json, success};
use crate::api::{ApiError, Payload, Reason};

/// A page of a list with a replaced `result_info`.
fn told(zones: &[Zone], asked: &Asked, info: Option<&str>) -> Step {
    let Step::Raw(bytes) = list(zones, asked) else { unreachable!() };
    let text = String::from_utf8(bytes).unwrap();
    let body = text.split_once("\r\n\r\n").unwrap().1;
    let rows = body.split_once(",\"result_info\"").map_or(body.trim_end_matches('}'), |(rows, _)| rows);
    json(200, &info.map_or_else(|| format!("{rows}}}"), |info| format!("{rows},\"result_info\":{info}}}")))
}

fn telling(zones: Vec<Zone>, info: Option<&'static str>) -> Server {
    Server::answering(move |_, asked| told(&zones, asked, info))
}

fn is_incomplete<T>(result: &Result<T, ApiError>) -> bool {
    result.as_ref().is_err_and(|error| error.reason() == Some(Reason::Payload(Payload::Incomplete)))
}

/// Useless values of `result_info` for a list of 51 zones.
const OF_NO_USE: [Option<&str>; 7] = [
    None,
    Some("null"),
    Some(r#"{"total_pages":0}"#),
    Some(r#"{"total_pages":"2"}"#),
    Some(r#"{"total_pages":-1,"total_count":51.5}"#),
    Some(r#"{"total_pages":1,"total_count":51}"#),
    Some(r#"{"total_pages":0,"total_count":51}"#),
];

#[tokio::test]
async fn a_twin_after_a_full_page_is_found_whatever_the_reported_totals() {
    for info in OF_NO_USE {
        let server = telling(with_twin(50), info);
        let results = found(&server, &["zone-0001.example", "zone-0002.example"].map(wanted)).await;
        assert!(is_ambiguous(&results[0]), "{info:?} {results:?}");
        let all = client(&server).all_zones(None).await.unwrap();
        assert_eq!(all.len(), 51, "{info:?}");
    }
}

#[tokio::test]
async fn a_page_that_is_full_by_chance_is_followed_by_an_empty_one() {
    for info in [None, Some(r#"{"total_pages":0}"#)] {
        let server = telling(zones(100), info);
        assert_eq!(client(&server).all_zones(None).await.unwrap().len(), 100, "{info:?}");
        assert_eq!(server.asked().len(), 3, "{info:?}");
    }
}

#[tokio::test]
async fn a_count_above_the_rows_makes_the_list_incomplete() {
    for info in [r#"{"total_count":51}"#, r#"{"total_pages":1,"total_count":41}"#, r#"{"total_pages":2}"#] {
        let server = telling(zones(40), Some(info));
        assert!(is_incomplete(&client(&server).all_zones(None).await), "{info}");
        let names = ["zone-0001.example", "zone-0002.example"].map(|name| name.parse().unwrap());
        assert!(is_incomplete(&client(&server).zones_named(&names, None).await), "{info}");
        let results = found(&server, &["zone-0001.example", "zone-0002.example"].map(wanted)).await;
        assert!(results.iter().all(is_incomplete), "{info} {results:?}");
    }
}

#[tokio::test]
async fn one_zone_is_asked_for_by_name_until_its_list_is_whole() {
    let mut all = with_twin(60);
    // A server that does not know the filter lists all zones.
    let ignores = |asked: &Asked| Asked { line: asked.line.replace("name=", "n="), ..asked.clone() };
    let twin = all.clone();
    let server = Server::answering(move |_, asked| told(&twin, &ignores(asked), None));
    assert!(is_ambiguous(&found(&server, &[wanted("zone-0001.example")]).await[0]));
    all.pop();
    let server = Server::answering(move |_, asked| told(&all, &ignores(asked), None));
    assert_eq!(found(&server, &[wanted("zone-0001.example")]).await, [Ok(1)]);
}

#[tokio::test]
async fn paging_ends_whatever_the_reported_totals() {
    // Far more pages than there are, and the same page again and again.
    let server = telling(zones(50), Some(r#"{"total_pages":1000000000000}"#));
    assert!(is_incomplete(&client(&server).all_zones(None).await));
    assert!(server.asked().len() < 250, "{}", server.asked().len());
    let same = zones(50);
    let server = Server::answering(move |_, asked| {
        let first =
            Asked { line: asked.line.replace("&page=", "&p=").replace("?page=", "?p="), ..asked.clone() };
        told(&same, &first, Some(r#"{"total_pages":1000000000000}"#))
    });
    assert!(is_incomplete(&client(&server).all_zones(None).await));
    assert!(server.asked().len() < 250, "{}", server.asked().len());
    let empty = Server::playing(vec![success("[]")]);
    assert_eq!(client(&empty).all_zones(None).await, Ok(Vec::new()));
    assert_eq!(empty.asked().len(), 1);
}
