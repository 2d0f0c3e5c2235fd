//! The client against a scripted server: what is sent, what is made of each reply, what is tried again.

mod budget;
mod interfaces;
mod replies;
mod resolving;
mod retrying;

use super::script::Server;
use super::{ApiError, Client, Credentials, Options, Retry};
use crate::model::ZoneId;
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

/// All of an error that a user reads.
fn told(error: &ApiError) -> String {
    let diagnostic = error.diagnostic();
    format!("{}\nhint: {}", diagnostic.message, diagnostic.hint.as_deref().unwrap_or("-"))
}
