//! Answers a request: the limit first, then the credentials, then the route.

use super::access::{self, Grant, Owner, Permission};
use super::audit::Written;
use super::edge::is_around;
use super::fault::Script;
use super::message::{Answer, Body, Delivery, Recorded, Reply, Request, RetryAfter};
use super::on::On;
use super::state::World;
use super::submissions::{self, SubmissionQuery};
use super::zone::Zone;
use super::{feedback, rules};
use serde_json::{Value as Json, json};

/// Beyond this the log drops its older half, so that a long-running server does not run out of memory.
const MOST_RECORDED: usize = 200_000;

impl World {
    /// Answers a request, and keeps it in the log.
    pub(in crate::emulator) fn answer(&mut self, request: &Request) -> Answer {
        let user = access::user_of(self.tokens.as_deref(), request);
        // The analytics have a limit of their own.
        let reply = if request.route() == "/graphql" || self.limit.take(&user, request.now) {
            self.route(request).unwrap_or_else(|refusal| refusal)
        } else {
            let seconds = self.limit.rest(&user, request.now);
            Reply::throttled(971, RetryAfter { seconds, as_date: false })
        };
        self.record(request, &reply);
        self.served += 1;
        let headers = self.headers(request, &reply, &user);
        let Reply { status, body, delivery, delay, .. } = reply;
        Answer { status, headers, body, delivery, delay: self.latency + delay }
    }

    fn headers(&self, request: &Request, reply: &Reply, user: &str) -> Vec<(&'static str, String)> {
        let kind = match reply.body {
            Body::Json(_) => Some("application/json"),
            Body::Html(_) => Some("text/html; charset=UTF-8"),
            Body::Empty => None,
        };
        let ray = format!("{}-LHR", ray(self.served));
        let mut headers = vec![("cf-ray", ray)];
        headers.extend(kind.map(|kind| ("content-type", kind.to_owned())));
        headers.extend(reply.retry_after.map(|after| ("retry-after", after.header(request.now))));
        let throttled = reply.retry_after.filter(|_| reply.status == 429);
        // Do not announce a quota that is not enforced: clients would obey it.
        if self.limit.enforced || throttled.is_some() {
            let (left, rest) = match throttled {
                Some(after) => (0, after.seconds),
                None => (self.limit.left(user), self.limit.rest(user, request.now)),
            };
            let policy = format!("\"default\";q={};w={}", self.limit.requests, self.limit.seconds);
            headers.push(("ratelimit", format!("\"default\";r={left};t={rest}")));
            headers.push(("ratelimit-policy", policy));
        }
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
            retry_after: reply.retry_after.map(|after| after.seconds),
        });
    }

    fn route(&mut self, request: &Request) -> Result<Reply, Reply> {
        let grant = access::admit(self.tokens.as_deref(), request)?;
        if request.body.is_none() {
            return Err(Reply::error(413, 10400, "Request Entity Too Large"));
        }
        let parts: Vec<&str> = request.route().split('/').skip(1).collect();
        match (request.method.as_str(), parts.as_slice()) {
            ("GET", ["zones"]) => {
                grant.need(&[Permission::ZoneRead])?;
                Ok(self.list_zones(request, &grant))
            }
            ("GET", ["zones", id]) => {
                let zone = self.zone_of(id, request, &grant)?;
                grant.need(&[Permission::ZoneRead])?;
                let zone = zone.clone();
                Ok(Reply::ok(self.entry(&zone)))
            }
            (_, ["zones", id, "bot_management"]) => self.bot_management(id, request, &grant),
            (_, ["zones", id, "bot_management", "feedback"]) => self.zone_feedback(id, request, &grant),
            ("POST", ["graphql"]) => {
                let script = self.faults.draw(On::Graphql);
                Ok(script.twist(self.graphql(request, &grant)))
            }
            ("GET", ["accounts"]) => self.list_accounts(request, &grant),
            ("GET", ["accounts", id]) => self.one_account(id, request, &grant),
            ("GET", ["accounts", id, "email-security", "submissions"]) => {
                self.list_submissions(id, request, &grant)
            }
            ("GET", ["accounts", id, "logs", "audit"]) => self.list_audit(id, request, &grant),
            ("GET", ["user"]) => access::user(request),
            ("GET", ["user", "tokens", "verify"]) => access::verify(request, &grant, Owner::User),
            ("GET", ["accounts", id, "tokens", "verify"]) => {
                self.check_account(id, request, &grant)?;
                access::verify(request, &grant, Owner::Account)
            }
            (_, ["zones", id, rest @ ..]) if is_around(rest) => {
                let zone = self.zone_of(id, request, &grant)?;
                zone.edge.around.answer(rest, request, &grant).unwrap_or_else(|| Err(no_route(request)))
            }
            (
                _,
                ["zones"]
                | ["zones", _]
                | ["accounts"]
                | ["accounts", _]
                | ["user"]
                | ["graphql"]
                | ["user", "tokens", "verify"]
                | ["accounts", _, "tokens", "verify"]
                | ["accounts", _, "email-security", "submissions"]
                | ["accounts", _, "logs", "audit"],
            ) => Err(Reply::method_not_allowed()),
            (_, ["zones" | "accounts", ..]) => Err(no_route(request)),
            _ => Err(Reply::error(400, 7000, "No route for that URI")),
        }
    }

    /// The zone of an id, if the sender may see it.
    fn zone_of(&mut self, id: &str, request: &Request, grant: &Grant) -> Result<&mut Zone, Reply> {
        let zone = self.place(id).and_then(|place| self.zones.get_mut(place));
        let zone = zone.ok_or_else(|| Reply::no_such(request.route()))?;
        if grant.sees_zone(&zone.name, &zone.account) { Ok(zone) } else { Err(Reply::forbidden()) }
    }

    pub(super) fn check_account(&self, id: &str, request: &Request, grant: &Grant) -> Result<(), Reply> {
        if !self.accounts.knows(id) {
            return Err(Reply::no_such(request.route()));
        }
        if grant.sees_account(id) { Ok(()) } else { Err(Reply::forbidden()) }
    }

    fn list_submissions(&mut self, id: &str, request: &Request, grant: &Grant) -> Result<Reply, Reply> {
        self.check_account(id, request, grant)?;
        grant.need(&[Permission::EmailSecurityRead])?;
        let script = self.faults.draw(On::Submissions);
        let own = self.submissions.as_mut().filter(|submissions| submissions.account == id);
        let query = SubmissionQuery::read(request);
        let reply = query.map(|query| submissions::page(own, &query, request.now));
        Ok(script.twist(reply.unwrap_or_else(|refusal| refusal)))
    }

    fn list_audit(&mut self, id: &str, request: &Request, grant: &Grant) -> Result<Reply, Reply> {
        self.check_account(id, request, grant)?;
        grant.need(&[Permission::AccountSettingsRead])?;
        let script = self.faults.draw(On::Audit);
        let reply = self.audit.page(id, request);
        Ok(script.twist(reply.unwrap_or_else(|refusal| refusal)))
    }

    fn bot_management(&mut self, id: &str, request: &Request, grant: &Grant) -> Result<Reply, Reply> {
        let zone = self.zone_of(id, request, grant)?;
        let (on, need) = match request.method.as_str() {
            "GET" => (On::Get, [Permission::BotManagementRead, Permission::BotManagementWrite].as_slice()),
            "PUT" => (On::Put, [Permission::BotManagementWrite].as_slice()),
            _ => return Err(Reply::method_not_allowed()),
        };
        grant.need(need)?;
        let mut written = None;
        let reply = zone.play(on, |zone, script| match on {
            On::Put => {
                let reply = put(zone, request, script);
                // What is lost on the way was never there, and what is refused is not logged.
                written = (reply.status == 200 && !script.lost).then(|| Written::of(zone));
                reply
            }
            _ => Reply::ok(zone.object()),
        });
        if let Some(written) = written {
            // The number that the answer will have.
            self.audit.note(&written, request, &ray(self.served + 1), grant);
        }
        Ok(reply)
    }

    fn zone_feedback(&mut self, id: &str, request: &Request, grant: &Grant) -> Result<Reply, Reply> {
        use Permission::{BotManagementRead, BotManagementWrite, FeedbackRead, FeedbackWrite};
        let zone = self.zone_of(id, request, grant)?;
        let (on, need) = match request.method.as_str() {
            "GET" => (
                On::GetFeedback,
                [FeedbackRead, FeedbackWrite, BotManagementRead, BotManagementWrite].as_slice(),
            ),
            "POST" => (On::Post, [FeedbackWrite, BotManagementWrite].as_slice()),
            _ => return Err(Reply::method_not_allowed()),
        };
        grant.need(need)?;
        Ok(zone.play(on, |zone, script| match on {
            On::Post => feedback::submit(zone, request, script.late),
            _ => feedback::list(zone),
        }))
    }
}

fn put(zone: &mut Zone, request: &Request, script: &Script) -> Reply {
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

/// The `CF-Ray` of an answer, without the data centre.
fn ray(number: u64) -> String {
    format!("{:016x}", 0x8e00_0000_0000_0000_u64.wrapping_add(number))
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
    use crate::emulator::world::{ZoneSeed, access};
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
        access::DEFAULT_ACCOUNT,
        "email-security",
        "submissions",
        "\u{0}%",
    ];

    fn world() -> World {
        World::matching([ZoneSeed::new("a.example", Variant::SbfmPro)])
    }

    #[test]
    fn a_reply_is_delayed_by_the_latency_and_by_a_fault() {
        let fault = json!({"on": "PUT", "do": "delay", "milliseconds": 30});
        let zone = json!({"name": "a.example", "plan": "pro", "faults": [fault]});
        let mut world = World::read(&json!({"latency_ms": 20, "zones": [zone]})).unwrap();
        let path = format!("/zones/{}/bot_management", world.zone_id("a.example").unwrap());
        for (method, milliseconds) in [("GET", 20), ("PUT", 50)] {
            let request = Request {
                method: method.to_owned(),
                path: path.clone(),
                authorization: Some("Bearer abc".to_owned()),
                content_type: Some("application/json".to_owned()),
                body: Some(br#"{"ai_search":"block"}"#.to_vec()),
                ..Request::default()
            };
            let Answer { status, delay, .. } = world.answer(&request);
            assert_eq!((status, delay.as_millis()), (200, milliseconds), "{method}");
        }
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
