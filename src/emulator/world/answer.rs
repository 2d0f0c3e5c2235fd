//! Answers a request: the limit first, then the credentials, then the route.

use super::access::{self, Grant, Permission};
use super::fault::On;
use super::reply::{Answer, Body, Delivery, Reply};
use super::request::{Recorded, Request};
use super::state::World;
use super::zone::Zone;
use super::{feedback, id, rules, script};
use serde_json::{Value as Json, json};

/// The log forgets its older half beyond this, so that a server can run for long.
const MOST_RECORDED: usize = 200_000;

impl World {
    /// Answers a request, and keeps it in the log.
    pub(in crate::emulator) fn answer(&mut self, request: &Request) -> Answer {
        let reply = if self.limit.take(request.now) {
            self.route(request).unwrap_or_else(|refusal| refusal)
        } else {
            Reply::throttled(971, self.limit.rest(request.now))
        };
        self.record(request, &reply);
        self.served += 1;
        let headers = self.headers(request, &reply);
        Answer { status: reply.status, headers, body: reply.body, delivery: reply.delivery }
    }

    fn headers(&self, request: &Request, reply: &Reply) -> Vec<(&'static str, String)> {
        let (left, rest) = match reply.retry_after {
            Some(seconds) => (0, seconds),
            None => (self.limit.left(), self.limit.rest(request.now)),
        };
        let kind = match reply.body {
            Body::Json(_) => Some("application/json"),
            Body::Html(_) => Some("text/html; charset=UTF-8"),
            Body::Empty => None,
        };
        let mut headers = vec![
            ("cf-ray", format!("{:016x}-LHR", 0x8e00_0000_0000_0000_u64.wrapping_add(self.served))),
            ("ratelimit", format!("\"default\";r={left};t={rest}")),
            ("ratelimit-policy", format!("\"default\";q={};w={}", self.limit.requests, self.limit.seconds)),
        ];
        headers.extend(kind.map(|kind| ("content-type", kind.to_owned())));
        headers.extend(reply.retry_after.map(|seconds| ("retry-after", seconds.to_string())));
        headers
    }

    fn record(&mut self, request: &Request, reply: &Reply) {
        if self.requests.len() >= MOST_RECORDED {
            self.requests.drain(..MOST_RECORDED / 2);
        }
        self.requests.push(Recorded {
            method: request.method.clone(),
            path: request.path.clone(),
            query: request.query.clone(),
            body: request.json(),
            status: matches!(reply.delivery, Delivery::Whole | Delivery::Cut).then_some(reply.status),
        });
    }

    fn route(&mut self, request: &Request) -> Result<Reply, Reply> {
        let grant = access::admit(self.tokens.as_deref(), request)?;
        if request.body.is_none() {
            return Err(Reply::error(413, 10400, "Request Entity Too Large"));
        }
        let parts: Vec<&str> = request.route().split('/').skip(1).collect();
        match (request.method.as_str(), parts.as_slice()) {
            ("GET", ["zones"]) => self.list_zones(request, &grant),
            ("GET", ["zones", id]) => {
                let place = self.admit_to(id, request, &grant)?;
                grant.need(&[Permission::ZoneRead])?;
                Ok(self
                    .zones
                    .get(place)
                    .map_or_else(|| Reply::no_such(request.route()), |zone| self.show(zone)))
            }
            (_, ["zones", id, "bot_management"]) => self.bot_management(id, request, &grant),
            (_, ["zones", id, "bot_management", "feedback"]) => self.zone_feedback(id, request, &grant),
            ("GET", ["accounts", id, "email-security", "submissions"]) => {
                self.list_submissions(id, request, &grant)
            }
            ("GET", ["user", "tokens", "verify"]) => verify(request, &grant, false),
            ("GET", ["accounts", _, "tokens", "verify"]) => verify(request, &grant, true),
            (_, ["zones"] | ["zones", _] | ["accounts", _, "email-security", "submissions"]) => {
                Err(Reply::method_not_allowed())
            }
            (_, ["zones" | "accounts", ..]) => Err(no_route(request)),
            _ => Err(Reply::error(400, 7000, "No route for that URI")),
        }
    }

    /// The place of a zone that the sender may see.
    fn admit_to(&self, id: &str, request: &Request, grant: &Grant) -> Result<usize, Reply> {
        let place = self.place(id).ok_or_else(|| Reply::no_such(request.route()))?;
        let seen = self.zones.get(place).is_some_and(|zone| grant.sees_zone(zone));
        if seen { Ok(place) } else { Err(Reply::forbidden()) }
    }

    pub(super) fn show(&self, zone: &Zone) -> Reply {
        Reply::ok(self.entry(zone))
    }

    pub(super) fn entry(&self, zone: &Zone) -> Json {
        zone.entry(self.accounts.get(&zone.account).map(String::as_str).unwrap_or_default())
    }

    fn bot_management(&mut self, id: &str, request: &Request, grant: &Grant) -> Result<Reply, Reply> {
        let place = self.admit_to(id, request, grant)?;
        let (on, need) = match request.method.as_str() {
            "GET" => (On::Get, [Permission::BotManagementRead, Permission::BotManagementWrite].as_slice()),
            "PUT" => (On::Put, [Permission::BotManagementWrite].as_slice()),
            _ => return Err(Reply::method_not_allowed()),
        };
        grant.need(need)?;
        let Some(zone) = self.zones.get_mut(place) else { return Err(Reply::no_such(request.route())) };
        Ok(script::play(zone, on, |zone, script| match on {
            On::Put => put(zone, request, script),
            _ => Reply::ok(zone.object()),
        }))
    }

    fn zone_feedback(&mut self, id: &str, request: &Request, grant: &Grant) -> Result<Reply, Reply> {
        use Permission::{BotManagementRead, BotManagementWrite, FeedbackRead, FeedbackWrite};
        let place = self.admit_to(id, request, grant)?;
        let (on, need) = match request.method.as_str() {
            "GET" => (
                On::GetFeedback,
                [FeedbackRead, FeedbackWrite, BotManagementRead, BotManagementWrite].as_slice(),
            ),
            "POST" => (On::Post, [FeedbackWrite, BotManagementWrite].as_slice()),
            _ => return Err(Reply::method_not_allowed()),
        };
        grant.need(need)?;
        let Some(zone) = self.zones.get_mut(place) else { return Err(Reply::no_such(request.route())) };
        Ok(script::play(zone, on, |zone, _| match on {
            On::Post => feedback::submit(zone, request),
            _ => feedback::list(zone),
        }))
    }
}

fn put(zone: &mut Zone, request: &Request, script: &script::Script) -> Reply {
    match request.json() {
        Some(Json::Object(body)) if request.says_json() => {
            match rules::put(zone, &body, &script.collateral) {
                Ok(object) => Reply::ok(object),
                Err(sentence) => Reply::refused(sentence),
            }
        }
        _ => Reply::refused("Bad Request"),
    }
}

/// Tells that a token is active, not what it may do. Tokens of an account have a call of their own.
fn verify(request: &Request, grant: &Grant, of_account: bool) -> Result<Reply, Reply> {
    let token = request.authorization.as_deref().and_then(|header| header.strip_prefix("Bearer "));
    if token.is_none_or(|token| token.starts_with("cfat_") != of_account) {
        return Err(Reply::unauthorized());
    }
    let status = grant.status();
    let message = format!("This API Token is valid and {status}");
    Ok(Reply::new(
        200,
        Body::Json(json!({
            "success": true, "errors": [], "result": { "id": id::derive("token"), "status": status },
            "messages": [{ "code": 10000, "message": message, "type": null }],
        })),
    ))
}

fn no_route(request: &Request) -> Reply {
    let message =
        format!("Could not route to {}, perhaps your object identifier is invalid?", request.route());
    let no_route = json!({ "code": 7000, "message": "No route for that URI" });
    Reply::errors(400, json!([{ "code": 7003, "message": message }, no_route]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Variant;
    use crate::emulator::world::ZoneSeed;
    use proptest::prelude::*;

    const NAMES: [&str; 12] = [
        "",
        "client",
        "v4",
        "zones",
        "ZONE",
        "bot_management",
        "feedback",
        "accounts",
        id::DEFAULT_ACCOUNT,
        "email-security",
        "submissions",
        "\u{0}%",
    ];

    fn world() -> World {
        let variant = Variant::SbfmPro;
        let name = "a.example".to_owned();
        World::matching([ZoneSeed { name, id: None, account: None, variant, settings: Vec::new() }])
    }

    proptest! {
        #[test]
        fn any_request_gets_an_answer(
            method in prop::sample::select(vec!["GET", "PUT", "POST", "PATCH", "BREW"]),
            parts in prop::collection::vec(prop::sample::select(NAMES.to_vec()), 0..6),
            query in prop::collection::vec(("page|per_page|start|order|type|query", "[0-9]{0,12}|.{0,4}"), 0..3),
            body in prop::option::of(".{0,12}|\\{\"(ai_search|requests)\": ?(1|null|\"block\"|\\[\\])\\}"),
        ) {
            let mut world = world();
            let zone = world.zone_id("a.example").unwrap().to_owned();
            let request = Request {
                method: method.to_owned(),
                path: format!("/{}", parts.join("/")).replace("ZONE", &zone),
                query,
                authorization: Some("Bearer abc".to_owned()),
                content_type: Some("application/json".to_owned()),
                body: body.map(String::into_bytes),
                ..Request::default()
            };
            let answer = world.answer(&request);
            prop_assert!((200..500).contains(&answer.status));
            prop_assert_eq!(world.requests().len(), 1);
        }
    }
}
