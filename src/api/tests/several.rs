//! Several clients that act as one, where an answer does not say of which account a zone is, or fails.

use super::options;
use super::script::{Server, Step, json, success};
use crate::api::{ApiError, Client, Clients, Credentials, Lookup, Options, ReadZones as _, ZoneEntry};
use crate::model::{AccountId, ZoneId};

const ID: &str = "023e105f4ecef8ad9ca31a8372d0c353";

fn account(letter: &str) -> AccountId {
    AccountId::try_from(letter.repeat(32)).unwrap()
}

/// A client for each of two accounts, `a` and `b`.
fn clients(servers: &[Server; 2]) -> Clients {
    let client = |n: usize| {
        let credentials = Credentials::token(format!("cfut_000000000{n}")).unwrap();
        Client::new(Options { credentials, ..options(&servers[n].url) }).unwrap()
    };
    Clients::of(account("a"), client(0)).with(account("b"), client(1))
}

/// Asks for a zone by its id; each client gets its answer to all that it asks.
async fn resolve(steps: [Step; 2]) -> Result<ZoneEntry, ApiError> {
    let servers = steps.map(|step| Server::answering(move |_, _| step.clone()));
    let mut lookup = Lookup::new("a.example".parse().unwrap());
    lookup.zone_id = Some(ID.to_owned().try_into().unwrap());
    clients(&servers).resolve(&[lookup]).await.remove(0)
}

/// A zone of an account in a list.
fn row(digit: &str, name: &str, letter: &str) -> String {
    let (id, account) = (digit.repeat(32), letter.repeat(32));
    format!(
        r#"{{"id":"{id}","name":"{name}","status":"active","account":{{"id":"{account}"}},"plan":{{"legacy_id":"pro"}}}}"#
    )
}

#[tokio::test]
async fn a_zone_that_two_clients_see_is_one_zone() {
    let row = format!(r#"{{"id":"{ID}","name":"a.example","status":"active","plan":{{"legacy_id":"pro"}}}}"#);
    let found = resolve([success(&row), success(&row)]).await;
    assert_eq!(found.map(|zone| zone.id.to_string()), Ok(ID.to_owned()));
}

#[tokio::test]
async fn an_account_that_does_not_have_a_pinned_zone_hides_no_failure_of_another_one() {
    let elsewhere = || {
        json(
            403,
            r#"{"success":false,"errors":[{"code":9109,"message":"Unauthorized to access requested resource"}]}"#,
        )
    };
    let broken = || json(400, r#"{"success":false,"errors":[{"code":1234,"message":"no"}]}"#);
    for steps in [[elsewhere(), broken()], [broken(), elsewhere()]] {
        assert_eq!(resolve(steps).await.unwrap_err().http_status(), Some(400));
    }
}

#[tokio::test]
async fn a_zone_that_was_listed_is_of_the_client_that_serves_its_account() {
    // The token of each account sees the zones of both.
    let rows = || format!("[{},{}]", row("1", "a.example", "a"), row("2", "b.example", "b"));
    let servers = [(); 2].map(|()| Server::answering(move |_, _| success(&rows())));
    let clients = clients(&servers);
    let listed = clients.list_zones(None).await.unwrap();
    assert_eq!(listed.len(), 2);
    let lane = |digit: &str| clients.lane(&ZoneId::try_from(digit.repeat(32)).unwrap());
    assert_eq!((lane("1"), lane("2")), (0, 1));
}

#[tokio::test]
async fn a_zone_that_slipped_from_a_list_is_asked_for_by_name_whatever_another_client_says() {
    let names = |asked: &str| asked.contains("name=");
    let first = Server::answering(move |_, asked| match names(&asked.line) {
        true if asked.line.contains("slipped") => success(&format!("[{}]", row("1", "slipped.example", "a"))),
        true => success("[]"),
        false => success(&format!("[{}]", row("3", "other.example", "a"))),
    });
    // Its list is not whole, so that it is asked by name at once, and has nothing.
    let second =
        Server::answering(move |_, asked| match names(&asked.line) || asked.line.contains("page=2") {
            true => success("[]"),
            false => {
                json(200, r#"{"success":true,"result":[],"result_info":{"total_pages":2,"total_count":60}}"#)
            }
        });
    let servers = [first, second];
    let wanted = ["slipped.example", "none.example"].map(|name| Lookup::new(name.parse().unwrap()));
    let found = clients(&servers).resolve(&wanted).await;
    assert_eq!(found[0].as_ref().map(|zone| zone.name.as_str()).ok(), Some("slipped.example"), "{found:?}");
    assert!(found[1].is_err());
}

#[tokio::test]
async fn a_zone_that_nobody_asked_for_before_is_looked_for_and_a_failure_is_told_first() {
    let elsewhere = || {
        json(
            403,
            r#"{"success":false,"errors":[{"code":9109,"message":"Unauthorized to access requested resource"}]}"#,
        )
    };
    let broken = || json(400, r#"{"success":false,"errors":[{"code":1234,"message":"no"}]}"#);
    let id = ZoneId::try_from(ID.to_owned()).unwrap();
    for steps in [[elsewhere(), broken()], [broken(), elsewhere()]] {
        let servers = steps.map(|step| Server::answering(move |_, _| step.clone()));
        assert_eq!(clients(&servers).get(&id).await.unwrap_err().http_status(), Some(400));
    }
}

#[test]
fn several_clients_have_the_address_of_the_first() {
    let servers = [(); 2].map(|()| Server::playing(Vec::new()));
    assert_eq!(clients(&servers).address(), Some(servers[0].url.as_str()));
}
