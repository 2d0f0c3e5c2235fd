//! `POST /graphql`: the queries that a client of the bot settings needs, and an error for all others, with status 200
//! as the API has it.

use super::graphql::{Field, Operation, parse};
use super::node::{Asked, Refused, resolve};
use super::shown::{NODES, settings};
use crate::emulator::world::access::{Grant, Permission};
use crate::emulator::world::message::{Body, Reply, Request};
use crate::emulator::world::state::World;
use crate::emulator::world::zone::Zone;
use jiff::Timestamp;
use serde_json::{Map, Value as Json, json};

/// How many zones a query may name.
const MOST_ZONES: usize = 10;

/// The types that variables may have.
const TYPES: [&str; 3] = ["string!", "Time!", "[string!]!"];

/// A failure of a query, with the path to what it is about.
struct Failed {
    refused: Refused,
    path: Vec<String>,
}

impl From<Refused> for Failed {
    fn from(refused: Refused) -> Self {
        Self { refused, path: Vec::new() }
    }
}

impl World {
    /// Answers a query.
    pub(in crate::emulator::world) fn graphql(&mut self, request: &Request, grant: &Grant) -> Reply {
        let since = self.analytics.fix(request.now);
        if !self.analytics.take(request.now) {
            return failed(
                &[Refused::new("rate limiter budget depleted, please try again later").into()],
                request.now,
                Json::Null,
            );
        }
        if let Some(message) = self.analytics.errors.pop_front() {
            return failed(&[Refused::new(message).into()], request.now, Json::Null);
        }
        match self.answered(request, grant, since) {
            Ok((data, errors)) if errors.is_empty() => {
                Reply::new(200, Body::Json(json!({"data": data, "errors": null})))
            }
            Ok((data, errors)) => failed(&errors, request.now, data),
            Err(error) => failed(&[error], request.now, Json::Null),
        }
    }

    fn answered(
        &self,
        request: &Request,
        grant: &Grant,
        since: Timestamp,
    ) -> Result<(Json, Vec<Failed>), Failed> {
        let (operation, variables) = read(request)?;
        let [viewer] = operation.selection.as_slice() else { return Err(unknown("more than one root")) };
        let [zones] = viewer.selection.as_slice() else { return Err(unknown("more than one field")) };
        if viewer.name != "viewer" || zones.name != "zones" {
            return Err(unknown(&zones.name));
        }
        let named = self.named_zones(zones, &variables, grant)?;
        let (mut shown, mut errors) = (Vec::new(), Vec::new());
        for (index, zone) in named.iter().enumerate() {
            let at = |node: &str| {
                vec!["viewer".to_owned(), "zones".to_owned(), index.to_string(), node.to_owned()]
            };
            let mut answer = Map::new();
            for field in &zones.selection {
                let value = match (field.name.as_str(), NODES.iter().find(|node| node.name == field.name)) {
                    ("zoneTag", _) => json!(zone.id),
                    ("settings", _) => shown_settings(zone, field)?,
                    (_, Some(_)) if zone.edge.shown.is_overloaded => {
                        let refused =
                            Refused::new("query consumed excessive resources, please try again later");
                        errors.push(Failed { refused, path: at(&field.name) });
                        Json::Null
                    }
                    (_, Some(node)) => {
                        let (sampling, now) = (self.analytics.sampling, request.now);
                        let variables = &variables;
                        Asked { zone, node: *node, field, variables, sampling, since, now }
                            .answer()
                            .map_err(|refused| Failed { refused, path: at(&field.name) })?
                    }
                    (other, None) => return Err(unknown(other)),
                };
                answer.insert(field.alias.clone(), value);
            }
            shown.push(Json::Object(answer));
        }
        let data = json!({ viewer.alias.clone(): { zones.alias.clone(): shown } });
        Ok((data, errors))
    }

    /// The zones of a query, all of which the sender may see.
    fn named_zones(
        &self,
        field: &Field,
        variables: &Map<String, Json>,
        grant: &Grant,
    ) -> Result<Vec<&Zone>, Failed> {
        let [(name, filter)] = field.arguments.as_slice() else {
            return Err(unknown("zones without a filter"));
        };
        let filter = resolve(filter, variables)?;
        let ids: Vec<&str> = match (filter.get("zoneTag"), filter.get("zoneTag_in")) {
            (Some(Json::String(id)), None) => vec![id],
            (None, Some(Json::Array(ids))) => ids.iter().filter_map(Json::as_str).collect(),
            _ => return Err(Refused::new(format!("error parsing args for \"{name}\"")).into()),
        };
        if ids.len() > MOST_ZONES {
            return Err(Refused::new(format!("number of zones can't exceed {MOST_ZONES}")).into());
        }
        let may = grant.need(&[Permission::AnalyticsRead]).is_ok();
        let zones = ids.iter().map(|id| {
            let zone = self.place(id).and_then(|place| self.zones.get(place));
            zone.filter(|zone| {
                may && !zone.edge.shown.is_hidden && grant.sees_zone(&zone.name, &zone.account)
            })
            .ok_or(*id)
        });
        let hidden: Vec<_> = zones.clone().filter_map(Result::err).collect();
        if !hidden.is_empty() {
            return Err(Refused::new(format!("zones [{}] are not authorized", hidden.join(" "))).into());
        }
        Ok(zones.flatten().collect())
    }
}

/// The operation and its variables, which must have the types that they say.
fn read(request: &Request) -> Result<(Operation, Map<String, Json>), Failed> {
    let body = request.json();
    let query = body.as_ref().and_then(|body| body.get("query")?.as_str());
    let query = query.ok_or_else(|| Failed::from(Refused::new("error parsing args: no query")))?;
    let operation = parse(query).map_err(|why| Refused::new(format!("error parsing args: {why}")))?;
    let given =
        body.as_ref().and_then(|body| body.get("variables")?.as_object()).cloned().unwrap_or_default();
    for (name, kind) in &operation.variables {
        let is_right = match (kind.as_str(), given.get(name)) {
            ("string!", Some(Json::String(_))) => true,
            ("Time!", Some(Json::String(text))) => text.parse::<Timestamp>().is_ok(),
            ("[string!]!", Some(Json::Array(items))) => items.iter().all(Json::is_string),
            _ => false,
        };
        if !TYPES.contains(&kind.as_str()) || !is_right {
            return Err(Refused::new(format!("error parsing args: ${name} is no {kind}")).into());
        }
    }
    let declared = |name: &String| operation.variables.iter().any(|(declared, _)| declared == name);
    if let Some(other) = given.keys().find(|name| !declared(name)) {
        return Err(Refused::new(format!("error parsing args: ${other} is not declared")).into());
    }
    Ok((operation, given))
}

fn unknown(name: &str) -> Failed {
    Refused::new(format!("unknown field \"{name}\"")).into()
}

fn shown_settings(zone: &Zone, field: &Field) -> Result<Json, Failed> {
    let mut shown = Map::new();
    for table in &field.selection {
        let node = NODES.iter().find(|node| node.name == table.name).ok_or_else(|| unknown(&table.name))?;
        let all = settings(zone, *node);
        let mut own = Map::new();
        for member in &table.selection {
            let value = all.get(&member.name).ok_or_else(|| unknown(&member.name))?;
            own.insert(member.alias.clone(), value.clone());
        }
        shown.insert(table.alias.clone(), Json::Object(own));
    }
    Ok(Json::Object(shown))
}

fn failed(errors: &[Failed], now: Timestamp, data: Json) -> Reply {
    let errors: Vec<_> = errors
        .iter()
        .map(|Failed { refused, path }| {
            let mut extensions = json!({"timestamp": now.to_string()});
            if refused.is_authz {
                extensions["code"] = "authz".into();
            }
            let path = if path.is_empty() { Json::Null } else { json!(path) };
            json!({"message": refused.message, "path": path, "extensions": extensions})
        })
        .collect();
    Reply::new(200, Body::Json(json!({"data": data, "errors": errors})))
}
