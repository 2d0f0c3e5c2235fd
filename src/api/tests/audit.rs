//! The audit log: replies in each shape that is documented or was seen, both forms of cursors, and the ends of a list.

use super::script::{Server, Step, json, success};
use super::{ID, client, shown, zone};
use crate::api::audit::AuditPages;
use crate::api::{ApiError, AuditQuery};
use crate::model::{AccountId, ActorContext, AuditEntry};

fn query() -> AuditQuery {
    AuditQuery {
        since: "2026-11-28T00:00:00Z".parse().unwrap(),
        before: "2026-11-29T12:00:00Z".parse().unwrap(),
        zone: None,
        most_pages: 50,
    }
}

fn pages(server: &Server, query: AuditQuery) -> AuditPages {
    client(server).audit_pages(&AccountId::try_from(ID.to_owned()).unwrap(), query)
}

async fn all(pages: &mut AuditPages) -> Result<Vec<AuditEntry>, ApiError> {
    let mut entries = Vec::new();
    while let Some(page) = pages.next_page().await? {
        entries.extend(page);
    }
    Ok(entries)
}

/// A reply with entries and that `result_info`.
fn reply(entries: &str, info: &str) -> Step {
    json(
        200,
        &format!(r#"{{"success":true,"errors":[],"messages":[],"result":[{entries}],"result_info":{info}}}"#),
    )
}

/// An entry as the documentation shows it.
fn entry(id: usize) -> String {
    format!(
        r#"{{"id":"{id}","account":{{"id":"{ID}","name":"Shops"}},
        "action":{{"description":"","result":"success","time":"2026-11-29T10:00:00Z","type":"update"}},
        "actor":{{"id":"{ID}","context":"dash","email":"jane@example.com","ip_address":"198.51.100.7","token_id":"","token_name":"","type":"user"}},
        "raw":{{"cf_ray_id":"8f1b2c3d4e5f6a7b","method":"PUT","status_code":200,"uri":"/zones/{ID}/bot_management","user_agent":"Mozilla/5.0"}},
        "resource":{{"id":"{ID}","product":"bot_management","request":{{"ai_search":"block"}},"response":{{}},"scope":"zones","type":"settings"}},
        "zone":{{"id":"{ID}","name":"shop.example.com"}}}}"#
    )
}

#[tokio::test]
async fn a_whole_reply_is_read_and_the_window_is_asked_for() {
    let server = Server::playing(vec![reply(&entry(1), r#"{"count":"1","cursor":""}"#)]);
    let mut pages = pages(&server, AuditQuery { zone: Some(zone()), ..query() });
    let entries = all(&mut pages).await.unwrap();
    assert_eq!(entries.len(), 1);
    let read = &entries[0];
    assert_eq!((read.email.as_deref(), read.token.as_deref()), (Some("jane@example.com"), None));
    assert_eq!((read.context, read.zone_id.as_ref()), (ActorContext::Dashboard, Some(&zone())));
    assert!(pages.is_whole());
    insta::assert_snapshot!(server.lines()[0].replace('&', "\n"), @r"
    GET /client/v4/accounts/023e105f4ecef8ad9ca31a8372d0c353/logs/audit?since=2026-11-28T00%3A00%3A00Z
    before=2026-11-29T12%3A00%3A00Z
    limit=1000
    direction=desc
    zone_id=023e105f4ecef8ad9ca31a8372d0c353
    ");
}

#[tokio::test]
async fn both_forms_of_cursors_are_followed_to_the_end() {
    for (info, last) in [
        (r#"{"count":"2","cursor":"CUR"}"#, r#"{"count":"1"}"#),
        (r#"{"count":2,"cursors":{"after":"CUR"}}"#, r#"{"cursors":{"after":""}}"#),
        (r#"{"cursor":"","cursors":{"after":"CUR"}}"#, r#"{"cursor":null,"cursors":null}"#),
    ] {
        let steps = vec![
            reply(&[entry(1), entry(2)].join(","), &info.replace("CUR", "one")),
            reply(&[entry(2), entry(3)].join(","), &info.replace("CUR", "two")),
            reply(&entry(4), last),
        ];
        let server = Server::playing(steps);
        let mut pages = pages(&server, query());
        let ids: Vec<_> = all(&mut pages).await.unwrap().into_iter().filter_map(|entry| entry.id).collect();
        assert_eq!(ids, ["1", "2", "3", "4"], "{info}");
        let lines = server.lines();
        let cursors: Vec<_> =
            lines.iter().map(|line| line.split_once("&cursor=").map(|(_, cursor)| cursor)).collect();
        assert_eq!(cursors, [None, Some("one"), Some("two")], "{info}");
    }
}

#[tokio::test]
async fn an_empty_page_and_a_cursor_that_repeats_end_it() {
    let forever = Server::answering(|_, _| reply(&entry(1), r#"{"cursor":"same"}"#));
    let mut same = pages(&forever, query());
    assert_eq!(all(&mut same).await.unwrap().len(), 1);
    assert!(same.is_whole() && forever.asked().len() == 2, "{}", forever.asked().len());
    let empty = Server::answering(|number, _| reply("", &format!(r#"{{"cursor":"{number}"}}"#)));
    assert!(all(&mut pages(&empty, query())).await.unwrap().is_empty());
    assert_eq!(empty.asked().len(), 1);
    let null = Server::playing(vec![success("null")]);
    assert!(all(&mut pages(&null, query())).await.unwrap().is_empty());
}

#[tokio::test]
async fn more_pages_than_wanted_are_not_read_and_the_list_is_not_whole() {
    let server = Server::answering(|number, _| reply(&entry(number), &format!(r#"{{"cursor":"{number}"}}"#)));
    let mut pages = pages(&server, AuditQuery { most_pages: 3, ..query() });
    assert_eq!(all(&mut pages).await.unwrap().len(), 3);
    assert!(!pages.is_whole() && pages.read() == 3);
}

#[tokio::test]
async fn what_is_outside_the_window_or_of_another_zone_is_left_out_whatever_the_server_sends() {
    let early = entry(2).replace("2026-11-29T10", "2026-11-27T10");
    let other = entry(3).replace(ID, &"1".repeat(32));
    let timeless = r#"{"action":"update","zone":{"id":"023e105f4ecef8ad9ca31a8372d0c353"}}"#;
    let rows = [&entry(1), &early, &other, timeless, "7", "null"].join(",");
    let server = Server::playing(vec![reply(&rows, "{}")]);
    let entries = all(&mut pages(&server, AuditQuery { zone: Some(zone()), ..query() })).await.unwrap();
    let ids: Vec<_> = entries.iter().map(|entry| entry.id.as_deref()).collect();
    assert_eq!(ids, [Some("1"), None]);
}

#[tokio::test]
async fn a_filter_that_is_refused_is_left_out() {
    let refused =
        r#"{"success":false,"errors":[{"code":10400,"message":"unknown filter zone_id"}],"result":null}"#;
    let server = Server::playing(vec![json(400, refused), reply(&entry(1), "{}")]);
    let entries = all(&mut pages(&server, AuditQuery { zone: Some(zone()), ..query() })).await.unwrap();
    assert_eq!(entries.len(), 1);
    assert!(!server.lines()[1].contains("zone_id"));
}

#[tokio::test]
async fn a_page_that_is_too_large_is_asked_for_again_in_small() {
    let large = format!(r#"{{"success":true,"result":[{{"id":"{}"}}]}}"#, "x".repeat(17 << 20));
    let server = Server::answering(
        move |number, _| if number == 0 { json(200, &large) } else { reply(&entry(1), "{}") },
    );
    assert_eq!(all(&mut pages(&server, query())).await.unwrap().len(), 1);
    assert!(server.lines().last().unwrap().contains("limit=100&"));
}

#[tokio::test]
async fn a_refusal_names_the_permission() {
    let refused =
        r#"{"success":false,"errors":[{"code":10000,"message":"Authentication error"}],"result":null}"#;
    let server = Server::answering(move |_, _| json(403, refused));
    let error = pages(&server, query()).next_page().await.unwrap_err();
    assert!(shown(&error).contains("Account Settings Read"), "{}", shown(&error));
}
