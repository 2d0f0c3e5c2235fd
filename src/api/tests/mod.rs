//! The client against a scripted server: what it sends, how it reads each reply, what it retries.

mod analytics;
mod around;
mod audit;
mod budget;
mod fleet;
mod interfaces;
mod paging;
mod replies;
mod resolving;
mod retrying;
mod script;
mod several;
mod transactions;

use super::{
    ApiError, Body, Client, Clients, Credentials, Lease, Options, ReadSubmissions, ReadZones as _, Retry,
    SubmissionPages, SubmissionQuery, WriteFeedback, WriteZones,
};
use crate::model::{AccountId, NewReport, ZoneId};
use script::Server;
use std::sync::Arc;
use std::time::Duration;

const TOKEN: &str = "cfut_hunter2hunter2hunter2hunter2hunter2";
const ID: &str = "023e105f4ecef8ad9ca31a8372d0c353";

fn options(url: &str) -> Options {
    let mut options = Options::new(Credentials::token(TOKEN.to_owned()).unwrap());
    options.base_url = url.to_owned();
    options.proxy = false;
    options.retry = Retry { attempts: 5, delay: Duration::from_millis(1) };
    options
}

fn client(server: &Server) -> Client {
    Client::new(options(&server.url)).unwrap()
}

fn zone() -> ZoneId {
    ZoneId::try_from(ID.to_owned()).unwrap()
}

/// The text of an error that a user sees.
fn shown(error: &ApiError) -> String {
    let diagnostic = error.diagnostic();
    format!("{}\nhint: {}", diagnostic.message, diagnostic.hint.unwrap_or_else(|| "-".into()))
}

/// Compiles only if all futures of the traits can be spawned, for any store and for pointers to it.
#[test]
fn every_future_can_be_spawned() {
    fn is_send<T: Send>(_: T) {}
    fn check<A>(api: &A, zone: &ZoneId, account: &AccountId, report: &NewReport, query: &SubmissionQuery)
    where
        A: WriteZones + WriteFeedback + ReadSubmissions + Send + Sync,
    {
        is_send(api.resolve(&[]));
        is_send(api.get(zone));
        is_send(api.put(zone, &Body::new()));
        is_send(api.transaction(zone, 1));
        is_send(api.list_feedback(zone));
        is_send(api.submit_feedback(zone, report));
        is_send(api.reserve(zone));
        is_send(api.submissions(account, query));
    }
    fn check_clients(clients: &Clients, zone: &ZoneId) {
        is_send(clients.resolve(&[]));
        is_send(clients.get(zone));
        is_send(clients.put(zone, &Body::new()));
        is_send(clients.transaction(zone, 1));
        is_send(clients.reserve(zone));
        is_send(clients.list_zones(None));
        is_send(clients.zones_named(&[], None));
        is_send(clients.zones_with_ids(&[]));
    }
    fn check_client(client: &Client, pages: &mut SubmissionPages, lease: &Lease) {
        is_send(client.all_zones(None));
        is_send(client.zones_named(&[], None));
        is_send(client.budget().lease(3));
        is_send(lease.ready());
        is_send(pages.next_page());
    }
    let _ = (
        check::<Client>,
        check::<&Client>,
        check::<Arc<Client>>,
        check::<Box<Client>>,
        check_client,
        check_clients,
    );
}
