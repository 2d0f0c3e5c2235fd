//! Several clients that act as one, where an answer does not say of which account a zone is, or fails.

use super::options;
use super::script::{Server, Step, json, success};
use crate::api::{ApiError, Client, Clients, Credentials, Lookup, ReadZones as _, ZoneEntry};
use crate::model::AccountId;

const ID: &str = "023e105f4ecef8ad9ca31a8372d0c353";

/// Asks for a zone by its id, with a client for each of two accounts, which gets that answer to all that it asks.
async fn resolve(steps: [Step; 2]) -> Result<ZoneEntry, ApiError> {
    let servers = steps.map(|step| Server::answering(move |_, _| step.clone()));
    let client = |n: usize| {
        let credentials = Credentials::token(format!("cfut_000000000{n}")).unwrap();
        Client::new(crate::api::Options { credentials, ..options(&servers[n].url) }).unwrap()
    };
    let account = |digit: &str| AccountId::try_from(digit.repeat(32)).unwrap();
    let clients = Clients::of(account("a"), client(0)).with(account("b"), client(1));
    let mut lookup = Lookup::new("a.example".parse().unwrap());
    lookup.zone_id = Some(ID.to_owned().try_into().unwrap());
    clients.resolve(&[lookup]).await.remove(0)
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
