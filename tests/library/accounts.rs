//! Several clients with a token each find what one client finds that sees all accounts, whatever the zones are called.

use super::emulator;
use botform::api::{
    ApiError, Client, Clients, Credentials, Lookup, Options, ReadZones as _, ResolveError, ZoneEntry,
};
use botform::emulator::{Emulator, World};
use botform::model::AccountId;
use proptest::prelude::*;
use proptest::test_runner::Config;
use serde_json::json;
use std::collections::BTreeSet;

const ACCOUNTS: usize = 3;

/// A zone to look for: its name, and the account and the id that its file names.
type Wanted = (usize, Option<usize>, Option<(usize, usize)>);

fn account(n: usize) -> AccountId {
    AccountId::try_from(format!("{n}").repeat(32)).unwrap()
}

fn name(n: usize) -> String {
    format!("zone-{n:02}.example")
}

/// The id of a zone: an account holds a name once.
fn id(name: usize, account: usize) -> String {
    format!("{name:016x}{account:016x}")
}

fn world(zones: &BTreeSet<(usize, usize)>) -> World {
    let zone = |(n, of): &(usize, usize)| json!({"name": name(*n), "id": id(*n, *of), "plan": "pro", "account": account(*of).as_str()});
    let token = |n: usize| json!({"token": format!("cfut_000000000{n}"), "accounts": [account(n).as_str()]});
    let tokens: Vec<_> = (0..ACCOUNTS).map(token).chain([json!({"token": "cfut_all_of_them"})]).collect();
    World::read(&json!({"tokens": tokens, "zones": zones.iter().map(zone).collect::<Vec<_>>()})).unwrap()
}

fn client(emulator: &Emulator, token: &str) -> Client {
    let mut options = Options::new(Credentials::token(token.to_owned()).unwrap());
    options.base_url = emulator.base_url();
    Client::new(options).unwrap()
}

fn lookup((n, of, pinned): &Wanted) -> Lookup {
    let mut lookup = Lookup::new(name(*n).parse().unwrap());
    lookup.account_id = of.map(account);
    lookup.zone_id = pinned.map(|(n, of)| id(n, of).try_into().unwrap());
    lookup
}

/// What a look-up came to, without what differs by who was asked.
fn told(found: Result<ZoneEntry, ApiError>) -> String {
    match found {
        Ok(zone) => format!("{} {}", zone.name, zone.id),
        Err(ApiError::Resolve(ResolveError::NotFound { .. })) => "not found".to_owned(),
        Err(ApiError::Resolve(ResolveError::Ambiguous { zones, .. })) => {
            zones.iter().map(|zone| zone.id.to_string()).collect::<Vec<_>>().join(" or ")
        }
        Err(ApiError::Resolve(ResolveError::IdMismatch { id, .. })) => format!("{id} has another name"),
        // Of an id that there is not: nowhere is the same as not here.
        Err(error) => format!("{:?}", error.http_status().filter(|status| ![403, 404].contains(status))),
    }
}

async fn check(zones: BTreeSet<(usize, usize)>, wanted: Vec<Wanted>, rest: bool) {
    let emulator = emulator(world(&zones)).await;
    let wanted: Vec<_> = wanted.iter().map(lookup).collect();
    let one = client(&emulator, "cfut_all_of_them").resolve(&wanted).await;
    let own = |n: usize| client(&emulator, &format!("cfut_000000000{n}"));
    let clients = Clients::of(account(0), own(0)).with(account(1), own(1));
    // The last account is listed, or it is what the token that sees all of them is for.
    let clients = match rest {
        true => clients.with_rest(client(&emulator, "cfut_all_of_them")),
        false => clients.with(account(2), own(2)),
    };
    let several = clients.resolve(&wanted).await;
    let told = |found: Vec<_>| found.into_iter().map(told).collect::<Vec<_>>();
    assert_eq!(told(several), told(one), "{zones:?} {wanted:?}");
}

proptest! {
    #![proptest_config(Config { cases: 64, failure_persistence: None, ..Config::default() })]
    #[test]
    #[ignore = "slow: CI runs it"]
    fn several_clients_find_what_one_finds(
        zones in prop::collection::btree_set((0_usize..80, 0..ACCOUNTS), 0..160),
        wanted in prop::collection::vec((0_usize..90, prop::option::of(0..ACCOUNTS), prop::option::weighted(0.1, (0_usize..90, 0..ACCOUNTS))), 0..90),
        rest in any::<bool>(),
    ) {
        // Whether a file that pins an id of one account and names another is right, the id alone decides.
        let wanted = wanted.into_iter().map(|(name, of, pinned): Wanted| (name, of.filter(|_| pinned.is_none()), pinned)).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(check(zones, wanted, rest));
    }
}
