//! An independent server of zones: `GET /zones`, and GET and PUT of their bot settings, as the API is known to answer.
//! It shares no code with the emulator, so that the two cannot make the same mistake.

use crate::plain_server::{Asked, Server, Step, json, success};
use crate::story::Story;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::process::Command;
use std::sync::{Arc, Mutex};

/// A zone, and what the server keeps of it.
#[derive(Clone, Debug)]
pub(crate) struct PlainZone {
    name: String,
    id: String,
    account: String,
    settings: Map<String, Value>,
    /// The settings that GET does not report.
    hidden: Vec<&'static str>,
}

/// A fault of the server on one request.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// The request has no effect, and this is the reply.
    Instead(Step),
    /// The request takes effect, and this is the reply.
    After(Step),
}

/// The state of the server.
#[derive(Debug)]
struct State {
    zones: Vec<PlainZone>,
    /// How many requests to settings came with each method.
    counts: BTreeMap<String, usize>,
    /// Each fault with its method and the number of the request that it affects.
    faults: Vec<(&'static str, usize, Fault)>,
}

/// The server with its zones; it ends with the test.
#[derive(Debug)]
pub(crate) struct PlainZones {
    server: Server,
    state: Arc<Mutex<State>>,
}

impl PlainZone {
    /// A zone whose settings are these.
    pub(crate) fn new(name: &str, settings: Value) -> Self {
        let Value::Object(settings) = settings else { panic!("no object") };
        let (name, account) = (name.to_owned(), "f".repeat(32));
        Self { name, id: String::new(), account, settings, hidden: Vec::new() }
    }

    /// The same in another account.
    pub(crate) fn in_account(self, account: &str) -> Self {
        Self { account: account.to_owned(), ..self }
    }

    /// The same, with settings that are written and that GET does not report.
    pub(crate) fn hiding(self, hidden: &[&'static str]) -> Self {
        Self { hidden: hidden.to_vec(), ..self }
    }

    fn shown(&self) -> Value {
        let shown = self.settings.iter().filter(|(name, _)| !self.hidden.contains(&name.as_str()));
        Value::Object(shown.map(|(name, value)| (name.clone(), value.clone())).collect())
    }

    fn entry(&self) -> Value {
        let (account, plan) = (json!({"id": self.account, "name": "Shops"}), json!({"legacy_id": "pro"}));
        json!({"id": self.id, "name": self.name, "account": account, "plan": plan, "status": "active"})
    }

    /// A PUT merges its members; read-only members and settings that the zone lacks are refused.
    fn put(&mut self, body: &str) -> Step {
        let Ok(Value::Object(body)) = serde_json::from_str(body) else { return refused("no object") };
        for name in body.keys() {
            if ["using_latest_model", "stale_zone_configuration"].contains(&name.as_str()) {
                return refused(&format!("cannot write to read-only value '{name}'"));
            }
            if !self.settings.contains_key(name) {
                return refused(&format!("zone not entitled to enable {name}"));
            }
        }
        self.settings.extend(body);
        success(&self.shown().to_string())
    }
}

impl PlainZones {
    /// A server that knows these zones.
    pub(crate) fn new(zones: impl IntoIterator<Item = PlainZone>) -> Self {
        let named = |(n, zone)| PlainZone { id: format!("{:032x}", n + 1), ..zone };
        let zones = zones.into_iter().enumerate().map(named).collect();
        let state = Arc::new(Mutex::new(State { zones, counts: BTreeMap::new(), faults: Vec::new() }));
        let own = Arc::clone(&state);
        let server = Server::answering(move |_, asked| own.lock().unwrap().answer(asked));
        Self { server, state }
    }

    /// A fault on one request to settings: `nth` counts those of the method that are still to come, from 1.
    pub(crate) fn fail(&self, method: &'static str, nth: usize, fault: Fault) {
        let mut state = self.state.lock().unwrap();
        let before = state.counts.get(method).copied().unwrap_or_default();
        state.faults.push((method, before + nth, fault));
    }

    /// What the server keeps of a zone's settings, reported or not.
    pub(crate) fn kept(&self, name: &str) -> Value {
        let state = self.state.lock().unwrap();
        Value::Object(state.zones.iter().find(|zone| zone.name == name).unwrap().settings.clone())
    }

    /// How many requests with that method came to settings.
    pub(crate) fn count(&self, method: &str) -> usize {
        self.state.lock().unwrap().counts.get(method).copied().unwrap_or_default()
    }

    /// A command of a story that speaks to this server instead of the emulator.
    pub(crate) fn command(&self, story: &Story, arguments: &str) -> Command {
        let mut command = story.command(arguments);
        command.env("CLOUDFLARE_BASE_URL", &self.server.url);
        command
    }
}

impl State {
    fn answer(&mut self, asked: &Asked) -> Step {
        let (method, path) = asked.line.split_once(' ').unwrap();
        let path = path.strip_prefix("/client/v4").unwrap();
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        if path == "/zones" {
            return self.listing(query);
        }
        let parts: Vec<_> = path.split('/').skip(2).collect();
        let Some(zone) = self.zones.iter_mut().find(|zone| zone.id == parts[0]) else {
            return json(404, r#"{"success":false,"errors":[{"code":7003,"message":"Could not route"}]}"#);
        };
        if parts[1..].is_empty() {
            return success(&zone.entry().to_string());
        }
        let number = self.counts.entry(method.to_owned()).or_default();
        *number += 1;
        let due = self.faults.iter().find(|(on, nth, _)| (*on, nth) == (method, &*number));
        let fault = due.map(|(.., fault)| fault.clone());
        match (fault, method) {
            (Some(Fault::Instead(step)), _) => step,
            (fault, "PUT") => {
                let step = zone.put(&asked.body);
                if let Some(Fault::After(instead)) = fault { instead } else { step }
            }
            (Some(Fault::After(step)), _) => step,
            (None, "GET") => success(&zone.shown().to_string()),
            (None, _) => {
                json(405, r#"{"success":false,"errors":[{"code":10405,"message":"Method not allowed"}]}"#)
            }
        }
    }

    fn listing(&self, query: &str) -> Step {
        let name = query.split('&').find_map(|pair| pair.strip_prefix("name="));
        let zones = self.zones.iter().filter(|zone| name.is_none_or(|name| zone.name == name));
        let zones: Vec<_> = zones.map(PlainZone::entry).collect();
        let info = json!({"page": 1, "per_page": 50, "total_pages": 1, "count": zones.len(), "total_count": zones.len()});
        json(
            200,
            &json!({"success": true, "errors": [], "messages": [], "result": zones, "result_info": info})
                .to_string(),
        )
    }
}

fn refused(why: &str) -> Step {
    json(
        400,
        &json!({"success": false, "errors": [{"code": 10400, "message": why}], "result": null}).to_string(),
    )
}
