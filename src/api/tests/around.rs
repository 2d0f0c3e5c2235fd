//! Reads of what acts beside the bot settings of a zone: how they page, and which refusals mean that there is nothing.

use super::script::{Asked, Server, Step, json, success};
use super::{ID, client, zone};
use crate::api::ZoneRef;
use serde_json::{Value as Json, json as value};

/// A server with that many IP access rules, which it lists in pages of 100.
fn with_rules(count: usize) -> Server {
    Server::answering(move |page, _: &Asked| {
        let ids = (0..count).skip(page * 100).take(100);
        let rules: Vec<Json> = ids.map(|id| value!({"id": id.to_string(), "mode": "block"})).collect();
        success(&Json::from(rules).to_string())
    })
}

fn refused(status: u16, code: i64) -> Step {
    json(status, &value!({"success": false, "errors": [{"code": code, "message": "no"}]}).to_string())
}

#[tokio::test]
async fn ip_access_rules_are_read_until_a_page_is_not_full() {
    for (count, read, requests) in [(0, 0, 1), (99, 99, 1), (100, 100, 2), (101, 101, 2), (6_000, 5_000, 50)]
    {
        let (server, id) = (with_rules(count), zone());
        let rules = client(&server).access_rules(ZoneRef::new(&id, "a.example")).await.unwrap();
        assert_eq!((rules.len(), server.asked().len()), (read, requests), "{count} rules");
    }
}

#[tokio::test]
async fn each_page_of_ip_access_rules_is_asked_for_by_its_number() {
    let (server, id) = (with_rules(101), zone());
    client(&server).access_rules(ZoneRef::new(&id, "a.example")).await.unwrap();
    let lines: Vec<_> = server.asked().into_iter().map(|asked| asked.line).collect();
    let of_page =
        |page| format!("GET /client/v4/zones/{ID}/firewall/access_rules/rules?page={page}&per_page=100");
    assert_eq!(lines, [of_page(1), of_page(2)]);
}

#[tokio::test]
async fn a_zone_without_a_ruleset_or_versions_is_told_by_the_code_or_by_404() {
    let id = zone();
    let at = ZoneRef::new(&id, "a.example");
    for step in [refused(404, 10003), refused(400, 10003), refused(404, 1)] {
        let rules = client(&Server::playing(vec![step])).custom_rules(at).await;
        assert_eq!(rules.map(|rules| rules.len()), Ok(0));
    }
    for step in [refused(404, 10001), refused(400, 10001), refused(404, 1)] {
        assert_eq!(
            client(&Server::playing(vec![step])).environments(at).await.map(|found| found.is_none()),
            Ok(true)
        );
    }
    for step in [refused(400, 1), refused(403, 10000)] {
        let server = Server::playing(vec![step]);
        assert!(client(&server).custom_rules(at).await.is_err());
    }
}

#[tokio::test]
async fn a_rule_skips_super_bot_fight_mode_by_its_action_and_its_phase() {
    let rule =
        |action: &str, phases: Json| value!({"action": action, "action_parameters": {"phases": phases}});
    let rules = value!({"rules": [
        rule("skip", value!(["http_ratelimit", "http_request_sbfm"])),
        rule("skip", value!(["http_ratelimit"])),
        rule("block", value!(["http_request_sbfm"])),
        {"action": "skip"},
    ]});
    let (server, id) = (Server::playing(vec![success(&rules.to_string())]), zone());
    let rules = client(&server).custom_rules(ZoneRef::new(&id, "a.example")).await.unwrap();
    let skip: Vec<_> = rules.iter().map(|rule| rule.skips_super_bot_fight_mode).collect();
    assert_eq!(skip, [true, false, false, false]);
}
